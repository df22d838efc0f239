//! Coordination: which positions may be written and which may be read. No storage here.
//!
//! The invariants of a shard, cited by everything that touches its cells:
//!
//! - **S1 (bounds).** `head ≤ tail ≤ head + capacity`, in positions; neither ever goes back.
//! - **S2 (claim).** A position is claimed once: on a shared shard by whoever moves `tail`
//!   over it with compare-exchange, on a dedicated one by the holder of the lease. Until it
//!   publishes, the claimant alone may touch the cell. A claim is never undone.
//! - **S3 (publish).** A position is readable once its stamp says so (shared) or `tail` has
//!   passed it (dedicated). From then on the holder of the consumer lease alone may touch the
//!   cell, until `head` passes it.
//! - **S4 (release).** `head` passes a position only after its item has been moved out. The
//!   cell is then free for the position that is one storage further on.
//!
//! The storage has at least `capacity` cells, so by S1 no two positions between `head` and
//! `tail` share one.

use crate::error::WriteRefused;
use crate::position::{FLAG, Position};
use crate::prefetch::{begins_line, prefetch_to_write};
use crate::sync::{AtomicU8, AtomicU64, MODEL, Ordering, spin_loop};
use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use alloc::vec::Vec;

/// Why no position was to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

impl Refusal {
    /// The same, as the caller sees it: with what was refused.
    pub(crate) fn of<T>(self, item: T) -> WriteRefused<T> {
        match self {
            Self::Full => WriteRefused::Full(item),
            Self::Closed => WriteRefused::Closed(item),
        }
    }
}

/// The consumer's next position. Moved by the holder of the consumer lease alone.
#[derive(Debug)]
pub(crate) struct Head {
    position: AtomicU64,
    /// What lies between the head and here is published, and no abort among it. Only the
    /// consumer's, which by it looks at what producers write once for many items.
    known_end: AtomicU64,
}

impl Head {
    pub(crate) fn new(start: Position) -> Self {
        Self { position: AtomicU64::new(start.word()), known_end: AtomicU64::new(start.word()) }
    }

    /// As the consumer itself sees it.
    #[inline(always)]
    pub(crate) fn own(&self) -> Position {
        Position::of(self.position.load(Ordering::Relaxed))
    }

    /// As others see it: the cells before it are free to be written.
    #[inline(always)]
    pub(crate) fn released(&self) -> Position {
        // Acquire, partner `release`: what the consumer read from a cell, it read before we
        // overwrite it. And the tail that we load next is not older than this head.
        Position::of(self.position.load(Ordering::Acquire))
    }

    /// Gives `items` cells back. Their items have been moved out (S4).
    #[inline(always)]
    pub(crate) fn release(&self, items: usize) {
        // Release, partner `released`.
        self.position.store(self.own().plus(items).word(), Ordering::Release);
    }

    /// Items that the consumer has seen to be published.
    #[inline(always)]
    pub(crate) fn known(&self) -> usize {
        Position::of(self.known_end.load(Ordering::Relaxed)).since(self.own()) as usize
    }

    /// Notes that so many items lie published in a row from the head on.
    #[inline(always)]
    pub(crate) fn know(&self, items: usize) {
        self.known_end.store(self.own().plus(items).word(), Ordering::Relaxed);
    }

    /// Gives back the cell at the head, whose claim was aborted. Nothing behind it is known.
    pub(crate) fn step_over(&self) {
        debug_assert_eq!(self.known(), 0);
        self.release(1);
        self.know(0);
    }
}

/// The producers' next position, and who may move it.
///
/// On a shared shard its flag says "closed": the word that a claim compares is the word that a
/// close changes, so no claim follows a close. On a dedicated shard `lease` says who writes.
#[derive(Debug)]
pub(crate) struct Tail {
    word: AtomicU64,
    /// Shared shards: how far some producer knew the head to be. It may be behind what another
    /// one knows, and is never ahead of the head.
    known_head: AtomicU64,
    lease: AtomicU8,
}

const FREE: u8 = 0;
const LEASED: u8 = 1;
/// Nobody writes here any more. Never left again.
const SEALED: u8 = 2;

impl Tail {
    pub(crate) fn new(start: Position) -> Self {
        Self {
            word: AtomicU64::new(start.word()),
            known_head: AtomicU64::new(start.word()),
            lease: AtomicU8::new(FREE),
        }
    }

    #[inline(always)]
    pub(crate) fn position(&self) -> Position {
        Position::of(self.word.load(Ordering::Relaxed))
    }
}

/// Positions that a producer has won and must publish.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) start: Position,
    pub(crate) len: usize,
    /// How often another producer was faster.
    pub(crate) retries: u64,
}

/// Pauses after a lost claim, doubled with each, up to these.
const MOST_PAUSES_LOG2: u64 = if MODEL { 0 } else { 6 };

