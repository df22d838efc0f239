//! The refusals: full, empty, closed; and what cannot be built or leased.

use core::error::Error;
use core::fmt;

/// Why a write was refused. The item (or whatever was to become one) comes back.
///
/// ```
/// use lock_free_ring::{ShardedRing, WriteRefused};
///
/// let ring = ShardedRing::new(1, 1)?;
/// ring.try_write(0, "first")?;
/// assert_eq!(ring.try_write(0, "second"), Err(WriteRefused::Full("second")));
/// ring.close();
/// assert_eq!(ring.try_write(0, "third").unwrap_err().into_inner(), "third");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum WriteRefused<T> {
    /// The shard has no room now; it may have some later.
    Full(T),
    /// The ring takes no more items, now or ever.
    Closed(T),
}

impl<T> WriteRefused<T> {
    /// Gives back what was refused.
    ///
    /// ```
    /// # use lock_free_ring::WriteRefused;
    /// assert_eq!(WriteRefused::Full('a').into_inner(), 'a');
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::Closed(item) => item,
        }
    }

    /// Whether the shard was full (and the ring open).
    ///
    /// ```
    /// # use lock_free_ring::WriteRefused;
    /// assert!(WriteRefused::Full('a').is_full());
    /// ```
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Whether the ring was closed.
    ///
    /// ```
    /// # use lock_free_ring::WriteRefused;
    /// assert!(WriteRefused::Closed('a').is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> fmt::Debug for WriteRefused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "Full(..)" } else { "Closed(..)" })
    }
}

impl<T> fmt::Display for WriteRefused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "the shard is full" } else { "the ring is closed" })
    }
}

impl<T> Error for WriteRefused<T> {}

/// The ring is closed. For a write it holds what was refused; for a read it is the promise
/// that nothing accepted is left and nothing more can come.
///
/// ```
/// use lock_free_ring::{Closed, ShardedRing};
///
/// let ring = ShardedRing::new(4, 1)?;
/// let mut consumer = ring.consumer()?;
/// ring.try_write(0, 7)?;
/// ring.close();
/// assert_eq!(ring.write(0, 8), Err(Closed(8)));
/// assert_eq!(consumer.read(), Ok(7));
/// assert_eq!(consumer.read(), Err(Closed(())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Closed<T = ()>(pub T);

impl<T> fmt::Debug for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closed(..)")
    }
}

impl<T> fmt::Display for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ring is closed")
    }
}

impl<T> Error for Closed<T> {}

/// Why a read with a time limit came back without an item.
///
/// ```
/// use lock_free_ring::{ReadRefused, ShardedRing};
/// use std::time::Duration;
///
/// let ring = ShardedRing::<u8>::new(4, 1)?;
/// let mut consumer = ring.consumer()?;
/// assert_eq!(consumer.read_timeout(Duration::ZERO), Err(ReadRefused::Empty));
/// ring.close();
/// assert_eq!(consumer.read_timeout(Duration::MAX), Err(ReadRefused::Closed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadRefused {
    /// Nothing to read now; there may be something later.
    Empty,
    /// Nothing accepted is left, and nothing more can come.
    Closed,
}

impl fmt::Display for ReadRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the ring is empty",
            Self::Closed => "the ring is closed and empty",
        })
    }
}

impl Error for ReadRefused {}

/// Why a ring could not be built.
///
/// ```
/// use lock_free_ring::{ConfigError, ShardedRing};
///
/// let refused = ShardedRing::<u8>::new(10, 4).unwrap_err();
/// assert_eq!(refused, ConfigError::Indivisible { capacity: 10, shards: 4 });
/// assert_eq!(refused.to_string(), "capacity 10 cannot be split evenly over 4 shards");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A ring has at least one slot.
    ZeroCapacity,
    /// A ring has at least one shard.
    ZeroShards,
    /// Shared shards are chosen by `id AND (shards − 1)`, which needs a power of two.
    ShardsNotPowerOfTwo {
        /// As asked for.
        shards: usize,
    },
    /// Each shard has at least one slot.
    FewerSlotsThanShards {
        /// As asked for, in slots.
        capacity: usize,
        /// As asked for.
        shards: usize,
    },
    /// Each shard has the same capacity, and the whole is exactly what was asked for.
    Indivisible {
        /// As asked for, in slots.
        capacity: usize,
        /// As asked for.
        shards: usize,
    },
    /// The memory for this many slots cannot be had, or they are more than a position can tell
    /// apart (half of `isize::MAX`, which zero-sized items may come to).
    OutOfMemory {
        /// As asked for, in slots.
        capacity: usize,
        /// As asked for.
        shards: usize,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ZeroCapacity => f.write_str("capacity is 0; a ring has at least one slot"),
            Self::ZeroShards => f.write_str("the number of shards is 0; a ring has at least one"),
            Self::ShardsNotPowerOfTwo { shards } => {
                write!(f, "the number of shared shards is {shards}; it must be a power of two")
            }
            Self::FewerSlotsThanShards { capacity, shards } => {
                write!(f, "capacity {capacity} is less than one slot for each of {shards} shards")
            }
            Self::Indivisible { capacity, shards } => {
                write!(f, "capacity {capacity} cannot be split evenly over {shards} shards")
            }
            Self::OutOfMemory { capacity, shards } => {
                write!(f, "no memory for {capacity} slots in {shards} shards")
            }
        }
    }
}

impl Error for ConfigError {}

/// Why a ring lent no end.
///
/// ```
/// use lock_free_ring::{DedicatedRing, LeaseError};
///
/// let ring = DedicatedRing::<u8>::new(8, 1)?;
/// let producer = ring.producer()?;
/// assert_eq!(ring.producer().unwrap_err(), LeaseError::NoFreeShard { shards: 1 });
/// drop(producer);
/// assert!(ring.producer().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeaseError {
    /// Each dedicated shard has its producer; drop one, or build the ring with more shards.
    NoFreeShard {
        /// How many the ring has.
        shards: usize,
    },
    /// There is a consumer already, and there is never more than one.
    ConsumerTaken,
    /// A closed ring lends no producers.
    Closed,
}

impl fmt::Display for LeaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFreeShard { shards } => {
                write!(f, "each of the ring's {shards} dedicated shards has its producer already")
            }
            Self::ConsumerTaken => f.write_str("the ring has its consumer already"),
            Self::Closed => f.write_str("the ring is closed"),
        }
    }
}

impl Error for LeaseError {}
