//! Idle shards cost about nothing: the consumer parks them and passes them by.
//!
//! A shard that the consumer found idle while others were busy is marked *parked* and left out
//! of its sweeps. Whoever publishes to a parked shard sets its bit in the bitmap of *active*
//! shards; the consumer looks at the bitmap on its way and takes those shards in again. A write
//! to a shard that is not parked costs one relaxed load, of the shard's [`Notice`].
//!
//! **P1.** A shard that is not awake is parked; if it holds anything, its bit is set, or its
//! producer is about to set it and has not returned from the write. To park is therefore: mark,
//! then the heavy barrier, then look whether the shard is still empty; to publish is: publish,
//! then the light barrier, then look whether the shard is parked. Only the consumer marks and
//! unmarks.

use crate::ends::ConsumerLease;
use crate::notice::Notice;
use crate::ring::Ring;
use crate::sync::{AtomicU64, Line, MODEL, Ordering};
use alloc::boxed::Box;

/// So many idle shards are worth a heavy barrier.
const PARK_AT: usize = if MODEL { 2 } else { 16 };

fn bit(shard: usize) -> u64 {
    1 << (shard % 64)
}

/// Parked shards that were written to. Set by producers, cleared by the consumer.
pub(crate) struct Active(Box<[Line<AtomicU64>]>);

impl Active {
    pub(crate) fn new(shards: usize) -> Self {
        Self((0..shards.div_ceil(64)).map(|_| Line(AtomicU64::new(0))).collect())
    }

    /// Relaxed: the bit only says where to look; the barriers around it order the rest.
    #[cold]
    pub(crate) fn set(&self, shard: usize) {
        let word = &*self.0[shard / 64];
        if word.load(Ordering::Relaxed) & bit(shard) == 0 {
            word.fetch_or(bit(shard), Ordering::Relaxed);
        }
    }

    #[inline(always)]
    fn take(&self, word: usize) -> u64 {
        let word = &*self.0[word];
        if word.load(Ordering::Relaxed) == 0 { 0 } else { word.swap(0, Ordering::Relaxed) }
    }
}

/// The consumer's own view: which shards its sweeps visit.
#[derive(Debug)]
pub(crate) struct Awake {
    awake: Box<[u64]>,
    /// Of those, the ones found empty since the last sweep that found nothing at all.
    idle: Box<[u64]>,
    idle_count: usize,
}

impl Awake {
    /// All of them, whatever a consumer before this one may have parked.
    pub(crate) fn all(shards: usize) -> Self {
        let words = shards.div_ceil(64);
        let mut awake = alloc::vec![u64::MAX; words].into_boxed_slice();
        if !shards.is_multiple_of(64) {
            awake[words - 1] = bit(shards) - 1;
        }
        Self { awake, idle: alloc::vec![0; words].into_boxed_slice(), idle_count: 0 }
    }

    /// The first awake shard after `shard`, round the end; `shard` itself at last.
    #[inline(always)]
    pub(crate) fn next<T>(&mut self, ring: &Ring<T>, shard: usize) -> Option<usize> {
        let words = self.awake.len();
        let mut index = shard / 64;
        // The bits after `shard`; when we come round again, all of them.
        let mut mask = (u64::MAX << (shard % 64)) << 1;
        for _ in 0..=words {
            self.take_in(ring, index);
            let bits = self.awake[index] & mask;
            if bits != 0 {
                return Some(index * 64 + bits.trailing_zeros() as usize);
            }
            index = if index + 1 == words { 0 } else { index + 1 };
            mask = u64::MAX;
        }
        None
    }

    #[inline(always)]
    fn take_in<T>(&mut self, ring: &Ring<T>, word: usize) {
        let active = ring.active().take(word);
        if active != 0 {
            self.unpark(ring, word, active);
        }
    }

    #[cold]
    fn unpark<T>(&mut self, ring: &Ring<T>, word: usize, bits: u64) {
        self.awake[word] |= bits;
        for shard in ones(word, bits) {
            ring.shard(shard).notice.unset(Notice::PARKED);
        }
    }

