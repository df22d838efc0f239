//! The writing end of a dedicated shard.

#[cfg(feature = "std")]
use crate::backoff::{WriteConfig, back_off};
use crate::cursor::Refusal;
use crate::error::{Closed, LeaseError, WriteRefused};
use crate::reservation::Reservation;
use crate::ring::Ring;
use crate::shard::{ProducerLease, Shard};
use crate::sync::Arc;
#[cfg(feature = "std")]
use crate::wait::until_room;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;
#[cfg(feature = "std")]
use core::time::Duration;

/// A producer with a shard of its own, lent by [`DedicatedRing::producer`].
///
/// It can be sent to another thread, not cloned. A write is wait-free: it stores the item and
/// then the tail, and looks at the consumer's head only when it knows of no free slot. Dropping
/// the producer gives the shard back, with its items for the consumer to read.
///
/// [`DedicatedRing::producer`]: crate::DedicatedRing::producer
///
/// ```
/// use lock_free_ring::{DedicatedRing, WriteRefused};
///
/// let ring = DedicatedRing::new(2, 1)?;
/// let mut producer = ring.producer()?;
/// producer.try_write('a')?;
/// producer.try_write('b')?;
/// assert_eq!(producer.try_write('c'), Err(WriteRefused::Full('c')));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Producer<T> {
    ring: Arc<Ring<T>>,
    lease: ProducerLease,
}

impl<T> Producer<T> {
    pub(crate) fn lease(ring: &Arc<Ring<T>>) -> Result<Self, LeaseError> {
        let lease = ring.lease_producer()?;
        Ok(Self { ring: ring.clone(), lease })
    }

    /// The number of this producer's shard, as [`stats`](Ring::stats) orders them.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::<u8>::new(2, 2)?;
    /// let (a, b) = (ring.producer()?, ring.producer()?);
    /// assert_ne!(a.shard(), b.shard());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shard(&self) -> usize {
        self.lease.shard()
    }

    /// The shard and the lease of it, when the ring is open.
    #[inline(always)]
    pub(crate) fn open(&mut self) -> Result<(&Shard<T>, &mut ProducerLease), Refusal> {
        if self.ring.is_closed() {
            self.ring.seal(&self.lease);
            return Err(Refusal::Closed);
        }
        let shard = self.ring.shard(self.lease.shard());
        // Left behind by a reservation that was forgotten.
        shard.forget_filled(&mut self.lease);
        Ok((shard, &mut self.lease))
    }

    /// Succeeds when there is room for at least one item.
    #[inline(always)]
    fn find_room(&mut self) -> Result<(), Refusal> {
        let (shard, lease) = self.open()?;
        if shard.room(lease, 1) == 0 { Err(Refusal::Full) } else { Ok(()) }
    }

    #[cold]
    pub(crate) fn count_refusal(&self) {
        self.ring.shard(self.lease.shard()).counters.refused.add(1);
    }

    /// Makes what was filled readable, and wakes the consumer if it sleeps.
    #[inline(always)]
    pub(crate) fn publish(&mut self) -> usize {
        let shard = self.ring.shard(self.lease.shard());
        let published = shard.publish(&mut self.lease);
        self.ring.published(shard);
        published
    }

    /// Writes `item`, at once or not at all.
    ///
    /// # Errors
    /// [`WriteRefused::Full`] and [`WriteRefused::Closed`]; both give the item back.
    #[inline]
    pub fn try_write(&mut self, item: T) -> Result<(), WriteRefused<T>> {
        let room = self.find_room();
        self.accept(room, item)
    }

    #[inline(always)]
    fn accept(&mut self, room: Result<(), Refusal>, item: T) -> Result<(), WriteRefused<T>> {
        if let Err(refusal) = room {
            if refusal == Refusal::Full {
                self.count_refusal();
            }
            return Err(refusal.of(item));
        }
        let shard = self.ring.shard(self.lease.shard());
        match shard.fill(&mut self.lease, || item) {
            Ok(()) => {
                self.publish();
                Ok(())
            }
            Err(make) => Err(WriteRefused::Full(make())),
        }
    }

    /// Writes the first items of `items`, as many as there is room for, and publishes them with
    /// one store. Answers how many left the vector; the others stay in it. With no room, or
    /// nothing to write, that is 0.
    ///
    /// # Errors
    /// [`Closed`]; `items` is then untouched.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(3, 1)?;
    /// let mut items = vec![1, 2, 3, 4];
    /// assert_eq!(ring.producer()?.try_write_batch(&mut items)?, 3);
    /// assert_eq!(items, [4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_write_batch(&mut self, items: &mut Vec<T>) -> Result<usize, Closed> {
        let (shard, lease) = self.open().map_err(|_| Closed(()))?;
        if shard.fill_from(lease, items) > 0 {
            return Ok(self.publish());
        }
        if !items.is_empty() {
            self.count_refusal();
        }
        Ok(0)
    }

    /// Reserves room for up to `most` items, to be filled in place and published together.
    /// Nothing is claimed before [`Reservation::publish`]: a reservation that is dropped is
    /// withdrawn, and one that is forgotten leaks what it held and harms nothing.
    ///
    /// # Errors
    /// [`WriteRefused::Full`] if not even one slot is free (or `most` is 0), and
    /// [`WriteRefused::Closed`].
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(4, 1)?;
    /// let (mut producer, mut consumer) = (ring.producer()?, ring.consumer()?);
    /// let mut reservation = producer.try_reserve(2)?;
    /// assert!(reservation.push('a').is_ok());
    /// assert!(reservation.push_with(|| 'b').is_ok());
    /// assert_eq!(reservation.push('c'), Err('c'));
    /// assert_eq!(consumer.try_read(), None);
    /// assert_eq!(reservation.publish(), 2);
    /// assert_eq!(consumer.try_read(), Some('a'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_reserve(&mut self, most: usize) -> Result<Reservation<'_, T>, WriteRefused<()>> {
        let (shard, lease) = self.open().map_err(|refusal| refusal.of(()))?;
        match shard.room(lease, most).min(most) {
            0 => {
                self.count_refusal();
                Err(WriteRefused::Full(()))
            }
            room => Ok(Reservation::new(self, room)),
        }
    }

    /// The shard and the lease of it, for a reservation, which found the ring open.
    #[inline(always)]
    pub(crate) fn parts(&mut self) -> (&Shard<T>, &mut ProducerLease) {
        (self.ring.shard(self.lease.shard()), &mut self.lease)
    }
}

