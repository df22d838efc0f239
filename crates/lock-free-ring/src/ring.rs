//! The ring that all ends share: the shards, who is told of what, and how it closes.

use crate::barrier::Barrier;
use crate::builder::RingBuilder;
use crate::drop_each::drop_each;
use crate::ends::{ConsumerLease, Ends, Holders};
use crate::error::{ConfigError, LeaseError};
use crate::gate::Gate;
use crate::notice::Notice;
use crate::parking::Active;
use crate::shard::{Kind, ProducerLease, Shard};
use crate::stats::ShardStats;
use crate::sync::{AtomicBool, Line, Ordering, compiler_fence, spin_loop};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
#[cfg(feature = "std")]
use core::time::Duration;

/// What all ends of a ring have in common: [`ShardedRing`](crate::ShardedRing),
/// [`DedicatedRing`](crate::DedicatedRing), [`Producer`](crate::Producer) and
/// [`Consumer`](crate::Consumer) all dereference to it.
///
/// ```
/// use lock_free_ring::DedicatedRing;
///
/// let ring = DedicatedRing::new(12, 3)?;
/// let (mut producer, consumer) = (ring.producer()?, ring.consumer()?);
/// producer.try_write("item")?;
/// assert_eq!((ring.len(), producer.capacity(), consumer.num_shards()), (1, 12, 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Ring<T> {
    shards: Box<[Shard<T>]>,
    active: Active,
    barrier: Barrier,
    #[cfg(feature = "std")]
    spin: Duration,
    ends: Line<Ends>,
    /// Written by the consumer and by a close; producers look here after each publish.
    signal: Line<Signal>,
    /// Where producers sleep who back off: woken by a close alone.
    closing: Line<Gate>,
}

struct Signal {
    /// Where the consumer sleeps.
    items: Gate,
    closed: AtomicBool,
}

impl<T> Ring<T> {
    pub(crate) fn new(config: &RingBuilder, kind: Kind) -> Result<Self, ConfigError> {
        let per_shard = config.shard_capacity(kind)?;
        let (capacity, count) = (config.capacity, config.shards);
        let barrier = config.barrier();
        let mut shards = Vec::new();
        shards
            .try_reserve_exact(count)
            .map_err(|_| ConfigError::OutOfMemory { capacity, shards: count })?;
        for number in 0..count {
            let shard = Shard::new(number, per_shard, kind, config.start, Notice::new(barrier))
                .map_err(|_| ConfigError::OutOfMemory { capacity, shards: count })?;
            shards.push(shard);
        }
        // Asked here, since the first answer allocates and the first wait should not.
        #[cfg(feature = "std")]
        crate::wait::cores();
        Ok(Self {
            shards: shards.into_boxed_slice(),
            active: Active::new(count),
            barrier,
            #[cfg(feature = "std")]
            spin: config.spin,
            ends: Line(Ends::of_one_handle()),
            signal: Line(Signal { items: Gate::new(), closed: AtomicBool::new(false) }),
            closing: Line(Gate::new()),
        })
    }

    #[inline(always)]
    pub(crate) fn shards(&self) -> &[Shard<T>] {
        &self.shards
    }

    pub(crate) fn active(&self) -> &Active {
        &self.active
    }

    pub(crate) fn barrier(&self) -> Barrier {
        self.barrier
    }

    #[inline(always)]
    pub(crate) fn shard(&self, index: usize) -> &Shard<T> {
        &self.shards[index]
    }

    pub(crate) fn describe(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        f.debug_struct(name)
            .field("capacity", &self.capacity())
            .field("shards", &self.shards.len())
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// What everybody may ask.
impl<T> Ring<T> {
    /// The slots of all shards together: exactly what was asked for.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(12, 4)?;
    /// # ring.try_write(0, 'a')?;
    /// assert_eq!(ring.capacity(), 12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "Cap")]
    pub fn capacity(&self) -> usize {
        self.shard_capacity() * self.num_shards()
    }

    /// The slots of each shard.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(12, 4)?;
    /// # ring.try_write(0, 'a')?;
    /// assert_eq!(ring.shard_capacity(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shard_capacity(&self) -> usize {
        self.shards[0].capacity()
    }

    /// The number of shards.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(12, 4)?;
    /// # ring.try_write(0, 'a')?;
    /// assert_eq!(ring.num_shards(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "NumShards")]
    pub fn num_shards(&self) -> usize {
        self.shards.len()
    }

    /// Items accepted and not yet taken, claims that are not published yet included. Never
    /// more than the capacity; exact when nobody writes or reads. Cost: four loads a shard.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(12, 4)?;
    /// ring.try_write(0, 'a')?;
    /// ring.try_write(1, 'b')?;
    /// assert_eq!(ring.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "Len")]
    pub fn len(&self) -> usize {
        self.shards.iter().map(Shard::items).sum()
    }

    /// Whether [`len`](Self::len) is 0.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(12, 4)?;
    /// assert!(ring.is_empty());
    /// ring.try_write(0, 'a')?;
    /// assert!(!ring.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A look at each shard, in order.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(12, 4)?;
    /// ring.try_write(5, 'a')?; // 5 AND 3 = 1
    /// let written: Vec<_> = ring.stats().map(|shard| shard.written).collect();
    /// assert_eq!(written, [0, 1, 0, 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stats(&self) -> impl Iterator<Item = ShardStats> + '_ {
        self.shards.iter().map(Shard::stats)
    }

