use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the publisher has achieved, as the sink sees it from the consumer's thread.
#[derive(Debug)]
pub(super) struct Progress {
    start: Instant,
    packets: AtomicU64,
    payload_bytes: AtomicU64,
    /// Nanoseconds from `start` to the last acknowledgement.
    last_ack_ns: AtomicU64,
    /// Messages that were published more than once.
    republished: AtomicU64,
    /// Why nothing gets through, while that is so.
    trouble: Mutex<Option<String>>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            packets: AtomicU64::new(0),
            payload_bytes: AtomicU64::new(0),
            last_ack_ns: AtomicU64::new(0),
            republished: AtomicU64::new(0),
            trouble: Mutex::new(None),
        }
    }

    /// Counts a message as stored. Answers the trouble that is over with it.
    pub(super) fn confirm(&self, packets: u64, payload_bytes: u64) -> Option<String> {
        // Relaxed: these are figures; that all work is done is told by the thread's end.
        self.packets.fetch_add(packets, Ordering::Relaxed);
        self.payload_bytes.fetch_add(payload_bytes, Ordering::Relaxed);
        let now_ns = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.last_ack_ns.store(now_ns, Ordering::Relaxed);
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Notes why a message did not get through, and answers whether that is news.
    pub(super) fn is_news(&self, reason: &str) -> bool {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.replace(reason.to_owned()).is_none_or(|before| before != reason)
    }

    pub(super) fn count_republished(&self) {
        self.republished.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn packets(&self) -> u64 {
        self.packets.load(Ordering::Relaxed)
    }

    pub(super) fn payload_bytes(&self) -> u64 {
        self.payload_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn republished(&self) -> u64 {
        self.republished.load(Ordering::Relaxed)
    }

    pub(super) fn since_last_ack(&self) -> Duration {
        let last = Duration::from_nanos(self.last_ack_ns.load(Ordering::Relaxed));
        self.start.elapsed().saturating_sub(last)
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
