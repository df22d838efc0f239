//! Waiting as a task: try, announce, look once more, and leave the rest to the waker.
//!
//! The same steps at the same gates as those of a thread (see `wait`), but for two: a task does
//! not spin, since its executor has other work, and where a thread would sleep it is pending.

use crate::gate::Gate;
use crate::ring::Ring;
use crate::sync::Arc;
use crate::tasks::TaskId;
use core::fmt;
use core::task::{Context, Poll};

/// What a task waits for, and so the gate it waits at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// Something to read.
    Items,
    /// Room in the shard of this number.
    Room(usize),
}

/// An end's place at the gates of its ring: at one of them at most, and at none once it is
/// dropped.
pub(crate) struct Place<T> {
    ring: Arc<Ring<T>>,
    id: TaskId,
    at: Option<Awaited>,
}

impl<T> Place<T> {
    pub(crate) fn new(ring: &Arc<Ring<T>>) -> Self {
        Self { ring: ring.clone(), id: TaskId::new(), at: None }
    }

    fn gate(&self, awaited: Awaited) -> &Gate {
        match awaited {
            Awaited::Items => self.ring.items(),
            Awaited::Room(shard) => &self.ring.shard(shard).room,
        }
    }

    /// Waits for `awaited` until `attempt` succeeds: while it does not, the task is woken whenever
    /// that may have changed.
    pub(crate) fn poll<R>(
        &mut self,
        awaited: Awaited,
        cx: &mut Context<'_>,
        mut attempt: impl FnMut() -> Option<R>,
    ) -> Poll<R> {
        if let Some(result) = attempt() {
            self.leave();
            return Poll::Ready(result);
        }
        self.enter(awaited, cx);
        // Partner: `light` in `Ring::announce` and `Ring::released`.
        let ordered = self.ring.barrier().heavy();
        if let Some(result) = attempt() {
            self.leave();
            return Poll::Ready(result);
        }
        if !ordered {
            // The kernel refused the barrier that would let us trust in being woken, and a task
            // has no clock: it looks again and again.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn enter(&mut self, awaited: Awaited, cx: &mut Context<'_>) {
        if self.at != Some(awaited) {
            self.leave();
        }
        self.gate(awaited).enlist(self.id, cx.waker());
        self.at = Some(awaited);
    }

    /// No longer waits: whoever was to be woken is forgotten.
    pub(crate) fn leave(&mut self) {
        if let Some(awaited) = self.at.take() {
            self.gate(awaited).delist(self.id);
        }
    }
}

impl<T> Drop for Place<T> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<T> fmt::Debug for Place<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("at", &self.at).finish_non_exhaustive()
    }
}