    /// Whether the ring takes no more items, because it was closed or because all handles and
    /// producers, or all who could read, are gone. Items may still be there to be read. Who has
    /// seen this true writes no more to any shard.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(12, 4)?;
    /// ring.try_write(0, 'a')?;
    /// ring.close();
    /// assert!(ring.is_closed() && !ring.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_closed(&self) -> bool {
        // Acquire, partner `close`: every shared shard is closed by then.
        self.signal.closed.load(Ordering::Acquire)
    }

    /// Lets no more items in, for ever, and wakes all who wait. What was accepted stays
    /// readable; the consumer gets `Closed` once it has read all of it.
    ///
    /// On a dedicated shard the close takes effect when its producer writes next or is
    /// dropped: the consumer waits for that before it says `Closed`.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?;
    /// ring.try_write(0, "before")?;
    /// ring.close();
    /// assert!(ring.try_write(0, "after").unwrap_err().is_closed());
    /// assert_eq!(consumer.read(), Ok("before"));
    /// assert!(consumer.read().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&self) {
        self.shards.iter().for_each(Shard::close);
        // Release, partner `is_closed`.
        self.signal.closed.store(true, Ordering::Release);
        self.shards.iter().for_each(|shard| shard.room.wake());
        self.signal.items.wake();
        self.closing.wake();
    }
}

/// Signals: who must be told after a publish, and after a release.
impl<T> Ring<T> {
    /// To be called after each publish: wakes the consumer if it sleeps and `shard` now holds
    /// what it waits for.
    #[inline(always)]
    pub(crate) fn published(&self, shard: &Shard<T>) {
        // The light barrier where it costs nothing. Where it does, the notice is never empty.
        compiler_fence(Ordering::SeqCst);
        if !shard.notice.is_empty() || self.signal.items.mark() != 0 {
            self.announce(shard);
        }
    }

    #[cold]
    fn announce(&self, shard: &Shard<T>) {
        // Partner: `heavy` in `wait` (the consumer announced itself, then looks for items), in
        // `parking` (the shard is marked, then looked at) and in `abandon` (the shard is marked,
        // then emptied).
        self.barrier.light();
        if shard.notice.says(Notice::PARKED) {
            self.active.set(shard.number());
            // Partner: `heavy` in `wait`: the consumer looks at the active shards alone.
            self.barrier.light();
        }
        let mark = self.signal.items.mark();
        if mark != 0 && shard.len() as u64 >= mark.min(shard.capacity() as u64) {
            self.signal.items.wake();
        }
        if shard.notice.says(Notice::ABANDONED) {
            self.discard_abandoned(shard);
        }
    }

    /// To be called after each release: wakes the producers that wait for room in `shard`.
    #[inline(always)]
    pub(crate) fn released(&self, shard: &Shard<T>) {
        // Partner: `heavy` in `wait` (a producer announced itself, then looks for room).
        self.barrier.light();
        if shard.room.mark() != 0 {
            shard.room.wake();
        }
    }
}

/// Waiting needs these.
impl<T> Ring<T> {
    #[cfg(any(feature = "std", feature = "async"))]
    pub(crate) fn items(&self) -> &Gate {
        &self.signal.items
    }
}

/// Waiting as a thread needs these, too.
#[cfg(feature = "std")]
impl<T> Ring<T> {
    pub(crate) fn closing(&self) -> &Gate {
        &self.closing
    }

    /// How long a wait may spin before it sleeps: not at all when the ends alone outnumber the
    /// cores, since then whom we wait for may need ours.
    pub(crate) fn spin_limit(&self) -> Duration {
        let holders = self.ends.holders();
        let threads = holders.handles().saturating_sub(1) + holders.producers() + 1;
        if threads > crate::wait::cores() { Duration::ZERO } else { self.spin }
    }
}

/// Leases.
impl<T> Ring<T> {
    pub(crate) fn lease_consumer(&self) -> Result<ConsumerLease, LeaseError> {
        self.ends.lend_consumer().ok_or(LeaseError::ConsumerTaken)
    }

    /// For a dedicated ring: lends a free shard, and counts its producer.
    pub(crate) fn lease_producer(&self) -> Result<ProducerLease, LeaseError> {
        if self.is_closed() {
            return Err(LeaseError::Closed);
        }
        let lease = self.shards.iter().find_map(Shard::lease);
        let lease = lease.ok_or(LeaseError::NoFreeShard { shards: self.shards.len() })?;
        self.ends.add_producer();
        Ok(lease)
    }
}

/// Closing.
impl<T> Ring<T> {
    /// Notes that the producer of a dedicated shard has seen the close.
    #[cold]
    pub(crate) fn seal(&self, lease: &ProducerLease) {
        if self.shards[lease.shard()].seal() {
            self.signal.items.wake();
        }
    }

