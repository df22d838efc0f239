//! One independent sub-ring: the cells, and the only code that touches them.
//!
//! The cursors say which cells may be touched (invariants S1 to S4, stated in `cursor`). Who
//! may ask is said by proofs, none of which can be copied or made out of nothing:
//!
//! - [`Claim`]: positions won on a shared shard. It publishes each of them, also by unwinding.
//! - [`ProducerLease`]: the right to write to one dedicated shard.
//! - [`ConsumerLease`]: the right to read a ring's shards.
//!
//! **S5 (proofs).** A lease is used only on the ring that gave it: `Producer` and `Consumer`
//! each keep the two together in private fields, from the lease's birth to its return.

use crate::cursor::{Head, Refusal, Stamp, Stamps, Tail};
use crate::drop_each::drop_each;
use crate::gate::Gate;
use crate::notice::Notice;
use crate::position::Position;
use crate::prefetch::{ahead, begins_line, prefetch_to_write};
use crate::ring::ConsumerLease;
use crate::stats::{Count, Counters, ShardStats};
use crate::sync::{Accesses, Line, MODEL};
use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::mem::{self, MaybeUninit};
use core::ptr;
use core::slice;

type Cell<T> = UnsafeCell<MaybeUninit<T>>;

/// Who writes to a shard, and therefore how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Shared,
    Dedicated,
}

pub(crate) struct Shard<T> {
    /// A power of two of cells, at least `capacity`.
    cells: Box<[Cell<T>]>,
    accesses: Accesses,
    capacity: usize,
    start: Position,
    /// Its number in the ring.
    number: usize,
    /// What its producers must know.
    pub(crate) notice: Notice,
    /// A shared shard has them, a dedicated one publishes by its tail.
    stamps: Option<Stamps>,
    /// Written by producers.
    tail: Line<Tail>,
    /// Written by the consumer.
    head: Line<Head>,
    /// Where producers sleep until there is room. Written by those who go to sleep.
    pub(crate) room: Line<Gate>,
    /// Written off the path of success.
    pub(crate) counters: Line<Counters>,
    /// Written by the consumer when it comes to the shard.
    high_water: Line<Count>,
}

// SAFETY: items move from one thread to another (T: Send), and by S2 and S3 a cell is touched
// by one thread at a time, so that T need not be Sync.
unsafe impl<T: Send> Sync for Shard<T> {}

const _: () = {
    assert!(align_of::<Line<u8>>() == 128);
    assert!(align_of::<Shard<u8>>() == 128);
    assert!(mem::offset_of!(Shard<u8>, head).abs_diff(mem::offset_of!(Shard<u8>, tail)) >= 128);
};

impl<T> Shard<T> {
    pub(crate) fn new(
        number: usize,
        capacity: usize,
        kind: Kind,
        start: Position,
        notice: Notice,
    ) -> Result<Self, TryReserveError> {
        let storage = capacity.next_power_of_two();
        let cells = vacant_cells(storage)?;
        let stamps = match kind {
            Kind::Dedicated => None,
            Kind::Shared => Some(Stamps::new(storage, start)?),
        };
        Ok(Self {
            cells,
            accesses: Accesses::new(if mem::size_of::<T>() == 0 { 0 } else { storage }),
            capacity,
            start,
            number,
            notice,
            stamps,
            tail: Line(Tail::new(start)),
            head: Line(Head::new(start)),
            room: Line(Gate::new()),
            counters: Line(Counters::default()),
            high_water: Line(Count::default()),
        })
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Items accepted and not yet taken: claims but for those that are known to be aborted.
    pub(crate) fn items(&self) -> usize {
        let skipped = self.counters.skipped.get();
        let aborted = self.counters.aborted.get().saturating_sub(skipped);
        self.len().saturating_sub(aborted as usize)
    }

    /// Whether claims are aborted and not yet stepped over: then items may lie behind them.
    pub(crate) fn holds_aborted(&self) -> bool {
        self.counters.aborted.get() != self.counters.skipped.get()
    }

    /// Positions claimed and not yet released; never more than the capacity.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        let head = self.head.released();
        self.tail.position().since(head).min(self.capacity as u64) as usize
    }

    /// Whether a claim would find room, as it is now.
    #[cfg(feature = "async")]
    pub(crate) fn has_room(&self) -> bool {
        self.len() < self.capacity
    }

