//! The sending end.

use super::error::{SendError, SendTimeoutError, TrySendError};
use crate::error::{Closed, WriteRefused};
use crate::ring::Ring;
use crate::sharded::ShardedRing;
use crate::sync::{Arc, AtomicU64, Ordering};
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::time::Duration;
use std::time::Instant;

/// The sending end of a [channel](crate::channel); from [`bounded`](super::bounded) or
/// [`sharded`](super::sharded). A clone sends into the same channel; when all are dropped, it is
/// disconnected.
///
/// ```
/// use lock_free_ring::channel::{RecvError, bounded};
/// use std::thread;
///
/// let (tx, rx) = bounded(4);
/// let other = tx.clone();
/// thread::spawn(move || other.send("from the clone"));
/// drop(tx);
/// assert_eq!(rx.recv(), Ok("from the clone"));
/// assert_eq!(rx.recv(), Err(RecvError));
/// ```
pub struct Sender<T> {
    ring: ShardedRing<T>,
    /// Modulo the number of shards, the one that this sender writes to.
    id: u64,
    /// The next clone's id.
    next_id: Arc<AtomicU64>,
}

impl<T> Sender<T> {
    pub(super) fn first(ring: ShardedRing<T>) -> Self {
        Self { ring, id: 0, next_id: Arc::new(AtomicU64::new(1)) }
    }

    /// Sends `item`, and waits as long as the channel (with several shards: this sender's) is
    /// full.
    ///
    /// # Errors
    /// [`SendError`], with the item, once the receiver is gone. That this succeeded means only
    /// that it was there then.
    ///
    /// ```
    /// let (tx, rx) = lock_free_ring::channel::bounded(1);
    /// let sender = std::thread::spawn(move || (0..3).try_for_each(|item| tx.send(item)));
    /// assert_eq!([rx.recv()?, rx.recv()?, rx.recv()?], [0, 1, 2]);
    /// # sender.join().unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn send(&self, item: T) -> Result<(), SendError<T>> {
        self.ring.write(self.id, item).map_err(|Closed(item)| SendError(item))
    }

    /// Sends `item` at once or not at all.
    ///
    /// # Errors
    /// [`TrySendError`]; it has the item.
    ///
    /// ```
    /// use lock_free_ring::channel::{TrySendError, bounded};
    ///
    /// let (tx, rx) = bounded(1);
    /// tx.try_send('a')?;
    /// assert_eq!(tx.try_send('b'), Err(TrySendError::Full('b')));
    /// drop(rx);
    /// assert_eq!(tx.try_send('c'), Err(TrySendError::Disconnected('c')));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn try_send(&self, item: T) -> Result<(), TrySendError<T>> {
        self.ring.try_write(self.id, item).map_err(|refused| match refused {
            WriteRefused::Full(item) => TrySendError::Full(item),
            WriteRefused::Closed(item) => TrySendError::Disconnected(item),
        })
    }

    /// Sends `item`, and waits up to `limit` while there is no room.
    ///
    /// # Errors
    /// [`SendTimeoutError`]; it has the item.
    ///
    /// ```
    /// use lock_free_ring::channel::{SendTimeoutError, bounded};
    /// use std::time::Duration;
    ///
    /// let (tx, _rx) = bounded(1);
    /// tx.send_timeout('a', Duration::MAX)?;
    /// let late = tx.send_timeout('b', Duration::from_millis(1));
    /// assert_eq!(late, Err(SendTimeoutError::Timeout('b')));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send_timeout(&self, item: T, limit: Duration) -> Result<(), SendTimeoutError<T>> {
        self.ring.write_timeout(self.id, item, limit).map_err(|refused| match refused {
            WriteRefused::Full(item) => SendTimeoutError::Timeout(item),
            WriteRefused::Closed(item) => SendTimeoutError::Disconnected(item),
        })
    }

    /// Sends `item`, and waits until `deadline` while there is no room. If that has passed, it
    /// tries once.
    ///
    /// # Errors
    /// As [`send_timeout`](Self::send_timeout).
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let (tx, _rx) = lock_free_ring::channel::bounded(1);
    /// let deadline = Instant::now() + Duration::from_millis(1);
    /// tx.send_deadline('a', deadline)?;
    /// assert!(tx.send_deadline('b', deadline).unwrap_err().is_timeout());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send_deadline(&self, item: T, deadline: Instant) -> Result<(), SendTimeoutError<T>> {
        self.send_timeout(item, deadline.saturating_duration_since(Instant::now()))
    }

    /// How many items the channel holds, over all shards. Those that are just being sent count.
    ///
    /// ```
    /// let (tx, _rx) = lock_free_ring::channel::bounded(4);
    /// tx.send('a')?;
    /// assert_eq!(tx.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> usize {
        self.ring.len()
    }

    /// Whether the channel holds no item.
    ///
    /// ```
    /// let (tx, _rx) = lock_free_ring::channel::bounded::<u8>(4);
    /// assert!(tx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// Whether there is no room for an item of this sender. With several shards that speaks of
    /// its own shard.
    ///
    /// ```
    /// let (tx, _rx) = lock_free_ring::channel::sharded(1, 2);
    /// tx.send('a')?; // shard 0
    /// assert!(tx.is_full() && !tx.clone().is_full()); // shard 1
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_full(&self) -> bool {
        let shard = self.ring.shard(self.id);
        shard.items() == shard.capacity()
    }

    /// How many items the channel holds at most, over all shards; always `Some`, as in
    /// crossbeam-channel for channels with a bound.
    ///
    /// ```
    /// let (tx, _rx) = lock_free_ring::channel::sharded::<u8>(100, 4);
    /// assert_eq!(tx.capacity(), Some(400));
    /// ```
    pub fn capacity(&self) -> Option<usize> {
        Some(self.ring.capacity())
    }

    /// Whether both send into the same channel.
    ///
    /// ```
    /// use lock_free_ring::channel::bounded;
    ///
    /// let (tx, _rx) = bounded::<u8>(1);
    /// assert!(tx.same_channel(&tx.clone()));
    /// assert!(!tx.same_channel(&bounded(1).0));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        core::ptr::eq::<Ring<T>>(&*self.ring, &*other.ring)
    }
}

/// The clone writes to the next shard in turn: see [`sharded`](super::sharded).
impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        // Relaxed: the count orders nothing.
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        Self { ring: self.ring.clone(), id, next_id: self.next_id.clone() }
    }
}

/// A panic elsewhere leaves no send half done.
impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring.describe(f, "Sender")
    }
}
