//! The fair pass over the shards: whose turn it is, and for how many items more.

use crate::ends::ConsumerLease;
use crate::parking::Awake;
use crate::ring::Ring;
use crate::shard::Shard;
use core::num::NonZeroUsize;

#[derive(Debug)]
pub(crate) struct Turn {
    shard: usize,
    /// What the shard may still give before the next one's turn; at most `quota`.
    left: usize,
    quota: NonZeroUsize,
    awake: Awake,
}

/// Steps from shard to shard that are left of a sweep.
#[derive(Debug)]
pub(crate) struct Way(usize);

const DEFAULT_QUOTA: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

impl Turn {
    pub(crate) fn first(shards: usize) -> Self {
        let awake = Awake::all(shards);
        Self { shard: 0, left: DEFAULT_QUOTA.get(), quota: DEFAULT_QUOTA, awake }
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

    /// Ends the turn of a shard that has no more to give now.
    pub(crate) fn pass(&mut self) {
        self.left = 0;
    }

    /// One sweep from here: once round; and back to where we start if that has had its turn and
    /// may hold more.
    pub(crate) fn sweep<T>(&self, ring: &Ring<T>) -> Way {
        Way(ring.num_shards() + usize::from(self.left == 0))
    }

    /// Offers the shards on `way` to `serve`, until it takes something. It is told how much it
    /// may take and answers how much it took.
    #[inline(always)]
    pub(crate) fn serve<T, R>(
        &mut self,
        way: &mut Way,
        ring: &Ring<T>,
        lease: &mut ConsumerLease,
        mut serve: impl FnMut(&Shard<T>, &mut ConsumerLease, usize) -> Option<(R, usize)>,
    ) -> Option<R> {
        let shards = ring.shards();
        loop {
            if self.left > 0 {
                let shard = &shards[self.shard];
                if let Some((result, taken)) = serve(shard, lease, self.left) {
                    self.charge(taken);
                    if taken > 0 {
                        ring.released(shard);
                    }
                    self.awake.note_busy(ring, lease, self.shard);
                    return Some(result);
                }
                self.awake.note_idle(self.shard);
            }
            let next = self.awake.next(ring, self.shard);
            let step = next.map(|next| steps(self.shard, next, shards.len()));
            match (next, step.and_then(|step| way.0.checked_sub(step))) {
                (Some(next), Some(left)) if left > 0 => {
                    self.shard = next;
                    self.left = self.quota.get();
                    way.0 = left;
                }
                _ => {
                    self.awake.note_all_idle();
                    self.left = self.quota.get();
                    return None;
                }
            }
        }
    }
}

/// From one shard on to another, round the end; all the way round to itself.
fn steps(from: usize, to: usize, shards: usize) -> usize {
    if to > from { to - from } else { to + shards - from }
}
