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
    admitted_bytes: u64,
    /// Lateness that was beyond the burst, and so was forgiven.
    forgiven_ns: u64,
}

impl Schedule {
    pub(crate) fn new(bits_per_second: NonZeroU64, burst_ns: u64) -> Self {
        Self { bits_per_second, burst_ns, admitted_bytes: 0, forgiven_ns: 0 }
    }

    /// Lets a packet go, or answers when it may.
    pub(crate) fn admit(&mut self, packet_bytes: usize, now_ns: u64) -> Result<(), u64> {
        let total_bytes = self.admitted_bytes + packet_bytes as u64;
        let due_ns = self.due_ns(total_bytes);
        if due_ns > now_ns {
            return Err(due_ns);
        }
        self.admitted_bytes = total_bytes;
        self.forgive(due_ns, now_ns);
        Ok(())
    }

    /// When the last of `total_bytes` is due.
    fn due_ns(&self, total_bytes: u64) -> u64 {
        let passing_ns = u128::from(total_bytes) * BITS_PER_BYTE * NS_PER_SECOND
            / u128::from(self.bits_per_second.get());
        u64::try_from(passing_ns).unwrap_or(u64::MAX).saturating_add(self.forgiven_ns)
    }

    /// Moves the schedule on, when `due_ns` lies further back than the burst.
    fn forgive(&mut self, due_ns: u64, now_ns: u64) {
        let late_ns = now_ns.saturating_sub(due_ns);
        self.forgiven_ns += late_ns.saturating_sub(self.burst_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET_BYTES: usize = 1450;
    const SECOND_NS: u64 = 1_000_000_000;

    fn schedule(mbps: u64, burst_ns: u64) -> Schedule {
        Schedule::new(NonZeroU64::new(mbps * 1_000_000).unwrap(), burst_ns)
    }

    /// Packets that may go at `now_ns`.
    fn admitted(schedule: &mut Schedule, now_ns: u64) -> u64 {
        (0..).take_while(|_| schedule.admit(PACKET_BYTES, now_ns).is_ok()).count() as u64
    }

    fn packets_in(seconds: f64, mbps: u64) -> u64 {
        (seconds * mbps as f64 * 1e6 / (PACKET_BYTES as f64 * 8.0)) as u64
    }

    #[test]
    fn the_rate_is_exact_over_any_time() {
        for mbps in [1, 2, 10, 25, 50, 75, 1000] {
            let mut schedule = schedule(mbps, 10 * SECOND_NS);
            let mut sent = 0;
            for seconds in [1, 5, 6] {
                sent += admitted(&mut schedule, seconds * SECOND_NS);
                assert_eq!(sent, packets_in(seconds as f64, mbps), "{mbps} Mb/s");
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
        let mut schedule = schedule(50, SECOND_NS / 10);
        let stalled_until_ns = 7 * SECOND_NS / 10;
        let at_once = admitted(&mut schedule, stalled_until_ns);
        assert_eq!(at_once, packets_in(0.1, 50) + 1, "the late one, and a burst of later ones");

        let a_second_on: u64 = (1..=20)
            .map(|step| admitted(&mut schedule, stalled_until_ns + step * SECOND_NS / 20))
            .sum();
        assert!(a_second_on.abs_diff(packets_in(1.0, 50)) <= 1, "{a_second_on} packets");
    }

    #[test]
    fn lateness_within_the_burst_is_made_up_for_in_full() {
        let mut schedule = schedule(50, SECOND_NS);
        assert_eq!(admitted(&mut schedule, SECOND_NS), packets_in(1.0, 50));
    }
}
