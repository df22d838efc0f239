use std::time::{Duration, Instant};

use crate::capture::Captured;

/// A packet's bytes, in a buffer of the [depot](crate::depot::Depot).
pub(crate) type Payload = Vec<u8>;

/// What goes through the ring.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) sequence: u64,
    pub(crate) written: WriteTime,
    /// The number of the producer that wrote it.
    pub(crate) producer: u16,
    /// What a capture file said of it; `None` if it comes from elsewhere.
    pub(crate) captured: Option<Captured>,
    pub(crate) payload: Payload,
}

/// When a packet was written, in nanoseconds since the start of the run: half of an [`Instant`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WriteTime(u64);

impl WriteTime {
    pub(crate) fn now(start: Instant) -> Self {
        Self(whole_ns(start.elapsed()))
    }

    pub(crate) fn ns(self) -> u64 {
        self.0
    }

    /// From here to `later`; nothing if the two clocks of two cores disagree.
    pub(crate) fn ns_until(self, later: Self) -> u64 {
        later.0.saturating_sub(self.0)
    }
}

fn whole_ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
