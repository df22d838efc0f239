//! How producers write to a shared shard: claim, fill, publish.

use super::Shard;
use crate::cursor::{Refusal, Stamps};
use crate::position::Position;
use alloc::vec::Vec;

impl<T> Shard<T> {
    /// Wins up to `wanted` positions, at least one. Panics on a dedicated shard.
    #[inline]
    pub(crate) fn claim(&self, wanted: usize) -> Result<Claim<'_, T>, Refusal> {
        let stamps = self.stamps.as_ref().expect("only a shared ring claims");
        let claimed = self.tail.claim(&self.head, self.capacity, wanted)?;
        if claimed.retries > 0 {
            self.counters.claim_retries.add(claimed.retries);
        }
        Ok(Claim { shard: self, stamps, next: claimed.start, left: claimed.len })
    }
}

/// Positions won on a shared shard and not yet published. They will be: what its holder does
/// not fill, its drop publishes as aborted, and the consumer steps over it.
pub(crate) struct Claim<'a, T> {
    shard: &'a Shard<T>,
    stamps: &'a Stamps,
    next: Position,
    left: usize,
}

impl<T> Claim<'_, T> {
    /// Publishes what `make` returns at the next position.
    #[inline(always)]
    pub(crate) fn put_with(&mut self, make: impl FnOnce() -> T) {
        assert!(self.left > 0, "each claimed position is filled once");
        // SAFETY: S2: `next` is claimed by us and not published; by S1 and S4 its cell is vacant.
        unsafe { self.shard.put(self.next, make) };
        self.stamps.publish(self.next);
        self.next = self.next.plus(1);
        self.left -= 1;
    }

    /// Publishes the first items of `items`, as many as were claimed. They leave the vector.
    pub(crate) fn put_from(mut self, items: &mut Vec<T>) -> usize {
        let len = self.left.min(items.len());
        for item in items.drain(..len) {
            self.put_with(|| item);
        }
        len
    }
}

impl<T> Drop for Claim<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.abort_rest();
    }
}

impl<T> Claim<'_, T> {
    /// Publishes what was not filled as aborted.
    #[inline(always)]
    pub(crate) fn abort_rest(&mut self) {
        if self.left > 0 {
            self.abort();
        }
    }

    #[cold]
    fn abort(&mut self) {
        self.shard.counters.aborted.add(self.left as u64);
        while self.left > 0 {
            self.stamps.abort(self.next);
            self.next = self.next.plus(1);
            self.left -= 1;
        }
    }
}

#[cfg(all(test, not(any(ring_loom, ring_shuttle))))]
mod tests {
    use crate::sharded::ShardedRing;

    #[test]
    fn what_a_claim_leaves_unfilled_is_aborted_and_stepped_over() {
        let ring = ShardedRing::new(4, 1).expect("valid");
        let mut claim = ring.shard(0).claim(3).expect("room");
        claim.put_with(|| 'a');
        drop(claim);
        ring.try_write(0, 'b').expect("room");
        let mut consumer = ring.consumer().expect("free");
        assert_eq!((consumer.try_read(), consumer.try_read()), (Some('a'), Some('b')));
        let figures = ring.stats().next().expect("a shard");
        assert_eq!((figures.written, figures.read, figures.aborted), (2, 2, 2));
    }
}
