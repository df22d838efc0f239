//! What a shard can tell of itself.

use crate::sync::{AtomicU64, Ordering};

/// A look at one shard, as [`stats`](crate::Ring::stats) gives it.
///
/// Each figure is exact when nobody writes or reads; together they are no snapshot, since the
/// shard moves on while they are read. A claim counts as written until it is known to be aborted,
/// and `read` may be one too few while the consumer steps over such a claim. All count since the ring was built. None costs anything on the path of a write
/// that succeeds: `written` and `read` are the cursors themselves.
///
/// ```
/// use lock_free_ring::ShardedRing;
///
/// let ring = ShardedRing::new(4, 2)?;
/// while ring.try_write(1, "to shard 1").is_ok() {}
/// let stats: Vec<_> = ring.stats().collect();
/// assert_eq!((stats[0].written, stats[1].written, stats[1].refused), (0, 2, 1));
/// assert_eq!(stats[1].high_water, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardStats {
    /// Items accepted, a claim that is not published yet included.
    pub written: u64,
    /// Items that the consumer has taken.
    pub read: u64,
    /// Writes turned away because the shard was full (a write of a batch counts once).
    pub refused: u64,
    /// The largest number of items seen in the shard at once. The consumer looks when it
    /// comes to the shard and producers when they are refused; a peak between two looks is
    /// not seen.
    pub high_water: u64,
    /// Claims given up because the closure that was to make the item unwound.
    pub aborted: u64,
    /// Claims tried again because another producer was faster.
    pub claim_retries: u64,
    /// Whether at this moment the oldest item is claimed and not published: a producer is
    /// between the two steps. If it stays so, that producer stalls the shard.
    pub head_stalled: bool,
}

/// The counts that are kept apart from the cursors, on a line that no successful write touches.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) refused: Count,
    pub(crate) aborted: Count,
    /// Of the aborted ones, those that the consumer has stepped over.
    pub(crate) skipped: Count,
    pub(crate) claim_retries: Count,
}

/// A count that publishes nothing: every access is Relaxed.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// For a count that only one thread at a time changes.
    #[inline(always)]
    pub(crate) fn raise_to(&self, value: u64) {
        if value > self.get() {
            self.0.store(value, Ordering::Relaxed);
        }
    }
}
