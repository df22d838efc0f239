//! A ring's configuration, checked when it is built.

use crate::barrier::Barrier;
use crate::dedicated::DedicatedRing;
use crate::error::ConfigError;
use crate::handle::Handle;
use crate::position::Position;
use crate::ring::Ring;
use crate::shard::Kind;
use crate::sharded::ShardedRing;
#[cfg(feature = "std")]
use core::time::Duration;

/// Builds a ring with more say than [`ShardedRing::new`] and [`DedicatedRing::new`] give.
///
/// ```
/// use lock_free_ring::RingBuilder;
/// use std::time::Duration;
///
/// let ring = RingBuilder::new(96, 4).spin(Duration::ZERO).shared::<u64>()?;
/// assert_eq!((ring.capacity(), ring.shard_capacity()), (96, 24));
/// # Ok::<(), lock_free_ring::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RingBuilder {
    pub(crate) capacity: usize,
    pub(crate) shards: usize,
    pub(crate) start: Position,
    #[cfg(feature = "std")]
    pub(crate) spin: Duration,
    fence: bool,
}

/// Long enough for a neighbour on another core to answer, far shorter than a sleep and a wake.
#[cfg(feature = "std")]
const DEFAULT_SPIN: Duration = Duration::from_micros(10);

impl RingBuilder {
    /// A ring of `capacity` slots in all, split evenly over `shards` shards. Nothing is checked
    /// yet.
    ///
    /// ```
    /// let nothing_checked_yet = lock_free_ring::RingBuilder::new(10, 4);
    /// assert!(nothing_checked_yet.shared::<u8>().is_err());
    /// ```
    pub fn new(capacity: usize, shards: usize) -> Self {
        Self {
            capacity,
            shards,
            start: Position::from_count(0),
            #[cfg(feature = "std")]
            spin: DEFAULT_SPIN,
            fence: false,
        }
    }

    /// How long a waiting end spins before it sleeps; 10 µs unless told. It never spins when
    /// the ring's ends (handles but one, producers, the consumer) outnumber the cores, nor does
    /// the consumer after a wait of more than 100 µs. With too few cores, or a limit of zero, it
    /// lets other threads have its core before it sleeps, as long as they want it.
    ///
    /// ```
    /// # use lock_free_ring::RingBuilder;
    /// # use std::time::Duration;
    /// let frugal = RingBuilder::new(64, 4).spin(Duration::ZERO).shared::<u8>()?;
    /// # Ok::<(), lock_free_ring::ConfigError>(())
    /// ```
    #[cfg(feature = "std")]
    pub fn spin(mut self, limit: Duration) -> Self {
        self.spin = limit;
        self
    }

    /// Uses a full fence in each write and read in place of `membarrier(2)`, as on systems
    /// without that call. For tests, and for processes that will forbid themselves the call.
    ///
    /// ```
    /// # use lock_free_ring::RingBuilder;
    /// let no_system_call = RingBuilder::new(64, 4).fence(true).shared::<u8>()?;
    /// # Ok::<(), lock_free_ring::ConfigError>(())
    /// ```
    pub fn fence(mut self, always: bool) -> Self {
        self.fence = always;
        self
    }

    /// The count (modulo 2⁶³) at which the cursors start. For tests of the wrap-around, which
    /// no real ring lives to see: at 10⁹ items a second it comes after 292 years.
    ///
    /// ```
    /// # use lock_free_ring::RingBuilder;
    /// let ring = RingBuilder::new(3, 1).start_count(u64::MAX >> 1).shared()?;
    /// let mut consumer = ring.consumer()?;
    /// for item in 0..9 {
    ///     ring.try_write(0, item)?;
    ///     assert_eq!(consumer.try_read(), Some(item));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start_count(mut self, count: u64) -> Self {
        self.start = Position::from_count(count);
        self
    }

    /// Builds a ring of shared shards. The number of shards must be a power of two.
    ///
    /// # Errors
    /// See [`ConfigError`]; also where the memory cannot be had.
    ///
    /// ```
    /// # use lock_free_ring::RingBuilder;
    /// let ring = RingBuilder::new(64, 4).shared()?;
    /// ring.try_write(0, "from any thread")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shared<T>(&self) -> Result<ShardedRing<T>, ConfigError> {
        Ok(ShardedRing::from_handle(Handle::new(Ring::new(self, Kind::Shared)?)))
    }

    /// Builds a ring of dedicated shards, as many as there are to be producers at once.
    ///
    /// # Errors
    /// See [`ConfigError`]; also where the memory cannot be had.
    ///
    /// ```
    /// # use lock_free_ring::RingBuilder;
    /// let ring = RingBuilder::new(60, 3).dedicated()?;
    /// ring.producer()?.try_write("to a shard of its own")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn dedicated<T>(&self) -> Result<DedicatedRing<T>, ConfigError> {
        Ok(DedicatedRing::from_handle(Handle::new(Ring::new(self, Kind::Dedicated)?)))
    }

    pub(crate) fn barrier(&self) -> Barrier {
        if self.fence { Barrier::Fence } else { Barrier::detect() }
    }

    pub(crate) fn shard_capacity(&self, kind: Kind) -> Result<usize, ConfigError> {
        let (capacity, shards) = (self.capacity, self.shards);
        if capacity == 0 {
            Err(ConfigError::ZeroCapacity)
        } else if shards == 0 {
            Err(ConfigError::ZeroShards)
        } else if kind == Kind::Shared && !shards.is_power_of_two() {
            Err(ConfigError::ShardsNotPowerOfTwo { shards })
        } else if capacity < shards {
            Err(ConfigError::FewerSlotsThanShards { capacity, shards })
        } else if capacity % shards != 0 {
            Err(ConfigError::Indivisible { capacity, shards })
        } else if capacity > isize::MAX as usize / 2 {
            // The storage is the next power of two; and counts are compared as differences.
            Err(ConfigError::OutOfMemory { capacity, shards })
        } else {
            Ok(capacity / shards)
        }
    }
}
