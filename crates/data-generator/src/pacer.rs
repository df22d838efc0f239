use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::schedule::Schedule;

/// Sleeps until bytes are due.
#[derive(Debug)]
pub(crate) struct Pacer {
    schedule: Schedule,
    granularity_ns: u64,
    /// When it last meant to wake; later by the clock, but that must not shift the next one.
    last_wake_ns: u64,
    /// The clock when it was last read. What was due then needs no second look at it.
    seen_ns: u64,
}

impl Pacer {
    pub(crate) fn new(bits_per_second: NonZeroU64, granularity: Duration, burst: Duration) -> Self {
        Self {
            schedule: Schedule::new(bits_per_second, whole_ns(burst.max(granularity))),
            granularity_ns: whole_ns(granularity),
            last_wake_ns: 0,
            seen_ns: 0,
        }
    }

    /// Returns when the last of `total_bytes` is due, counted from `start`; false when cancelled.
    pub(crate) fn wait_until_due(
        &mut self,
        total_bytes: u64,
        start: Instant,
        cancel: &Cancel,
    ) -> bool {
        let due_ns = self.schedule.due_ns(total_bytes);
        if due_ns <= self.seen_ns {
            return !cancel.is_cancelled();
        }
        self.seen_ns = whole_ns(start.elapsed());
        if due_ns > self.seen_ns {
            let wake_ns = due_ns.max(self.last_wake_ns.saturating_add(self.granularity_ns));
            if !sleep_until(start, wake_ns, cancel) {
                return false;
            }
            self.last_wake_ns = wake_ns;
            self.seen_ns = whole_ns(start.elapsed());
        }
        self.schedule.forgive(due_ns, self.seen_ns);
        !cancel.is_cancelled()
    }
}

/// False when cancelled.
fn sleep_until(start: Instant, wake_ns: u64, cancel: &Cancel) -> bool {
    /// A moment that the clock cannot express is further off than any process lives.
    const DAY: Duration = Duration::from_secs(24 * 3600);
    loop {
        match start.checked_add(Duration::from_nanos(wake_ns)) {
            Some(deadline) => return cancel.sleep_until(deadline),
            None if !cancel.sleep_until(Instant::now() + DAY) => return false,
            None => {}
        }
    }
}

fn whole_ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
