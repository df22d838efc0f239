use std::num::{NonZeroU64, NonZeroUsize};
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::config::GeneratorConfig;
use crate::schedule::Schedule;
use crate::token_bucket::TokenBucket;

/// Up to so many packets a second the token bucket decides, above it the schedule.
const TOKEN_BUCKET_PACKETS_PER_SECOND: u64 = 1000;

/// Sleeps until packets are due.
#[derive(Debug)]
pub(crate) struct Pacer {
    due: Due,
    granularity_ns: u64,
    /// When it last meant to wake; later by the clock, but that must not shift the next one.
    last_wake_ns: u64,
    /// The clock when it was last read. What was due then needs no second look at it.
    seen_ns: u64,
}

/// What decides when a packet is due.
#[derive(Debug)]
enum Due {
    Bucket(TokenBucket),
    Schedule(Schedule),
}

impl Due {
    /// Lets a packet go, or answers when it may.
    fn admit(&mut self, packet_bytes: usize, now_ns: u64) -> Result<(), u64> {
        match self {
            Self::Bucket(bucket) => bucket.admit(packet_bytes, now_ns),
            Self::Schedule(schedule) => schedule.admit(packet_bytes, now_ns),
        }
    }
}

impl Pacer {
    pub(crate) fn new(bits_per_second: NonZeroU64, config: &GeneratorConfig) -> Self {
        let burst = config.burst.max(config.granularity);
        let due = if is_low(bits_per_second, config.payload_bytes) {
            Due::Bucket(TokenBucket::new(bits_per_second, config.payload_bytes, burst))
        } else {
            Due::Schedule(Schedule::new(bits_per_second, whole_ns(burst)))
        };
        let granularity_ns = whole_ns(config.granularity);
        Self { due, granularity_ns, last_wake_ns: 0, seen_ns: 0 }
    }

    /// Returns when the next packet is due, by the time since `start`; false when cancelled.
    pub(crate) fn wait_until_due(
        &mut self,
        packet_bytes: usize,
        start: Instant,
        cancel: &Cancel,
    ) -> bool {
        while !cancel.is_cancelled() {
            let Err(due_ns) = self.due.admit(packet_bytes, self.seen_ns) else {
                return true;
            };
            self.seen_ns = whole_ns(start.elapsed());
            if due_ns > self.seen_ns {
                let wake_ns = due_ns.max(self.last_wake_ns.saturating_add(self.granularity_ns));
                sleep_until(start, wake_ns, cancel);
                self.last_wake_ns = wake_ns;
                self.seen_ns = whole_ns(start.elapsed());
            }
        }
        false
    }
}

fn is_low(bits_per_second: NonZeroU64, payload_bytes: NonZeroUsize) -> bool {
    let packet_bits = (payload_bytes.get() as u64).saturating_mul(8);
    bits_per_second.get() <= packet_bits.saturating_mul(TOKEN_BUCKET_PACKETS_PER_SECOND)
}

/// Returns earlier when cancelled.
fn sleep_until(start: Instant, wake_ns: u64, cancel: &Cancel) {
    /// A moment that the clock cannot express is further off than any process lives.
    const DAY: Duration = Duration::from_secs(24 * 3600);
    match start.checked_add(Duration::from_nanos(wake_ns)) {
        Some(deadline) => cancel.sleep_until(deadline),
        None => cancel.sleep_until(Instant::now() + DAY),
    }
}

fn whole_ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::Rate;

    fn pacer(mbps: f64, payload_bytes: usize) -> Pacer {
        let rate = Rate::mbps(mbps).unwrap();
        let config = GeneratorConfig::new(rate).with_payload_bytes(payload_bytes);
        Pacer::new(rate.bits_per_second().unwrap(), &config)
    }

    #[test]
    fn a_thousand_packets_a_second_is_the_most_for_the_bucket() {
        let is_bucket = |pacer: Pacer| matches!(pacer.due, Due::Bucket(_));
        assert!(is_bucket(pacer(10.0, 1250)));
        assert!(!is_bucket(pacer(10.01, 1250)));
        assert!(is_bucket(pacer(1e-6, 1)));
        assert!(is_bucket(pacer(1e8, usize::MAX)));
    }

    #[test]
    fn both_ways_give_out_what_is_due_and_no_more() {
        for (mbps, packets_per_ms) in [(10.0, 1.0), (100.0, 10.0)] {
            let mut pacer = pacer(mbps, 1250);
            let (start, cancel) = (Instant::now() - Duration::from_millis(80), Cancel::new());
            // Until it has slept for one, and so was early.
            let sent = (0..)
                .take_while(|_| {
                    pacer.wait_until_due(1250, start, &cancel) && pacer.last_wake_ns == 0
                })
                .count() as f64;
            let due = start.elapsed().as_secs_f64() * 1000.0 * packets_per_ms;
            assert!((80.0 * packets_per_ms..=due).contains(&sent), "{sent} sent, {due} due");
        }
    }
}