    /// Whether the ring is closed and nothing accepted can still appear. For the consumer.
    pub(crate) fn is_finished(&self, lease: &mut ConsumerLease) -> bool {
        self.is_closed()
            && self.shards.iter().all(|shard| {
                // First the seal: what is there afterwards is all that there will be.
                shard.is_sealed() && shard.ready(lease, 1) == 0 && shard.len() == 0
            })
    }

    /// Nobody reads any more and nobody can begin to, while producers are still there.
    #[cold]
    fn abandon(&self) {
        self.as_consumer(|lease| self.abandon_as(lease));
    }

    /// As `abandon`, for the consumer that is the last: handles that could lend another may
    /// still be there, but none of them will.
    #[cold]
    pub(crate) fn abandon_as(&self, lease: &mut ConsumerLease) {
        self.shards.iter().for_each(|shard| shard.notice.set(Notice::ABANDONED));
        self.close();
        // Partner: `light` in `published`: either that producer sees the mark, or we its item.
        // Where the barrier is refused, an item may stay until the producer writes or goes.
        let _ordered = self.barrier.heavy();
        let mut shards = self.shards.iter();
        let mut shard = shards.next();
        drop_each(|| {
            loop {
                match shard?.pop(lease) {
                    Some(item) => return Some(item),
                    None => shard = shards.next(),
                }
            }
        });
    }

    #[cold]
    fn discard_abandoned(&self, shard: &Shard<T>) {
        self.as_consumer(|lease| shard.discard(lease, usize::MAX));
    }

    /// Runs `read` under the consumer lease of an abandoned ring. Two threads may come here at
    /// once, the abandoning one and a producer; the second waits for the first.
    fn as_consumer(&self, read: impl FnOnce(&mut ConsumerLease)) {
        struct Return<'a>(&'a Ends);
        impl Drop for Return<'_> {
            fn drop(&mut self) {
                self.0.end_consumer();
            }
        }
        let mut lease = loop {
            match self.ends.lend_consumer() {
                Some(lease) => break lease,
                None => spin_loop(),
            }
        };
        let _return = Return(&self.ends);
        read(&mut lease);
    }
}

/// Arrivals and departures. Writing closes when handles and producers are gone; reading, when
/// the consumer and the handles that could lend one are gone.
impl<T> Ring<T> {
    pub(crate) fn holders(&self) -> Holders {
        self.ends.holders()
    }

    pub(crate) fn add_handle(&self) {
        self.ends.add_handle();
    }

    pub(crate) fn end_handle(&self) {
        let left = self.ends.end_handle();
        if left.handles() > 0 {
            return;
        }
        if left.producers() == 0 {
            self.close();
        } else if !left.consumer() {
            self.abandon();
        }
    }

    pub(crate) fn end_producer(&self, lease: &ProducerLease) {
        self.shards[lease.shard()].end_lease();
        let left = self.ends.end_producer();
        if left.producers() == 0 && left.handles() == 0 {
            self.close();
        } else {
            // The consumer of a closed ring waits for each lease.
            self.signal.items.wake();
        }
    }

    pub(crate) fn end_consumer(&self) {
        let left = self.ends.end_consumer();
        if left.handles() == 0 && left.producers() > 0 {
            self.abandon();
        }
    }
}

#[cfg(all(test, feature = "std", not(any(ring_loom, ring_shuttle))))]
mod tests {
    use super::*;
    use crate::sync::Sleeper;
    use crate::wait::cores;
    use crate::{DedicatedRing, ShardedRing};

    #[test]
    fn a_wait_spins_until_the_ends_outnumber_the_cores() {
        let ring = ShardedRing::<u8>::new(64, 1).expect("valid");
        // With the consumer that each ring is to have.
        let mut handles: Vec<_> = (1..cores()).map(|_| ring.clone()).collect();
        assert_eq!(ring.spin_limit(), ring.spin);
        handles.push(ring.clone());
        assert_eq!(ring.spin_limit(), Duration::ZERO);

        let shards = cores() as usize;
        let ring = DedicatedRing::<u8>::new(shards, shards).expect("valid");
        let mut producers: Vec<_> = (1..shards).map(|_| ring.producer().expect("free")).collect();
        assert_eq!(ring.spin_limit(), ring.spin);
        producers.push(ring.producer().expect("free"));
        assert_eq!(ring.spin_limit(), Duration::ZERO);
    }

    #[test]
    fn a_sleeper_is_woken_when_its_shard_has_come_to_the_mark_and_no_sooner() {
        let ring = ShardedRing::new(8, 2).expect("valid");
        for mark in [1, 2, 4, 100] {
            ring.items().announce(&Sleeper::current(), mark);
            (0..mark.min(4)).for_each(|item| {
                assert_eq!(ring.items().mark(), mark, "after {item} items");
                assert_eq!(ring.try_write(0, item), Ok(()));
            });
            assert_eq!(ring.items().mark(), 0);
            assert_eq!(ring.consumer().expect("free").drain(9).count() as u64, mark.min(4));
        }
    }
}
