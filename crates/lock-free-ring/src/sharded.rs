//! A ring with shared shards: any thread writes to any of them.

#[cfg(feature = "std")]
use crate::backoff::{WriteConfig, back_off};
use crate::builder::RingBuilder;
use crate::consumer::Consumer;
use crate::cursor::Refusal;
use crate::error::{Closed, ConfigError, LeaseError, WriteRefused};
use crate::handle::Handle;
use crate::ring::Ring;
use crate::routing::{Router, Routing};
use crate::shard::{Claim, Shard};
#[cfg(feature = "async")]
use crate::sync::Arc;
#[cfg(feature = "std")]
use crate::wait::until_room;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;
#[cfg(feature = "std")]
use core::time::Duration;

/// A bounded ring of shards, each shared by any number of producers.
///
/// The handle is `Send`, `Sync` and cheap to clone: every clone is the same ring, and each may
/// write and lend the one [`Consumer`]. Under the default [`Routing::ById`] the items of one
/// producer id arrive in the order in which they were written; across ids no order is kept.
///
/// A write claims its slot with one compare-exchange after it has seen room, and publishes it
/// with one store. Only a write to the same shard can make it try again. A producer that is
/// stopped between the two steps delays the items behind it in its shard and no other shard:
/// producers never wait for each other, but the shard's consumer waits for that one slot.
///
/// The ring closes for writing by [`close`](Ring::close), or when the last handle is dropped;
/// what was accepted stays readable. With the consumer gone too, unread items are dropped.
///
/// ```
/// use lock_free_ring::ShardedRing;
/// use std::thread;
///
/// let ring = ShardedRing::new(1024, 4)?;
/// let mut consumer = ring.consumer()?;
/// for id in 0..4 {
///     let ring = ring.clone();
///     thread::spawn(move || (0..100).try_for_each(|item| ring.write(id, item)));
/// }
/// drop(ring); // the clones write; with the last of them the ring closes
/// let mut sum = 0;
/// while let Ok(item) = consumer.read() {
///     sum += item;
/// }
/// assert_eq!(sum, 4 * 4950);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "NewShardedRing")]
pub struct ShardedRing<T> {
    ring: Handle<T>,
    router: Router,
}

impl<T> ShardedRing<T> {
    /// A ring of `capacity` slots in all, split evenly over `shards` shards, a power of two.
    ///
    /// # Errors
    /// Each wrong input is a [`ConfigError`] of its own, also memory that cannot be had.
    ///
    /// ```
    /// # use lock_free_ring::{ConfigError, ShardedRing};
    /// assert_eq!(ShardedRing::<u8>::new(12, 4)?.shard_capacity(), 3);
    /// assert_eq!(ShardedRing::<u8>::new(12, 3).unwrap_err(), ConfigError::ShardsNotPowerOfTwo { shards: 3 });
    /// # Ok::<(), ConfigError>(())
    /// ```
    pub fn new(capacity: usize, shards: usize) -> Result<Self, ConfigError> {
        RingBuilder::new(capacity, shards).shared()
    }

    pub(crate) fn from_handle(ring: Handle<T>) -> Self {
        Self { ring, router: Router::new(Routing::ById, 0) }
    }

