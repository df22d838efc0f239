//! What the dashboard knows: the last snapshots, as the page and Prometheus want them.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use data_generator::Rate;
use serde::Serialize;

use super::feed::{ShardSnapshot, Snapshot};
use crate::config::{Config, Source};
use crate::report::interval::IntervalStats;

/// Intervals that are kept.
const KEPT: usize = 600;

#[derive(Debug)]
pub(crate) struct History {
    facts: Facts,
    /// Snapshots so far: the number of the last point.
    taken: u64,
    last: Option<Snapshot>,
    /// Since the start; `None` without UDP, or if the kernel does not tell.
    kernel_drops: Option<u64>,
    points: VecDeque<Point>,
}

/// What does not change in a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Facts {
    pub(crate) version: &'static str,
    pub(crate) started_unix_s: f64,
    source: &'static str,
    producers: usize,
    /// Of each producer; `null` if unlimited or not generated.
    rate_mbps: Option<f64>,
    shards: usize,
    pub(crate) shard_slots: u64,
    /// Packets that the window keeps; `null` without a window.
    window: Option<usize>,
    /// `null` runs until a signal.
    duration_s: Option<f64>,
    stats_interval_s: f64,
}

/// An interval, as the page draws it.
#[derive(Clone, Copy, Debug, Serialize)]
struct Point {
    number: u64,
    end_s: f64,
    rate_mbps: f64,
    packets_per_s: f64,
    dropped_per_s: f64,
    p50_us: Option<f64>,
    p99_us: Option<f64>,
    p999_us: Option<f64>,
    cpu_percent: f64,
}

/// Since the start, and what is there now.
#[derive(Debug, Serialize)]
struct Totals {
    produced: u64,
    dropped: u64,
    consumed: u64,
    /// Datagrams that the kernel dropped; `null` without UDP, or if it does not tell.
    kernel_drops: Option<u64>,
    window: usize,
}

/// The answer to `/data`.
#[derive(Debug, Serialize)]
pub(crate) struct Data {
    facts: Facts,
    /// `null` before the first interval has ended.
    totals: Option<Totals>,
    shards: Vec<ShardSnapshot>,
    points: Vec<Point>,
}

impl Facts {
    pub(crate) fn of(config: &Config) -> Self {
        let (source, rate_mbps) = match &config.source {
            Source::Generated { rate: Rate::BitsPerSecond(_), sizing, .. } => {
                ("generated", Some(sizing.rate_mbps))
            }
            Source::Generated { .. } => ("generated", None),
            Source::Udp { .. } => ("udp", None),
            Source::Capture { .. } => ("pcap", None),
        };
        let window = config.sink.window.map(|window| window.packets);
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            started_unix_s: since_1970.as_secs_f64(),
            source,
            producers: config.producers,
            rate_mbps,
            shards: config.ring.shards,
            shard_slots: (config.ring.slots / config.ring.shards) as u64,
            window,
            duration_s: config.duration.map(|duration| duration.as_secs_f64()),
            stats_interval_s: config.stats_interval.as_secs_f64(),
        }
    }
}

impl History {
    pub(crate) fn new(facts: Facts) -> Self {
        let points = VecDeque::with_capacity(KEPT);
        Self { facts, taken: 0, last: None, kernel_drops: None, points }
    }

