//! Why nothing was sent, or nothing received: the names and words of [`std::sync::mpsc`] and of
//! crossbeam-channel.

use core::error::Error;
use core::fmt;

/// The receiver is gone. It has the item.
///
/// ```
/// use lock_free_ring::channel::{SendError, bounded};
///
/// let (tx, rx) = bounded(1);
/// drop(rx);
/// let refused = tx.send('a').unwrap_err();
/// assert_eq!(refused.to_string(), "sending on a disconnected channel");
/// assert_eq!(refused.into_inner(), 'a');
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// Why an item was not sent at once. It has the item.
///
/// ```
/// use lock_free_ring::channel::{TrySendError, bounded};
///
/// let (tx, _rx) = bounded(1);
/// tx.try_send('a')?;
/// let refused = tx.try_send('b').unwrap_err();
/// assert_eq!(refused, TrySendError::Full('b'));
/// assert_eq!(refused.to_string(), "sending on a full channel");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// No room now; with several shards, in the sender's own.
    Full(T),
    /// The receiver is gone.
    Disconnected(T),
}

/// Why an item was not sent in time. It has the item.
///
/// ```
/// use lock_free_ring::channel::bounded;
/// use std::time::Duration;
///
/// let (tx, _rx) = bounded(1);
/// tx.send('a')?;
/// let refused = tx.send_timeout('b', Duration::ZERO).unwrap_err();
/// assert_eq!(refused.to_string(), "timed out waiting on send operation");
/// assert_eq!(refused.into_inner(), 'b');
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendTimeoutError<T> {
    /// There was no room until the time was up.
    Timeout(T),
    /// The receiver is gone.
    Disconnected(T),
}

/// All senders are gone, and everything sent has been received.
///
/// ```
/// use lock_free_ring::channel::{RecvError, bounded};
///
/// let (tx, rx) = bounded::<u8>(1);
/// drop(tx);
/// assert_eq!(rx.recv(), Err(RecvError));
/// assert_eq!(RecvError.to_string(), "receiving on an empty and disconnected channel");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecvError;

/// Why nothing was received at once.
///
/// ```
/// use lock_free_ring::channel::{TryRecvError, bounded};
///
/// let (_tx, rx) = bounded::<u8>(1);
/// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
/// assert_eq!(TryRecvError::Empty.to_string(), "receiving on an empty channel");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// Nothing now; there may be something later.
    Empty,
    /// All senders are gone, and everything sent has been received.
    Disconnected,
}

/// Why nothing was received in time.
///
/// ```
/// use lock_free_ring::channel::{RecvTimeoutError, bounded};
/// use std::time::Duration;
///
/// let (_tx, rx) = bounded::<u8>(1);
/// let late = rx.recv_timeout(Duration::ZERO).unwrap_err();
/// assert_eq!(late, RecvTimeoutError::Timeout);
/// assert_eq!(late.to_string(), "timed out waiting on receive operation");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecvTimeoutError {
    /// There was nothing until the time was up.
    Timeout,
    /// All senders are gone, and everything sent has been received.
    Disconnected,
}

impl<T> SendError<T> {
    /// Gives back what was not sent.
    ///
    /// ```
    /// # use lock_free_ring::channel::SendError;
    /// assert_eq!(SendError('a').into_inner(), 'a');
    /// ```
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> TrySendError<T> {
    /// Gives back what was not sent.
    ///
    /// ```
    /// # use lock_free_ring::channel::TrySendError;
    /// assert_eq!(TrySendError::Full('a').into_inner(), 'a');
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::Disconnected(item) => item,
        }
    }

    /// Whether there was no room.
    ///
    /// ```
    /// # use lock_free_ring::channel::TrySendError;
    /// assert!(TrySendError::Full('a').is_full());
    /// ```
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Whether the receiver is gone.
    ///
    /// ```
    /// # use lock_free_ring::channel::TrySendError;
    /// assert!(TrySendError::Disconnected('a').is_disconnected());
    /// ```
    pub fn is_disconnected(&self) -> bool {
        matches!(self, Self::Disconnected(_))
    }
}

