use std::num::NonZeroU64;
use std::time::{Duration, Instant};

/// What a generator has given out so far.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Stats {
    /// Packets given out.
    pub packets: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// When the first packet began to be waited for; `None` before the first read.
    pub started: Option<Instant>,
    /// From the start until now, or until the generator was found cancelled.
    pub duration: Duration,
    /// The set rate; `None` when unlimited.
    pub target_bits_per_second: Option<NonZeroU64>,
}

impl Stats {
    /// The rate that was reached over `duration`; 0 before the first read.
    #[must_use]
    pub fn actual_bits_per_second(&self) -> f64 {
        let seconds = self.duration.as_secs_f64();
        if seconds == 0.0 { 0.0 } else { self.bytes as f64 * 8.0 / seconds }
    }
}