    /// The same handle, with another choice of shards. Clones take the choice with them.
    ///
    /// ```
    /// # use lock_free_ring::{Routing, ShardedRing};
    /// let ring = ShardedRing::new(64, 4)?;
    /// let spread = ring.clone().with_routing(Routing::Random);
    /// spread.try_write(0, "anywhere")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_routing(mut self, routing: Routing) -> Self {
        self.router = Router::new(routing, self.ring.number());
        self
    }

    #[inline(always)]
    pub(crate) fn shard(&self, producer_id: u64) -> &Shard<T> {
        let shards = self.ring.shards();
        &shards[self.router.pick(producer_id) as usize & (shards.len() - 1)]
    }

    #[inline(always)]
    fn fill(&self, shard: &Shard<T>, mut claim: Claim<'_, T>, item: T) {
        claim.put_with(|| item);
        self.ring.published(shard);
    }

    fn accept(
        &self,
        shard: &Shard<T>,
        claim: Result<Claim<'_, T>, Refusal>,
        item: T,
    ) -> Result<(), WriteRefused<T>> {
        match claim {
            Ok(claim) => {
                self.fill(shard, claim, item);
                Ok(())
            }
            Err(refusal) => {
                if refusal == Refusal::Full {
                    shard.counters.refused.add(1);
                }
                Err(refusal.of(item))
            }
        }
    }

    /// Writes `item` to the shard of `producer_id`, at once or not at all.
    ///
    /// # Errors
    /// [`WriteRefused::Full`] if that shard has no room, others notwithstanding, and
    /// [`WriteRefused::Closed`]; both give the item back.
    ///
    /// ```
    /// # use lock_free_ring::{ShardedRing, WriteRefused};
    /// let ring = ShardedRing::new(2, 2)?;
    /// ring.try_write(0, 'a')?;
    /// assert_eq!(ring.try_write(2, 'b'), Err(WriteRefused::Full('b'))); // 2 AND 1 = 0
    /// ring.try_write(1, 'b')?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "Write")]
    #[inline]
    pub fn try_write(&self, producer_id: u64, item: T) -> Result<(), WriteRefused<T>> {
        let shard = self.shard(producer_id);
        match shard.claim(1) {
            Ok(claim) => {
                self.fill(shard, claim, item);
                Ok(())
            }
            refused => self.accept(shard, refused, item),
        }
    }

    /// Writes what `make` returns, which is called only once the slot is claimed.
    ///
    /// While `make` runs, the items behind it in this shard wait; a `make` that never returns
    /// stalls the shard for good (see [`head_stalled`](crate::ShardStats::head_stalled)), and the other shards go
    /// on. If it unwinds, the slot is published as aborted: the consumer steps over it, and
    /// [`aborted`](crate::ShardStats::aborted) counts it.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write), with `make` given back uncalled.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(2, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// assert!(ring.try_write_with(0, || [7u8; 1450]).is_ok());
    /// assert_eq!(consumer.try_read(), Some([7; 1450]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_write_with<F: FnOnce() -> T>(
        &self,
        producer_id: u64,
        make: F,
    ) -> Result<(), WriteRefused<F>> {
        let shard = self.shard(producer_id);
        match shard.claim(1) {
            Ok(claim) => {
                // Also when `make` unwinds, the consumer must hear of it: what it waits for may
                // lie behind the aborted slot.
                let mut announced = Announced { ring: &self.ring, shard, claim };
                announced.claim.put_with(make);
                Ok(())
            }
            Err(refusal) => {
                if refusal == Refusal::Full {
                    shard.counters.refused.add(1);
                }
                Err(refusal.of(make))
            }
        }
    }

    /// Writes the first items of `items`, as many as the shard has room for, under one claim:
    /// they lie in the shard in a row. Answers how many left the vector; the others stay in it.
    /// With no room, or nothing to write, that is 0.
    ///
    /// # Errors
    /// [`Closed`]; `items` is then untouched.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(3, 1)?;
    /// let mut items = vec![1, 2, 3, 4];
    /// assert_eq!(ring.try_write_batch(0, &mut items)?, 3);
    /// assert_eq!(items, [4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_write_batch(&self, producer_id: u64, items: &mut Vec<T>) -> Result<usize, Closed> {
        self.write_batch_to(self.shard(producer_id), items)
    }

    fn write_batch_to(&self, shard: &Shard<T>, items: &mut Vec<T>) -> Result<usize, Closed> {
        if items.is_empty() {
            return Ok(0);
        }
        match self.write_some(shard, items) {
            Ok(written) => Ok(written),
            Err(Refusal::Full) => {
                shard.counters.refused.add(1);
                Ok(0)
            }
            Err(Refusal::Closed) => Err(Closed(())),
        }
    }

    /// Writes what there is room for, at least one item, and counts no refusal.
    #[inline(always)]
    pub(crate) fn write_some(
        &self,
        shard: &Shard<T>,
        items: &mut Vec<T>,
    ) -> Result<usize, Refusal> {
        let written = shard.claim(items.len())?.put_from(items);
        self.ring.published(shard);
        Ok(written)
    }

    /// Lends the ring's consumer. There is never more than one; once it is dropped, also by a
    /// thread that panics, the next one goes on at the next unread item.
    ///
    /// # Errors
    /// [`LeaseError::ConsumerTaken`].
    ///
    /// ```
    /// # use lock_free_ring::{LeaseError, ShardedRing};
    /// let ring = ShardedRing::<u8>::new(2, 1)?;
    /// let consumer = ring.consumer()?;
    /// assert_eq!(ring.consumer().unwrap_err(), LeaseError::ConsumerTaken);
    /// drop(consumer);
    /// assert!(ring.consumer().is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn consumer(&self) -> Result<Consumer<T>, LeaseError> {
        Consumer::lease(self.ring.shared())
    }
}

