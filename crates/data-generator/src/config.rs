use std::num::NonZeroUsize;
use std::time::Duration;

use crate::rate::Rate;

/// The payload when none is set, or 0: what fits an SRT packet of 1500 bytes on the wire.
pub const DEFAULT_PAYLOAD_BYTES: usize = 1456;
/// The pacing granularity when none is set.
pub const DEFAULT_GRANULARITY: Duration = Duration::from_millis(1);
/// The burst when none is set.
pub const DEFAULT_BURST: Duration = Duration::from_millis(100);

/// What a [`Generator`](crate::Generator) gives out, and how it is paced.
#[derive(Clone, Debug)]
pub struct GeneratorConfig {
    pub(crate) rate: Rate,
    pub(crate) payload_bytes: NonZeroUsize,
    pub(crate) granularity: Duration,
    pub(crate) burst: Duration,
}

impl GeneratorConfig {
    /// Packets of [`DEFAULT_PAYLOAD_BYTES`] at `rate`, with the default pacing.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            payload_bytes: payload_or_default(0),
            granularity: DEFAULT_GRANULARITY,
            burst: DEFAULT_BURST,
        }
    }

    /// The size of a packet; 0 stands for [`DEFAULT_PAYLOAD_BYTES`].
    #[must_use]
    pub fn with_payload_bytes(mut self, payload_bytes: usize) -> Self {
        self.payload_bytes = payload_or_default(payload_bytes);
        self
    }

    /// The least time between two sleeps.
    ///
    /// Packets that fall due within it are given out together after one sleep: that saves
    /// wake-ups at high rates (at 50 Mb/s of 1450 bytes a packet is due each 0.23 ms, so the
    /// default of 1 ms wakes a quarter as often) and costs smoothness: a packet comes up to one
    /// granularity late. Packets that are further apart than this come one by one, each on
    /// time, and the mean rate does not depend on it. Zero sleeps for each packet.
    #[must_use]
    pub fn with_granularity(mut self, granularity: Duration) -> Self {
        self.granularity = granularity;
        self
    }

    /// How much of a stall is made up for.
    ///
    /// A generator that was held up (a stopped process, a reader that blocked) gives out at
    /// once what was due in the last `burst`, forgets the rest, and goes on at the set rate.
    /// Never less than the granularity, which by itself releases that much at once.
    #[must_use]
    pub fn with_burst(mut self, burst: Duration) -> Self {
        self.burst = burst;
        self
    }
}

fn payload_or_default(payload_bytes: usize) -> NonZeroUsize {
    const DEFAULT: NonZeroUsize = NonZeroUsize::new(DEFAULT_PAYLOAD_BYTES).expect("not zero");
    NonZeroUsize::new(payload_bytes).unwrap_or(DEFAULT)
}