/// A shared shard's tail.
impl Tail {
    /// Claims up to `wanted` positions in one step, and at least one.
    ///
    /// Lock-free: a failed exchange means that another producer's succeeded.
    #[inline]
    pub(crate) fn claim(
        &self,
        head: &Head,
        capacity: usize,
        wanted: usize,
    ) -> Result<Claimed, Refusal> {
        let mut retries = 0;
        // Relaxed throughout: a claim orders nothing. The cells come free by `Head::released`
        // and become readable by their stamps.
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if word & FLAG != 0 {
                return Err(Refusal::Closed);
            }
            let tail = Position::of(word);
            // Acquire, partner the store below.
            let known_head = Position::of(self.known_head.load(Ordering::Acquire));
            let mut used = tail.since(known_head);
            if used.saturating_add(wanted as u64) > capacity as u64 {
                let head = head.released();
                if head != known_head {
                    // Release: with the head we hand on what we know by it.
                    self.known_head.store(head.word(), Ordering::Release);
                }
                used = tail.since(head);
            }
            if used >= capacity as u64 {
                // Full, or the tail that we hold is older than the head.
                let newer = self.word.load(Ordering::Relaxed);
                if newer == word {
                    return Err(Refusal::Full);
                }
                word = newer;
                continue;
            }
            let len = wanted.min(capacity - used as usize);
            let next = tail.plus(len).word();
            match self.word.compare_exchange_weak(word, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return Ok(Claimed { start: tail, len, retries }),
                Err(newer) => {
                    retries += 1;
                    // Who has lost lets the winner fill its cell in peace.
                    (0..1 << retries.min(MOST_PAUSES_LOG2)).for_each(|_| spin_loop());
                    word = newer;
                }
            }
        }
    }

    pub(crate) fn close(&self) {
        self.word.fetch_or(FLAG, Ordering::Relaxed);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.word.load(Ordering::Relaxed) & FLAG != 0
    }
}

/// What the consumer finds at a position of a shared shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    Unpublished,
    Item,
    /// Claimed, but its item never came to be: to be stepped over.
    Aborted,
}

/// A byte for each cell of a shared shard: of which lap the last position is that was published
/// there, and whether as an item.
///
/// The parity of the lap says enough. Whoever looks does so between the head and one storage
/// beyond it, and by S1 and S4 a cell there was published in the lap before, and perhaps in this
/// one. A byte, since the stamps' lines have to cross to the consumer as the items' do.
#[derive(Debug)]
pub(crate) struct Stamps {
    bytes: Box<[AtomicU8]>,
}

/// How far ahead of a publish a line of stamps is asked for: two lines, each of them 64 items.
const STAMPS_AHEAD: usize = 128;

const ODD_LAP: u8 = 1;
const ABORTED: u8 = 2;

impl Stamps {
    /// `cells` (a power of two) stamps, each one lap behind the first position to come there.
    pub(crate) fn new(cells: usize, start: Position) -> Result<Self, TryReserveError> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(cells)?;
        let offset = start.index(cells - 1);
        bytes.extend((0..cells).map(|cell| {
            let first = start.plus(cell.wrapping_sub(offset) & (cells - 1));
            AtomicU8::new(first.lap_parity(cells) ^ ODD_LAP)
        }));
        Ok(Self { bytes: bytes.into_boxed_slice() })
    }

    #[inline(always)]
    fn byte(&self, position: Position) -> &AtomicU8 {
        byte_of(&self.bytes, position)
    }

    #[inline(always)]
    pub(crate) fn publish(&self, position: Position) {
        if begins_line::<AtomicU8>(position.index(self.bytes.len() - 1)) {
            prefetch_to_write(self.byte(position.plus(STAMPS_AHEAD)));
        }
        // Release, partner `at`: the item is in its cell before the stamp says so.
        self.byte(position).store(position.lap_parity(self.bytes.len()), Ordering::Release);
    }

    /// How many items lie in a row from `start` on, up to `most`; `known` of them are known to.
    #[inline(always)]
    pub(crate) fn published_from(&self, start: Position, known: usize, most: usize) -> usize {
        // Held here, since the compiler may not keep it from one Acquire to the next.
        let bytes = &*self.bytes;
        let is_item = |offset: &usize| stamp_in(bytes, start.plus(*offset)) == Stamp::Item;
        known + (known..most).take_while(is_item).count()
    }

    pub(crate) fn abort(&self, position: Position) {
        // Release, partner `at`: whatever was half built in the cell is done with before the
        // next claimant of the cell comes.
        let stamp = position.lap_parity(self.bytes.len()) | ABORTED;
        self.byte(position).store(stamp, Ordering::Release);
    }

    #[inline(always)]
    pub(crate) fn at(&self, position: Position) -> Stamp {
        stamp_in(&self.bytes, position)
    }
}

#[inline(always)]
fn byte_of(bytes: &[AtomicU8], position: Position) -> &AtomicU8 {
    &bytes[position.index(bytes.len() - 1)]
}

#[inline(always)]
fn stamp_in(bytes: &[AtomicU8], position: Position) -> Stamp {
    // Acquire, partners `publish` and `abort`.
    let stamp = byte_of(bytes, position).load(Ordering::Acquire);
    if stamp == position.lap_parity(bytes.len()) {
        Stamp::Item
    } else if stamp == position.lap_parity(bytes.len()) | ABORTED {
        Stamp::Aborted
    } else {
        Stamp::Unpublished
    }
}