impl<T> Deref for ShardedRing<T> {
    type Target = Ring<T>;

    fn deref(&self) -> &Ring<T> {
        &self.ring
    }
}

impl<T> Clone for ShardedRing<T> {
    fn clone(&self) -> Self {
        let ring = self.ring.clone();
        let router = Router::new(self.router.routing(), ring.number());
        Self { ring, router }
    }
}

impl<T> fmt::Debug for ShardedRing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring.describe(f, "ShardedRing")
    }
}

/// An open claim whose end is made known however it ends.
struct Announced<'a, T> {
    ring: &'a Ring<T>,
    shard: &'a Shard<T>,
    claim: Claim<'a, T>,
}

impl<T> Drop for Announced<'_, T> {
    fn drop(&mut self) {
        self.claim.abort_rest();
        self.ring.published(self.shard);
    }
}

#[cfg(feature = "std")]
impl<T> ShardedRing<T> {
    #[cold]
    fn wait_for_claim<'a>(
        &self,
        shard: &'a Shard<T>,
        wanted: usize,
        limit: Option<Duration>,
    ) -> Result<Claim<'a, T>, Refusal> {
        until_room(&self.ring, shard, limit, || shard.claim(wanted))
    }

    /// Writes `item` to the shard of `producer_id`, and waits as long as that is full.
    ///
    /// # Errors
    /// [`Closed`], with the item.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(1, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// let writer = std::thread::spawn(move || (0..3).try_for_each(|item| ring.write(0, item)));
    /// assert_eq!([consumer.read()?, consumer.read()?, consumer.read()?], [0, 1, 2]);
    /// # writer.join().unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn write(&self, producer_id: u64, item: T) -> Result<(), Closed<T>> {
        let shard = self.shard(producer_id);
        match shard.claim(1) {
            Ok(claim) => {
                self.fill(shard, claim, item);
                Ok(())
            }
            Err(_) => self.write_when_there_is_room(shard, item),
        }
    }

    #[cold]
    fn write_when_there_is_room(&self, shard: &Shard<T>, item: T) -> Result<(), Closed<T>> {
        let claim = self.wait_for_claim(shard, 1, None);
        self.accept(shard, claim, item).map_err(|refused| Closed(refused.into_inner()))
    }

    /// Writes `item` to the shard of `producer_id`, and waits up to `limit` while that is full.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write): [`WriteRefused::Full`] when the time is up.
    ///
    /// ```
    /// # use lock_free_ring::{ShardedRing, WriteRefused};
    /// # use std::time::Duration;
    /// let ring = ShardedRing::new(1, 1)?;
    /// ring.write_timeout(0, 'a', Duration::MAX)?;
    /// let late = ring.write_timeout(0, 'b', Duration::from_millis(1));
    /// assert_eq!(late, Err(WriteRefused::Full('b')));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_timeout(
        &self,
        producer_id: u64,
        item: T,
        limit: Duration,
    ) -> Result<(), WriteRefused<T>> {
        let shard = self.shard(producer_id);
        let claim = match shard.claim(1) {
            Err(Refusal::Full) => self.wait_for_claim(shard, 1, Some(limit)),
            settled => settled,
        };
        self.accept(shard, claim, item)
    }

    /// Writes `item` to the shard of `producer_id`; while that is full, retries and sleeps as
    /// `config` says.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write): [`WriteRefused::Full`] when it gave up or was called
    /// off. See [`WriteConfig`] for an example.
    ///
    /// ```
    /// # use lock_free_ring::{ShardedRing, WriteConfig};
    /// # use std::num::NonZeroU32;
    /// let ring = ShardedRing::new(1, 1)?;
    /// let config = WriteConfig { max_backoffs: NonZeroU32::new(2), ..WriteConfig::default() };
    /// ring.write_with_backoff(0, 'a', &config)?;
    /// assert!(ring.write_with_backoff(0, 'b', &config).unwrap_err().is_full());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WriteWithBackoff")]
    pub fn write_with_backoff(
        &self,
        producer_id: u64,
        item: T,
        config: &WriteConfig,
    ) -> Result<(), WriteRefused<T>> {
        let shard = self.shard(producer_id);
        let claim = back_off(&self.ring, config, || shard.claim(1));
        self.accept(shard, claim, item)
    }

    /// Writes all of `items` to the shard of `producer_id`, and waits whenever that is full.
    /// Each claim takes what there is room for; other producers may write in between.
    ///
    /// # Errors
    /// [`Closed`]; what was not written is still in `items`.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(2, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// std::thread::spawn(move || ring.write_batch(0, &mut vec!['a', 'b', 'c']));
    /// assert_eq!([consumer.read()?, consumer.read()?, consumer.read()?], ['a', 'b', 'c']);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_batch(&self, producer_id: u64, items: &mut Vec<T>) -> Result<(), Closed> {
        let shard = self.shard(producer_id);
        while !items.is_empty() {
            let claim = match shard.claim(items.len()) {
                Err(Refusal::Full) => self.wait_for_claim(shard, items.len(), None),
                settled => settled,
            };
            claim.map_err(|_| Closed(()))?.put_from(items);
            self.ring.published(shard);
        }
        Ok(())
    }
}

