//! Two ways to read without a vector: item by item, and in place.

use crate::consumer::Consumer;
use crate::ends::ConsumerLease;
use crate::ring::Ring;
use crate::shard::Shard;
use crate::sweep::Turn;
use core::fmt;

/// Takes items one by one; from [`Consumer::drain`](crate::Consumer::drain), which has an
/// example.
///
/// ```
/// # use lock_free_ring::ShardedRing;
/// let ring = ShardedRing::new(4, 1)?;
/// let mut consumer = ring.consumer()?;
/// ring.try_write_batch(0, &mut vec![1, 2, 3])?;
/// let mut drain = consumer.drain(2);
/// assert_eq!((drain.next(), drain.next(), drain.next()), (Some(1), Some(2), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Drain<'a, T> {
    consumer: &'a mut Consumer<T>,
    left: usize,
}

impl<'a, T> Drain<'a, T> {
    pub(crate) fn new(consumer: &'a mut Consumer<T>, max: usize) -> Self {
        Self { consumer, left: max }
    }
}

impl<T> Iterator for Drain<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        self.consumer.try_read()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.left))
    }
}

impl<T> fmt::Debug for Drain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").field("left", &self.left).finish_non_exhaustive()
    }
}

/// Items of one shard where they lie; from
/// [`Consumer::try_read_slices`](crate::Consumer::try_read_slices), which has an example.
///
/// The slots stay taken until [`release`](Self::release). Dropping it without that leaves all
/// items in the ring, to be read again.
///
/// ```
/// # use lock_free_ring::ShardedRing;
/// let ring = ShardedRing::new(4, 1)?;
/// let mut consumer = ring.consumer()?;
/// ring.try_write_batch(0, &mut vec![1, 2, 3])?;
/// let mut items = consumer.try_read_slices(4).expect("three");
/// assert_eq!(items.slices().0, [1, 2, 3]);
/// items.release(3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the items stay in the ring until they are released"]
pub struct ReadSlices<'a, T> {
    shard: &'a Shard<T>,
    ring: &'a Ring<T>,
    lease: &'a mut ConsumerLease,
    turn: &'a mut Turn,
    len: usize,
}

impl<'a, T> ReadSlices<'a, T> {
    pub(crate) fn new(
        shard: &'a Shard<T>,
        ring: &'a Ring<T>,
        lease: &'a mut ConsumerLease,
        turn: &'a mut Turn,
        len: usize,
    ) -> Self {
        Self { shard, ring, lease, turn, len }
    }

    /// The items, oldest first: all in the first slice, unless they wrap round the end of the
    /// shard's storage.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// ring.try_write_batch(0, &mut vec![1, 2, 3])?;
    /// let mut items = consumer.try_read_slices(4).expect("three");
    /// let (first, second) = items.slices();
    /// assert_eq!((first.len(), second.len()), (3, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn slices(&mut self) -> (&mut [T], &mut [T]) {
        self.shard.slices(self.lease, self.len)
    }

    /// How many items there are: at least one.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// ring.try_write_batch(0, &mut vec![1, 2, 3])?;
    /// assert_eq!(consumer.try_read_slices(2).expect("three").len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Drops the first `items` items, or all if there are fewer, and gives their slots back. If
    /// a drop unwinds, the others are dropped all the same.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// ring.try_write_batch(0, &mut vec![1, 2, 3])?;
    /// consumer.try_read_slices(4).expect("three").release(2);
    /// assert_eq!(consumer.try_read(), Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn release(self, items: usize) {
        let items = items.min(self.len);
        self.turn.charge(items);
        // Also when a drop unwinds, producers must hear of the room.
        let _wake = Released { ring: self.ring, shard: self.shard };
        self.shard.discard(self.lease, items);
    }
}

struct Released<'a, T> {
    ring: &'a Ring<T>,
    shard: &'a Shard<T>,
}

impl<T> Drop for Released<'_, T> {
    fn drop(&mut self) {
        self.ring.released(self.shard);
    }
}

impl<T> fmt::Debug for ReadSlices<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadSlices").field("len", &self.len).finish_non_exhaustive()
    }
}
