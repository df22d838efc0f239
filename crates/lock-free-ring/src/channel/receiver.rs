//! The receiving end, and its iterators.

use super::error::{RecvError, RecvTimeoutError, TryRecvError};
use crate::consumer::Consumer;
use crate::error::ReadRefused;
use core::cell::RefCell;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::time::Duration;
use std::time::Instant;

/// The one receiving end of a [channel](crate::channel); from [`bounded`](super::bounded) or
/// [`sharded`](super::sharded).
///
/// There is one, so it is not `Clone`. It may move to another thread, and as that of
/// [`std::sync::mpsc`] it is not `Sync`. Dropping it disconnects the channel: senders get their
/// items back, and what was not received is dropped at once (what is just being sent, by its
/// sender).
///
/// ```
/// use lock_free_ring::channel::bounded;
/// use std::thread;
///
/// let (tx, rx) = bounded(2);
/// let reader = thread::spawn(move || rx.recv());
/// tx.send("across threads")?;
/// assert_eq!(reader.join().unwrap(), Ok("across threads"));
/// assert!(tx.send("too late").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Receiver<T> {
    /// Borrowed for the length of one read, in which no code of the user runs.
    consumer: RefCell<Consumer<T>>,
}

impl<T> Receiver<T> {
    pub(super) fn new(consumer: Consumer<T>) -> Self {
        Self { consumer: RefCell::new(consumer) }
    }

    /// Receives the next item, and waits for it if there is none.
    ///
    /// # Errors
    /// [`RecvError`] once all senders are gone and everything sent has been received.
    ///
    /// ```
    /// use lock_free_ring::channel::{RecvError, bounded};
    ///
    /// let (tx, rx) = bounded(1);
    /// tx.send("sent before the end")?;
    /// drop(tx);
    /// assert_eq!(rx.recv(), Ok("sent before the end"));
    /// assert_eq!(rx.recv(), Err(RecvError));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.consumer.borrow_mut().read().map_err(|_| RecvError)
    }

    /// Receives the next item, if there is one. Never waits: also not for a sender that has
    /// claimed the next place and not filled it yet.
    ///
    /// # Errors
    /// [`TryRecvError`].
    ///
    /// ```
    /// use lock_free_ring::channel::{TryRecvError, bounded};
    ///
    /// let (tx, rx) = bounded(1);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.send('a')?;
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Ok('a'));
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut consumer = self.consumer.borrow_mut();
        match consumer.try_read() {
            Some(item) => Ok(item),
            None if consumer.is_finished() => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Receives the next item, and waits up to `limit` for it.
    ///
    /// # Errors
    /// [`RecvTimeoutError`].
    ///
    /// ```
    /// use lock_free_ring::channel::{RecvTimeoutError, bounded};
    /// use std::time::Duration;
    ///
    /// let (tx, rx) = bounded(1);
    /// let tick = Duration::from_millis(1);
    /// assert_eq!(rx.recv_timeout(tick), Err(RecvTimeoutError::Timeout));
    /// tx.send('a')?;
    /// assert_eq!(rx.recv_timeout(Duration::MAX), Ok('a'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        self.consumer.borrow_mut().read_timeout(limit).map_err(|refused| match refused {
            ReadRefused::Empty => RecvTimeoutError::Timeout,
            ReadRefused::Closed => RecvTimeoutError::Disconnected,
        })
    }

    /// Receives the next item, and waits for it until `deadline`. If that has passed, it tries
    /// once.
    ///
    /// # Errors
    /// As [`recv_timeout`](Self::recv_timeout).
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let (tx, rx) = lock_free_ring::channel::bounded(1);
    /// tx.send('a')?;
    /// let passed = Instant::now();
    /// assert_eq!(rx.recv_deadline(passed), Ok('a'));
    /// assert!(rx.recv_deadline(passed).unwrap_err().is_timeout());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recv_deadline(&self, deadline: Instant) -> Result<T, RecvTimeoutError> {
        self.recv_timeout(deadline.saturating_duration_since(Instant::now()))
    }

    /// An iterator that [receives](Self::recv) until all senders are gone and everything sent
    /// has been received. `for item in &rx` is the same, `for item in rx` takes the receiver.
    ///
    /// ```
    /// let (tx, rx) = lock_free_ring::channel::bounded(3);
    /// (0..3).try_for_each(|item| tx.send(item))?;
    /// drop(tx);
    /// assert_eq!(rx.iter().collect::<Vec<_>>(), [0, 1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }

    /// An iterator that [receives without waiting](Self::try_recv), and ends when it finds
    /// nothing.
    ///
    /// ```
    /// let (tx, rx) = lock_free_ring::channel::bounded(3);
    /// (0..3).try_for_each(|item| tx.send(item))?;
    /// assert_eq!(rx.try_iter().collect::<Vec<_>>(), [0, 1, 2]); // and tx is still there
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self }
    }

    /// How many items the channel holds, over all shards. Those that are just being sent count.
    ///
    /// ```
    /// let (tx, rx) = lock_free_ring::channel::bounded(4);
    /// tx.send('a')?;
    /// assert_eq!(rx.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> usize {
        self.consumer.borrow().len()
    }

    /// Whether the channel holds no item.
    ///
    /// ```
    /// let (_tx, rx) = lock_free_ring::channel::bounded::<u8>(4);
    /// assert!(rx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.consumer.borrow().is_empty()
    }

    /// Whether all shards are full.
    ///
    /// ```
    /// let (tx, rx) = lock_free_ring::channel::bounded(1);
    /// tx.send('a')?;
    /// assert!(rx.is_full());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_full(&self) -> bool {
        let consumer = self.consumer.borrow();
        consumer.len() == consumer.capacity()
    }

    /// How many items the channel holds at most, over all shards; always `Some`, as in
    /// crossbeam-channel for channels with a bound.
    ///
    /// ```
    /// let (_tx, rx) = lock_free_ring::channel::bounded::<u8>(3);
    /// assert_eq!(rx.capacity(), Some(3));
    /// ```
    pub fn capacity(&self) -> Option<usize> {
        Some(self.consumer.borrow().capacity())
    }
}

/// A panic elsewhere leaves no read half done: what was not received is still there.
impl<T> UnwindSafe for Receiver<T> {}
impl<T> RefUnwindSafe for Receiver<T> {}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.consumer.get_mut().abandon();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.consumer.borrow().describe(f, "Receiver")
    }
}

/// Receives until the channel is disconnected and empty; from [`Receiver::iter`], which has an
/// example.
///
/// ```
/// let (tx, rx) = lock_free_ring::channel::bounded(1);
/// tx.send('a')?;
/// drop(tx);
/// for item in &rx {
///     assert_eq!(item, 'a');
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
}

/// Receives what is there; from [`Receiver::try_iter`], which has an example.
///
/// ```
/// let (tx, rx) = lock_free_ring::channel::bounded(1);
/// tx.send('a')?;
/// assert_eq!(rx.try_iter().next(), Some('a'));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TryIter<'a, T> {
    receiver: &'a Receiver<T>,
}

/// Receives until the channel is disconnected and empty, and owns the receiver.
///
/// ```
/// let (tx, rx) = lock_free_ring::channel::bounded(1);
/// tx.send('a')?;
/// drop(tx);
/// for item in rx {
///     assert_eq!(item, 'a');
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self }
    }
}

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("receiver", &self.receiver).finish()
    }
}

impl<T> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryIter").field("receiver", &self.receiver).finish()
    }
}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").field("receiver", &self.receiver).finish()
    }
}