#[cfg(feature = "std")]
impl<T> Producer<T> {
    /// Waits until there is room or the ring is closed; no longer than `limit`, if there is one.
    fn wait_for_room(&mut self, limit: Option<Duration>) -> Result<(), Refusal> {
        let ring = self.ring.clone();
        let shard = ring.shard(self.lease.shard());
        until_room(&ring, shard, limit, || self.find_room())
    }

    /// Writes `item`, and waits as long as the shard is full.
    ///
    /// # Errors
    /// [`Closed`], with the item.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(1, 1)?;
    /// let (mut producer, mut consumer) = (ring.producer()?, ring.consumer()?);
    /// let writer = std::thread::spawn(move || (0..3).try_for_each(|item| producer.write(item)));
    /// assert_eq!([consumer.read()?, consumer.read()?, consumer.read()?], [0, 1, 2]);
    /// # writer.join().unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write(&mut self, item: T) -> Result<(), Closed<T>> {
        let room = match self.find_room() {
            Err(Refusal::Full) => self.wait_for_room(None),
            settled => settled,
        };
        self.accept(room, item).map_err(|refused| Closed(refused.into_inner()))
    }

    /// Writes `item`, and waits up to `limit` while the shard is full.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write): [`WriteRefused::Full`] when the time is up.
    pub fn write_timeout(&mut self, item: T, limit: Duration) -> Result<(), WriteRefused<T>> {
        let room = match self.find_room() {
            Err(Refusal::Full) => self.wait_for_room(Some(limit)),
            settled => settled,
        };
        self.accept(room, item)
    }

    /// Writes `item`; while the shard is full, retries and sleeps as `config` says.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write): [`WriteRefused::Full`] when it gave up or was called
    /// off. See [`WriteConfig`] for an example.
    pub fn write_with_backoff(
        &mut self,
        item: T,
        config: &WriteConfig,
    ) -> Result<(), WriteRefused<T>> {
        let ring = self.ring.clone();
        let room = back_off(&ring, config, || self.find_room());
        self.accept(room, item)
    }

    /// Writes all of `items`, and waits whenever the shard is full.
    ///
    /// # Errors
    /// [`Closed`]; what was not written is still in `items`.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(2, 1)?;
    /// let (mut producer, mut consumer) = (ring.producer()?, ring.consumer()?);
    /// std::thread::spawn(move || producer.write_batch(&mut vec!['a', 'b', 'c']));
    /// assert_eq!([consumer.read()?, consumer.read()?, consumer.read()?], ['a', 'b', 'c']);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_batch(&mut self, items: &mut Vec<T>) -> Result<(), Closed> {
        while !items.is_empty() {
            let (shard, lease) = self.open().map_err(|_| Closed(()))?;
            if shard.fill_from(lease, items) > 0 {
                self.publish();
            } else {
                self.wait_for_room(None).map_err(|_| Closed(()))?;
            }
        }
        Ok(())
    }
}

impl<T> Deref for Producer<T> {
    type Target = Ring<T>;

    fn deref(&self) -> &Ring<T> {
        &self.ring
    }
}

impl<T> Drop for Producer<T> {
    fn drop(&mut self) {
        self.ring.end_producer(&self.lease);
    }
}

impl<T> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("shard", &self.shard()).finish_non_exhaustive()
    }
}
