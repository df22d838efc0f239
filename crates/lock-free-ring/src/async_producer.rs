//! The writing end for tasks, of dedicated and of shared shards.

use crate::error::{Closed, WriteRefused};
use crate::outlet::Outlet;
use crate::place::{Awaited, Place};
use crate::producer::Producer;
use crate::ring::Ring;
use crate::sharded::ShardedRing;
use alloc::vec::Vec;
use core::fmt;
use core::future::{Future, poll_fn};
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use futures_sink::Sink;

/// A writing end for tasks: where others block their thread while a shard is full, this one is
/// awaited. From [`Producer::into_async`] and [`ShardedRing::async_producer`]. The consumer may be
/// a thread or a task.
///
/// Every future here may be dropped at any time, as `select!` and time limits do. An item is
/// accepted in the same poll that says so, or not at all; each method says where an item is that
/// was not accepted.
///
/// ```
/// use lock_free_ring::ShardedRing;
///
/// let ring = ShardedRing::new(2, 2)?;
/// let mut consumer = ring.consumer()?;
/// let mut producer = ring.async_producer(7);
/// drop(ring);
/// let reader = std::thread::spawn(move || {
///     let mut sum = 0;
///     while let Ok(item) = consumer.read() {
///         sum += item;
///     }
///     sum
/// });
/// smol::block_on(async {
///     for item in 0..100 {
///         producer.write(item).await?;
///     }
///     Ok::<(), lock_free_ring::Closed<i32>>(())
/// })?;
/// drop(producer); // the last end that writes: with it the ring closes
/// assert_eq!(reader.join().unwrap(), 4950);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # As a sink
/// It is a [`Sink`] of items. On a dedicated shard what it takes is in the ring at once. On a
/// shared one another producer may have taken the room that it was ready with; then it keeps the
/// one item until the next write, or a flush, has room for it. Dropped before that, it drops the
/// item. What a closed ring refuses is dropped, too, since the trait cannot give it back; writes
/// can.
///
/// ```
/// # use lock_free_ring::DedicatedRing;
/// use futures_util::{SinkExt, StreamExt, stream};
///
/// let ring = DedicatedRing::new(2, 1)?;
/// let (mut producer, consumer) = (ring.producer()?.into_async(), ring.consumer()?.into_async());
/// drop(ring);
/// let items: Vec<i32> = smol::block_on(async {
///     let writing = async move {
///         producer.send_all(&mut stream::iter(0..5).map(Ok)).await?;
///         Ok::<(), lock_free_ring::Closed>(()) // and drops the producer
///     };
///     let (written, items) = futures_util::join!(writing, consumer.collect());
///     written.map(|()| items)
/// })?;
/// assert_eq!(items, [0, 1, 2, 3, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AsyncProducer<T> {
    outlet: Outlet<T>,
    place: Place<T>,
    /// What the sink took and another producer left no room for. Goes before all else.
    unsent: Option<T>,
}

// No item is ever pinned.
impl<T> Unpin for AsyncProducer<T> {}

impl<T> Producer<T> {
    /// The same producer, for tasks: its writes are awaited.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(1, 1)?;
    /// let mut producer = ring.producer()?.into_async();
    /// smol::block_on(producer.write('a'))?;
    /// assert_eq!(ring.consumer()?.read(), Ok('a'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_async(self) -> AsyncProducer<T> {
        AsyncProducer::new(Place::new(&self.ring), Outlet::Dedicated(self))
    }
}

impl<T> ShardedRing<T> {
    /// A writing end for a task, with a handle of its own: it writes as `producer_id` to the shard
    /// that the handle's routing picks.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// let ring = ShardedRing::new(4, 4)?;
    /// let mut producer = ring.async_producer(3);
    /// smol::block_on(producer.write('a'))?;
    /// assert_eq!(ring.stats().nth(3).unwrap().written, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn async_producer(&self, producer_id: u64) -> AsyncProducer<T> {
        let outlet = Outlet::Shared { ring: self.clone(), producer_id, picked: None };
        AsyncProducer::new(Place::new(self.shared()), outlet)
    }
}

impl<T> AsyncProducer<T> {
    fn new(place: Place<T>, outlet: Outlet<T>) -> Self {
        Self { outlet, place, unsent: None }
    }