/// A dedicated shard's tail.
impl Tail {
    /// Makes everything before `end` readable. For the holder of the lease.
    #[inline(always)]
    pub(crate) fn publish(&self, end: Position) {
        // Release, partner `published`: the items are in their cells before the tail says so.
        self.word.store(end.word(), Ordering::Release);
    }

    #[inline(always)]
    pub(crate) fn published(&self) -> Position {
        // Acquire, partner `publish`.
        Position::of(self.word.load(Ordering::Acquire))
    }

    /// Takes the lease, if it is free. The answer is where the last holder stopped.
    pub(crate) fn lease(&self) -> Option<Position> {
        // Acquire, partner `give_back`: the last holder's tail, and what it saw of the head.
        self.lease
            .compare_exchange(FREE, LEASED, Ordering::Acquire, Ordering::Relaxed)
            .ok()
            .map(|_| self.position())
    }

    /// For the holder of the lease, who will not write again.
    pub(crate) fn give_back(&self) {
        if self.lease.load(Ordering::Relaxed) == LEASED {
            // Release, partners `lease` and `seal_if_free`.
            self.lease.store(FREE, Ordering::Release);
        }
    }

    /// For the holder of the lease, who has seen the ring closed. Answers whether it is news.
    pub(crate) fn seal(&self) -> bool {
        if self.lease.load(Ordering::Relaxed) == SEALED {
            return false;
        }
        // Release, partner `seal_if_free`: our last item is published before the seal.
        self.lease.store(SEALED, Ordering::Release);
        true
    }

    /// For the consumer of a closed ring: whether nobody can write here any more.
    pub(crate) fn seal_if_free(&self) -> bool {
        // Acquire, partners `give_back` and `seal`: the last item of the last holder is seen.
        match self.lease.compare_exchange(FREE, SEALED, Ordering::Acquire, Ordering::Acquire) {
            Ok(_) => true,
            Err(state) => state == SEALED,
        }
    }
}

#[cfg(all(test, not(ring_loom)))]
mod tests {
    use super::*;

    fn stamps_of_two_laps(cells: usize, start: Position) {
        let stamps = Stamps::new(cells, start).expect("memory for a few stamps");
        for step in 0..2 * cells {
            let position = start.plus(step);
            assert_eq!(stamps.at(position), Stamp::Unpublished, "step {step}");
            stamps.publish(position);
            assert_eq!(stamps.at(position), Stamp::Item, "step {step}");
        }
    }

    #[test]
    fn no_stamp_looks_published_before_it_is_wherever_the_count_starts() {
        for cells in [1, 2, 8] {
            for start in [0, 1, 5, u64::MAX >> 1, (u64::MAX >> 1) - 3] {
                stamps_of_two_laps(cells, Position::from_count(start));
            }
        }
    }

    #[test]
    fn a_claim_takes_what_fits_and_a_closed_tail_gives_none() {
        let start = Position::from_count((u64::MAX >> 1) - 1);
        let (head, tail) = (Head::new(start), Tail::new(start));
        assert_eq!(tail.claim(&head, 3, 2).unwrap().len, 2);
        assert_eq!(tail.claim(&head, 3, 2).unwrap().len, 1);
        assert_eq!(tail.claim(&head, 3, 1).unwrap_err(), Refusal::Full);
        head.release(1);
        assert_eq!(tail.claim(&head, 3, 9).unwrap().start, start.plus(3));
        tail.close();
        assert_eq!(tail.claim(&head, 3, 1).unwrap_err(), Refusal::Closed);
        assert_eq!(tail.position(), start.plus(4));
    }

    #[test]
    fn a_claim_looks_at_the_head_when_it_must_and_hands_on_what_it_saw() {
        let start = Position::from_count(0);
        let (head, tail) = (Head::new(start), Tail::new(start));
        let known_head = || Position::of(tail.known_head.load(Ordering::Relaxed));
        assert_eq!(tail.claim(&head, 4, 2).unwrap().len, 2);
        head.release(1);
        assert_eq!(tail.claim(&head, 4, 2).unwrap().len, 2);
        assert_eq!(known_head(), start, "there was room for both");
        assert_eq!(tail.claim(&head, 4, 1).unwrap().len, 1);
        assert_eq!(known_head(), start.plus(1));
    }

    #[test]
    fn who_steps_over_an_aborted_claim_knows_of_nothing_behind_it() {
        let head = Head::new(Position::from_count(u64::MAX >> 1));
        head.step_over();
        assert_eq!((head.known(), head.own()), (0, Position::from_count(0)));
    }

    #[test]
    fn a_sealed_shard_is_never_leased_again() {
        let tail = Tail::new(Position::from_count(0));
        assert!(tail.lease().is_some() && tail.lease().is_none());
        assert!(!tail.seal_if_free());
        tail.give_back();
        assert!(tail.seal_if_free() && tail.seal_if_free());
        assert!(tail.lease().is_none() && !tail.seal());
    }
}
