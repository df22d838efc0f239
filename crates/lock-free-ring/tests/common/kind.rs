//! The two kinds of ring behind one face, for tests that must hold for both.

#[cfg(feature = "async")]
use lock_free_ring::AsyncProducer;
use lock_free_ring::{
    Closed, ConfigError, Consumer, DedicatedRing, Producer, Ring, RingBuilder, ShardedRing,
    WriteConfig, WriteRefused,
};
use std::ops::Deref;
use std::time::Duration;

/// What an item of these tests is.
pub(crate) trait Payload: Send + 'static {}
impl<T: Send + 'static> Payload for T {}

/// Shared or dedicated shards.
pub(crate) trait Kind: 'static {
    const DEDICATED: bool;
    type Handle<T: Payload>: Deref<Target = Ring<T>> + Clone + Send + Sync + 'static;
    type Writer<T: Payload>: Writer<T>;

    fn build<T: Payload>(builder: &RingBuilder) -> Result<Self::Handle<T>, ConfigError>;

    /// The writer that is to be known as `id`: on a shared ring it goes to shard `id` AND
    /// (shards − 1), on a dedicated one it leases a shard.
    fn writer<T: Payload>(ring: &Self::Handle<T>, id: usize) -> Self::Writer<T>;

    /// As `writer`, for a task.
    #[cfg(feature = "async")]
    fn async_producer<T: Payload>(ring: &Self::Handle<T>, id: usize) -> AsyncProducer<T>;

    fn try_consumer<T: Payload>(ring: &Self::Handle<T>) -> Option<Consumer<T>>;

    fn consumer<T: Payload>(ring: &Self::Handle<T>) -> Consumer<T> {
        Self::try_consumer(ring).expect("no other consumer")
    }

    fn ring<T: Payload>(capacity: usize, shards: usize) -> Self::Handle<T> {
        Self::build(&RingBuilder::new(capacity, shards)).expect("a valid configuration")
    }
}

#[derive(Debug)]
pub(crate) struct Shared;
#[derive(Debug)]
pub(crate) struct Dedicated;

impl Kind for Shared {
    const DEDICATED: bool = false;
    type Handle<T: Payload> = ShardedRing<T>;
    type Writer<T: Payload> = SharedWriter<T>;

    fn build<T: Payload>(builder: &RingBuilder) -> Result<ShardedRing<T>, ConfigError> {
        builder.shared()
    }

    fn writer<T: Payload>(ring: &ShardedRing<T>, id: usize) -> SharedWriter<T> {
        SharedWriter { ring: ring.clone(), id: id as u64 }
    }

    #[cfg(feature = "async")]
    fn async_producer<T: Payload>(ring: &ShardedRing<T>, id: usize) -> AsyncProducer<T> {
        ring.async_producer(id as u64)
    }

    fn try_consumer<T: Payload>(ring: &ShardedRing<T>) -> Option<Consumer<T>> {
        ring.consumer().ok()
    }
}

impl Kind for Dedicated {
    const DEDICATED: bool = true;
    type Handle<T: Payload> = DedicatedRing<T>;
    type Writer<T: Payload> = Producer<T>;

    fn build<T: Payload>(builder: &RingBuilder) -> Result<DedicatedRing<T>, ConfigError> {
        builder.dedicated()
    }

    fn writer<T: Payload>(ring: &DedicatedRing<T>, _id: usize) -> Producer<T> {
        ring.producer().expect("an open ring with a free shard")
    }

    #[cfg(feature = "async")]
    fn async_producer<T: Payload>(ring: &DedicatedRing<T>, id: usize) -> AsyncProducer<T> {
        Self::writer(ring, id).into_async()
    }

    fn try_consumer<T: Payload>(ring: &DedicatedRing<T>) -> Option<Consumer<T>> {
        ring.consumer().ok()
    }
}