    pub(crate) fn stats(&self) -> ShardStats {
        let counters = &*self.counters;
        let aborts = || (counters.aborted.get(), counters.skipped.get());
        // Cursors and aborts of one moment, as aborts are rare: else what was subtracted could
        // be more than what it is subtracted from.
        let (head, tail, (aborted, skipped)) = loop {
            let before = aborts();
            let cursors = (self.head.released(), self.tail.position());
            if aborts() == before {
                break (cursors.0, cursors.1, before);
            }
        };
        let refused = counters.refused.get();
        let seen = self.high_water.get();
        ShardStats {
            written: tail.since(self.start).saturating_sub(aborted),
            read: head.since(self.start).saturating_sub(skipped),
            refused,
            high_water: if refused > 0 { self.capacity as u64 } else { seen },
            aborted,
            claim_retries: counters.claim_retries.get(),
            // Only if the head has not moved on: its cell may be of the next lap by now.
            head_stalled: tail != head
                && self.stamps.as_ref().is_some_and(|s| s.at(head) == Stamp::Unpublished)
                && self.head.released() == head,
        }
    }

    // The cells.

    #[inline(always)]
    fn index(&self, position: Position) -> usize {
        position.index(self.cells.len() - 1)
    }

    #[inline(always)]
    fn cell(&self, position: Position) -> *mut T {
        // SAFETY: the index is masked to the storage, a power of two of cells.
        let cell = unsafe { self.cells.as_ptr().add(self.index(position)) };
        UnsafeCell::raw_get(cell).cast::<T>()
    }

    /// # Safety
    /// The caller alone may touch the cell of `position` (S2), and the cell is vacant.
    #[inline(always)]
    unsafe fn put(&self, position: Position, make: impl FnOnce() -> T) {
        self.fetch_ahead(position);
        // Before `make`: the item may be built in its cell.
        self.log(position, Accesses::write);
        // SAFETY: valid and aligned, being a cell of ours; exclusive by this function's contract.
        unsafe { self.cell(position).write(make()) };
    }

    #[inline(always)]
    fn fetch_ahead(&self, position: Position) {
        if begins_line::<T>(self.index(position)) {
            prefetch_to_write(self.cell(position.plus(ahead::<T>())));
        }
    }

    /// # Safety
    /// The caller alone may touch the cell of `position` (S3), the cell is filled, and the
    /// caller sees to it that nobody reads it again.
    #[inline(always)]
    unsafe fn take(&self, position: Position) -> T {
        self.log(position, Accesses::read);
        // SAFETY: filled and exclusive by this function's contract.
        unsafe { self.cell(position).read() }
    }

    #[inline(always)]
    fn log(&self, position: Position, access: impl Fn(&Accesses, usize)) {
        if mem::size_of::<T>() != 0 {
            access(&self.accesses, self.index(position));
        }
    }

    /// The cells of `len` positions: those up to the end of the storage, and those that wrap.
    #[inline]
    fn runs(&self, start: Position, len: usize) -> [(*mut T, usize); 2] {
        let to_end = self.cells.len() - self.index(start);
        let first = len.min(to_end);
        [(self.cell(start), first), (self.cell(start.plus(first)), len - first)]
    }
}

/// Stamps that a look for fewer items looks at.
const LOOK_AHEAD: usize = if MODEL { 1 } else { 256 };

/// Stamps that are looked at whatever the tail says.
const FEW: usize = if MODEL { 1 } else { 8 };

/// `storage` cells, their memory reserved without aborting when there is none.
fn vacant_cells<T>(storage: usize) -> Result<Box<[Cell<T>]>, TryReserveError> {
    let mut cells: Vec<Cell<T>> = Vec::new();
    cells.try_reserve_exact(storage)?;
    // SAFETY: the capacity is there, and a cell of MaybeUninit needs no initialisation.
    unsafe { cells.set_len(storage) };
    Ok(cells.into_boxed_slice())
}

// Producers of a shared shard.

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

    /// Lets no further claim succeed. The producer of a dedicated shard looks at the notice.
    pub(crate) fn close(&self) {
        self.notice.set(Notice::CLOSED);
        if self.stamps.is_some() {
            self.tail.close();
        }
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

// The producer of a dedicated shard.

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

    /// Whether nobody can write to the shard any more, for the consumer of a closed ring.
    pub(crate) fn is_sealed(&self) -> bool {
        if self.stamps.is_some() { self.tail.is_closed() } else { self.tail.seal_if_free() }
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

// The consumer.

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

impl<T> Drop for Shard<T> {
    fn drop(&mut self) {
        // Alone with the shard, we are its consumer. No claim is left unpublished: a claim
        // borrows the ring.
        if mem::needs_drop::<T>() {
            self.discard(&mut ConsumerLease::of_the_last(), usize::MAX);
        }
    }
}
