//! From the consumer to who watches: a ring of our own, whose snapshots go round. To publish one
//! allocates nothing and never waits; who watches too slowly misses some.

use std::time::Duration;

use lock_free_ring::{ConfigError, Consumer, DedicatedRing, Pool, Pooled, Producer, ReadRefused};

use serde::Serialize;

use crate::latency_totals::LatencyTotals;
use crate::report::interval::IntervalStats;
use crate::report::machine::CpuTime;

/// Snapshots that may be under way at once.
const SNAPSHOTS: usize = 8;

/// The run at the end of an interval.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) stats: IntervalStats,
    pub(crate) totals: SnapshotTotals,
    pub(crate) shards: Vec<ShardSnapshot>,
}

/// Since the start; what is not in the interval's figures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SnapshotTotals {
    pub(crate) consumed: u64,
    pub(crate) trimmed: u64,
    pub(crate) bytes: u64,
    pub(crate) out_of_order: u64,
    pub(crate) allocations: u64,
    pub(crate) cpu: CpuTime,
    pub(crate) latency: LatencyTotals,
}

/// One shard at the end of an interval.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct ShardSnapshot {
    /// The most that any drain of the interval found in it.
    pub(crate) peak: u64,
    pub(crate) written: u64,
    pub(crate) read: u64,
    /// Writes that found it full.
    pub(crate) refused: u64,
}

impl Snapshot {
    pub(crate) fn new(shards: usize) -> Self {
        Self {
            stats: IntervalStats::NONE,
            totals: SnapshotTotals::default(),
            shards: Vec::with_capacity(shards),
        }
    }

    /// Becomes the same as `other`, in the room that there is.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        let Self { stats, totals, shards } = other;
        (self.stats, self.totals) = (*stats, *totals);
        self.shards.clone_from(shards);
    }
}

/// The consumer's end.
#[derive(Debug)]
pub(crate) struct Publisher {
    pool: Pool<Snapshot>,
    ring: Producer<Pooled<Snapshot>>,
}

/// The end of who watches.
#[derive(Debug)]
pub(crate) struct Watcher(Consumer<Pooled<Snapshot>>);

/// Both ends, of a ring with so many shards.
pub(crate) fn feed(shards: usize) -> Result<(Publisher, Watcher), ConfigError> {
    let pool = Pool::new(SNAPSHOTS, move || Snapshot::new(shards))?;
    let ring = DedicatedRing::new(SNAPSHOTS, 1)?;
    let producer = ring.producer().expect("the only shard of a new ring is free");
    let watcher = ring.consumer().expect("nobody reads a new ring");
    Ok((Publisher { pool, ring: producer }, Watcher(watcher)))
}

impl Publisher {
    /// Sends what `fill` makes of an older snapshot, unless who watches is too far behind.
    pub(crate) fn publish(&mut self, fill: impl FnOnce(&mut Snapshot)) {
        let Some(mut snapshot) = self.pool.try_take() else {
            return;
        };
        fill(&mut snapshot);
        // There is room for all of the pool; and when nobody watches any more, it goes home.
        let _ = self.ring.try_write(snapshot);
    }
}

impl Watcher {
    /// The next snapshot, if it comes within `limit`.
    pub(crate) fn next(&mut self, limit: Duration) -> Result<Pooled<Snapshot>, ReadRefused> {
        self.0.read_timeout(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(watcher: &mut Watcher) -> Vec<u64> {
        let mut seen = Vec::new();
        while let Ok(snapshot) = watcher.next(Duration::ZERO) {
            seen.push(snapshot.stats.produced);
        }
        seen
    }

    #[test]
    fn snapshots_come_in_order_and_a_slow_watcher_misses_the_newest() {
        let (mut publisher, mut watcher) = feed(4).unwrap();
        let mut publish = |number| publisher.publish(|snapshot| snapshot.stats.produced = number);
        (1..4).for_each(&mut publish);
        assert_eq!(numbers(&mut watcher), [1, 2, 3]);
        (0..100).for_each(&mut publish);
        assert_eq!(numbers(&mut watcher), (0..SNAPSHOTS as u64).collect::<Vec<_>>());
        publish(7);
        drop(publisher);
        assert_eq!(numbers(&mut watcher), [7]);
        assert!(matches!(watcher.next(Duration::MAX), Err(ReadRefused::Closed)));
    }

    #[test]
    fn publishing_allocates_nothing() {
        let (mut publisher, mut watcher) = feed(4).unwrap();
        let counts = allocation_counter::measure(|| {
            for number in 0..100 {
                publisher.publish(|snapshot| {
                    snapshot.shards.clear();
                    snapshot
                        .shards
                        .extend([ShardSnapshot { peak: number, ..ShardSnapshot::default() }; 4]);
                });
                drop(watcher.next(Duration::ZERO));
            }
        });
        assert_eq!(counts.count_total, 0);
    }

    #[test]
    fn who_publishes_does_not_care_whether_anybody_watches() {
        let (mut publisher, watcher) = feed(1).unwrap();
        drop(watcher);
        (0..100).for_each(|number| publisher.publish(|snapshot| snapshot.stats.produced = number));
    }
}
