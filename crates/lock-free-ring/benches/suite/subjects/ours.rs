//! The two rings of this crate.

use crate::suite::subject::{Read, Subject, Write};
use lock_free_ring::{Consumer, DedicatedRing, Producer, ShardedRing};

/// Shards that any number of producers share.
pub(crate) struct Shared;

/// A shard for each producer.
pub(crate) struct Dedicated;

/// A handle and the id it writes with.
pub(crate) struct SharedWriter {
    ring: ShardedRing<u64>,
    id: u64,
}

impl Subject for Shared {
    const NAME: &'static str = "shared";
    type Writer = SharedWriter;
    type Reader = Consumer<u64>;

    fn open(shards: usize, per_shard: usize, writers: usize) -> (Vec<SharedWriter>, Consumer<u64>) {
        let ring = ShardedRing::new(shards * per_shard, shards).expect("valid");
        let reader = ring.consumer().expect("the first");
        let writers = (0..writers as u64).map(|id| SharedWriter { ring: ring.clone(), id });
        (writers.collect(), reader)
    }
}

impl Subject for Dedicated {
    const NAME: &'static str = "dedicated";
    type Writer = Producer<u64>;
    type Reader = Consumer<u64>;

    fn open(
        shards: usize,
        per_shard: usize,
        writers: usize,
    ) -> (Vec<Producer<u64>>, Consumer<u64>) {
        let shards = shards.max(writers);
        let ring = DedicatedRing::new(shards * per_shard, shards).expect("valid");
        let reader = ring.consumer().expect("the first");
        let writers = (0..writers).map(|_| ring.producer().expect("a free shard"));
        (writers.collect(), reader)
    }
}

impl Write for SharedWriter {
    #[inline]
    fn try_write(&mut self, item: u64) -> bool {
        self.ring.try_write(self.id, item).is_ok()
    }

    #[inline]
    fn write(&mut self, item: u64) {
        self.ring.write(self.id, item).expect("open");
    }
}

impl Write for Producer<u64> {
    #[inline]
    fn try_write(&mut self, item: u64) -> bool {
        Producer::try_write(self, item).is_ok()
    }

    #[inline]
    fn write(&mut self, item: u64) {
        Producer::write(self, item).expect("open");
    }
}

impl Read for Consumer<u64> {
    #[inline]
    fn try_read(&mut self) -> Option<u64> {
        Consumer::try_read(self)
    }

    #[inline]
    fn read_batch(&mut self, max: usize) -> Vec<u64> {
        self.try_read_batch(max)
    }

    #[inline]
    fn read_batch_into(&mut self, buf: &mut Vec<u64>, max: usize) -> usize {
        self.try_read_batch_into(buf, max)
    }

    #[inline]
    fn wait_batch_into(&mut self, buf: &mut Vec<u64>, max: usize) -> usize {
        Consumer::read_batch_into(self, buf, max).expect("open")
    }
}
