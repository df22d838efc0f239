//! A channel in the words of [`std::sync::mpsc`] and of crossbeam-channel, over a ring of
//! shared shards.
//!
//! Moving to it from [`std::sync::mpsc::sync_channel`] or from `crossbeam_channel::bounded` is one
//! changed line, the `use`:
//!
//! ```
//! // before: use std::sync::mpsc::{SyncSender, sync_channel};
//! use lock_free_ring::channel::{SyncSender, sync_channel};
//! use std::thread;
//!
//! fn count(tx: SyncSender<u32>) {
//!     (0..100).for_each(|number| tx.send(number).expect("the receiver is there"));
//! }
//!
//! let (tx, rx) = sync_channel(16);
//! for _ in 0..4 {
//!     let tx = tx.clone();
//!     thread::spawn(move || count(tx));
//! }
//! drop(tx);
//! assert_eq!(rx.iter().sum::<u32>(), 4 * 4950); // ends when all senders are gone
//! ```
//!
//! # What is different
//!
//! **Order.** [`bounded`] keeps one order over all senders: what is sent after another send has
//! returned is received after it, whoever sent it. [`sharded`] keeps it **for each sender only**
//! (see there). Between sends that overlap no order is promised, as in any channel.
//!
//! | | std, crossbeam | here |
//! |---|---|---|
//! | capacity 0 (a rendezvous) | yes | no: it panics, since a ring has at least one slot |
//! | without a bound | `channel`, `unbounded` | no: choose a bound |
//! | receivers | crossbeam: any number | one: [`Receiver`] is not `Clone`; as in std it may move to another thread and not be shared |
//! | `select!`, `after`, `tick`, `never` | crossbeam | no |
//! | memory | std and crossbeam: as much as the bound asks for, at once | the same; slots are a power of two inside, the bound is exact |
//! | a sender that stops between claiming its slot and filling it | `recv` and `try_recv` wait for it | `recv` waits, `try_recv` says [`Empty`](TryRecvError::Empty), though a later send may have returned |
//! | text of errors | each its own | crossbeam's |
//! | the most senders | crossbeam: `isize::MAX` | 2³¹ (the next one panics) |
//!
//! All else is as their users know it: what was sent before the last [`Sender`] was dropped is
//! received before [`RecvError`] is; when the [`Receiver`] is dropped, senders that wait are woken
//! with [`SendError`], which has their item, and what nobody received is dropped at once.
//!
//! # No second protocol
//!
//! A sender is a handle of a [`ShardedRing`](crate::ShardedRing) and the shard that it writes to; the receiver is its
//! [`Consumer`](crate::Consumer). So what is proved of the ring holds here. What the ring can do besides, such
//! as batches, in-place writing and statistics, is one more step away: see [`guide::moving`](crate::guide::moving).

mod error;
mod receiver;
mod sender;

pub use error::{
    RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
};
pub use receiver::{IntoIter, Iter, Receiver, TryIter};
pub use sender::Sender;

/// The name that [`Sender`] has in [`std::sync::mpsc`] when the channel is bounded.
///
/// ```
/// use lock_free_ring::channel::{SyncSender, sync_channel};
///
/// let (tx, rx) = sync_channel(1);
/// let sender: SyncSender<&str> = tx;
/// sender.send("a bound")?;
/// assert_eq!(rx.recv()?, "a bound");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type SyncSender<T> = Sender<T>;

use crate::builder::RingBuilder;
use crate::error::ConfigError;

/// A channel that holds up to `capacity` items, exactly, in one order over all senders.
///
/// It is a ring of one shard. What is sent after another send has returned is received after it.
///
/// # Panics
/// If `capacity` is 0 or there is no memory for so many; [`RingBuilder::channel`] says so with
/// an error instead.
///
/// ```
/// use lock_free_ring::channel::{TrySendError, bounded};
///
/// let (tx, rx) = bounded(2);
/// let other = tx.clone();
/// tx.send(1)?;
/// other.send(2)?;
/// assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)));
/// assert_eq!([rx.recv()?, rx.recv()?], [1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    RingBuilder::new(capacity, 1).channel().unwrap_or_else(|refusal| refuse(refusal))
}

/// [`bounded`], by the name that it has in [`std::sync::mpsc`].
///
/// # Panics
/// As [`bounded`]; so also with the capacity 0, with which std's makes a rendezvous.
///
/// ```
/// let (tx, rx) = lock_free_ring::channel::sync_channel(1);
/// tx.send('a')?;
/// assert_eq!(rx.recv()?, 'a');
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn sync_channel<T>(capacity: usize) -> (SyncSender<T>, Receiver<T>) {
    bounded(capacity)
}

/// A channel of several shards, so that senders do not contend: **FIFO for each sender, not
/// over all of them**.
///
/// Each sender writes to one shard, and stays with it. The first has shard 0, and each clone, of
/// whichever sender, the next shard in turn, after the last one shard 0 again; so with as many
/// senders as shards, each has its own. What a sender sends arrives in that order; a clone is a
/// sender of its own, also when it lives on the same thread. Each shard holds `shard_capacity`
/// items: [`TrySendError::Full`] means that this sender's shard is full, others notwithstanding.
///
/// # Panics
/// If `shards` is no power of two, if `shard_capacity` is 0, or if there is no memory for so
/// many; [`RingBuilder::channel`] says so with an error instead.
///
/// ```
/// use lock_free_ring::channel::sharded;
///
/// let (tx, rx) = sharded(2, 4); // 2 items in each of 4 shards
/// let senders: Vec<_> = (0..4).map(|_| tx.clone()).collect(); // on shards 1, 2, 3 and 0
/// for sender in &senders {
///     sender.send(1)?;
///     sender.send(2)?;
/// }
/// assert!(tx.try_send(3).unwrap_err().is_full()); // it has shard 0 with the last of them
/// drop((tx, senders));
/// assert_eq!(rx.iter().sum::<i32>(), 12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn sharded<T>(shard_capacity: usize, shards: usize) -> (Sender<T>, Receiver<T>) {
    match shard_capacity.checked_mul(shards) {
        Some(capacity) => RingBuilder::new(capacity, shards).channel(),
        None => Err(ConfigError::OutOfMemory { capacity: usize::MAX, shards }),
    }
    .unwrap_or_else(|refusal| refuse(refusal))
}

#[track_caller]
fn refuse(refusal: ConfigError) -> ! {
    panic!("no such channel: {refusal}")
}

impl RingBuilder {
    /// Builds a channel over shared shards, whose number must be a power of two: with one shard
    /// a [`bounded`] one, with more a [`sharded`] one.
    ///
    /// # Errors
    /// See [`ConfigError`]; also where the memory cannot be had.
    ///
    /// ```
    /// use lock_free_ring::{ConfigError, RingBuilder};
    /// use std::time::Duration;
    ///
    /// let (tx, rx) = RingBuilder::new(64, 1).spin(Duration::ZERO).channel()?;
    /// tx.send("never spins")?;
    /// assert_eq!(rx.recv()?, "never spins");
    /// assert_eq!(RingBuilder::new(0, 1).channel::<u8>().unwrap_err(), ConfigError::ZeroCapacity);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn channel<T>(&self) -> Result<(Sender<T>, Receiver<T>), ConfigError> {
        let ring = self.shared()?;
        let consumer = ring.consumer().expect("a new ring has its consumer");
        Ok((Sender::first(ring), Receiver::new(consumer)))
    }
}