/// Every way to write that both kinds have.
pub(crate) trait Writer<T>: Send + 'static {
    fn try_write(&mut self, item: T) -> Result<(), WriteRefused<T>>;
    fn write(&mut self, item: T) -> Result<(), Closed<T>>;
    fn write_timeout(&mut self, item: T, limit: Duration) -> Result<(), WriteRefused<T>>;
    fn write_with_backoff(&mut self, item: T, config: &WriteConfig) -> Result<(), WriteRefused<T>>;
    fn try_write_batch(&mut self, items: &mut Vec<T>) -> Result<usize, Closed>;
    fn write_batch(&mut self, items: &mut Vec<T>) -> Result<(), Closed>;
    /// In place: by the closure form, or by a reservation of one slot.
    fn try_write_with(&mut self, make: impl FnOnce() -> T) -> Result<(), WriteRefused<()>>;
    fn ring(&self) -> &Ring<T>;
}

/// A handle of a shared ring and the id that it writes under.
#[derive(Debug)]
pub(crate) struct SharedWriter<T> {
    pub(crate) ring: ShardedRing<T>,
    pub(crate) id: u64,
}

impl<T: Payload> Writer<T> for SharedWriter<T> {
    fn try_write(&mut self, item: T) -> Result<(), WriteRefused<T>> {
        self.ring.try_write(self.id, item)
    }
    fn write(&mut self, item: T) -> Result<(), Closed<T>> {
        self.ring.write(self.id, item)
    }
    fn write_timeout(&mut self, item: T, limit: Duration) -> Result<(), WriteRefused<T>> {
        self.ring.write_timeout(self.id, item, limit)
    }
    fn write_with_backoff(&mut self, item: T, config: &WriteConfig) -> Result<(), WriteRefused<T>> {
        self.ring.write_with_backoff(self.id, item, config)
    }
    fn try_write_batch(&mut self, items: &mut Vec<T>) -> Result<usize, Closed> {
        self.ring.try_write_batch(self.id, items)
    }
    fn write_batch(&mut self, items: &mut Vec<T>) -> Result<(), Closed> {
        self.ring.write_batch(self.id, items)
    }
    fn try_write_with(&mut self, make: impl FnOnce() -> T) -> Result<(), WriteRefused<()>> {
        self.ring.try_write_with(self.id, make).map_err(without_item)
    }
    fn ring(&self) -> &Ring<T> {
        &self.ring
    }
}

impl<T: Payload> Writer<T> for Producer<T> {
    fn try_write(&mut self, item: T) -> Result<(), WriteRefused<T>> {
        self.try_write(item)
    }
    fn write(&mut self, item: T) -> Result<(), Closed<T>> {
        self.write(item)
    }
    fn write_timeout(&mut self, item: T, limit: Duration) -> Result<(), WriteRefused<T>> {
        self.write_timeout(item, limit)
    }
    fn write_with_backoff(&mut self, item: T, config: &WriteConfig) -> Result<(), WriteRefused<T>> {
        self.write_with_backoff(item, config)
    }
    fn try_write_batch(&mut self, items: &mut Vec<T>) -> Result<usize, Closed> {
        self.try_write_batch(items)
    }
    fn write_batch(&mut self, items: &mut Vec<T>) -> Result<(), Closed> {
        self.write_batch(items)
    }
    fn try_write_with(&mut self, make: impl FnOnce() -> T) -> Result<(), WriteRefused<()>> {
        let mut reservation = self.try_reserve(1)?;
        reservation.push_with(make).unwrap_or_else(|_| panic!("a reservation has room"));
        assert_eq!(reservation.publish(), 1);
        Ok(())
    }
    fn ring(&self) -> &Ring<T> {
        self
    }
}

pub(crate) fn without_item<T>(refused: WriteRefused<T>) -> WriteRefused<()> {
    match refused {
        WriteRefused::Full(_) => WriteRefused::Full(()),
        WriteRefused::Closed(_) => WriteRefused::Closed(()),
    }
}

/// Makes each function, generic over the kind of ring, a test of both kinds; each with a
/// limit in time.
#[allow(unused_macros, reason = "each test file uses a part of this")]
macro_rules! for_both_kinds {
    ($($name:ident),+ $(,)?) => {
        mod shared {
            $(#[test] fn $name() { crate::common::in_time(super::$name::<crate::common::kind::Shared>) })+
        }
        mod dedicated {
            $(#[test] fn $name() { crate::common::in_time(super::$name::<crate::common::kind::Dedicated>) })+
        }
    };
}
#[allow(unused_imports, reason = "each test file uses a part of this")]
pub(crate) use for_both_kinds;