    /// Writes `item`, at once or not at all.
    ///
    /// # Errors
    /// [`WriteRefused::Full`] and [`WriteRefused::Closed`]; both give the item back.
    ///
    /// ```
    /// # use lock_free_ring::{ShardedRing, WriteRefused};
    /// let ring = ShardedRing::new(1, 1)?;
    /// let mut producer = ring.async_producer(0);
    /// producer.try_write('a')?;
    /// assert_eq!(producer.try_write('b'), Err(WriteRefused::Full('b')));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_write(&mut self, item: T) -> Result<(), WriteRefused<T>> {
        match self.outlet.offer(&mut self.unsent) {
            None => Err(WriteRefused::Full(item)),
            Some(Err(_)) => Err(WriteRefused::Closed(item)),
            Some(Ok(())) => match &mut self.outlet {
                Outlet::Dedicated(producer) => producer.try_write(item),
                Outlet::Shared { ring, producer_id, .. } => ring.try_write(*producer_id, item),
            },
        }
    }

    /// Writes `item`, and waits as long as its shard is full.
    ///
    /// Cancel-safe: dropped before it is ready, it has not written the item, and drops it. To have
    /// it back instead, see [`Write::into_item`].
    ///
    /// # Errors
    /// [`Closed`], with the item.
    ///
    /// ```
    /// # use lock_free_ring::{Closed, ShardedRing};
    /// let ring = ShardedRing::new(4, 1)?;
    /// let mut producer = ring.async_producer(0);
    /// smol::block_on(async {
    ///     assert_eq!(producer.write('a').await, Ok(()));
    ///     ring.close();
    ///     assert_eq!(producer.write('b').await, Err(Closed('b')));
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write(&mut self, item: T) -> Write<'_, T> {
        Write { waiting: Waiting(self), item: Some(item) }
    }

    /// Writes all of `items`, and waits whenever their shard is full. Other producers of a shared
    /// shard may write in between.
    ///
    /// Cancel-safe: dropped before it is ready, it leaves in `items` what it has not written.
    ///
    /// # Errors
    /// [`Closed`]; what was not written is still in `items`.
    ///
    /// ```
    /// # use lock_free_ring::DedicatedRing;
    /// let ring = DedicatedRing::new(4, 1)?;
    /// let mut producer = ring.producer()?.into_async();
    /// smol::block_on(producer.write_batch(&mut vec!['a', 'b']))?;
    /// assert_eq!(ring.consumer()?.try_read_batch(8), ['a', 'b']);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn write_batch(&mut self, items: &mut Vec<T>) -> Result<(), Closed> {
        let waiting = Waiting(self);
        poll_fn(|cx| waiting.0.poll_write_batch(cx, items)).await
    }

    /// As [`write`](Self::write), for a future of your own: takes the item out of `item` once it
    /// is written, and is ready at once if there is none. Pending, the task is woken when it may
    /// succeed, until the next poll of this end.
    ///
    /// # Errors
    /// [`Closed`]; the item is still in `item`.
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let ring = ShardedRing::new(1, 1)?;
    /// let mut producer = ring.async_producer(0);
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert_eq!(producer.poll_write(&mut cx, &mut Some('a')), Poll::Ready(Ok(())));
    /// let mut item = Some('b');
    /// assert_eq!(producer.poll_write(&mut cx, &mut item), Poll::Pending);
    /// assert_eq!(item, Some('b'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        item: &mut Option<T>,
    ) -> Poll<Result<(), Closed>> {
        ready!(self.poll_unsent(cx))?;
        let Self { outlet, place, .. } = self;
        place.poll(Awaited::Room(outlet.shard()), cx, || outlet.offer(item))
    }

    /// As [`write_batch`](Self::write_batch), for a future of your own.
    ///
    /// # Errors
    /// As [`write_batch`](Self::write_batch).
    ///
    /// ```
    /// # use lock_free_ring::ShardedRing;
    /// use std::task::{Context, Waker};
    ///
    /// let ring = ShardedRing::new(2, 1)?;
    /// let mut producer = ring.async_producer(0);
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let mut items = vec!['a', 'b', 'c'];
    /// assert!(producer.poll_write_batch(&mut cx, &mut items).is_pending());
    /// assert_eq!(items, ['c']);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_write_batch(
        &mut self,
        cx: &mut Context<'_>,
        items: &mut Vec<T>,
    ) -> Poll<Result<(), Closed>> {
        ready!(self.poll_unsent(cx))?;
        let Self { outlet, place, .. } = self;
        place.poll(Awaited::Room(outlet.shard()), cx, || outlet.offer_batch(items))
    }

    fn poll_unsent(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        let Self { outlet, place, unsent } = self;
        if unsent.is_none() {
            return Poll::Ready(Ok(()));
        }
        place.poll(Awaited::Room(outlet.shard()), cx, || outlet.offer(unsent))
    }
}

