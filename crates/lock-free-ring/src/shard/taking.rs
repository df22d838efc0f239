//! How the consumer reads a shard, of either kind: look, take, release.

use super::Shard;
use crate::cursor::{Stamp, Stamps};
use crate::drop_each::drop_each;
use crate::ends::ConsumerLease;
use crate::sync::{Accesses, MODEL};
use alloc::vec::Vec;
use core::mem;
use core::ptr;
use core::slice;

/// Stamps that a look for fewer items looks at.
const LOOK_AHEAD: usize = if MODEL { 1 } else { 256 };

/// Stamps that are looked at whatever the tail says.
const FEW: usize = if MODEL { 1 } else { 8 };

impl<T> Shard<T> {
    /// How many items can be taken in a row: at least one if there is any, and `wanted` if
    /// there are that many and no claim among them stalled or aborted.
    #[inline(always)]
    pub(crate) fn ready(&self, lease: &mut ConsumerLease, wanted: usize) -> usize {
        let known = self.head.known();
        if known >= wanted { wanted } else { self.look(lease, wanted).min(wanted) }
    }

    /// Items that the consumer knows of: it need not look at what producers write to take them.
    #[cfg(feature = "std")]
    #[inline(always)]
    pub(crate) fn known(&self) -> usize {
        self.head.known()
    }

    /// Looks how many items lie in a row: all that do, on a dedicated shard; on a shared one up
    /// to `wanted`, or `LOOK_AHEAD` if that is more.
    fn look(&self, _lease: &mut ConsumerLease, wanted: usize) -> usize {
        let Some(stamps) = &self.stamps else {
            let items = self.tail.published().since(self.head.own()) as usize;
            self.head.know(items);
            self.high_water.raise_to(items as u64);
            return items;
        };
        let most = wanted.max(LOOK_AHEAD).min(self.capacity);
        loop {
            let items = self.look_at(stamps, most);
            self.head.know(items);
            if items > 0 || stamps.at(self.head.own()) != Stamp::Aborted {
                return items;
            }
            self.step_over();
        }
    }

    /// How many items lie in a row from the head on, up to `most`.
    fn look_at(&self, stamps: &Stamps, most: usize) -> usize {
        let head = self.head.own();
        let few = stamps.published_from(head, 0, most.min(FEW));
        if few < FEW {
            self.high_water.raise_to(few as u64);
            return few;
        }
        // No further than what is claimed now, or we would run after the producers, stamp by
        // stamp. The tail is theirs: looked at only when it matters.
        let claimed = self.tail.position().since(head) as usize;
        self.high_water.raise_to(claimed as u64);
        stamps.published_from(head, few, most.min(claimed))
    }

    /// How many claims before the first that is not published are items, and how many aborted.
    #[cfg(feature = "std")]
    pub(crate) fn readable(&self, lease: &mut ConsumerLease) -> (usize, usize) {
        let Some(stamps) = &self.stamps else {
            return (self.ready(lease, self.capacity), 0);
        };
        // Gives back what was aborted at the head: there may be no room but that.
        self.ready(lease, 1);
        let (mut items, mut aborted) = (0, 0);
        while items + aborted < self.capacity {
            match stamps.at(self.head.own().plus(items + aborted)) {
                Stamp::Item => items += 1,
                Stamp::Aborted => aborted += 1,
                Stamp::Unpublished => break,
            }
        }
        (items, aborted)
    }

    #[cold]
    fn step_over(&self) {
        self.counters.skipped.add(1);
        self.head.step_over();
        // The read that steps over may take nothing, and then tells nobody of the room.
        self.room.wake();
    }

    #[inline(always)]
    pub(crate) fn pop(&self, lease: &mut ConsumerLease) -> Option<T> {
        if self.ready(lease, 1) == 0 {
            return None;
        }
        // SAFETY: S3 by the lease (S5); the head passes the cell before it can be read again.
        let item = unsafe { self.take(self.head.own()) };
        self.head.release(1);
        Some(item)
    }

    /// Moves up to `max` items to the end of `buf`. Room is reserved before any is taken.
    #[inline]
    pub(crate) fn take_into(
        &self,
        lease: &mut ConsumerLease,
        buf: &mut Vec<T>,
        max: usize,
    ) -> usize {
        let len = self.ready(lease, max);
        if len == 0 {
            return 0;
        }
        buf.reserve(len);
        let start = self.head.own();
        (0..len).for_each(|offset| self.log(start.plus(offset), Accesses::read));
        for (cells, count) in self.runs(start, len) {
            // SAFETY: S3 by the lease (S5) for each of `count` cells that lie in a row; the
            // vector has room for `len` more. Nothing unwinds from here to the release.
            unsafe {
                ptr::copy_nonoverlapping(cells, buf.as_mut_ptr().add(buf.len()), count);
                buf.set_len(buf.len() + count);
            }
        }
        self.head.release(len);
        len
    }

    /// The next `len` items where they lie. Panics if fewer are ready.
    pub(crate) fn slices<'a>(
        &'a self,
        lease: &'a mut ConsumerLease,
        len: usize,
    ) -> (&'a mut [T], &'a mut [T]) {
        assert!(self.ready(lease, len) >= len, "only what is ready can be seen");
        let start = self.head.own();
        (0..len).for_each(|offset| self.log(start.plus(offset), Accesses::write));
        let [first, second] = self.runs(start, len);
        // SAFETY: S3 by the lease (S5), which stays borrowed as long as the slices live; the
        // two runs do not overlap, since `len` is at most the capacity.
        unsafe {
            (
                slice::from_raw_parts_mut(first.0, first.1),
                slice::from_raw_parts_mut(second.0, second.1),
            )
        }
    }

    /// Drops the next `len` items, or what is ready of them in a row; each exactly once, and all of
    /// them also when a drop unwinds.
    pub(crate) fn discard(&self, lease: &mut ConsumerLease, len: usize) {
        if !mem::needs_drop::<T>() {
            let ready = self.ready(lease, len);
            return self.head.release(ready);
        }

        let mut left = len;
        drop_each(|| {
            left = left.checked_sub(1)?;
            self.pop(lease)
        });
    }
}

#[cfg(all(test, not(any(ring_loom, ring_shuttle))))]
mod tests {
    use crate::sharded::ShardedRing;

    #[test]
    fn a_claim_that_is_open_behind_a_few_items_is_not_looked_at() {
        let ring = ShardedRing::new(8, 1).expect("valid");
        ring.try_write(0, 'a').expect("room");
        let claim = ring.shard(0).claim(2).expect("room");
        assert_eq!(ring.consumer().expect("free").try_read(), Some('a'));
        assert_eq!(ring.stats().next().expect("a shard").high_water, 1);
        drop(claim);
    }
}
