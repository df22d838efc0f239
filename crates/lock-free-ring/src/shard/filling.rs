//! How the one producer of a dedicated shard writes: fill, publish.

use super::Shard;
use crate::drop_each::drop_each;
use crate::position::Position;
use crate::sync::Accesses;
use alloc::vec::Vec;
use core::mem;
use core::ptr;

/// The right to write to one dedicated shard, with the producer's own view of the cursors.
#[derive(Debug)]
pub(crate) struct ProducerLease {
    shard: usize,
    /// Our next position: always what the shard's tail says.
    tail: Position,
    /// The positions before it are free, as far as we know.
    end: Position,
}

impl ProducerLease {
    pub(crate) fn shard(&self) -> usize {
        self.shard
    }
}

impl<T> Shard<T> {
    pub(crate) fn lease(&self) -> Option<ProducerLease> {
        let tail = self.tail.lease()?;
        Some(ProducerLease { shard: self.number, tail, end: self.end() })
    }

    /// The positions before it are free to be written.
    fn end(&self) -> Position {
        self.head.released().plus(self.capacity)
    }

    /// Takes the shard back.
    pub(crate) fn end_lease(&self) {
        self.tail.give_back();
    }

    /// Notes that the shard's producer has seen the ring closed; answers whether that is news.
    pub(crate) fn seal(&self) -> bool {
        self.tail.seal()
    }

    /// Free slots; looks at the head only when the producer does not know of `wanted` already.
    #[inline(always)]
    fn room(&self, lease: &mut ProducerLease, wanted: usize) -> usize {
        let known = lease.end.since(lease.tail) as usize;
        if known >= wanted {
            return known;
        }
        lease.end = self.end();
        lease.end.since(lease.tail) as usize
    }

    /// The next slot, if it is known to be free.
    #[inline(always)]
    pub(crate) fn known_vacancy<'a>(
        &'a self,
        lease: &'a mut ProducerLease,
    ) -> Option<Vacancy<'a, T>> {
        (lease.tail != lease.end).then_some(Vacancy { shard: self, lease })
    }

    /// The next slot, if it is free.
    pub(crate) fn vacancy<'a>(&'a self, lease: &'a mut ProducerLease) -> Option<Vacancy<'a, T>> {
        (self.room(lease, 1) > 0).then_some(Vacancy { shard: self, lease })
    }

    /// Up to `most` free slots, to be filled and published together.
    pub(crate) fn filling<'a>(
        &'a self,
        lease: &'a mut ProducerLease,
        most: usize,
    ) -> Filling<'a, T> {
        let room = self.room(lease, most).min(most);
        Filling { shard: self, lease, room, filled: 0 }
    }

    /// Makes the first items of `items` readable, as many as there is room for. They leave the
    /// vector.
    pub(crate) fn write_from(&self, lease: &mut ProducerLease, items: &mut Vec<T>) -> usize {
        let len = self.room(lease, items.len()).min(items.len());
        let mut source = items.as_ptr();
        for (cells, count) in self.runs(lease.tail, len) {
            // SAFETY: S2 by the lease (S5), and vacant, since they lie within the capacity (S1,
            // S4), for each of `count` cells that lie in a row; `items` has at least `len`
            // items, in other memory.
            unsafe {
                ptr::copy_nonoverlapping(source, cells, count);
                source = source.add(count);
            }
        }
        (0..len).for_each(|offset| self.log(lease.tail.plus(offset), Accesses::write));
        // SAFETY: the first `len` items have moved to the cells; the rest moves to the front,
        // and nothing between the two lines can unwind.
        unsafe {
            ptr::copy(items.as_ptr().add(len), items.as_mut_ptr(), items.len() - len);
            items.set_len(items.len() - len);
        }
        self.publish(lease, len);
        len
    }

    /// Makes the next `items` positions readable: their cells are filled.
    #[inline(always)]
    fn publish(&self, lease: &mut ProducerLease, items: usize) {
        lease.tail = lease.tail.plus(items);
        self.tail.publish(lease.tail);
    }
}

/// Slots of a dedicated shard that are being filled. Nothing of it is seen by others before it
/// is published; forgotten, it leaks what it holds and changes nothing.
pub(crate) struct Filling<'a, T> {
    shard: &'a Shard<T>,
    lease: &'a mut ProducerLease,
    room: usize,
    /// Cells filled from the tail on.
    filled: usize,
}

impl<'a, T> Filling<'a, T> {
    /// Slots that can still be filled.
    pub(crate) fn room(&self) -> usize {
        self.room - self.filled
    }

    /// Fills the next slot with what `make` returns, or gives `make` back if there is no room.
    #[inline(always)]
    pub(crate) fn push<F: FnOnce() -> T>(&mut self, make: F) -> Result<(), F> {
        if self.filled == self.room {
            return Err(make);
        }
        // SAFETY: S2 by the lease (S5); vacant, since it lies within the capacity (S1, S4).
        unsafe { self.shard.put(self.lease.tail.plus(self.filled), make) };
        self.filled += 1;
        Ok(())
    }

    /// Makes everything filled readable; answers how many items, and in which shard.
    #[inline(always)]
    pub(crate) fn publish(mut self) -> (usize, &'a Shard<T>) {
        // What is published is no longer filled, so that the drop finds nothing to withdraw.
        let items = mem::take(&mut self.filled);
        self.shard.publish(self.lease, items);
        (items, self.shard)
    }
}

impl<T> Drop for Filling<'_, T> {
    /// Drops what was filled and not published, the last first.
    fn drop(&mut self) {
        drop_each(|| {
            self.filled = self.filled.checked_sub(1)?;
            // SAFETY: S2 by the lease (S5); filled, and no longer counted as such.
            Some(unsafe { self.shard.take(self.lease.tail.plus(self.filled)) })
        });
    }
}

/// A free slot of a dedicated shard, and the right to write to it. Unlike a claim it may be let
/// go: nobody else hears of it.
pub(crate) struct Vacancy<'a, T> {
    shard: &'a Shard<T>,
    lease: &'a mut ProducerLease,
}

impl<'a, T> Vacancy<'a, T> {
    /// Makes `item` readable; answers in which shard.
    #[inline(always)]
    pub(crate) fn write(self, item: T) -> &'a Shard<T> {
        let Self { shard, lease } = self;
        // SAFETY: S2 by the lease (S5); vacant, as whoever made the vacancy found (S1, S4).
        unsafe { shard.put(lease.tail, || item) };
        shard.publish(lease, 1);
        shard
    }
}

#[cfg(all(test, not(any(ring_loom, ring_shuttle))))]
mod tests {
    use crate::barrier::Barrier;
    use crate::shard::{Kind, Shard};
    use crate::{notice::Notice, position::Position};

    #[test]
    fn a_producer_knows_of_as_many_slots_as_it_saw_when_it_last_looked() {
        let (start, notice) = (Position::from_count(0), Notice::new(Barrier::Fence));
        let shard = Shard::new(0, 2, Kind::Dedicated, start, notice).expect("memory");
        let mut lease = shard.lease().expect("free");
        for item in 0..2 {
            shard.known_vacancy(&mut lease).expect("seen when it was leased").write(item);
        }
        shard.head.release(1);
        assert!(shard.known_vacancy(&mut lease).is_none(), "it has not looked");
        shard.vacancy(&mut lease).expect("one was given back").write(2);
        assert!(shard.vacancy(&mut lease).is_none());
    }
}
