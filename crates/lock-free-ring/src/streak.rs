//! Letting batches form.
//!
//! A consumer that is faster than its producers would fetch their cache lines for every few
//! items, and they would fetch them back. A breath before the next look makes both faster.

use crate::ring::Ring;
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

    /// Fits the breath to what was found: a good batch, and far from a full shard. `all` that
    /// could be: then there may be more.
    #[inline]
    pub(crate) fn fit_breath(&mut self, shard_capacity: usize, all: bool) {
        const FEW: usize = 128;
        const MANY: usize = 512;
        if all || self.found >= MANY.min(shard_capacity / 2) {
            self.breath /= 2;
            if self.breath < Self::SHORTEST {
                self.breath = Duration::ZERO;
            }
        } else if self.found < FEW.min(shard_capacity / 8) {
            self.breath = (self.breath * 2).max(Self::SHORTEST).min(Self::LONGEST);
        }
    }
}

#[cfg(all(test, not(any(ring_loom, ring_shuttle))))]
mod tests {
    use super::*;

    /// The breath after looks that have each found so many, in nanoseconds.
    fn breath_after(looks: &[usize], shard_capacity: usize, all: bool, from_ns: u64) -> u64 {
        let mut streak = Streak { breath: Duration::from_nanos(from_ns), ..Streak::default() };
        looks.iter().for_each(|items| streak.found(*items));
        streak.fit_breath(shard_capacity, all);
        streak.breath.as_nanos() as u64
    }

    #[test]
    fn the_breath_doubles_from_the_shortest_to_the_longest_while_little_is_found() {
        let doubled = [0, 200, 400, 1500].map(|from| breath_after(&[3], 4096, false, from));
        assert_eq!(doubled, [200, 400, 800, 2000]);
    }

    #[test]
    fn the_breath_halves_and_ends_where_much_is_found_or_all_that_could_be() {
        for (found, all) in [(512, false), (1, true)] {
            let halved = [2000, 400, 399, 200].map(|from| breath_after(&[found], 4096, all, from));
            assert_eq!(halved, [1000, 200, 0, 0]);
        }
    }

    #[test]
    fn few_and_many_are_less_in_a_small_shard_and_what_several_looks_found_counts_together() {
        let after = |looks: &[usize], capacity| breath_after(looks, capacity, false, 400);
        assert_eq!([after(&[127], 4096), after(&[128], 4096)], [800, 400]);
        assert_eq!([after(&[511], 4096), after(&[512], 4096)], [400, 200]);
        assert_eq!([after(&[7], 64), after(&[8], 64)], [800, 400]);
        assert_eq!([after(&[31], 64), after(&[32], 64)], [400, 200]);
        assert_eq!([after(&[100, 27], 4096), after(&[100, 28], 4096)], [800, 400]);
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