    #[inline(always)]
    pub(crate) fn note_idle(&mut self, shard: usize) {
        let word = &mut self.idle[shard / 64];
        self.idle_count += usize::from(*word & bit(shard) == 0);
        *word |= bit(shard);
    }

    #[inline(always)]
    pub(crate) fn note_busy<T>(&mut self, ring: &Ring<T>, lease: &mut ConsumerLease, shard: usize) {
        if self.idle_count == 0 {
            return;
        }
        let word = &mut self.idle[shard / 64];
        self.idle_count -= usize::from(*word & bit(shard) != 0);
        *word &= !bit(shard);
        if self.idle_count >= PARK_AT {
            self.park_idle(ring, lease);
        }
    }

    /// When all are idle, none is in the way of another.
    pub(crate) fn note_all_idle(&mut self) {
        if self.idle_count > 0 {
            self.idle.fill(0);
            self.idle_count = 0;
        }
    }

    #[cold]
    fn park_idle<T>(&mut self, ring: &Ring<T>, lease: &mut ConsumerLease) {
        for (word, bits) in self.idle.iter().enumerate() {
            ones(word, *bits).for_each(|shard| ring.shard(shard).notice.set(Notice::PARKED));
        }
        // Partner: `light` in `Ring::published`: either it sees the mark, or we its item.
        let ordered = ring.barrier().heavy();
        for (word, bits) in self.idle.iter().enumerate() {
            for number in ones(word, *bits) {
                let shard = ring.shard(number);
                if ordered && shard.ready(lease, 1) == 0 && shard.len() == 0 {
                    self.awake[word] &= !bit(number);
                } else {
                    shard.notice.unset(Notice::PARKED);
                    self.awake[word] |= bit(number);
                }
            }
        }
        self.note_all_idle();
    }
}

/// The numbers of the shards whose bits are set.
fn ones(word: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let lowest = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (lowest < 64).then_some(word * 64 + lowest)
    })
}

#[cfg(all(test, not(any(ring_loom, ring_shuttle))))]
mod tests {
    use super::*;
    use crate::consumer::Consumer;
    use crate::sharded::ShardedRing;
    use alloc::vec::Vec;
    use core::num::NonZeroUsize;

    /// With a consumer that takes one item from each shard in turn.
    fn ring_of(shards: usize) -> (ShardedRing<usize>, Consumer<usize>) {
        let ring = ShardedRing::new(4 * shards, shards).expect("valid");
        let mut consumer = ring.consumer().expect("free");
        consumer.set_quota(NonZeroUsize::MIN);
        (ring, consumer)
    }

    /// An item for each of these shards, which it names.
    fn write(ring: &ShardedRing<usize>, shards: &[usize]) {
        shards.iter().for_each(|shard| ring.try_write(*shard as u64, *shard).expect("room"));
    }

    fn parked(ring: &ShardedRing<usize>) -> Vec<usize> {
        let shards = ring.shards().iter();
        shards
            .filter(|shard| shard.notice.says(Notice::PARKED))
            .map(|shard| shard.number())
            .collect()
    }

    fn all_but(shards: &[usize]) -> Vec<usize> {
        (0..32).filter(|shard| !shards.contains(shard)).collect()
    }

    #[test]
    fn an_awake_shard_has_its_turn_after_the_one_before_it() {
        for shards in [1, 2, 63, 64, 65, 128, 130] {
            let ring = crate::DedicatedRing::<u8>::new(shards, shards).expect("valid");
            let mut awake = Awake::all(shards);
            for shard in 0..shards {
                assert_eq!(awake.next(&ring, shard), Some((shard + 1) % shards), "of {shards}");
            }
        }
    }

    #[test]
    fn a_bit_for_a_shard_that_is_awake_changes_nothing() {
        let (ring, _consumer) = ring_of(32);
        let mut awake = Awake::all(32);
        ring.active().set(3);
        ring.active().set(3);
        assert_eq!((awake.next(&ring, 2), awake.next(&ring, 3)), (Some(3), Some(4)));
        assert_eq!(ring.active().take(0), 0, "taken");
    }

