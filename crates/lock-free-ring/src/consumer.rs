//! The reading end.

use crate::ends::ConsumerLease;
use crate::error::LeaseError;
#[cfg(feature = "std")]
use crate::error::{Closed, ReadRefused};
use crate::reading::{Drain, ReadSlices};
use crate::ring::Ring;
#[cfg(feature = "std")]
use crate::streak::{GoodBatch, Streak};
use crate::sweep::Turn;
use crate::sync::Arc;
#[cfg(feature = "std")]
use crate::wait::{Habit, until};
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroUsize;
use core::ops::Deref;
#[cfg(feature = "std")]
use core::time::Duration;

/// The one consumer of a ring, of shared or dedicated shards.
///
/// It serves the shards in turn: at most a quota of items from one ([`set_quota`](
/// Self::set_quota)), then the next that has any, and each call goes on where the last one
/// stopped. So no shard waits for more than one sweep, however full the others are.
///
/// An item has left the ring when a read returns it, and its slot is free for producers by then.
/// Dropping the consumer, also by a panic, loses nothing: the ring stays open, and the next
/// consumer goes on at the next unread item.
///
/// ```
/// use lock_free_ring::ShardedRing;
///
/// let ring = ShardedRing::new(8, 2)?;
/// let mut consumer = ring.consumer()?;
/// ring.try_write(0, "to shard 0")?;
/// ring.try_write(1, "to shard 1")?;
/// assert_eq!(consumer.try_read_batch(10), ["to shard 0", "to shard 1"]);
/// assert_eq!(consumer.try_read(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Consumer<T> {
    pub(crate) ring: Arc<Ring<T>>,
    reader: Reader,
    #[cfg(feature = "std")]
    streak: Streak,
    #[cfg(feature = "std")]
    habit: Habit,
}

/// What reads without waiting: the right to read a ring, and whose turn it is there.
struct Reader {
    lease: ConsumerLease,
    turn: Turn,
}

impl Reader {
    #[inline]
    fn try_read<T>(&mut self, ring: &Ring<T>) -> Option<T> {
        let Self { lease, turn } = self;
        let mut way = turn.sweep(ring);
        turn.serve(&mut way, ring, lease, |shard, lease, _| shard.pop(lease).map(|item| (item, 1)))
    }

    fn try_read_batch_into<T>(&mut self, ring: &Ring<T>, buf: &mut Vec<T>, max: usize) -> usize {
        let Self { lease, turn } = self;
        let max = max.min(ring.capacity());
        let mut taken = 0;
        let mut way = turn.sweep(ring);
        while taken < max {
            let more = turn.serve(&mut way, ring, lease, |shard, lease, quota| {
                let most = quota.min(max - taken);
                let more = shard.take_into(lease, buf, most);
                let rest = more == most || shard.holds_aborted();
                (more > 0).then_some(((more, rest), more))
            });
            match more {
                Some((more, true)) => {
                    taken += more;
                    way = turn.sweep(ring);
                }
                // To look again at once would only take the line from its producer.
                Some((more, false)) => {
                    taken += more;
                    turn.pass();
                }
                None => break,
            }
        }
        taken
    }
}

impl<T> Consumer<T> {
    pub(crate) fn lease(ring: &Arc<Ring<T>>) -> Result<Self, LeaseError> {
        let lease = ring.lease_consumer()?;
        Ok(Self {
            ring: ring.clone(),
            reader: Reader { lease, turn: Turn::first(ring.num_shards()) },
            #[cfg(feature = "std")]
            streak: Streak::default(),
            #[cfg(feature = "std")]
            habit: Habit::new(),
        })
    }