impl<T> SendTimeoutError<T> {
    /// Gives back what was not sent.
    ///
    /// ```
    /// # use lock_free_ring::channel::SendTimeoutError;
    /// assert_eq!(SendTimeoutError::Timeout('a').into_inner(), 'a');
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::Timeout(item) | Self::Disconnected(item) => item,
        }
    }

    /// Whether the time was up.
    ///
    /// ```
    /// # use lock_free_ring::channel::SendTimeoutError;
    /// assert!(SendTimeoutError::Timeout('a').is_timeout());
    /// ```
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(_))
    }

    /// Whether the receiver is gone.
    ///
    /// ```
    /// # use lock_free_ring::channel::SendTimeoutError;
    /// assert!(SendTimeoutError::Disconnected('a').is_disconnected());
    /// ```
    pub fn is_disconnected(&self) -> bool {
        matches!(self, Self::Disconnected(_))
    }
}

impl TryRecvError {
    /// Whether there was nothing, and there may be something later.
    ///
    /// ```
    /// # use lock_free_ring::channel::TryRecvError;
    /// assert!(TryRecvError::Empty.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// Whether nothing can come any more.
    ///
    /// ```
    /// # use lock_free_ring::channel::TryRecvError;
    /// assert!(TryRecvError::Disconnected.is_disconnected());
    /// ```
    pub fn is_disconnected(&self) -> bool {
        *self == Self::Disconnected
    }
}

impl RecvTimeoutError {
    /// Whether the time was up.
    ///
    /// ```
    /// # use lock_free_ring::channel::RecvTimeoutError;
    /// assert!(RecvTimeoutError::Timeout.is_timeout());
    /// ```
    pub fn is_timeout(&self) -> bool {
        *self == Self::Timeout
    }

    /// Whether nothing can come any more.
    ///
    /// ```
    /// # use lock_free_ring::channel::RecvTimeoutError;
    /// assert!(RecvTimeoutError::Disconnected.is_disconnected());
    /// ```
    pub fn is_disconnected(&self) -> bool {
        *self == Self::Disconnected
    }
}

impl<T> From<SendError<T>> for TrySendError<T> {
    fn from(SendError(item): SendError<T>) -> Self {
        Self::Disconnected(item)
    }
}

impl<T> From<SendError<T>> for SendTimeoutError<T> {
    fn from(SendError(item): SendError<T>) -> Self {
        Self::Disconnected(item)
    }
}

impl From<RecvError> for TryRecvError {
    fn from(RecvError: RecvError) -> Self {
        Self::Disconnected
    }
}

impl From<RecvError> for RecvTimeoutError {
    fn from(RecvError: RecvError) -> Self {
        Self::Disconnected
    }
}

// Written by hand where there is an item, which need not be `Debug` and is not shown.
impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendError(..)")
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "Full(..)" } else { "Disconnected(..)" })
    }
}

impl<T> fmt::Debug for SendTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_timeout() { "Timeout(..)" } else { "Disconnected(..)" })
    }
}

const NO_RECEIVER: &str = "sending on a disconnected channel";
const NO_SENDER: &str = "receiving on an empty and disconnected channel";

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NO_RECEIVER)
    }
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "sending on a full channel" } else { NO_RECEIVER })
    }
}

impl<T> fmt::Display for SendTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let late = "timed out waiting on send operation";
        f.write_str(if self.is_timeout() { late } else { NO_RECEIVER })
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NO_SENDER)
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "receiving on an empty channel" } else { NO_SENDER })
    }
}

impl fmt::Display for RecvTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "timed out waiting on receive operation",
            Self::Disconnected => "channel is empty and disconnected",
        })
    }
}

impl<T> Error for SendError<T> {}
impl<T> Error for TrySendError<T> {}
impl<T> Error for SendTimeoutError<T> {}
impl Error for RecvError {}
impl Error for TryRecvError {}
impl Error for RecvTimeoutError {}
