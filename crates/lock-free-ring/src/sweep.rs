//! The fair pass over the shards: whose turn it is, and for how many items more.

use crate::ring::{ConsumerLease, Ring};
use crate::shard::Shard;
use core::num::NonZeroUsize;

#[derive(Debug)]
pub(crate) struct Turn {
    shard: usize,
    /// What the shard may still give before the next one's turn; at most `quota`.
    left: usize,
    quota: NonZeroUsize,
}

const DEFAULT_QUOTA: NonZeroUsize = NonZeroUsize::new(64).expect("not zero");

impl Turn {
    pub(crate) fn first() -> Self {
        Self { shard: 0, left: DEFAULT_QUOTA.get(), quota: DEFAULT_QUOTA }
    }

    pub(crate) fn set_quota(&mut self, quota: NonZeroUsize) {
        self.quota = quota;
        self.left = self.left.min(quota.get());
    }

    pub(crate) fn shard(&self) -> usize {
        self.shard
    }

    /// Charges `items` to the shard whose turn it is.
    pub(crate) fn charge(&mut self, items: usize) {
        self.left = self.left.saturating_sub(items);
    }

    /// Offers the shards in turn to `serve`, one sweep at most, until it takes something. It is
    /// told how much it may take and answers how much it took.
    #[inline(always)]
    pub(crate) fn serve<T, R>(
        &mut self,
        ring: &Ring<T>,
        lease: &mut ConsumerLease,
        mut serve: impl FnMut(&Shard<T>, &mut ConsumerLease, usize) -> Option<(R, usize)>,
    ) -> Option<R> {
        let shards = ring.shards();
        // One more than there are: the first may have used up its quota and hold more.
        for _ in 0..=shards.len() {
            if self.left > 0 {
                let shard = &shards[self.shard];
                if let Some((result, taken)) = serve(shard, lease, self.left) {
                    if self.left == self.quota.get() {
                        shard.note_fill(lease, taken);
                    }
                    self.charge(taken);
                    if taken > 0 {
                        ring.released(shard);
                    }
                    return Some(result);
                }
            }
            self.shard = if self.shard + 1 == shards.len() { 0 } else { self.shard + 1 };
            self.left = self.quota.get();
        }
        None
    }
}