    /// The most items taken from one shard before the next has its turn; 256 unless told. Less
    /// is fairer, more lets batches form.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// # use std::num::NonZeroUsize;
    /// let ring = ShardedRing::new(8, 2)?;
    /// (0..4).try_for_each(|item| ring.try_write(0, item))?;
    /// ring.try_write(1, 100)?;
    /// let mut consumer = ring.consumer()?;
    /// consumer.set_quota(NonZeroUsize::new(2).unwrap());
    /// assert_eq!(consumer.try_read_batch(8), [0, 1, 100, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_quota(&mut self, quota: NonZeroUsize) {
        self.reader.turn.set_quota(quota);
    }

    /// Takes the next item, if there is one. Never waits.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// assert_eq!(consumer.try_read(), None);
    /// ring.try_write(0, 'a')?;
    /// assert_eq!(consumer.try_read(), Some('a'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "TryRead")]
    #[inline]
    pub fn try_read(&mut self) -> Option<T> {
        self.reader.try_read(&self.ring)
    }

    /// Takes up to `max` items into a new vector. Never waits, and takes no more than
    /// [`capacity`](Ring::capacity) however fast producers refill. For no allocation use
    /// [`try_read_batch_into`](Self::try_read_batch_into).
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// (0..5).try_for_each(|item| ring.try_write(0, item))?;
    /// assert_eq!(consumer.try_read_batch(3), [0, 1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ReadBatch")]
    pub fn try_read_batch(&mut self, max: usize) -> Vec<T> {
        let mut items = Vec::with_capacity(max.min(self.len()));
        self.try_read_batch_into(&mut items, max);
        items
    }

    /// Takes up to `max` items and puts them at the end of `buf`; answers how many. Never waits,
    /// looks at each shard once (again only while that gives its whole quota), takes no more than
    /// [`capacity`](Ring::capacity), and allocates only if `buf` has no
    /// room; should that fail, nothing is lost.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// (0..5).try_for_each(|item| ring.try_write(0, item))?;
    /// let mut buf = Vec::with_capacity(3);
    /// assert_eq!(consumer.try_read_batch_into(&mut buf, 3), 3);
    /// assert_eq!(buf, [0, 1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ReadBatchInto")]
    pub fn try_read_batch_into(&mut self, buf: &mut Vec<T>, max: usize) -> usize {
        self.reader.try_read_batch_into(&self.ring, buf, max)
    }

    /// An iterator that takes up to `max` items, one by one, and ends early when it finds none.
    /// Dropping or forgetting it, or a panic between two items, loses nothing and repeats
    /// nothing: what it did not return is still in the ring.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// (0..5).try_for_each(|item| ring.try_write(0, item))?;
    /// assert_eq!(consumer.drain(3).sum::<i32>(), 0 + 1 + 2);
    /// assert_eq!(ring.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drain(&mut self, max: usize) -> Drain<'_, T> {
        Drain::new(self, max)
    }

    /// Looks at up to `max` items of one shard where they lie, if there are any; they leave the
    /// ring only when they are [released](ReadSlices::release). Never waits.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(8, 1)?;
    /// let (mut producer, mut consumer) = (ring.producer()?, ring.consumer()?);
    /// producer.try_write_batch(&mut vec![1, 2, 3])?;
    /// let mut items = consumer.try_read_slices(8).expect("three items");
    /// let (first, second) = items.slices();
    /// assert_eq!(first.iter().chain(&*second).sum::<i32>(), 6);
    /// items.release(2);
    /// assert_eq!(consumer.try_read(), Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_read_slices(&mut self, max: usize) -> Option<ReadSlices<'_, T>> {
        let Self { ring, reader: Reader { lease, turn }, .. } = self;
        let mut way = turn.sweep(ring);
        let len = turn.serve(&mut way, ring, lease, |shard, lease, quota| {
            let ready = shard.ready(lease, max.min(quota));
            (ready > 0).then_some((ready, 0))
        })?;
        Some(ReadSlices::new(ring.shard(turn.shard()), ring, lease, turn, len))
    }

    /// Whether the ring is closed, nothing is left to read and nothing more can come. (It may
    /// be [closed](Ring::is_closed) and not finished.)
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// ring.try_write(0, 'a')?;
    /// ring.close();
    /// assert!(consumer.is_closed() && !consumer.is_finished());
    /// assert_eq!(consumer.try_read(), Some('a'));
    /// assert!(consumer.is_finished());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_finished(&mut self) -> bool {
        self.ring.is_finished(&mut self.reader.lease)
    }
}

