use std::time::{Duration, Instant};

use crate::capture::Captured;

/// How fast a file is replayed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Speed {
    /// With the pauses that were recorded.
    Recorded,
    /// So many bits of packets in a second.
    BitsPerSecond(f64),
    /// As fast as the consumer takes.
    Unlimited,
}

/// Says when each packet is due.
#[derive(Debug)]
pub(super) struct Pace {
    speed: Speed,
    start: Instant,
    first_at_ns: Option<u64>,
    bits_before: u64,
}

impl Pace {
    pub(super) fn new(speed: Speed, start: Instant) -> Self {
        Self { speed, start, first_at_ns: None, bits_before: 0 }
    }

    /// When the next packet is due; `None` is at once. One that was recorded before the first is
    /// due with it; one whose time lies beyond all clocks, at once.
    pub(super) fn due(&mut self, captured: Captured, bytes: usize) -> Option<Instant> {
        let after = match self.speed {
            Speed::Unlimited => return None,
            Speed::Recorded => {
                let first_at_ns = *self.first_at_ns.get_or_insert(captured.at_ns);
                Duration::from_nanos(captured.at_ns.saturating_sub(first_at_ns))
            }
            Speed::BitsPerSecond(rate) => {
                let after = Duration::try_from_secs_f64(self.bits_before as f64 / rate);
                self.bits_before += 8 * bytes as u64;
                after.ok()?
            }
        };
        self.start.checked_add(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Link;

    fn dues(speed: Speed, packets: &[(u64, usize)]) -> Vec<Option<Duration>> {
        let start = Instant::now();
        let mut pace = Pace::new(speed, start);
        let due = |&(at_ns, bytes): &(u64, usize)| {
            let captured = Captured { at_ns, cut_bytes: 0, link: Link::Ethernet };
            pace.due(captured, bytes).map(|due| due - start)
        };
        packets.iter().map(due).collect()
    }

    #[test]
    fn recorded_pauses_are_kept_and_time_never_goes_back() {
        let packets = [(5_000, 1), (5_700, 1), (4_000, 1), (9_000, 1)];
        let expected = [0, 700, 0, 4_000].map(|ns| Some(Duration::from_nanos(ns)));
        assert_eq!(dues(Speed::Recorded, &packets), expected);
    }

    #[test]
    fn a_rate_counts_the_bits_of_the_packets_before() {
        let packets = [(9, 125), (9, 250), (9, 1)];
        let expected = [0, 1, 3].map(|ms| Some(Duration::from_millis(ms)));
        assert_eq!(dues(Speed::BitsPerSecond(1e6), &packets), expected);
    }

    #[test]
    fn unlimited_is_at_once() {
        assert_eq!(dues(Speed::Unlimited, &[(7, 1), (u64::MAX, 1)]), [None, None]);
    }
}
