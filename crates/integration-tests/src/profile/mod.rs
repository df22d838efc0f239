//! Profiles of `ring`: those that the document takes, and what is in one.

mod top;

use run_result::Mode;
pub(crate) use top::{Analysis, analyze};

/// What the document means by `all`.
pub(crate) const ALL: [Mode; 6] =
    [Mode::Cpu, Mode::Mem, Mode::Allocs, Mode::Heap, Mode::Mutex, Mode::Block];

/// Whether a good run may have nothing to show: locks that nobody waited for.
pub(crate) fn may_be_empty(mode: Mode) -> bool {
    mode == Mode::Mutex
}

/// The measure that answers the mode's question.
fn measure(mode: Mode) -> Option<&'static str> {
    match mode {
        Mode::Cpu | Mode::Thread => Some("cpu"),
        Mode::Mem | Mode::Heap => Some("inuse_space"),
        Mode::Allocs => Some("alloc_objects"),
        Mode::Rate => Some("alloc_space"),
        Mode::Mutex | Mode::Block => Some("delay"),
        Mode::Trace => None,
    }
}
