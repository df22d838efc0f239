//! Items filled in place on a dedicated shard, and published together.

use crate::producer::Producer;
use core::fmt;

/// Room for some items on a dedicated shard, lent by
/// [`Producer::try_reserve`](crate::Producer::try_reserve), which has an example.
///
/// Dropping it without [`publish`](Self::publish) withdraws it: what was pushed is dropped, and
/// the consumer never hears of it.
#[must_use = "what is pushed is withdrawn unless it is published"]
pub struct Reservation<'a, T> {
    producer: &'a mut Producer<T>,
    room: usize,
}

impl<'a, T> Reservation<'a, T> {
    pub(crate) fn new(producer: &'a mut Producer<T>, room: usize) -> Self {
        Self { producer, room }
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
        self.room
    }

    /// Puts `item` into the next reserved slot.
    ///
    /// # Errors
    /// The item, when all reserved slots are filled.
    pub fn push(&mut self, item: T) -> Result<(), T> {
        self.push_with(|| item).map_err(|make| make())
    }

    /// Puts what `make` returns into the next reserved slot. If `make` unwinds, the slot is
    /// free again and what was pushed before stays.
    ///
    /// # Errors
    /// `make`, uncalled, when all reserved slots are filled.
    #[inline]
    pub fn push_with<F: FnOnce() -> T>(&mut self, make: F) -> Result<(), F> {
        if self.room == 0 {
            return Err(make);
        }
        let (shard, lease) = self.producer.parts();
        shard.fill(lease, make)?;
        self.room -= 1;
        Ok(())
    }

    /// Makes what was pushed readable, with one store. Answers how many items that was.
    #[inline]
    pub fn publish(self) -> usize {
        // What is published is no longer filled, so that the drop finds nothing to withdraw.
        self.producer.publish()
    }
}

impl<T> Drop for Reservation<'_, T> {
    fn drop(&mut self) {
        let (shard, lease) = self.producer.parts();
        shard.withdraw(lease);
    }
}

impl<T> fmt::Debug for Reservation<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("room", &self.room).finish_non_exhaustive()
    }
}
