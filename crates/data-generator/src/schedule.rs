use std::num::NonZeroU64;

const BITS_PER_BYTE: u128 = 8;
const NS_PER_SECOND: u128 = 1_000_000_000;

/// When bytes are due, in nanoseconds since the start. Pure arithmetic: it knows no clock.
///
/// Byte `n` is due when `n` bytes have had the time to pass at the set rate. Each moment is
/// computed from the total, never added to the one before, so that rounding does not pile up.
#[derive(Debug)]
pub(crate) struct Schedule {
    bits_per_second: NonZeroU64,
    burst_ns: u64,
    /// Lateness that was beyond the burst, and so was forgiven.
    forgiven_ns: u64,
}

impl Schedule {
    pub(crate) fn new(bits_per_second: NonZeroU64, burst_ns: u64) -> Self {
        Self { bits_per_second, burst_ns, forgiven_ns: 0 }
    }

    /// When the last of `total_bytes` is due.
    pub(crate) fn due_ns(&self, total_bytes: u64) -> u64 {
        let passing_ns = u128::from(total_bytes) * BITS_PER_BYTE * NS_PER_SECOND
            / u128::from(self.bits_per_second.get());
        u64::try_from(passing_ns).unwrap_or(u64::MAX).saturating_add(self.forgiven_ns)
    }

    /// Moves the schedule on, when `due_ns` lies further back than the burst.
    pub(crate) fn forgive(&mut self, due_ns: u64, now_ns: u64) {
        let late_ns = now_ns.saturating_sub(due_ns);
        self.forgiven_ns += late_ns.saturating_sub(self.burst_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET_BYTES: u64 = 1450;
    const SECOND_NS: u64 = 1_000_000_000;

    fn schedule(mbps: u64, burst_ns: u64) -> Schedule {
        Schedule::new(NonZeroU64::new(mbps * 1_000_000).unwrap(), burst_ns)
    }

    /// Packets due by `now_ns`, after `sent` have gone out.
    fn due_packets(schedule: &Schedule, sent: u64, now_ns: u64) -> u64 {
        (sent + 1..).take_while(|n| schedule.due_ns(n * PACKET_BYTES) <= now_ns).count() as u64
    }

    #[test]
    fn the_rate_is_exact_over_any_time() {
        for mbps in [1, 2, 10, 25, 50, 75, 1000] {
            let schedule = schedule(mbps, 0);
            let bits_per_packet = PACKET_BYTES * 8;
            for seconds in [1, 5] {
                let expected = seconds * mbps * 1_000_000 / bits_per_packet;
                assert_eq!(due_packets(&schedule, 0, seconds * SECOND_NS), expected);
            }
        }
    }

    #[test]
    fn nothing_drifts_in_a_year() {
        let year_of_bytes = 365 * 24 * 3600 * (50_000_000 / 8);
        assert_eq!(schedule(50, 0).due_ns(year_of_bytes), 365 * 24 * 3600 * SECOND_NS);
    }

    #[test]
    fn the_largest_totals_saturate() {
        let slowest = Schedule::new(NonZeroU64::MIN, 0);
        assert_eq!(slowest.due_ns(u64::MAX), u64::MAX);
    }

    #[test]
    fn a_stall_is_made_up_for_by_one_burst() {
        let burst_ns = SECOND_NS / 10;
        let mut schedule = schedule(50, burst_ns);
        let stalled_until_ns = 7 * SECOND_NS / 10;
        schedule.forgive(schedule.due_ns(PACKET_BYTES), stalled_until_ns);

        let at_once = due_packets(&schedule, 0, stalled_until_ns);
        let packets_per_burst = 50_000_000 / 10 / (PACKET_BYTES * 8);
        assert_eq!(at_once, packets_per_burst + 1, "the late one, and a burst of later ones");

        let a_second_on = due_packets(&schedule, at_once, stalled_until_ns + SECOND_NS);
        let packets_per_second = 50_000_000 / (PACKET_BYTES * 8);
        assert!(a_second_on.abs_diff(packets_per_second) <= 1, "{a_second_on} packets");
    }

    #[test]
    fn lateness_within_the_burst_is_made_up_for_in_full() {
        let mut schedule = schedule(50, SECOND_NS);
        let before = schedule.due_ns(1_000_000);
        schedule.forgive(0, SECOND_NS);
        assert_eq!(schedule.due_ns(1_000_000), before);
    }
}
