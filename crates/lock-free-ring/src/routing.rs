//! Which shard a write goes to.

use crate::sync::{AtomicU64, Ordering};

/// How a [`ShardedRing`](crate::ShardedRing) handle picks the shard of a write. All four are
/// those of the document this crate succeeds.
///
/// | routing | order that is kept |
/// |---|---|
/// | `ById` | FIFO for each producer id |
/// | `ByThread` | FIFO for each thread |
/// | `RoundRobin`, `Random` | none between two writes, unless they happen to meet in one shard, and always with a single shard |
///
/// ```
/// use lock_free_ring::{Routing, ShardedRing};
///
/// let ring = ShardedRing::new(8, 4)?.with_routing(Routing::RoundRobin);
/// for item in 0..4 {
///     ring.try_write(0, item)?; // the id is not looked at
/// }
/// assert!(ring.stats().all(|shard| shard.written == 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Routing {
    /// `producer_id AND (shards − 1)`: the default.
    #[default]
    ById,
    /// The next shard for each write of this handle; a clone counts for itself.
    RoundRobin,
    /// Any shard, evenly, by a generator in the handle (SplitMix64, Steele, Lea and Flood 2014).
    Random,
    /// One shard for each thread, given out in turn as threads come.
    #[cfg(feature = "std")]
    ByThread,
}

/// A handle's choice and what it needs to carry it out.
#[derive(Debug)]
pub(crate) struct Router {
    routing: Routing,
    /// Writes so far, or the state of the generator.
    state: AtomicU64,
}

/// SplitMix64's step: the golden ratio in 64 bits.
const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

impl Router {
    /// `seed` tells handles apart that are to pick at random.
    pub(crate) fn new(routing: Routing, seed: u64) -> Self {
        let state = if routing == Routing::Random { mix(seed) } else { 0 };
        Self { routing, state: AtomicU64::new(state) }
    }

    pub(crate) fn routing(&self) -> Routing {
        self.routing
    }

    /// A number whose low bits name the shard.
    #[inline(always)]
    pub(crate) fn pick(&self, producer_id: u64) -> u64 {
        if self.routing == Routing::ById { producer_id } else { self.pick_otherwise(producer_id) }
    }

    fn pick_otherwise(&self, producer_id: u64) -> u64 {
        // Relaxed: the state orders nothing.
        match self.routing {
            Routing::ById => producer_id,
            Routing::RoundRobin => self.state.fetch_add(1, Ordering::Relaxed),
            Routing::Random => mix(self.state.fetch_add(GAMMA, Ordering::Relaxed)),
            #[cfg(feature = "std")]
            Routing::ByThread => thread_number(),
        }
    }
}

fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(GAMMA);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// 0 for the first thread that asks, 1 for the next …
#[cfg(feature = "std")]
fn thread_number() -> u64 {
    use core::sync::atomic::AtomicU64;

    // A process-wide count: std's own atomic, also under the model checker.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    std::thread_local! {
        static NUMBER: u64 = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in Vigna's splitmix64.c, seeded with 0.
    #[test]
    fn the_generator_is_splitmix64() {
        let first = [0, GAMMA, GAMMA.wrapping_mul(2)].map(mix);
        assert_eq!(first, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F]);
    }
}
