//! What the producers of a shard must know besides its cursors: usually nothing, which one
//! relaxed load of a word that hardly anybody writes tells them.

use crate::barrier::Barrier;
use crate::sync::{AtomicU8, Ordering};

/// Relaxed throughout: it says only what to look at; what it says is ordered by the barriers
/// around it, or by what is looked at.
#[derive(Debug)]
pub(crate) struct Notice(AtomicU8);

impl Notice {
    /// The consumer passes the shard by.
    pub(crate) const PARKED: u8 = 1;
    /// Nothing may be written any more. A dedicated shard has only this to say so; a shared one
    /// has it in its tail.
    pub(crate) const CLOSED: u8 = 2;
    /// Nobody can ever read what is written.
    pub(crate) const ABANDONED: u8 = 4;
    /// Never unset: after each publish or release a fence is due.
    const FENCE: u8 = 8;

    pub(crate) fn new(barrier: Barrier) -> Self {
        Self(AtomicU8::new(if barrier == Barrier::Fence { Self::FENCE } else { 0 }))
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    #[inline(always)]
    pub(crate) fn says(&self, what: u8) -> bool {
        self.0.load(Ordering::Relaxed) & what != 0
    }

    pub(crate) fn set(&self, what: u8) {
        self.0.fetch_or(what, Ordering::Relaxed);
    }

    pub(crate) fn unset(&self, what: u8) {
        self.0.fetch_and(!what, Ordering::Relaxed);
    }
}
