use std::fmt;
use std::time::Duration;

use run_result::Latency;

use super::machine::CpuTime;
use crate::go_duration::GoDuration;

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

/// The same on a terminal, short enough for one line of it.
pub(crate) struct LiveLine {
    pub(crate) stats: IntervalStats,
    /// Until the run ends by itself.
    pub(crate) left: Option<Duration>,
}

impl fmt::Display for LiveLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stats = &self.stats;
        write!(
            f,
            "{:.2} Mb/s | ring peak {}/{} | window {} | dropped {} | ",
            stats.rate_mbps(),
            stats.peak_in_ring,
            stats.ring_slots,
            stats.window,
            stats.dropped
        )?;
        match self.left {
            Some(left) => {
                let whole_seconds = Duration::from_secs(left.as_secs_f64().round() as u64);
                write!(f, "{} left", GoDuration(whole_seconds))
            }
            None => f.write_str("Ctrl-C ends"),
        }
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
        dropped: 0,
        latency: None,
        cpu: CpuTime::NONE,
        allocations: 0,
    };

    #[test]
    fn the_log_line_is_the_described_one() {
        assert_eq!(
            STATS.to_string(),
            "[stats] inserted=17259 trimmed=15259 rate=200.04 Mb/s btree=2000 ring=1/512 \
             produced=17260 dropped=0"
        );
    }

    #[test]
    fn the_live_line_fits_a_terminal() {
        let live = LiveLine { stats: STATS, left: Some(Duration::from_millis(83_700)) }.to_string();
        assert_eq!(live, "200.04 Mb/s | ring peak 173/512 | window 2000 | dropped 0 | 1m24s left");
        let endless = LiveLine { stats: STATS, left: None }.to_string();
        assert!(endless.ends_with("| Ctrl-C ends"));
    }
}
