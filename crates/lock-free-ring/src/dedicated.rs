//! A ring with dedicated shards: each leased to one producer at a time.

use crate::builder::RingBuilder;
use crate::consumer::Consumer;
use crate::error::{ConfigError, LeaseError};
use crate::handle::Handle;
use crate::producer::Producer;
use crate::ring::Ring;
use core::fmt;
use core::ops::Deref;

/// A bounded ring of shards, each dedicated to one [`Producer`] at a time.
///
/// The faster of the two rings: a producer that has its shard to itself needs no
/// read-modify-write at all, and both sides are wait-free (Lamport 1983). The price is that
/// there are never more producers than shards. Each producer's items arrive in the order in
/// which it wrote them; across producers no order is kept.
///
/// The handle is `Send`, `Sync` and cheap to clone, and lends producers and the one consumer
/// from any thread. The ring closes for writing by [`close`](Ring::close), or when all handles
/// and producers are dropped; what was accepted stays readable. When the consumer and all
/// handles are gone, producers get `Closed` and unread items are dropped at once.
///
/// ```
/// use lock_free_ring::DedicatedRing;
/// use std::thread;
///
/// let ring = DedicatedRing::new(1024, 4)?;
/// let mut consumer = ring.consumer()?;
/// for _ in 0..4 {
///     let mut producer = ring.producer()?;
///     thread::spawn(move || (0..100).try_for_each(|item| producer.write(item)));
/// }
/// drop(ring); // the producers write; with the last of them the ring closes
/// let mut sum = 0;
/// while let Ok(item) = consumer.read() {
///     sum += item;
/// }
/// assert_eq!(sum, 4 * 4950);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct DedicatedRing<T> {
    ring: Handle<T>,
}

impl<T> DedicatedRing<T> {
    /// A ring of `capacity` slots in all, split evenly over `shards` shards: as many as there
    /// are to be producers at once.
    ///
    /// # Errors
    /// Each wrong input is a [`ConfigError`] of its own, also memory that cannot be had.
    ///
    /// ```
    /// # use lock_free_ring::{ConfigError, DedicatedRing};
    /// assert_eq!(DedicatedRing::<u8>::new(15, 3)?.shard_capacity(), 5);
    /// assert_eq!(DedicatedRing::<u8>::new(0, 3).unwrap_err(), ConfigError::ZeroCapacity);
    /// # Ok::<(), ConfigError>(())
    /// ```
    pub fn new(capacity: usize, shards: usize) -> Result<Self, ConfigError> {
        RingBuilder::new(capacity, shards).dedicated()
    }

    pub(crate) fn from_handle(ring: Handle<T>) -> Self {
        Self { ring }
    }

    /// Lends a free shard to a new producer, which goes on where the shard's last one stopped.
    ///
    /// # Errors
    /// [`LeaseError::NoFreeShard`] when each shard has its producer, and [`LeaseError::Closed`].
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(4, 2)?;
    /// let (mut a, mut b) = (ring.producer()?, ring.producer()?);
    /// a.try_write(1)?;
    /// b.try_write(2)?;
    /// assert!(ring.producer().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn producer(&self) -> Result<Producer<T>, LeaseError> {
        Producer::lease(self.ring.shared())
    }

    /// Lends the ring's consumer. There is never more than one; once it is dropped, also by a
    /// thread that panics, the next one goes on at the next unread item.
    ///
    /// # Errors
    /// [`LeaseError::ConsumerTaken`].
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::<u8>::new(2, 1)?;
    /// let consumer = ring.consumer()?;
    /// assert!(ring.consumer().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn consumer(&self) -> Result<Consumer<T>, LeaseError> {
        Consumer::lease(self.ring.shared())
    }
}

impl<T> Deref for DedicatedRing<T> {
    type Target = Ring<T>;

    fn deref(&self) -> &Ring<T> {
        &self.ring
    }
}

impl<T> Clone for DedicatedRing<T> {
    fn clone(&self) -> Self {
        Self { ring: self.ring.clone() }
    }
}

impl<T> fmt::Debug for DedicatedRing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring.describe(f, "DedicatedRing")
    }
}
