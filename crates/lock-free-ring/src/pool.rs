//! Buffers that go round: producer takes, consumer drops, the buffer is back in the pool.

use crate::consumer::Consumer;
use crate::error::ConfigError;
use crate::sharded::ShardedRing;
use crate::sync::{Arc, Mutex};
use alloc::boxed::Box;
use core::fmt;
use core::ops::{Deref, DerefMut};
use std::sync::PoisonError;

/// A bounded pool of values, such as buffers, whose guards find home from any thread.
///
/// It is one of our rings: dropping a [`Pooled`] writes the value to it (lock-free, from any
/// thread), and taking reads from it. There is one consumer, so threads that take at the same
/// time take turns behind a lock that is held for one read; a pool for each producer never
/// waits. Values are not reset: a taken buffer holds what was left in it. Clones are the same
/// pool. After [`new`](Self::new), neither taking nor returning allocates.
///
/// ```
/// use lock_free_ring::{Pool, ShardedRing};
/// use std::thread;
///
/// let pool = Pool::new(16, || Vec::with_capacity(1450))?;
/// let ring = ShardedRing::new(8, 1)?;
/// let mut consumer = ring.consumer()?;
/// let producer = thread::spawn({
///     let pool = pool.clone();
///     move || {
///         for byte in 0..100 {
///             let mut packet = pool.take_or_make();
///             packet.clear();
///             packet.push(byte);
///             ring.write(0, packet).expect("open");
///         }
///     }
/// });
/// while consumer.read().is_ok() {} // each packet goes back to the pool here
/// producer.join().unwrap();
/// assert_eq!(pool.available(), 16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Pool<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    home: ShardedRing<T>,
    taker: Mutex<Consumer<T>>,
    make: Box<dyn Fn() -> T + Send + Sync>,
}

impl<T> Pool<T> {
    /// A pool of `capacity` values, made now by `make`, which also makes those that
    /// [`take_or_make`](Self::take_or_make) finds missing.
    ///
    /// # Errors
    /// [`ConfigError`], if `capacity` is 0 or so large that there is no memory.
    ///
    /// ```
    /// let pool = lock_free_ring::Pool::new(16, || Vec::<u8>::with_capacity(1450))?;
    /// assert_eq!(pool.take_or_make().capacity(), 1450);
    /// # Ok::<(), lock_free_ring::ConfigError>(())
    /// ```
    pub fn new(
        capacity: usize,
        make: impl Fn() -> T + Send + Sync + 'static,
    ) -> Result<Self, ConfigError> {
        let home = ShardedRing::new(capacity, 1)?;
        let taker = home.consumer().expect("a new ring has its consumer");
        while home.try_write_with(0, &make).is_ok() {}
        let shared = Shared { home, taker: Mutex::new(taker), make: Box::new(make) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Takes a value, if there is one.
    ///
    /// ```
    /// # use lock_free_ring::Pool;
    /// let pool = Pool::new(1, String::new)?;
    /// let taken = pool.try_take();
    /// assert!(taken.is_some() && pool.try_take().is_none());
    /// drop(taken);
    /// assert!(pool.try_take().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_take(&self) -> Option<Pooled<T>> {
        let mut taker = self.shared.taker.lock().unwrap_or_else(PoisonError::into_inner);
        taker.try_read().map(|value| self.lend(value))
    }

    /// Takes a value, or makes one if all are out. One too many is dropped when it comes back.
    ///
    /// ```
    /// # use lock_free_ring::Pool;
    /// let pool = Pool::new(1, String::new)?;
    /// let (first, extra) = (pool.take_or_make(), pool.take_or_make());
    /// drop((first, extra));
    /// assert_eq!(pool.available(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_or_make(&self) -> Pooled<T> {
        self.try_take().unwrap_or_else(|| self.lend((self.shared.make)()))
    }

    fn lend(&self, value: T) -> Pooled<T> {
        Pooled { value: Some(value), shared: self.shared.clone() }
    }

    /// How many values are here to be taken.
    ///
    /// ```
    /// let pool = lock_free_ring::Pool::new(2, String::new)?;
    /// let taken = pool.try_take();
    /// assert_eq!(pool.available(), 1);
    /// # Ok::<(), lock_free_ring::ConfigError>(())
    /// ```
    pub fn available(&self) -> usize {
        self.shared.home.len()
    }

    /// How many values it keeps at most.
    ///
    /// ```
    /// let pool = lock_free_ring::Pool::new(2, String::new)?;
    /// let taken = pool.try_take();
    /// assert_eq!(pool.capacity(), 2);
    /// # Ok::<(), lock_free_ring::ConfigError>(())
    /// ```
    pub fn capacity(&self) -> usize {
        self.shared.home.capacity()
    }
}

impl<T> Clone for Pool<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<T> fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("capacity", &self.capacity())
            .field("available", &self.available())
            .finish_non_exhaustive()
    }
}

/// A value on loan from a [`Pool`]. Dropping it, on whatever thread, brings it back.
///
/// ```
/// use lock_free_ring::Pool;
///
/// let pool = Pool::new(1, || [0u8; 64])?;
/// let mut buffer = pool.take_or_make();
/// buffer[0] = 7;
/// std::thread::spawn(move || drop(buffer)).join().unwrap();
/// assert_eq!(pool.take_or_make()[0], 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Pooled<T> {
    /// Gone only while it is dropped.
    value: Option<T>,
    shared: Arc<Shared<T>>,
}

impl<T> Deref for Pooled<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("there until the drop")
    }
}

impl<T> DerefMut for Pooled<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("there until the drop")
    }
}

impl<T> Drop for Pooled<T> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            // Refused: the pool is full, and this one was extra.
            drop(self.shared.home.try_write(0, value));
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Pooled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pooled").field(&**self).finish()
    }
}
