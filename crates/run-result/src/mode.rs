use std::fmt;

/// What a profile of `ring` measures, and what `--profile` calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
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

impl Mode {
    /// All nine.
    pub const EVERY: [Self; 9] = [
        Self::Cpu,
        Self::Mem,
        Self::Allocs,
        Self::Heap,
        Self::Rate,
        Self::Mutex,
        Self::Block,
        Self::Thread,
        Self::Trace,
    ];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Mem => "mem",
            Self::Allocs => "allocs",
            Self::Heap => "heap",
            Self::Rate => "rate",
            Self::Mutex => "mutex",
            Self::Block => "block",
            Self::Thread => "thread",
            Self::Trace => "trace",
        }
    }

    /// The mode of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|mode| mode.name() == name)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_is_found_by_its_name_and_there_are_nine() {
        for mode in Mode::EVERY {
            assert_eq!(Mode::named(mode.name()), Some(mode));
            assert_eq!(mode.to_string(), mode.name());
        }
        let mut names = Mode::EVERY.map(Mode::name);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!((Mode::named("CPU"), Mode::named("")), (None, None));
    }
}
