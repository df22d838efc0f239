//! Who a node is: its name, and which of its runs this is.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::SystemTime;

use super::message::{MAX_NODE_BYTES, RunId};

/// Reads a name for a node, or says what it must be.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if text.is_empty() || text.len() > MAX_NODE_BYTES || !text.chars().all(allowed) {
        return Err(format!("1 to {MAX_NODE_BYTES} letters, digits, dots, - and _"));
    }
    Ok(text.to_owned())
}

/// The machine's name, with what a name may not have left out.
pub(crate) fn of_this_machine() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    let name: String = host.chars().filter(allowed).take(MAX_NODE_BYTES).collect();
    if name.is_empty() { "node".to_owned() } else { name }
}

/// A run that begins now: milliseconds since 1970, so that later runs have higher numbers, and 16
/// random bits, so that a clock that was set back does not repeat one.
pub(super) fn new_run(node: &str) -> RunId {
    let random = RandomState::new().build_hasher().finish() & 0xffff;
    RunId { node: node.to_owned(), run: (unix_ns() / 1_000_000) << 16 | random }
}

/// Nanoseconds since 1970.
pub(super) fn unix_ns() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(parse("rack-7.node_3").as_deref(), Ok("rack-7.node_3"));
        for wrong in ["", "a b", "ä", "a/b", &"n".repeat(65)] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(parse(&of_this_machine()).is_ok());
    }

    #[test]
    fn later_runs_have_higher_numbers() {
        let first = new_run("a");
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(new_run("a") > first);
    }
}