/// What a task that writes needs.
#[cfg(feature = "async")]
impl<T> ShardedRing<T> {
    pub(crate) fn shared(&self) -> &Arc<Ring<T>> {
        self.ring.shared()
    }

    /// The number of the shard that the next item goes to.
    pub(crate) fn pick(&self, producer_id: u64) -> usize {
        self.shard(producer_id).number()
    }

    /// Writes `item`, or gives it back and counts nothing.
    pub(crate) fn offer(&self, shard: &Shard<T>, item: T) -> Result<(), WriteRefused<T>> {
        match shard.claim(1) {
            Ok(claim) => {
                self.fill(shard, claim, item);
                Ok(())
            }
            Err(refusal) => Err(refusal.of(item)),
        }
    }
}

#[cfg(all(test, ring_loom))]
mod models {
    use super::*;
    use loom::thread;

    /// The reader waits behind a claim that is never filled, the writer for its slot: the abort
    /// must wake both. Here and not among the other models, since loom's mutexes do not bear
    /// the unwinding that aborts a claim outside.
    #[test]
    fn an_abort_wakes_the_reader_and_the_writer() {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(2);
        model.check(|| {
            let ring = RingBuilder::new(1, 1).spin(Duration::ZERO).fence(true).shared().unwrap();
            let ring = loom::sync::Arc::new(ring);
            let aborting = ring.clone();
            let aborting = thread::spawn(move || {
                let ring = &aborting.ring;
                let shard = ring.shard(0);
                if let Ok(claim) = shard.claim(1) {
                    drop(Announced { ring, shard, claim });
                }
            });
            let writer = ring.clone();
            let writer = thread::spawn(move || writer.write(1, 7).unwrap());
            let mut consumer = ring.consumer().unwrap();
            assert_eq!(consumer.read(), Ok(7));
            aborting.join().unwrap();
            writer.join().unwrap();
        });
    }
}
