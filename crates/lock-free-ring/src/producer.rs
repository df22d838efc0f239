//! The writing end of a dedicated shard.

#[cfg(feature = "std")]
use crate::backoff::{WriteConfig, back_off};
use crate::cursor::Refusal;
use crate::error::{Closed, LeaseError, WriteRefused};
use crate::notice::Notice;
use crate::reservation::Reservation;
use crate::ring::Ring;
use crate::shard::{ProducerLease, Shard, Vacancy};
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
    pub(crate) ring: Arc<Ring<T>>,
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

    /// Writes `item`, or gives it back and counts nothing.
    #[inline(always)]
    pub(crate) fn offer(&mut self, item: T) -> Result<(), WriteRefused<T>> {
        let Self { ring, lease } = self;
        let shard = ring.shard(lease.shard());
        if shard.notice.is_empty()
            && let Some(vacancy) = shard.known_vacancy(lease)
        {
            ring.published(vacancy.write(item));
            return Ok(());
        }
        self.offer_with_care(item)
    }

    /// As `offer`, where there is something to know, or no slot known to be free.
    #[cold]
    fn offer_with_care(&mut self, item: T) -> Result<(), WriteRefused<T>> {
        let Self { ring, lease } = self;
        match vacancy(ring, lease) {
            Ok(vacancy) => {
                ring.published(vacancy.write(item));
                Ok(())
            }
            Err(refusal) => Err(refusal.of(item)),
        }
    }

    #[cold]
    fn count_refusal(&self) {
        self.ring.shard(self.lease.shard()).counters.refused.add(1);
    }

    /// Writes `item`, at once or not at all.
    ///
    /// # Errors
    /// [`WriteRefused::Full`] and [`WriteRefused::Closed`]; both give the item back.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(1, 1)?;
    /// let mut producer = ring.producer()?;
    /// producer.try_write('a')?;
    /// assert_eq!(producer.try_write('b').unwrap_err().into_inner(), 'b');
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn try_write(&mut self, item: T) -> Result<(), WriteRefused<T>> {
        let result = self.offer(item);
        if let Err(WriteRefused::Full(_)) = result {
            self.count_refusal();
        }
        result
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
        if items.is_empty() {
            return Ok(0);
        }
        let written = self.write_some(items)?;
        if written == 0 {
            self.count_refusal();
        }
        Ok(written)
    }

    /// Writes what there is room for, and counts no refusal.
    pub(crate) fn write_some(&mut self, items: &mut Vec<T>) -> Result<usize, Closed> {
        let Self { ring, lease } = self;
        let shard = open(ring, lease).map_err(|_| Closed(()))?;
        let written = shard.write_from(lease, items);
        if written > 0 {
            ring.published(shard);
        }
        Ok(written)
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
        let Self { ring, lease } = self;
        let shard = open(ring, lease).map_err(|refusal| refusal.of(()))?;
        let filling = shard.filling(lease, most);
        if filling.room() > 0 {
            return Ok(Reservation::new(ring, filling));
        }
        if most > 0 {
            shard.counters.refused.add(1);
        }
        Err(WriteRefused::Full(()))
    }
}

#[cfg(feature = "async")]
impl<T> Producer<T> {
    /// Whether there is room, which nobody else can take.
    pub(crate) fn has_room(&mut self) -> Result<bool, Closed> {
        match vacancy(&self.ring, &mut self.lease) {
            Ok(_) => Ok(true),
            Err(Refusal::Full) => Ok(false),
            Err(Refusal::Closed) => Err(Closed(())),
        }
    }
}

#[cfg(feature = "std")]
impl<T> Producer<T> {
    /// Waits until there is room or the ring is closed; no longer than `limit`, if there is one.
    fn wait_for_room(&mut self, limit: Option<Duration>) -> Result<(), Refusal> {
        let Self { ring, lease } = self;
        let shard = ring.shard(lease.shard());
        until_room(ring, shard, limit, || vacancy(ring, lease).map(drop))
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
    #[inline]
    pub fn write(&mut self, item: T) -> Result<(), Closed<T>> {
        match self.offer(item) {
            Ok(()) => Ok(()),
            Err(refused) => self.write_when_there_is_room(refused.into_inner()),
        }
    }

    #[cold]
    fn write_when_there_is_room(&mut self, item: T) -> Result<(), Closed<T>> {
        // Whether it found room or a close, the second offer finds out.
        let _settled = self.wait_for_room(None);
        self.try_write(item).map_err(|refused| Closed(refused.into_inner()))
    }

    /// Writes `item`, and waits up to `limit` while the shard is full.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write): [`WriteRefused::Full`] when the time is up.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(1, 1)?;
    /// let mut producer = ring.producer()?;
    /// let limit = std::time::Duration::from_millis(1);
    /// producer.write_timeout('a', limit)?;
    /// assert!(producer.write_timeout('b', limit).unwrap_err().is_full());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_timeout(&mut self, item: T, limit: Duration) -> Result<(), WriteRefused<T>> {
        let item = match self.offer(item) {
            Ok(()) => return Ok(()),
            Err(refused) => refused.into_inner(),
        };
        // Whether it found room, a close or no time left, the second offer finds out.
        let _settled = self.wait_for_room(Some(limit));
        self.try_write(item)
    }

    /// Writes `item`; while the shard is full, retries and sleeps as `config` says.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write): [`WriteRefused::Full`] when it gave up or was called
    /// off. See [`WriteConfig`] for an example.
    ///
    /// ```
    /// # use lock_free_ring::{DedicatedRing, WriteConfig};
    /// # use std::num::NonZeroU32;
    /// let ring = DedicatedRing::new(1, 1)?;
    /// let mut producer = ring.producer()?;
    /// let config = WriteConfig { max_backoffs: NonZeroU32::new(2), ..WriteConfig::default() };
    /// producer.write_with_backoff('a', &config)?;
    /// assert!(producer.write_with_backoff('b', &config).unwrap_err().is_full());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_with_backoff(
        &mut self,
        item: T,
        config: &WriteConfig,
    ) -> Result<(), WriteRefused<T>> {
        let Self { ring, lease } = self;
        match back_off(ring, config, || vacancy(ring, lease).map(drop)) {
            Err(Refusal::Full) => {
                self.count_refusal();
                Err(WriteRefused::Full(item))
            }
            _ => self.try_write(item),
        }
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
            if self.write_some(items)? == 0 {
                self.wait_for_room(None).map_err(|_| Closed(()))?;
            }
        }
        Ok(())
    }
}

/// The leased shard, when the ring is open.
fn open<'a, T>(ring: &'a Ring<T>, lease: &ProducerLease) -> Result<&'a Shard<T>, Refusal> {
    let shard = ring.shard(lease.shard());
    if shard.notice.says(Notice::CLOSED) {
        ring.seal(lease);
        return Err(Refusal::Closed);
    }
    Ok(shard)
}

/// A free slot of the leased shard, which nobody but us can take, when the ring is open.
fn vacancy<'a, T>(
    ring: &'a Ring<T>,
    lease: &'a mut ProducerLease,
) -> Result<Vacancy<'a, T>, Refusal> {
    open(ring, lease)?.vacancy(lease).ok_or(Refusal::Full)
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
