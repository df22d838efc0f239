//! Which profiles a run takes, and which can be had together.

use run_result::Mode;

/// The names, for whoever typed another.
pub(crate) const NAMES: &str = "cpu, mem, allocs, heap, rate, mutex, block, thread or trace";

/// Whether it looks at every allocation.
pub(super) fn counts_allocations(mode: Mode) -> bool {
    matches!(mode, Mode::Mem | Mode::Allocs | Mode::Heap)
}

/// Why two of them cannot be had in one run.
fn clash(one: Mode, other: Mode) -> Option<&'static str> {
    let takes_stacks =
        |mode| counts_allocations(mode) || matches!(mode, Mode::Rate | Mode::Mutex | Mode::Block);
    match (one, other) {
        (Mode::Cpu, mode) | (mode, Mode::Cpu) if takes_stacks(mode) => {
            Some("cpu would mostly see the other one at work")
        }
        (Mode::Mem, mode) | (mode, Mode::Mem) if counts_allocations(mode) => {
            Some("while mem looks at what is in use, nothing is counted")
        }
        (Mode::Rate, mode) | (mode, Mode::Rate) if counts_allocations(mode) => {
            Some("one samples allocations, the other needs all of them")
        }
        _ => None,
    }
}

/// Reads modes with commas between them, or says what they must be.
pub(crate) fn parse(text: &str) -> Result<Vec<Mode>, String> {
    let mut modes = Vec::new();
    for name in text.split(',') {
        let mode =
            Mode::named(name.trim()).ok_or_else(|| format!("{NAMES}, or several of them"))?;
        if modes.contains(&mode) {
            return Err(format!("without a second {mode}"));
        }
        for before in &modes {
            if let Some(reason) = clash(mode, *before) {
                return Err(format!("two runs for {before} and {mode}: {reason}"));
            }
        }
        modes.push(mode);
    }
    Ok(modes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_has_its_name_and_the_message_has_them_all() {
        for mode in Mode::EVERY {
            assert_eq!(parse(mode.name()), Ok(vec![mode]));
        }
        let names = NAMES.replace(" or ", ", ");
        assert_eq!(names.split(", ").collect::<Vec<_>>(), Mode::EVERY.map(Mode::name));
    }

    #[test]
    fn modes_that_do_not_disturb_each_other_combine() {
        for text in
            ["allocs,heap", "mutex, block", "mem,trace", "cpu,thread,trace", "block,heap,trace"]
        {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn others_are_refused_with_the_reason() {
        for (text, part) in [
            ("", "cpu, mem"),
            ("CPU", "cpu, mem"),
            ("cpu,", "or several"),
            ("cpu,cpu", "second cpu"),
            ("cpu,heap", "two runs for cpu and heap"),
            ("block,cpu", "two runs for block and cpu"),
            ("rate,mem", "samples allocations"),
            ("mem,heap", "two runs for mem and heap"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
