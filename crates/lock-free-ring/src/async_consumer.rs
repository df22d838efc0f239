//! The reading end for tasks.

use crate::consumer::Consumer;
use crate::error::Closed;
use crate::place::{Awaited, Place};
use crate::ring::Ring;
use alloc::vec::Vec;
use core::fmt;
use core::future::poll_fn;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::Stream;

/// A ring's [`Consumer`] for tasks: where that one blocks its thread, this one is awaited. From
/// [`Consumer::into_async`]. The producers may be threads, tasks, or some of each.
///
/// Every future here may be dropped at any time, as `select!` and time limits do: an item leaves
/// the ring in the same poll that returns it, so a future that was dropped has taken none.
///
/// Nothing here yields to the executor as long as there are items. A task that is to share its
/// thread with others sees to that itself.
///
/// ```
/// use lock_free_ring::ShardedRing;
///
/// let ring = ShardedRing::new(64, 4)?;
/// let mut consumer = ring.consumer()?.into_async();
/// std::thread::spawn(move || (0..100).try_for_each(|item| ring.write(item, item)));
/// smol::block_on(async {
///     let mut sum = 0;
///     while let Ok(item) = consumer.read().await {
///         sum += item;
///     }
///     assert_eq!(sum, 4950);
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is a [`Stream`] of items, which ends when [`read`](Self::read) would say [`Closed`]:
///
/// ```
/// # use lock_free_ring::ShardedRing;
/// use futures_util::StreamExt;
///
/// let ring = ShardedRing::new(64, 1)?;
/// let consumer = ring.consumer()?.into_async();
/// std::thread::spawn(move || (0..5).try_for_each(|item| ring.write(0, item)));
/// let items: Vec<u64> = smol::block_on(consumer.collect());
/// assert_eq!(items, [0, 1, 2, 3, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AsyncConsumer<T> {
    consumer: Consumer<T>,
    place: Place<T>,
}

impl<T> Consumer<T> {
    /// The same consumer, for tasks: its reads are awaited.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?.into_async();
    /// ring.try_write(0, 'a')?;
    /// assert_eq!(smol::block_on(consumer.read()), Ok('a'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_async(self) -> AsyncConsumer<T> {
        AsyncConsumer { place: Place::new(&self.ring), consumer: self }
    }
}

impl<T> AsyncConsumer<T> {
    /// The consumer for threads again.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?.into_async().into_inner();
    /// ring.try_write(0, 'a')?;
    /// assert_eq!(consumer.try_read(), Some('a'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_inner(self) -> Consumer<T> {
        self.consumer
    }

    /// The consumer within, for what never waits: [`try_read`](Consumer::try_read),
    /// [`drain`](Consumer::drain), [`try_read_slices`](Consumer::try_read_slices),
    /// [`set_quota`](Consumer::set_quota).
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?.into_async();
    /// (1..4).try_for_each(|item| ring.try_write(0, item))?;
    /// assert_eq!(smol::block_on(consumer.read()), Ok(1));
    /// assert_eq!(consumer.get_mut().drain(8).sum::<i32>(), 2 + 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_mut(&mut self) -> &mut Consumer<T> {
        &mut self.consumer
    }

    /// Takes the next item, and waits for it if there is none.
    ///
    /// Cancel-safe: dropped before it is ready, it has taken nothing.
    ///
    /// # Errors
    /// [`Closed`] once the ring is closed and everything accepted has been read.
    ///
    /// ```
    /// # use lock_free_ring::{Closed, ShardedRing};
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?.into_async();
    /// ring.try_write(0, 'a')?;
    /// ring.close();
    /// smol::block_on(async {
    ///     assert_eq!(consumer.read().await, Ok('a'));
    ///     assert_eq!(consumer.read().await, Err(Closed(())));
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn read(&mut self) -> Result<T, Closed> {
        let waiting = Waiting(self);
        poll_fn(|cx| waiting.0.poll_read(cx)).await
    }

    /// Takes up to `max` items into a new vector, and waits until there is at least one.
    ///
    /// Cancel-safe, as [`read`](Self::read).
    ///
    /// # Errors
    /// As [`read`](Self::read).
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?.into_async();
    /// (0..3).try_for_each(|item| ring.try_write(0, item))?;
    /// assert_eq!(smol::block_on(consumer.read_batch(8))?, [0, 1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn read_batch(&mut self, max: usize) -> Result<Vec<T>, Closed> {
        let mut items = Vec::new();
        self.read_batch_into(&mut items, max).await?;
        Ok(items)
    }

    /// Takes up to `max` items and puts them at the end of `buf`; answers how many. Waits until
    /// there is at least one, and for no more than that. With `max` 0 it takes none at once.
    ///
    /// Cancel-safe, as [`read`](Self::read): what it took is in `buf` in any case.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(8, 1)?;
    /// let mut consumer = ring.consumer()?.into_async();
    /// std::thread::spawn(move || ring.write_batch(0, &mut vec![1, 2, 3]));
    /// let mut buf = Vec::with_capacity(64);
    /// smol::block_on(async { while consumer.read_batch_into(&mut buf, 64).await.is_ok() {} });
    /// assert_eq!(buf, [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn read_batch_into(&mut self, buf: &mut Vec<T>, max: usize) -> Result<usize, Closed> {
        let waiting = Waiting(self);
        poll_fn(|cx| waiting.0.poll_read_batch_into(cx, buf, max)).await
    }

    /// As [`read`](Self::read), for a future of your own: pending, the task is woken when it may
    /// succeed, until the next poll of this end.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?.into_async();
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert_eq!(consumer.poll_read(&mut cx), Poll::Pending);
    /// ring.try_write(0, 'a')?;
    /// assert_eq!(consumer.poll_read(&mut cx), Poll::Ready(Ok('a')));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, Closed>> {
        self.poll(cx, Consumer::try_read)
    }

    /// As [`read_batch_into`](Self::read_batch_into), for a future of your own.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut consumer = ring.consumer()?.into_async();
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let mut buf = Vec::new();
    /// assert!(consumer.poll_read_batch_into(&mut cx, &mut buf, 8).is_pending());
    /// ring.try_write_batch(0, &mut vec![1, 2])?;
    /// assert_eq!(consumer.poll_read_batch_into(&mut cx, &mut buf, 8), Poll::Ready(Ok(2)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_read_batch_into(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<T>,
        max: usize,
    ) -> Poll<Result<usize, Closed>> {
        if max == 0 {
            return Poll::Ready(Ok(0));
        }
        self.poll(cx, |consumer| {
            let taken = consumer.try_read_batch_into(buf, max);
            (taken > 0).then_some(taken)
        })
    }

    fn poll<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut attempt: impl FnMut(&mut Consumer<T>) -> Option<R>,
    ) -> Poll<Result<R, Closed>> {
        let Self { consumer, place } = self;
        place.poll(Awaited::Items, cx, || match attempt(consumer) {
            Some(result) => Some(Ok(result)),
            None => consumer.is_finished().then_some(Err(Closed(()))),
        })
    }
}

/// A read that is being awaited. Dropped, it is no longer waited for.
struct Waiting<'a, T>(&'a mut AsyncConsumer<T>);

impl<T> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        self.0.place.leave();
    }
}

impl<T> Stream for AsyncConsumer<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.get_mut().poll_read(cx).map(Result::ok)
    }
}

impl<T> Deref for AsyncConsumer<T> {
    type Target = Ring<T>;

    fn deref(&self) -> &Ring<T> {
        &self.consumer
    }
}

impl<T> fmt::Debug for AsyncConsumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(f, "AsyncConsumer")
    }
}
