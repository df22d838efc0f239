use std::fmt;

/// What a profile measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Processor time by stack, sampled.
    Cpu,
    /// Bytes in use by allocation site, when most were in use.
    Mem,
    /// Every allocation since the start by site.
    Allocs,
    /// What is in use by site, when all threads have ended.
    Heap,
    /// Allocations by site, one looked at for every 2048 bytes of a thread's.
    Rate,
    /// Time waited for locks that another thread held.
    Mutex,
    /// Time waited for anything, by place.
    Block,
    /// Each thread: where it was started, and its processor time.
    Thread,
    /// What each thread did when.
    Trace,
}

const MODES: [(&str, Mode); 9] = [
    ("cpu", Mode::Cpu),
    ("mem", Mode::Mem),
    ("allocs", Mode::Allocs),
    ("heap", Mode::Heap),
    ("rate", Mode::Rate),
    ("mutex", Mode::Mutex),
    ("block", Mode::Block),
    ("thread", Mode::Thread),
    ("trace", Mode::Trace),
];

/// The names, for whoever typed another.
pub(crate) const NAMES: &str = "cpu, mem, allocs, heap, rate, mutex, block, thread or trace";

impl Mode {
    pub(crate) fn name(self) -> &'static str {
        let named = MODES.iter().find(|(_, mode)| *mode == self);
        named.map_or("", |(name, _)| name)
    }

    fn named(text: &str) -> Option<Self> {
        MODES.iter().find(|(name, _)| *name == text).map(|(_, mode)| *mode)
    }

    /// Whether it looks at every allocation.
    pub(super) fn counts_allocations(self) -> bool {
        matches!(self, Self::Mem | Self::Allocs | Self::Heap)
    }

    /// Why two of them cannot be had in one run.
    fn clash(self, other: Self) -> Option<&'static str> {
        let takes_stacks = |mode: Self| {
            mode.counts_allocations() || matches!(mode, Self::Rate | Self::Mutex | Self::Block)
        };
        match (self, other) {
            (Self::Cpu, mode) | (mode, Self::Cpu) if takes_stacks(mode) => {
                Some("cpu would mostly see the other one at work")
            }
            (Self::Mem, mode) | (mode, Self::Mem) if mode.counts_allocations() => {
                Some("while mem looks at what is in use, nothing is counted")
            }
            (Self::Rate, mode) | (mode, Self::Rate) if mode.counts_allocations() => {
                Some("one samples allocations, the other needs all of them")
            }
            _ => None,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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
            if let Some(reason) = mode.clash(*before) {
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
    fn each_mode_has_its_name() {
        for (name, mode) in MODES {
            assert_eq!(parse(name), Ok(vec![mode]));
            assert_eq!(mode.to_string(), name);
            assert!(NAMES.contains(name));
        }
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
