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
