//! Cases of one thread, which writes and reads.

use crate::suite::subject::{Read, Subject, Write};
use crate::suite::{Case, Meter};
use lock_free_ring::Pool;
use std::hint::black_box;

const SHARDS: usize = 8;
const PER_SHARD: usize = 1024;
/// Items written, then read, in one cycle.
const CYCLE: u64 = 100;

pub(crate) fn cases<S: Subject>() -> Vec<Case> {
    let mut cases = vec![
        Case::new("Write", S::NAME, write::<S>),
        Case::new("TryRead", S::NAME, try_read::<S>),
        Case::new("ProducerConsumer", S::NAME, |meter, items| cycle::<S>(meter, items, SHARDS)),
    ];
    for size in [10, 100, 1000] {
        let new = move |meter: &mut Meter<'_>, batches| read_batch::<S>(meter, batches, size);
        cases.push(Case::new(format!("ReadBatch/{size}"), S::NAME, new).of_items(size));
        let pooled =
            move |meter: &mut Meter<'_>, batches| read_batch_into_pool::<S>(meter, batches, size);
        cases.push(Case::new(format!("ReadBatchIntoPool/{size}"), S::NAME, pooled).of_items(size));
    }
    for shards in [1, 2, 4, 8, 16, 32] {
        let run = move |meter: &mut Meter<'_>, items| cycle::<S>(meter, items, shards);
        cases.push(Case::new(format!("ShardCount/{shards}"), S::NAME, run));
    }
    cases
}

/// A ring whose memory has been touched.
struct Warm<S: Subject> {
    writers: Vec<S::Writer>,
    reader: S::Reader,
}

impl<S: Subject> Warm<S> {
    fn open(shards: usize) -> Self {
        let (writers, reader) = S::open(shards, PER_SHARD, shards);
        let mut ring = Self { writers, reader };
        ring.fill(ring.capacity());
        ring.drain(ring.capacity());
        ring
    }

    fn capacity(&self) -> u64 {
        (self.writers.len() * PER_SHARD) as u64
    }

    /// Fills shard after shard. All is accepted.
    fn fill(&mut self, items: u64) {
        let mut left = items;
        for writer in &mut self.writers {
            let run = left.min(PER_SHARD as u64);
            let accepted = (0..run).filter(|&item| writer.try_write(item)).count() as u64;
            assert_eq!(accepted, run, "there is room for all");
            left -= run;
        }
    }

    /// Reads one by one. All are there.
    fn drain(&mut self, items: u64) {
        let taken = (0..items).filter(|_| black_box(self.reader.try_read()).is_some()).count();
        assert_eq!(taken as u64, items, "all that was accepted is there");
    }
}

/// `total` in parts of at most `most`.
fn parts(total: u64, most: u64) -> impl Iterator<Item = u64> {
    (0..total.div_ceil(most)).map(move |part| most.min(total - part * most))
}

fn write<S: Subject>(meter: &mut Meter<'_>, items: u64) {
    let mut ring = Warm::<S>::open(SHARDS);
    for part in parts(items, ring.capacity()) {
        meter.time(|| ring.fill(part));
        ring.drain(part);
    }
}

fn try_read<S: Subject>(meter: &mut Meter<'_>, items: u64) {
    let mut ring = Warm::<S>::open(SHARDS);
    for part in parts(items, ring.capacity()) {
        ring.fill(part);
        meter.time(|| ring.drain(part));
    }
}

/// Measures `read` on full batches of `size`.
fn read_batches<S: Subject>(
    meter: &mut Meter<'_>,
    batches: u64,
    size: usize,
    read: impl Fn(&mut S::Reader) -> usize,
) {
    let mut ring = Warm::<S>::open(SHARDS);
    let size = size as u64;
    for part in parts(batches, ring.capacity() / size) {
        ring.fill(part * size);
        let taken: usize = meter.time(|| (0..part).map(|_| read(&mut ring.reader)).sum());
        assert_eq!(taken as u64, part * size, "every batch is full");
    }
}

fn read_batch<S: Subject>(meter: &mut Meter<'_>, batches: u64, size: usize) {
    read_batches::<S>(meter, batches, size, |reader| black_box(reader.read_batch(size)).len());
}

fn read_batch_into_pool<S: Subject>(meter: &mut Meter<'_>, batches: u64, size: usize) {
    let pool = Pool::new(1, move || Vec::with_capacity(size)).expect("valid");
    read_batches::<S>(meter, batches, size, |reader| {
        let mut buf = pool.take_or_make();
        buf.clear();
        reader.read_batch_into(&mut buf, size);
        black_box(&mut *buf).len()
    });
}

/// Writes to the shards in turn, then reads as many, and so on.
fn cycle<S: Subject>(meter: &mut Meter<'_>, items: u64, shards: usize) {
    let mut ring = Warm::<S>::open(shards);
    meter.time(|| {
        for part in parts(items, CYCLE) {
            let mut accepted = 0;
            while accepted < part {
                for writer in ring.writers.iter_mut().take((part - accepted) as usize) {
                    assert!(writer.try_write(accepted), "there is room for all");
                    accepted += 1;
                }
            }
            ring.drain(part);
        }
    });
}