impl<T> Sink<T> for AsyncProducer<T> {
    type Error = Closed;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        let this = self.get_mut();
        ready!(this.poll_unsent(cx))?;
        let Self { outlet, place, .. } = this;
        place.poll(Awaited::Room(outlet.shard()), cx, || match outlet.has_room() {
            Ok(room) => room.then_some(Ok(())),
            Err(closed) => Some(Err(closed)),
        })
    }

    fn start_send(self: Pin<&mut Self>, item: T) -> Result<(), Closed> {
        let this = self.get_mut();
        assert!(this.unsent.is_none(), "a sink takes an item only once it was ready for it");
        let mut item = Some(item);
        let settled = this.outlet.offer(&mut item);
        if settled.is_none() {
            this.unsent = item;
        }
        settled.unwrap_or(Ok(()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        self.get_mut().poll_unsent(cx)
    }

    /// As a flush: the ring is open as long as there is an end that writes.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        self.poll_flush(cx)
    }
}

/// A write that is being awaited. Dropped, it is no longer waited for.
struct Waiting<'a, T>(&'a mut AsyncProducer<T>);

impl<T> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        let Self(AsyncProducer { outlet, place, unsent }) = self;
        place.leave();
        if unsent.is_none() {
            outlet.pick_anew();
        }
    }
}

/// A write of one item, to be awaited; from [`AsyncProducer::write`]. Dropped before it is ready,
/// it has not written its item, and drops it.
#[must_use = "a future does nothing unless it is awaited"]
pub struct Write<'a, T> {
    waiting: Waiting<'a, T>,
    /// There until it is written.
    item: Option<T>,
}

// No item is ever pinned.
impl<T> Unpin for Write<'_, T> {}

impl<T> Write<'_, T> {
    /// Gives up, and gives the item back, if it has not been written.
    ///
    /// ```
    /// use lock_free_ring::ShardedRing;
    /// use futures_util::{FutureExt, select_biased};
    /// use std::time::Duration;
    ///
    /// let ring = ShardedRing::new(1, 1)?;
    /// let mut producer = ring.async_producer(0);
    /// smol::block_on(async {
    ///     producer.write('a').await.unwrap();
    ///     let mut write = producer.write('b');
    ///     let mut limit = smol::Timer::after(Duration::from_millis(1)).fuse();
    ///     select_biased! {
    ///         _ = (&mut write).fuse() => unreachable!("the ring is full"),
    ///         _ = limit => assert_eq!(write.into_item(), Some('b')),
    ///     }
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_item(self) -> Option<T> {
        self.item
    }
}

impl<T> Future for Write<'_, T> {
    type Output = Result<(), Closed<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { waiting, item } = self.get_mut();
        let written = ready!(waiting.0.poll_write(cx, item));
        Poll::Ready(written.map_err(|_| Closed(item.take().expect("polled after its end"))))
    }
}

impl<T> fmt::Debug for Write<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Write").field("written", &self.item.is_none()).finish_non_exhaustive()
    }
}

impl<T> Deref for AsyncProducer<T> {
    type Target = Ring<T>;

    fn deref(&self) -> &Ring<T> {
        match &self.outlet {
            Outlet::Dedicated(producer) => producer,
            Outlet::Shared { ring, .. } => ring,
        }
    }
}

impl<T> fmt::Debug for AsyncProducer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(f, "AsyncProducer")
    }
}
