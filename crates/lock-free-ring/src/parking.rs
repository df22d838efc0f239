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
