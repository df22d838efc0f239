//! One independent sub-ring: the cells, and, with the modules below, the only code that touches
//! them.
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

mod claiming;
mod filling;
mod taking;

pub(crate) use claiming::Claim;
pub(crate) use filling::{Filling, ProducerLease, Vacancy};

use crate::cursor::{Head, Stamp, Stamps, Tail};
use crate::ends::ConsumerLease;
use crate::gate::Gate;
use crate::notice::Notice;
use crate::position::Position;
use crate::prefetch::{ahead, begins_line, prefetch_to_write};
use crate::stats::{Count, Counters, ShardStats};
use crate::sync::{Accesses, Line};
use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::mem::{self, MaybeUninit};

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

    pub(crate) fn kind(&self) -> Kind {
        if self.stamps.is_some() { Kind::Shared } else { Kind::Dedicated }
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

    /// Lets no further claim succeed. The producer of a dedicated shard looks at the notice.
    pub(crate) fn close(&self) {
        self.notice.set(Notice::CLOSED);
        if self.kind() == Kind::Shared {
            self.tail.close();
        }
    }

    /// Whether nobody can write to the shard any more, for the consumer of a closed ring.
    pub(crate) fn is_sealed(&self) -> bool {
        match self.kind() {
            Kind::Shared => self.tail.is_closed(),
            Kind::Dedicated => self.tail.seal_if_free(),
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

/// `storage` cells, their memory reserved without aborting when there is none.
fn vacant_cells<T>(storage: usize) -> Result<Box<[Cell<T>]>, TryReserveError> {
    let mut cells: Vec<Cell<T>> = Vec::new();
    cells.try_reserve_exact(storage)?;
    // SAFETY: the capacity is there, and a cell of MaybeUninit needs no initialisation.
    unsafe { cells.set_len(storage) };
    Ok(cells.into_boxed_slice())
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
