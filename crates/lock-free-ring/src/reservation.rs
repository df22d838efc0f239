//! Items filled in place on a dedicated shard, and published together.

use crate::ring::Ring;
use crate::shard::Filling;
use core::fmt;

/// Room for some items on a dedicated shard, lent by
/// [`Producer::try_reserve`](crate::Producer::try_reserve), which has an example.
///
/// Dropping it without [`publish`](Self::publish) withdraws it: what was pushed is dropped, and
/// the consumer never hears of it.
///
/// ```
/// # use lock_free_ring::DedicatedRing;
/// let ring = DedicatedRing::new(4, 1)?;
/// let (mut producer, mut consumer) = (ring.producer()?, ring.consumer()?);
/// let mut reservation = producer.try_reserve(2)?;
/// reservation.push('a').expect("room for two");
/// reservation.publish();
/// assert_eq!(consumer.try_read(), Some('a'));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "what is pushed is withdrawn unless it is published"]
pub struct Reservation<'a, T> {
    ring: &'a Ring<T>,
    filling: Filling<'a, T>,
}

impl<'a, T> Reservation<'a, T> {
    pub(crate) fn new(ring: &'a Ring<T>, filling: Filling<'a, T>) -> Self {
        Self { ring, filling }
    }

    /// How many more items can be pushed.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(3, 1)?;
    /// let mut producer = ring.producer()?;
    /// let mut reservation = producer.try_reserve(8)?;
    /// assert_eq!(reservation.room(), 3);
    /// reservation.push("one of them").unwrap();
    /// assert_eq!(reservation.room(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn room(&self) -> usize {
        self.filling.room()
    }

    /// Puts `item` into the next reserved slot.
    ///
    /// # Errors
    /// The item, when all reserved slots are filled.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(4, 1)?;
    /// let (mut producer, mut consumer) = (ring.producer()?, ring.consumer()?);
    /// let mut reservation = producer.try_reserve(2)?;
    /// assert_eq!((reservation.push(1), reservation.push(2)), (Ok(()), Ok(())));
    /// assert_eq!(reservation.push(3), Err(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn push(&mut self, item: T) -> Result<(), T> {
        self.push_with(|| item).map_err(|make| make())
    }

    /// Puts what `make` returns into the next reserved slot. If `make` unwinds, the slot is
    /// free again and what was pushed before stays.
    ///
    /// # Errors
    /// `make`, uncalled, when all reserved slots are filled.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(4, 1)?;
    /// let (mut producer, mut consumer) = (ring.producer()?, ring.consumer()?);
    /// let mut reservation = producer.try_reserve(2)?;
    /// assert!(reservation.push_with(|| [7_u8; 1450]).is_ok());
    /// reservation.publish();
    /// assert_eq!(consumer.try_read(), Some([7; 1450]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn push_with<F: FnOnce() -> T>(&mut self, make: F) -> Result<(), F> {
        self.filling.push(make)
    }

    /// Makes what was pushed readable, with one store. Answers how many items that was.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(4, 1)?;
    /// let (mut producer, mut consumer) = (ring.producer()?, ring.consumer()?);
    /// let mut reservation = producer.try_reserve(2)?;
    /// reservation.push('a').expect("room for two");
    /// assert_eq!(reservation.publish(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn publish(self) -> usize {
        let (items, shard) = self.filling.publish();
        self.ring.published(shard);
        items
    }
}

impl<T> fmt::Debug for Reservation<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("room", &self.room()).finish_non_exhaustive()
    }
}
