//! Profiles of `ring`: which there are, and what is in one.

mod top;

pub(crate) use top::{Analysis, analyze};

/// What `--profile` of `ring` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Cpu,
    Mem,
    Allocs,
    Heap,
    Rate,
    Mutex,
    Block,
    Thread,
    Trace,
}

impl Mode {
    pub(crate) const EVERY: [Self; 9] = [
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

    /// What the document means by `all`.
    pub(crate) const ALL: [Self; 6] =
        [Self::Cpu, Self::Mem, Self::Allocs, Self::Heap, Self::Mutex, Self::Block];

    pub(crate) fn name(self) -> &'static str {
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

    /// The measures that answer the mode's question, the best first.
    fn measures(self) -> &'static [&'static str] {
        match self {
            Self::Cpu => &["cpu"],
            Self::Mem | Self::Heap => &["inuse_space"],
            Self::Allocs => &["alloc_objects"],
            Self::Rate => &["alloc_space"],
            Self::Mutex | Self::Block => &["delay"],
            Self::Thread => &["cpu"],
            Self::Trace => &[],
        }
    }
}