#[cfg(feature = "std")]
impl<T> Consumer<T> {
    /// For the last consumer that there will be: closes the ring, and drops what is unread now
    /// and what is still on its way.
    pub(crate) fn abandon(&mut self) {
        self.ring.abandon_as(&mut self.reader.lease);
    }

    /// Waits until `attempt` succeeds, or answers that the ring is finished.
    fn wait<R>(
        &mut self,
        limit: Option<Duration>,
        mut attempt: impl FnMut(&mut Reader, &Ring<T>) -> Option<R>,
    ) -> Result<R, ReadRefused> {
        let Self { ring, reader, streak, habit } = self;
        *streak = Streak::default();
        let settled = until(ring, ring.items(), 1, limit, habit, || match attempt(reader, ring) {
            Some(result) => Some(Ok(result)),
            None => ring.is_finished(&mut reader.lease).then_some(Err(ReadRefused::Closed)),
        });
        settled.unwrap_or(Err(ReadRefused::Empty))
    }

    /// Takes the next item, and waits for it if there is none.
    ///
    /// # Errors
    /// [`Closed`] once the ring is closed and everything accepted has been read.
    ///
    /// ```
    /// # use lock_free_ring::{Closed, ShardedRing};
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// std::thread::spawn(move || ring.write(0, 'a'));
    /// assert_eq!(consumer.read(), Ok('a'));
    /// assert_eq!(consumer.read(), Err(Closed(()))); // the only handle is gone
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn read(&mut self) -> Result<T, Closed> {
        if self.begins_a_round() {
            self.streak.fit_breath(self.good_batch(), false);
            self.streak.let_a_batch_form(&self.ring);
        }
        match self.try_read() {
            Some(item) => {
                self.streak.found(1);
                Ok(item)
            }
            None => self.wait_for_item(),
        }
    }

    #[cold]
    fn wait_for_item(&mut self) -> Result<T, Closed> {
        self.wait(None, Reader::try_read).map_err(|_| Closed(()))
    }

    #[inline]
    fn good_batch(&self) -> GoodBatch {
        GoodBatch::of(self.ring.shard(0))
    }

    /// Whether a read that takes one item is about to look at the first of the shards.
    #[inline]
    fn begins_a_round(&self) -> bool {
        self.reader.turn.shard() == 0 && self.ring.shard(0).known() == 0
    }

