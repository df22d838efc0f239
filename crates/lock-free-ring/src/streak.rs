//! Letting batches form.
//!
//! A consumer that is faster than its producers would fetch their cache lines for every few
//! items, and they would fetch them back. A breath before the next look makes both faster.

use crate::ring::Ring;
use crate::shard::{Kind, Shard};
use crate::sync::MODEL;
use crate::wait::give_way;
use core::time::Duration;

/// Waiting reads, one after the other, that found something at once. Who has to wait has caught
/// up, and begins a new streak.
#[derive(Debug, Default)]
pub(crate) struct Streak {
    looks: u32,
    /// What the looks since the last breath have found.
    found: usize,
    breath: Duration,
}

impl Streak {
    /// Looks without a breath, at first.
    const SURE: u32 = 4;
    const SHORTEST: Duration = Duration::from_nanos(200);
    /// What an item may have to wait for others. A model has no clock.
    const LONGEST: Duration = Duration::from_nanos(if MODEL { 0 } else { 2000 });

    /// To be called before a look.
    #[inline]
    pub(crate) fn let_a_batch_form<T>(&mut self, ring: &Ring<T>) {
        self.found = 0;
        if self.looks < Self::SURE {
            self.looks += 1;
        } else if !self.breath.is_zero() {
            give_way(ring, self.breath);
        }
    }

    /// Notes what a look has found.
    #[inline]
    pub(crate) fn found(&mut self, items: usize) {
        self.found += items;
    }

    /// Fits the breath to what was found. `all` that could be: then there may be more.
    #[inline]
    pub(crate) fn fit_breath(&mut self, good: GoodBatch, all: bool) {
        if all || self.found >= good.many {
            self.breath /= 2;
            if self.breath < Self::SHORTEST {
                self.breath = Duration::ZERO;
            }
        } else if self.found < good.few {
            self.breath = (self.breath * 2).max(Self::SHORTEST).min(Self::LONGEST);
        }
    }
}

/// A batch worth a breath, and far from a full shard: not `few` items, and not yet `many`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GoodBatch {
    few: usize,
    many: usize,
}

impl GoodBatch {
    /// The producer of a dedicated shard takes a fraction of the time for an item, and is soon
    /// there with a larger one.
    #[inline]
    pub(crate) fn of<T>(shard: &Shard<T>) -> Self {
        let capacity = shard.capacity();
        match shard.kind() {
            Kind::Dedicated => Self { few: 256.min(capacity / 4), many: 640.min(capacity / 2) },
            Kind::Shared => Self { few: 128.min(capacity / 8), many: 512.min(capacity / 2) },
        }
    }
}

#[cfg(all(test, not(any(ring_loom, ring_shuttle))))]
mod tests {
    use super::*;

    const GOOD: GoodBatch = GoodBatch { few: 8, many: 32 };

    /// The breath after looks that have each found so many, in nanoseconds.
    fn breath_after(looks: &[usize], all: bool, from_ns: u64) -> u64 {
        let mut streak = Streak { breath: Duration::from_nanos(from_ns), ..Streak::default() };
        looks.iter().for_each(|items| streak.found(*items));
        streak.fit_breath(GOOD, all);
        streak.breath.as_nanos() as u64
    }

    #[test]
    fn the_breath_doubles_from_the_shortest_to_the_longest_while_little_is_found() {
        let doubled = [0, 200, 400, 1500].map(|from| breath_after(&[3], false, from));
        assert_eq!(doubled, [200, 400, 800, 2000]);
    }

    #[test]
    fn the_breath_halves_and_ends_where_much_is_found_or_all_that_could_be() {
        for (found, all) in [(32, false), (1, true)] {
            let halved = [2000, 400, 399, 200].map(|from| breath_after(&[found], all, from));
            assert_eq!(halved, [1000, 200, 0, 0]);
        }
    }

    #[test]
    fn a_good_batch_keeps_the_breath_and_what_several_looks_found_counts_together() {
        let after = |looks: &[usize]| breath_after(looks, false, 400);
        assert_eq!([after(&[7]), after(&[8]), after(&[31]), after(&[32])], [800, 400, 400, 200]);
        assert_eq!([after(&[4, 3]), after(&[4, 4])], [800, 400]);
    }

    #[test]
    fn a_good_batch_is_smaller_in_a_shard_that_is_small_or_shared() {
        let good = |batch: GoodBatch| (batch.few, batch.many);
        let dedicated = |capacity| {
            let ring = crate::DedicatedRing::<u8>::new(capacity, 1).expect("valid");
            good(GoodBatch::of(ring.shard(0)))
        };
        let shared = |capacity| {
            let ring = crate::ShardedRing::<u8>::new(capacity, 1).expect("valid");
            good(GoodBatch::of((*ring).shard(0)))
        };
        assert_eq!([dedicated(4096), dedicated(64), dedicated(1)], [(256, 640), (16, 32), (0, 0)]);
        assert_eq!([shared(4096), shared(64), shared(1)], [(128, 512), (8, 32), (0, 0)]);
    }

    #[test]
    fn the_first_looks_take_no_breath_and_later_ones_do() {
        let ring = crate::ShardedRing::<u8>::new(8, 1).expect("valid");
        let breath = Duration::from_micros(300);
        let mut streak = Streak { breath, ..Streak::default() };
        for look in 0..Streak::SURE {
            assert_eq!(streak.looks, look);
            streak.found(5);
            streak.let_a_batch_form(&ring);
            assert_eq!(streak.found, 0);
        }
        let begun = std::time::Instant::now();
        streak.let_a_batch_form(&ring);
        assert!(begun.elapsed() >= breath);
        assert_eq!(streak.looks, Streak::SURE);
    }
}
