//! How a run's generators pace: pure functions of the settings.

use std::time::Duration;

/// Releases between two ticks of the consumer, at the least.
const RELEASES_PER_TICK: u32 = 5;
/// Coarser pacing would show in the rate of an interval: this is 0.2 % of a second.
const MAX_GRANULARITY: Duration = Duration::from_millis(2);
/// The longest stall that is made up for in full.
const MAX_CATCH_UP: Duration = Duration::from_millis(100);
/// Releases that a producer's slots have room for, at the least.
const RELEASES_PER_SLOTFUL: f64 = 4.0;
/// How much faster than the rate a backlog must get through, to be worth keeping.
const CATCH_UP_SPEED: f64 = 1.25;

/// How a generator paces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pacing {
    /// The least time between two of its sleeps.
    pub(crate) granularity: Duration,
    /// How much of a stall it makes up for.
    pub(crate) catch_up: Duration,
}

/// What one producer puts through its part of the ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    pub(crate) packets_per_second: f64,
    /// Slots of its shard, divided by the producers there.
    pub(crate) slots: usize,
    /// How long it sleeps when they are full.
    pub(crate) backoff: Duration,
}

impl Flow {
    /// `granularity` is the user's choice, if there is one.
    pub(crate) fn pacing(&self, tick: Duration, granularity: Option<Duration>) -> Pacing {
        let granularity = granularity.unwrap_or_else(|| self.granularity(tick));
        Pacing { granularity, catch_up: self.catch_up() }
    }

    /// The least time between two sleeps of a generator: fine enough that its shard fills evenly
    /// between two ticks, and no finer, since each sleep costs a wake-up.
    fn granularity(&self, tick: Duration) -> Duration {
        let fits = self.time_for(self.slots as f64 / RELEASES_PER_SLOTFUL);
        (tick / RELEASES_PER_TICK).min(MAX_GRANULARITY).min(fits)
    }

    /// How much of a stall a generator makes up for.
    ///
    /// A backlog that does not fit goes in by one slotful per backoff. If that is slower than
    /// the packets come, the backlog would never end, and the run would stay slow for ever after
    /// one stall; then only so much is made up for as fits at once with room to spare.
    fn catch_up(&self) -> Duration {
        let slots = self.slots as f64;
        let through_backoffs = slots / self.backoff.as_secs_f64();
        if through_backoffs > CATCH_UP_SPEED * self.packets_per_second {
            return MAX_CATCH_UP;
        }
        self.time_for(slots * 0.75).min(MAX_CATCH_UP)
    }

    /// The time in which so many packets come.
    fn time_for(&self, packets: f64) -> Duration {
        Duration::try_from_secs_f64(packets / self.packets_per_second).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Duration = Duration::from_millis(10);

    const FLOW: Flow = Flow { packets_per_second: 4000.0, slots: 128, backoff: BACKOFF };

    #[test]
    fn the_user_s_granularity_goes_before_ours() {
        let tick = Duration::from_millis(10);
        assert_eq!(FLOW.pacing(tick, None).granularity, Duration::from_millis(2));
        assert_eq!(FLOW.pacing(tick, Some(Duration::ZERO)).granularity, Duration::ZERO);
    }

    #[test]
    fn short_ticks_are_paced_finely() {
        let granularities = [1, 5, 10, 100].map(|ms| FLOW.granularity(Duration::from_millis(ms)));
        assert_eq!(granularities.map(|g| g.as_micros()), [200, 1000, 2000, 2000]);
    }

    #[test]
    fn few_slots_are_filled_by_small_releases() {
        let flow = Flow { slots: 16, ..FLOW };
        assert_eq!(flow.granularity(Duration::from_millis(10)), Duration::from_millis(1));
    }

    #[test]
    fn a_backlog_that_can_get_through_is_made_up_for() {
        assert_eq!(FLOW.catch_up(), MAX_CATCH_UP);
    }

    #[test]
    fn a_backlog_that_cannot_is_cut_to_what_fits() {
        let flow = Flow { slots: 16, ..FLOW };
        assert_eq!(flow.catch_up(), Duration::from_millis(3));
    }
}
