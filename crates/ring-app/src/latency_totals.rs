//! How long packets were in the ring since the start, in classes as Prometheus wants them.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest time of each class, in nanoseconds; what lasts longer is in one more.
const BOUNDS_NS: [u64; 22] = bounds();

/// 1, 2.5 and 5 of each power of ten, from 1 µs to 10 s.
const fn bounds() -> [u64; 22] {
    let mut bounds = [0; 22];
    let mut power_ns = 1000;
    let mut place = 0;
    while place < bounds.len() {
        bounds[place] = match place % 3 {
            0 => power_ns,
            1 => power_ns * 5 / 2,
            _ => power_ns * 5,
        };
        if place % 3 == 2 {
            power_ns *= 10;
        }
        place += 1;
    }
    bounds
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LatencyTotals {
    counts: [u64; BOUNDS_NS.len() + 1],
    sum_s: f64,
}

impl LatencyTotals {
    /// Adds an interval's. What shares a cell of the histogram (1 part in 1000) is in one class.
    pub(crate) fn add(&mut self, interval: &Histogram<u64>) {
        for cell in interval.iter_recorded() {
            let (longest_ns, packets) = (cell.value_iterated_to(), cell.count_at_value());
            let class = BOUNDS_NS.partition_point(|&bound| bound < longest_ns);
            self.counts[class] += packets;
            let ns = interval.median_equivalent(longest_ns);
            self.sum_s += Duration::from_nanos(ns).as_secs_f64() * packets as f64;
        }
    }

    /// Packets in all.
    pub(crate) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(crate) fn sum_s(&self) -> f64 {
        self.sum_s
    }

    /// Each class by its bound in seconds, the last by infinity, with its packets.
    pub(crate) fn classes(&self) -> Vec<(f64, u64)> {
        let bounds_s = BOUNDS_NS.iter().map(|&ns| ns as f64 / 1e9).chain([f64::INFINITY]);
        bounds_s.zip(self.counts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_rise_from_a_microsecond_to_ten_seconds() {
        assert_eq!(&BOUNDS_NS[..4], [1000, 2500, 5000, 10_000]);
        assert_eq!(BOUNDS_NS[21], 10_000_000_000);
        assert!(BOUNDS_NS.is_sorted());
    }

    #[test]
    fn each_packet_is_in_the_class_of_its_time() {
        let mut interval = Histogram::<u64>::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
        for ns in [1, 1000, 4_000_000, 4_000_000, 60_000_000_000] {
            interval.record(ns).unwrap();
        }
        let mut totals = LatencyTotals::default();
        totals.add(&interval);
        totals.add(&interval);
        let filled: Vec<_> = totals.classes().into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(filled, [(1e-6, 4), (5e-3, 4), (f64::INFINITY, 2)]);
        assert_eq!(totals.count(), 10);
        assert!((totals.sum_s() / 120.016 - 1.0).abs() < 1e-3, "{}", totals.sum_s());
    }

    #[test]
    fn adding_allocates_nothing() {
        let mut interval = Histogram::<u64>::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
        interval.record(4_000_000).unwrap();
        let mut totals = LatencyTotals::default();
        let counts = allocation_counter::measure(|| totals.add(&interval));
        assert_eq!(counts.count_total, 0);
    }
}
