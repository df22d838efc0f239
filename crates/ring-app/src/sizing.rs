//! How many slots the ring gets: pure functions of the settings.

/// Fewer slots than this are never chosen.
const MIN_SLOTS: usize = 64;
/// Slots per shard when nothing says how fast packets will come.
pub(crate) const SLOTS_PER_SHARD_AT_UNKNOWN_RATE: usize = 4096;

/// What the automatic size depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) producers: usize,
    pub(crate) rate_mbps: f64,
    pub(crate) packet_bytes: usize,
    pub(crate) interval_ms: u64,
    pub(crate) multiplier: f64,
}

impl Load {
    /// Packets that so many producers make between two ticks of the consumer, with the margin
    /// that the multiplier gives.
    fn slots_for(&self, producers: usize) -> f64 {
        let packets_per_second = self.rate_mbps * 1e6 / (8.0 * self.packet_bytes as f64);
        packets_per_second * producers as f64 * self.interval_ms as f64 / 1000.0 * self.multiplier
    }

    /// The described formula. It does not know how the size is split over shards.
    fn formula(&self) -> usize {
        next_power_of_two((self.slots_for(self.producers) as usize).max(MIN_SLOTS))
    }

    /// Slots for the shard with the most producers, since a shard that is full refuses packets
    /// while the others stand empty.
    fn busiest_shard(&self, shards: usize) -> usize {
        let producers = self.producers.div_ceil(shards.max(1));
        next_power_of_two(self.slots_for(producers).ceil() as usize)
    }

    /// Slots in all that hold what `self` puts in between two ticks.
    pub(crate) fn ring_slots(&self, shards: usize) -> usize {
        self.formula().max(shards.saturating_mul(self.busiest_shard(shards)))
    }
}

/// The least power of two that is not below `n`; saturates where there is none.
fn next_power_of_two(n: usize) -> usize {
    n.checked_next_power_of_two().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(producers: usize, rate_mbps: f64, interval_ms: u64) -> Load {
        Load { producers, rate_mbps, packet_bytes: 1450, interval_ms, multiplier: 2.0 }
    }

    #[test]
    fn the_described_sizes() {
        let cases = [
            (load(4, 1.0, 10), 64),
            (load(4, 10.0, 10), 128),
            (load(4, 50.0, 10), 512),
            (load(8, 50.0, 10), 1024),
            (load(16, 100.0, 10), 4096),
            (load(4, 10.0, 50), 512),
            (load(4, 10.0, 100), 1024),
            (load(32, 100.0, 5), 4096),
            (Load { multiplier: 4.0, ..load(4, 10.0, 10) }, 256),
            (Load { packet_bytes: 500, ..load(4, 10.0, 10) }, 256),
            (load(1, 0.1, 10), 64),
            (load(0, 10.0, 10), 64),
        ];
        for (load, slots) in cases {
            assert_eq!(load.formula(), slots, "{load:?}");
            assert_eq!(load.ring_slots(4), slots, "over 4 shards: {load:?}");
        }
        assert!(load(32, 1000.0, 10).formula() >= 32_768);
    }

    #[test]
    fn one_producer_gets_a_shard_that_holds_its_packets() {
        assert_eq!(load(1, 50.0, 10).formula(), 128);
        assert_eq!(load(1, 50.0, 10).ring_slots(4), 512);
        assert_eq!(load(1, 50.0, 10).ring_slots(1), 128);
    }

    #[test]
    fn the_size_divides_by_the_shards() {
        for shards in [1, 2, 4, 64, 128, 1024] {
            for producers in [1, 3, 64, 1000] {
                assert_eq!(load(producers, 10.0, 10).ring_slots(shards) % shards, 0);
            }
        }
    }

    #[test]
    fn powers_of_two() {
        for (n, power) in [(0, 1), (1, 1), (3, 4), (63, 64), (64, 64), (65, 128), (1025, 2048)] {
            assert_eq!(next_power_of_two(n), power);
        }
        assert_eq!(next_power_of_two(usize::MAX), usize::MAX);
    }

    #[test]
    fn absurd_loads_saturate() {
        let absurd = Load { producers: usize::MAX, multiplier: 1e300, ..load(1, 1e300, u64::MAX) };
        assert_eq!(absurd.ring_slots(1024), usize::MAX);
    }
}
