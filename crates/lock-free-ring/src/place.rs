//! Waiting as a task: try, announce, look once more, and leave the rest to the waker.
//!
//! The same steps at the same gates as those of a thread (see `wait`), but for two: a task does
//! not spin, since its executor has other work, and where a thread would sleep it is pending.

use crate::gate::Gate;
use crate::ring::Ring;
use crate::sync::Arc;
use crate::tasks::TaskId;
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

#[cfg(all(test, not(any(ring_loom, ring_shuttle))))]
mod tests {
    use super::*;
    use crate::sharded::ShardedRing;
    use alloc::task::Wake;
    use core::task::Waker;

    struct Unheard;

    impl Wake for Unheard {
        fn wake(self: alloc::sync::Arc<Self>) {}
    }

    #[test]
    fn a_place_is_at_one_gate_at_a_time_and_at_none_once_it_is_dropped() {
        let ring = ShardedRing::<u8>::new(2, 2).expect("valid");
        let wakers = alloc::sync::Arc::new(Unheard);
        let waker = Waker::from(wakers.clone());
        let mut place = Place::new(ring.shared());
        for awaited in [Awaited::Room(0), Awaited::Room(1), Awaited::Room(1), Awaited::Items] {
            let poll = place.poll::<()>(awaited, &mut Context::from_waker(&waker), || None);
            assert!(poll.is_pending());
            assert_eq!(alloc::sync::Arc::strong_count(&wakers), 3, "ours, and one at a gate");
            assert_eq!(place.gate(awaited).mark(), 1);
        }
        drop(place);
        assert_eq!(alloc::sync::Arc::strong_count(&wakers), 2);
        assert_eq!(ring.items().mark(), 0);
    }
}