    pub(crate) fn take(&mut self, snapshot: &Snapshot, kernel_drops: Option<u64>) {
        self.taken += 1;
        self.kernel_drops = kernel_drops;
        if self.points.len() == KEPT {
            self.points.pop_front();
        }
        let dropped_before = self.last.as_ref().map_or(0, |last| last.stats.dropped);
        self.points.push_back(Point::of(self.taken, &snapshot.stats, dropped_before));
        let shards = snapshot.shards.len();
        self.last.get_or_insert_with(|| Snapshot::new(shards)).copy_from(snapshot);
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The end of the last interval; `None` before the first.
    pub(crate) fn last(&self) -> Option<&Snapshot> {
        self.last.as_ref()
    }

    /// Datagrams that the kernel had dropped by then.
    pub(crate) fn kernel_drops(&self) -> Option<u64> {
        self.kernel_drops
    }

    /// All that is known, with the points after number `after`.
    pub(crate) fn data(&self, after: u64) -> Data {
        let last = self.last.as_ref();
        Data {
            facts: self.facts.clone(),
            totals: last.map(|last| Totals {
                produced: last.stats.produced,
                dropped: last.stats.dropped,
                consumed: last.totals.consumed,
                kernel_drops: self.kernel_drops,
                window: last.stats.window,
            }),
            shards: last.map_or_else(Vec::new, |last| last.shards.clone()),
            points: self.points.iter().filter(|point| point.number > after).copied().collect(),
        }
    }
}

impl Point {
    fn of(number: u64, stats: &IntervalStats, dropped_before: u64) -> Self {
        let seconds = stats.elapsed.as_secs_f64();
        let us = |ns: u64| ns as f64 / 1e3;
        Self {
            number,
            end_s: stats.since_start.as_secs_f64(),
            rate_mbps: stats.rate_mbps(),
            packets_per_s: stats.inserted as f64 / seconds,
            dropped_per_s: stats.dropped.saturating_sub(dropped_before) as f64 / seconds,
            p50_us: stats.latency.map(|latency| us(latency.p50)),
            p99_us: stats.latency.map(|latency| us(latency.p99)),
            p999_us: stats.latency.map(|latency| us(latency.p999)),
            cpu_percent: 100.0 * stats.cpu.in_all().as_secs_f64() / seconds,
        }
    }
}

#[cfg(test)]
pub(crate) mod sample {
    use std::time::Duration;

    use run_result::Latency;

    use super::super::feed::SnapshotTotals;
    use super::*;

    pub(crate) fn facts() -> Facts {
        Facts {
            version: "1.2.3",
            started_unix_s: 1.5e9,
            source: "generated",
            producers: 4,
            rate_mbps: Some(50.0),
            shards: 2,
            shard_slots: 128,
            window: Some(2000),
            duration_s: None,
            stats_interval_s: 1.0,
        }
    }

    /// The end of interval `number`, with 10 packets dropped in each.
    pub(crate) fn snapshot(number: u64) -> Snapshot {
        let latency =
            Latency { count: 1, p50: 1_000_000, p99: 2_000_000, p999: 3_000_000, max: 4_000_000 };
        let shard = ShardSnapshot { peak: 7, written: 500, read: 499, refused: 3 };
        Snapshot {
            stats: IntervalStats {
                since_start: Duration::from_secs(number),
                elapsed: Duration::from_secs(1),
                inserted: 1000,
                bytes: 125_000,
                window: 2000,
                produced: 1000 * number,
                dropped: 10 * number,
                latency: Some(latency),
                ..IntervalStats::NONE
            },
            totals: SnapshotTotals { consumed: 1000 * number, ..SnapshotTotals::default() },
            shards: vec![shard, ShardSnapshot { peak: 128, ..shard }],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_numbered_and_the_oldest_go() {
        let mut history = History::new(sample::facts());
        assert!(history.data(0).points.is_empty() && history.data(0).totals.is_none());
        (1..=KEPT as u64 + 5).for_each(|number| history.take(&sample::snapshot(number), None));
        let all = history.data(0).points;
        assert_eq!((all.len(), all[0].number), (KEPT, 6));
        assert!(all[1..].iter().all(|point| (point.dropped_per_s, point.rate_mbps) == (10.0, 1.0)));
        let newest: Vec<_> = history.data(KEPT as u64 + 3).points;
        assert_eq!(newest.iter().map(|point| point.number).collect::<Vec<_>>(), [604, 605]);
        assert!(history.data(u64::MAX).points.is_empty());
    }
}
