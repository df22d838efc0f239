//! Who is still there: handles, the producers of dedicated shards, and the consumer.

use crate::sync::{AtomicU64, Ordering};

/// The right to read a ring: one exists at a time for each ring.
#[derive(Debug)]
pub(crate) struct ConsumerLease(());

impl ConsumerLease {
    /// For a shard that is being dropped: whoever drops it has it alone.
    pub(crate) fn of_the_last() -> Self {
        Self(())
    }
}

/// Who holds an end of a ring, in one word, so that each departure sees who is left. Relaxed but
/// for the consumer's bit: the counts decide when to close, and a close is ordered by the shards'
/// own words.
#[derive(Debug)]
pub(crate) struct Ends(AtomicU64);

/// What the word said: handles in the low half, producers of dedicated shards above them, and
/// whether the consumer is lent in the top bit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holders(u64);

impl Holders {
    const ONE_HANDLE: u64 = 1;
    const ONE_PRODUCER: u64 = 1 << 32;
    const CONSUMER: u64 = 1 << 63;
    const MOST_HANDLES: u64 = 1 << 31;

    pub(crate) fn handles(self) -> u64 {
        self.0 & 0xFFFF_FFFF
    }

    pub(crate) fn producers(self) -> u64 {
        (self.0 & !Self::CONSUMER) >> 32
    }

    pub(crate) fn consumer(self) -> bool {
        self.0 & Self::CONSUMER != 0
    }
}

/// Departures say who is left.
impl Ends {
    /// One handle and nobody else.
    pub(crate) fn of_one_handle() -> Self {
        Self(AtomicU64::new(Holders::ONE_HANDLE))
    }

    pub(crate) fn holders(&self) -> Holders {
        Holders(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn add_handle(&self) {
        let before = Holders(self.0.fetch_add(Holders::ONE_HANDLE, Ordering::Relaxed));
        if before.handles() >= Holders::MOST_HANDLES {
            self.end_handle();
            panic!("a ring has at most 2^31 handles");
        }
    }

    pub(crate) fn end_handle(&self) -> Holders {
        let before = self.0.fetch_sub(Holders::ONE_HANDLE, Ordering::Relaxed);
        Holders(before - Holders::ONE_HANDLE)
    }

    pub(crate) fn add_producer(&self) {
        self.0.fetch_add(Holders::ONE_PRODUCER, Ordering::Relaxed);
    }

    pub(crate) fn end_producer(&self) -> Holders {
        let before = self.0.fetch_sub(Holders::ONE_PRODUCER, Ordering::Relaxed);
        Holders(before - Holders::ONE_PRODUCER)
    }

    /// The lease, if it is not lent.
    pub(crate) fn lend_consumer(&self) -> Option<ConsumerLease> {
        // Acquire, partner `end_consumer`: the last consumer's reads come before ours.
        let before = self.0.fetch_or(Holders::CONSUMER, Ordering::Acquire);
        (!Holders(before).consumer()).then_some(ConsumerLease(()))
    }

    /// To be called when the lease is used no more.
    pub(crate) fn end_consumer(&self) -> Holders {
        // Release, partner `lend_consumer`.
        let before = self.0.fetch_and(!Holders::CONSUMER, Ordering::Release);
        Holders(before & !Holders::CONSUMER)
    }
}
