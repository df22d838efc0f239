use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ratelimit::{Builder, Clock, Ratelimiter, TryWaitError};

/// A bucket that fills with bits at the set rate; a packet takes its own out.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    limiter: Ratelimiter<SetClock>,
    now: SetClock,
}

/// A clock that stands where it is put: the pacer looks at the real one as seldom as it can.
#[derive(Clone, Debug, Default)]
struct SetClock(Arc<AtomicU64>);

impl Clock for SetClock {
    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

impl TokenBucket {
    /// An empty one, which holds what fills it in `burst`, and a whole packet besides.
    pub(crate) fn new(
        bits_per_second: NonZeroU64,
        payload_bytes: NonZeroUsize,
        burst: Duration,
    ) -> Self {
        let burst_bits = bits_per_second.get() as f64 * burst.as_secs_f64();
        let now = SetClock::default();
        let limiter = Builder::with_clock(bits_per_second.get(), now.clone())
            .max_tokens(bits(payload_bytes.get()).saturating_add(burst_bits as u64))
            .build()
            .expect("neither the bucket nor the period is empty");
        Self { limiter, now }
    }

    /// Takes a packet's bits out, or answers when there will be enough of them, in nanoseconds
    /// since the start.
    pub(crate) fn admit(&mut self, packet_bytes: usize, now_ns: u64) -> Result<(), u64> {
        /// The limiter does not look again before that.
        const RESOLUTION: Duration = Duration::from_micros(1);
        self.now.0.store(now_ns, Ordering::Relaxed);
        match self.limiter.try_wait_n(bits(packet_bytes)) {
            Ok(()) => Ok(()),
            Err(TryWaitError::Insufficient(wait)) => {
                let wait_ns = u64::try_from(wait.max(RESOLUTION).as_nanos()).unwrap_or(u64::MAX);
                Err(now_ns.saturating_add(wait_ns))
            }
            Err(error) => unreachable!("the bucket holds a packet: {error}"),
        }
    }
}

fn bits(bytes: usize) -> u64 {
    (bytes as u64).saturating_mul(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET_BYTES: NonZeroUsize = NonZeroUsize::new(1250).unwrap();
    /// A packet each millisecond.
    const RATE: NonZeroU64 = NonZeroU64::new(10_000_000).unwrap();
    const MS_NS: u64 = 1_000_000;

    fn bucket(burst_ms: u64) -> TokenBucket {
        TokenBucket::new(RATE, PACKET_BYTES, Duration::from_millis(burst_ms))
    }

    /// Packets that may go at `now_ns`.
    fn admitted(bucket: &mut TokenBucket, now_ns: u64) -> usize {
        (0..).take_while(|_| bucket.admit(PACKET_BYTES.get(), now_ns).is_ok()).count()
    }

    #[test]
    fn a_packet_is_due_when_its_last_bit_has_had_its_time() {
        let mut bucket = bucket(100);
        assert_eq!(bucket.admit(PACKET_BYTES.get(), 0), Err(MS_NS));
        assert_eq!(bucket.admit(PACKET_BYTES.get(), MS_NS / 2), Err(MS_NS));
        assert_eq!(bucket.admit(PACKET_BYTES.get(), MS_NS), Ok(()));
        assert_eq!(bucket.admit(PACKET_BYTES.get() / 5, MS_NS), Err(MS_NS + MS_NS / 5));
    }

    #[test]
    fn late_wake_ups_do_not_add_up() {
        let mut bucket = bucket(100);
        let late_ns = 77_777;
        let packets: usize =
            (1..=10_000).map(|ms| admitted(&mut bucket, ms * MS_NS + late_ns)).sum();
        assert_eq!(packets, 10_000);
    }

    #[test]
    fn a_stall_is_made_up_for_by_one_burst() {
        let mut bucket = bucket(50);
        assert_eq!(
            admitted(&mut bucket, 700 * MS_NS),
            51,
            "the late one, and a burst of later ones"
        );
        assert_eq!(admitted(&mut bucket, 800 * MS_NS), 51);
        assert_eq!(admitted(&mut bucket, 810 * MS_NS), 10);
    }

    #[test]
    fn the_slowest_rate_and_the_largest_packet_only_take_long() {
        let mut bucket = TokenBucket::new(NonZeroU64::MIN, NonZeroUsize::MAX, Duration::MAX);
        assert_eq!(bucket.admit(1, 0), Err(8_000 * MS_NS));
        assert_eq!(bucket.admit(1, 8_000 * MS_NS), Ok(()));
        assert!(bucket.admit(usize::MAX, 8_000 * MS_NS).is_err());
    }
}
