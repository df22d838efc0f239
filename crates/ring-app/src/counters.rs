use std::sync::atomic::{AtomicU64, Ordering};

/// What one producer counts, on cache lines of its own. Only that producer writes.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Counters {
    produced: AtomicU64,
    dropped: AtomicU64,
}

/// Sums over producers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Packets that the ring accepted.
    pub(crate) produced: u64,
    /// Packets that it refused.
    pub(crate) dropped: u64,
}

impl Counters {
    pub(crate) fn add_produced(&self, packets: u64) {
        Self::add(&self.produced, packets);
    }

    pub(crate) fn add_dropped(&self) {
        Self::add(&self.dropped, 1);
    }

    /// Load and store are enough, and cheaper than one locked instruction: there is one writer.
    fn add(counter: &AtomicU64, more: u64) {
        counter.store(counter.load(Ordering::Relaxed) + more, Ordering::Relaxed);
    }

    pub(crate) fn total(all: &[Self]) -> Totals {
        all.iter().fold(Totals::default(), |sum, one| Totals {
            produced: sum.produced + one.produced.load(Ordering::Relaxed),
            dropped: sum.dropped + one.dropped.load(Ordering::Relaxed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_sum_over_producers() {
        let counters = [Counters::default(), Counters::default()];
        counters[0].add_produced(1);
        counters[1].add_produced(1);
        counters[1].add_dropped();
        assert_eq!(Counters::total(&counters), Totals { produced: 2, dropped: 1 });
    }
}
