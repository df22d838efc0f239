//! Where the suite runs.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;

use crate::results::Machine;

/// Asks the kernel, the compiler and git; what does not answer stays unknown.
pub(crate) fn describe() -> Machine {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    Machine {
        cpu: field(&cpuinfo, "model name").map(str::to_owned),
        cores: thread::available_parallelism().map_or(1, usize::from),
        memory_bytes: field(&meminfo, "MemTotal").and_then(kib).map(|kib| kib * 1024),
        kernel: answer("uname", &["-sr"]),
        rustc: answer("rustc", &["--version"]),
        commit: answer("git", &["rev-parse", "--short=12", "HEAD"]),
        dirty: output("git", &["status", "--porcelain", "--untracked-files=no"])
            .map(|changes| !changes.is_empty()),
    }
}

/// The value of the first `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    fields
        .map(|(known, value)| (known.trim(), value.trim()))
        .find_map(|(known, value)| (known == name).then_some(value))
}

fn kib(value: &str) -> Option<u64> {
    value.strip_suffix(" kB")?.parse().ok()
}

fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    output(program, arguments).filter(|text| !text.is_empty())
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output =
        Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_proc_files() {
        let text = "processor\t: 0\nmodel name\t: AMD EPYC\nMemTotal:       24684 kB\n";
        assert_eq!(field(text, "model name"), Some("AMD EPYC"));
        assert_eq!(field(text, "MemTotal").and_then(kib), Some(24_684));
        assert_eq!(field(text, "model"), None);
    }

    #[test]
    fn who_does_not_answer_stays_unknown() {
        assert_eq!(answer("no-such-program-here", &[]), None);
        assert_eq!(answer("false", &[]), None);
    }
}
