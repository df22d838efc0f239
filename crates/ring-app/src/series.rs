//! What the intervals of a run were like, kept for its result.

use lock_free_ring::Ring;

use crate::config::Config;
use crate::packet::Packet;
use crate::report::interval::IntervalStats;

/// Intervals that room is made for before the run. Beyond these it grows while running, which
/// allocates now and then.
const PREPARED_INTERVALS: usize = 4096;

/// The most packets that any drain of an interval found in each shard.
#[derive(Debug)]
pub(crate) struct ShardPeaks {
    in_shard: Vec<u64>,
    in_ring: usize,
}

impl ShardPeaks {
    pub(crate) fn new(shards: usize) -> Self {
        Self { in_shard: vec![0; shards], in_ring: 0 }
    }

    /// To be called before a drain.
    pub(crate) fn look(&mut self, ring: &Ring<Packet>) {
        let mut in_ring = 0;
        for (peak, shard) in self.in_shard.iter_mut().zip(ring.stats()) {
            let items = shard.written.saturating_sub(shard.read);
            *peak = (*peak).max(items);
            in_ring += items as usize;
        }
        self.in_ring = self.in_ring.max(in_ring);
    }

    /// The most that a drain found in all shards together.
    pub(crate) fn in_ring(&self) -> usize {
        self.in_ring
    }

    /// The same of each shard.
    pub(crate) fn in_shard(&self) -> &[u64] {
        &self.in_shard
    }

    pub(crate) fn reset(&mut self) {
        self.in_shard.fill(0);
        self.in_ring = 0;
    }
}

/// One entry for each interval, if the result is wanted.
#[derive(Debug, Default)]
pub(crate) struct Series {
    is_wanted: bool,
    intervals: Vec<IntervalStats>,
    /// Of each interval, as many entries as there are shards.
    peaks: Vec<u64>,
}

impl Series {
    /// With room for the intervals of a run of average length, so that a steady run allocates
    /// nothing.
    pub(crate) fn for_run(config: &Config) -> Self {
        if config.json.is_none() {
            return Self::default();
        }
        let expected = config.duration.map_or(PREPARED_INTERVALS, |duration| {
            let intervals = duration.as_secs_f64() / config.stats_interval.as_secs_f64();
            (intervals as usize + 1).min(PREPARED_INTERVALS)
        });
        Self {
            is_wanted: true,
            intervals: Vec::with_capacity(expected),
            peaks: Vec::with_capacity(expected * config.ring.shards),
        }
    }

    pub(crate) fn push(&mut self, stats: IntervalStats, peaks: &ShardPeaks) {
        if self.is_wanted {
            self.intervals.push(stats);
            self.peaks.extend_from_slice(&peaks.in_shard);
        }
    }

    /// Each interval as the result tells it.
    pub(crate) fn to_result(&self) -> Vec<run_result::Interval> {
        let shards = self.peaks.len().checked_div(self.intervals.len()).unwrap_or(0).max(1);
        let each = self.intervals.iter().zip(self.peaks.chunks(shards));
        each.map(|(stats, peaks)| stats.to_result(peaks.to_vec())).collect()
    }
}