    #[test]
    fn shards_that_are_idle_beside_a_busy_one_are_parked_until_they_are_written_to() {
        type Read = fn(&mut Consumer<usize>) -> Option<usize>;
        let ways: [Read; 2] = [Consumer::try_read, |consumer| consumer.try_read_batch(1).pop()];
        for read in ways {
            let (ring, mut consumer) = ring_of(32);
            write(&ring, &[0, 17, 0, 0]);
            assert_eq!((read(&mut consumer), read(&mut consumer)), (Some(0), Some(17)));
            assert_eq!(parked(&ring), Vec::from_iter(1..17), "the 16 that it has passed");
            assert_eq!(read(&mut consumer), Some(0));
            assert_eq!(parked(&ring), Vec::from_iter(1..17), "14 more are too few");
            write(&ring, &[7]);
            assert_eq!(read(&mut consumer), Some(7));
            assert!(!parked(&ring).contains(&7));
            assert_eq!(consumer.drain(9).collect::<Vec<_>>(), [0]);
        }
    }

    #[test]
    fn fewer_idle_shards_than_are_worth_a_barrier_are_not_parked() {
        let (ring, mut consumer) = ring_of(16);
        for _ in 0..20 {
            write(&ring, &[0]);
            assert_eq!(consumer.try_read(), Some(0));
            assert_eq!(parked(&ring), [], "15 were idle each time, and not one more");
        }
    }

    #[test]
    fn a_shard_that_was_written_to_after_it_was_found_idle_stays_awake() {
        let (ring, mut consumer) = ring_of(32);
        write(&ring, &[0, 16, 0]);
        assert_eq!((consumer.try_read(), consumer.try_read()), (Some(0), Some(16)));
        assert_eq!(parked(&ring), [], "15 are not enough");
        write(&ring, &[3]);
        assert_eq!(consumer.try_read(), Some(0));
        assert_eq!(parked(&ring), all_but(&[0, 3, 16]));
        write(&ring, &[0, 5]);
        assert_eq!(consumer.drain(9).collect::<Vec<_>>(), [3, 5, 0]);
    }

    #[test]
    fn a_shard_with_an_open_claim_stays_awake() {
        let (ring, mut consumer) = ring_of(32);
        let claim = ring.shard(3).claim(1).expect("room");
        write(&ring, &[0, 0]);
        assert_eq!((consumer.try_read(), consumer.try_read()), (Some(0), Some(0)));
        assert_eq!(parked(&ring), all_but(&[0, 3]));
        drop(claim);
    }

    #[test]
    fn a_shard_that_was_idle_and_has_an_item_again_counts_as_busy() {
        let (ring, mut consumer) = ring_of(16);
        // One sweep finds 1 to 15 idle but for 9, the next one all but 5.
        for (busy, order) in [(9, [0, 9]), (5, [0, 5])] {
            write(&ring, &[0, busy]);
            assert_eq!(consumer.drain(2).collect::<Vec<_>>(), order);
            assert_eq!(parked(&ring), []);
        }
        write(&ring, &[0]);
        assert_eq!(consumer.try_read(), Some(0));
        assert_eq!(parked(&ring), []);
    }

    #[test]
    fn when_all_are_idle_none_is_parked() {
        let (ring, mut consumer) = ring_of(32);
        (0..3).for_each(|_| assert_eq!(consumer.try_read(), None));
        write(&ring, &[0]);
        assert_eq!(consumer.try_read(), Some(0));
        assert_eq!(parked(&ring), []);
    }

    #[test]
    fn the_shards_of_a_word_have_their_numbers() {
        assert_eq!(ones(0, 0).count(), 0);
        assert_eq!(ones(0, 1 | 1 << 5 | 1 << 63).collect::<Vec<_>>(), [0, 5, 63]);
        assert_eq!(ones(2, 1 << 3).collect::<Vec<_>>(), [131]);
    }
}
