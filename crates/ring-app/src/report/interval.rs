use std::fmt;
use std::time::Duration;

use run_result::Latency;

use super::machine::CpuTime;

/// The state right after a drain, and what came since the interval before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IntervalStats {
    /// Its end.
    pub(crate) since_start: Duration,
    pub(crate) inserted: u64,
    pub(crate) trimmed: u64,
    pub(crate) bytes: u64,
    pub(crate) elapsed: Duration,
    pub(crate) window: usize,
    pub(crate) in_ring: usize,
    /// The most that was in the ring when a drain of this interval began.
    pub(crate) peak_in_ring: usize,
    pub(crate) ring_slots: usize,
    /// Since the start.
    pub(crate) produced: u64,
    /// Since the start.
    pub(crate) dropped: u64,
    /// `None` if nothing was taken in.
    pub(crate) latency: Option<Latency>,
    pub(crate) cpu: CpuTime,
    pub(crate) allocations: u64,
}

impl IntervalStats {
    /// Of no time at all.
    pub(crate) const NONE: Self = Self {
        since_start: Duration::ZERO,
        inserted: 0,
        trimmed: 0,
        bytes: 0,
        elapsed: Duration::ZERO,
        window: 0,
        in_ring: 0,
        peak_in_ring: 0,
        ring_slots: 0,
        produced: 0,
        dropped: 0,
        latency: None,
        cpu: CpuTime::NONE,
        allocations: 0,
    };

    /// As the result of the run tells it.
    pub(crate) fn to_result(self, peak_in_shard: Vec<u64>) -> run_result::Interval {
        run_result::Interval {
            end_s: self.since_start.as_secs_f64(),
            length_s: self.elapsed.as_secs_f64(),
            inserted: self.inserted,
            trimmed: self.trimmed,
            rate_mbps: self.rate_mbps(),
            window: self.window as u64,
            peak_in_shard,
            produced: self.produced,
            dropped: self.dropped,
            latency_ns: self.latency,
            cpu_s: self.cpu.in_all().as_secs_f64(),
            allocations: self.allocations,
        }
    }

    pub(crate) fn rate_mbps(&self) -> f64 {
        self.bytes as f64 * 8.0 / 1e6 / self.elapsed.as_secs_f64()
    }
}

/// The `[stats]` line of the log.
impl fmt::Display for IntervalStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "[stats] inserted={} trimmed={} rate={:.2} Mb/s btree={} ring={}/{} produced={} dropped={}",
            self.inserted,
            self.trimmed,
            self.rate_mbps(),
            self.window,
            self.in_ring,
            self.ring_slots,
            self.produced,
            self.dropped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATS: IntervalStats = IntervalStats {
        since_start: Duration::from_secs(1),
        inserted: 17_259,
        trimmed: 15_259,
        bytes: 17_259 * 1450,
        elapsed: Duration::from_micros(1_000_822),
        window: 2000,
        in_ring: 1,
        peak_in_ring: 173,
        ring_slots: 512,
        produced: 17_260,
        ..IntervalStats::NONE
    };

    #[test]
    fn the_log_line_is_the_described_one() {
        assert_eq!(
            STATS.to_string(),
            "[stats] inserted=17259 trimmed=15259 rate=200.04 Mb/s btree=2000 ring=1/512 \
             produced=17260 dropped=0"
        );
    }
}
