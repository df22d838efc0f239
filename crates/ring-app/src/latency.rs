//! How long packets are in the ring, from the write to the drain.

use hdrhistogram::Histogram;
use run_result::Latency;

use crate::latency_totals::LatencyTotals;

/// What lasts longer counts as this long.
const LONGEST_NS: u64 = 3_600_000_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;

/// A histogram of the running interval, and one of all that were before it.
#[derive(Debug)]
pub(crate) struct LatencyMeter {
    interval: Histogram<u64>,
    earlier: Histogram<u64>,
}

impl LatencyMeter {
    pub(crate) fn new() -> Self {
        Self { interval: histogram(), earlier: histogram() }
    }

    pub(crate) fn record(&mut self, ns: u64) {
        self.interval.saturating_record(ns);
    }

    /// Adds what there was in the interval so far.
    pub(crate) fn add_interval_to(&self, totals: &mut LatencyTotals) {
        totals.add(&self.interval);
    }

    /// What the interval was like; the next one begins.
    pub(crate) fn end_interval(&mut self) -> Option<Latency> {
        let latency = summary(&self.interval);
        self.earlier.add(&self.interval).expect("both have the same range");
        self.interval.reset();
        latency
    }

    /// What all intervals together were like.
    pub(crate) fn end(mut self) -> Option<Latency> {
        self.end_interval();
        summary(&self.earlier)
    }
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_NS, SIGNIFICANT_DIGITS).expect("the range is valid")
}

fn summary(histogram: &Histogram<u64>) -> Option<Latency> {
    (!histogram.is_empty()).then(|| Latency {
        count: histogram.len(),
        p50: histogram.value_at_quantile(0.5),
        p99: histogram.value_at_quantile(0.99),
        p999: histogram.value_at_quantile(0.999),
        max: histogram.max(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: u64, expected: u64) -> bool {
        value.abs_diff(expected) <= expected / 1000
    }

    #[test]
    fn percentiles_are_of_the_interval_and_of_all() {
        let mut meter = LatencyMeter::new();
        (1..=1000).for_each(|us| meter.record(us * 1000));
        let first = meter.end_interval().unwrap();
        assert_eq!(first.count, 1000);
        assert!(near(first.p50, 500_000) && near(first.p99, 990_000), "{first:?}");
        assert!(near(first.p999, 999_000) && near(first.max, 1_000_000), "{first:?}");

        (0..9000).for_each(|_| meter.record(2000));
        let second = meter.end_interval().unwrap();
        assert!(near(second.max, 2000) && second.count == 9000, "{second:?}");

        let all = meter.end().unwrap();
        assert!(all.count == 10_000 && near(all.p50, 2000), "{all:?}");
        assert!(near(all.p99, 900_000) && near(all.max, 1_000_000), "{all:?}");
    }

    #[test]
    fn without_packets_there_is_none() {
        let mut meter = LatencyMeter::new();
        assert_eq!(meter.end_interval(), None);
        assert_eq!(meter.end(), None);
    }

    #[test]
    fn the_longest_count_as_an_hour() {
        let mut meter = LatencyMeter::new();
        meter.record(u64::MAX);
        meter.record(0);
        let all = meter.end().unwrap();
        assert!(all.count == 2 && all.max >= LONGEST_NS, "{all:?}");
    }

    #[test]
    fn recording_allocates_nothing() {
        let mut meter = LatencyMeter::new();
        let counts = allocation_counter::measure(|| {
            (0..100).for_each(|power| meter.record(1_u64 << (power % 64)));
            meter.end_interval();
        });
        assert_eq!(counts.count_total, 0);
    }
}