    /// Takes the next item, and waits up to `limit` for it.
    ///
    /// # Errors
    /// [`ReadRefused::Empty`] when the time is up, [`ReadRefused::Closed`] as for
    /// [`read`](Self::read).
    ///
    /// ```
    /// # use lock_free_ring::{ReadRefused, ShardedRing};
    /// # use std::time::Duration;
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// assert_eq!(consumer.read_timeout(Duration::from_millis(1)), Err(ReadRefused::Empty));
    /// ring.try_write(0, 'a')?;
    /// assert_eq!(consumer.read_timeout(Duration::MAX), Ok('a'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_timeout(&mut self, limit: Duration) -> Result<T, ReadRefused> {
        match self.try_read() {
            Some(item) => Ok(item),
            None => self.wait(Some(limit), Reader::try_read),
        }
    }

    /// Takes up to `max` items into a new vector, and waits until there is at least one.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// ring.try_write_batch(0, &mut vec!['a', 'b'])?;
    /// assert_eq!(consumer.read_batch(64)?, ['a', 'b']);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_batch(&mut self, max: usize) -> Result<Vec<T>, Closed> {
        let mut items = Vec::new();
        self.read_batch_into(&mut items, max)?;
        Ok(items)
    }

    /// Takes up to `max` items and puts them at the end of `buf`; answers how many. Waits until
    /// there is at least one, and for no more than that. While it keeps finding few at once, it
    /// pauses before the next look (2 µs at most), so that batches form. With `max` 0 it takes
    /// none at once.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// std::thread::spawn(move || ring.write_batch(0, &mut vec![1, 2, 3]));
    /// let mut buf = Vec::with_capacity(64);
    /// while consumer.read_batch_into(&mut buf, 64).is_ok() {}
    /// assert_eq!(buf, [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_batch_into(&mut self, buf: &mut Vec<T>, max: usize) -> Result<usize, Closed> {
        self.streak.let_a_batch_form(&self.ring);
        let taken = self.try_read_batch_into(buf, max);
        self.streak.found(taken);
        self.streak.fit_breath(self.good_batch(), taken == max);
        if taken > 0 || max == 0 {
            return Ok(taken);
        }
        let waited = self.wait(None, |reader, ring| {
            let taken = reader.try_read_batch_into(ring, buf, max);
            (taken > 0).then_some(taken)
        });
        waited.map_err(|_| Closed(()))
    }

    /// Takes nothing, and waits until some shard holds at least `items` items that can be read now
    /// (or is full), but no longer than `limit`. Answers how many the fullest
    /// shard holds. Returns early when the ring is closed.
    ///
    /// With it a consumer can work by the clock and still come in time when producers are ahead
    /// of it: a write wakes it only when its shard has reached that mark.
    ///
    /// # Errors
    /// [`ReadRefused::Empty`] when the time is up, [`ReadRefused::Closed`] as for
    /// [`read`](Self::read).
    ///
    /// ```
    /// # use lock_free_ring::{ReadRefused, ShardedRing};
    /// # use std::time::Duration;
    /// let ring = ShardedRing::new(8, 2)?;
    /// let mut consumer = ring.consumer()?;
    /// ring.try_write(0, 'a')?;
    /// let tick = Duration::from_millis(1);
    /// assert_eq!(consumer.wait_for(2, tick), Err(ReadRefused::Empty));
    /// ring.try_write(0, 'b')?;
    /// assert_eq!(consumer.wait_for(2, tick), Ok(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for(&mut self, items: usize, limit: Duration) -> Result<usize, ReadRefused> {
        let Self { ring, reader: Reader { lease, .. }, habit, .. } = self;
        let mark = items.clamp(1, ring.shard_capacity());
        let settled = until(ring, ring.items(), mark as u64, Some(limit), habit, || {
            let closed = ring.is_closed();
            let mut waiting = ring.shards().iter().filter(|shard| closed || shard.len() >= mark);
            let enough = waiting.any(|shard| {
                let (items, aborted) = shard.readable(lease);
                // A full shard gets no more, whatever of it was aborted.
                let full = items + aborted == shard.capacity();
                items >= if closed || full { 1 } else { mark }
            });
            if enough {
                return ring.shards().iter().map(|shard| shard.readable(lease).0).max().map(Ok);
            }
            ring.is_finished(lease).then_some(Err(ReadRefused::Closed))
        });
        settled.unwrap_or(Err(ReadRefused::Empty))
    }
}

impl<T> Deref for Consumer<T> {
    type Target = Ring<T>;

    fn deref(&self) -> &Ring<T> {
        &self.ring
    }
}

impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        self.ring.end_consumer();
    }
}

impl<T> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring.describe(f, "Consumer")
    }
}

#[cfg(all(test, feature = "std", not(any(ring_loom, ring_shuttle))))]
mod tests {
    use super::*;
    use crate::sharded::ShardedRing;

    #[test]
    fn a_round_begins_at_the_first_shard_when_no_item_is_known_there() {
        let ring = ShardedRing::new(8, 2).expect("valid");
        let mut consumer = ring.consumer().expect("free");
        consumer.set_quota(NonZeroUsize::MIN);
        assert!(consumer.begins_a_round());
        [0, 0, 1].iter().for_each(|shard| ring.try_write(*shard, *shard).expect("room"));
        assert_eq!(consumer.try_read(), Some(0));
        assert!(!consumer.begins_a_round(), "one more is known");
        assert_eq!(consumer.try_read(), Some(1));
        assert!(!consumer.begins_a_round(), "at the other shard");
        assert_eq!((consumer.try_read(), consumer.begins_a_round()), (Some(0), true));
    }
}
