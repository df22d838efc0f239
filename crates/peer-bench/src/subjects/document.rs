//! The described algorithm, transcribed: claim by fetch-add, give back by fetch-sub when the
//! slot is not free. It is wrong (with several producers on a full shard it loses items or
//! wedges), so every wait here ends when the round is called off.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Items asked for in one `ReadBatchInto`, as in the document's example.
const BATCH: usize = 1000;

/// The sharded ring.
pub(crate) struct Document;

struct Slot {
    sequence: AtomicU64,
    value: AtomicU64,
}

struct Shard {
    buffer: Box<[Slot]>,
    size: u64,
    write_position: AtomicU64,
    read_position: AtomicU64,
}

impl Shard {
    fn new(size: usize) -> Self {
        let slot = |index| Slot { sequence: AtomicU64::new(index), value: AtomicU64::new(0) };
        Self {
            buffer: (0..size as u64).map(slot).collect(),
            size: size as u64,
            write_position: AtomicU64::new(0),
            read_position: AtomicU64::new(0),
        }
    }

    fn slot(&self, position: u64) -> &Slot {
        &self.buffer[(position % self.size) as usize]
    }

    // Go's atomics are sequentially consistent.
    #[inline]
    fn write(&self, value: u64) -> bool {
        let position = self.write_position.fetch_add(1, Ordering::SeqCst);
        let slot = self.slot(position);
        if slot.sequence.load(Ordering::SeqCst) != position {
            self.write_position.fetch_sub(1, Ordering::SeqCst);
            return false;
        }
        // The document's is a plain store.
        slot.value.store(value, Ordering::Relaxed);
        slot.sequence.store(position + 1, Ordering::SeqCst);
        true
    }

    #[inline]
    fn try_read(&self) -> Option<u64> {
        let position = self.read_position.load(Ordering::SeqCst);
        let slot = self.slot(position);
        if slot.sequence.load(Ordering::SeqCst) != position + 1 {
            return None;
        }
        let value = slot.value.load(Ordering::Relaxed);
        slot.sequence.store(position + self.size, Ordering::SeqCst);
        self.read_position.store(position + 1, Ordering::SeqCst);
        Some(value)
    }
}

type Shards = Arc<[Box<Shard>]>;

/// A producer with its id.
pub(crate) struct WriteTx {
    shards: Shards,
    id: usize,
    patience: Patience,
}

/// The reader, and the slice that it appends to.
pub(crate) struct BatchRx {
    shards: Shards,
    batch: Vec<u64>,
    patience: Patience,
}

impl Subject for Document {
    const FACTS: Facts = Facts {
        name: "document",
        layout: Layout::Shards,
        send: "Write, polling",
        send_batch: None,
        receive: "ReadBatchInto, polling",
        sleeps: false,
        window: false,
    };
    type Tx<T: Item> = WriteTx;
    type Rx<T: Item> = BatchRx;

    /// Only for items of one word, which safe code can share: they are their tags.
    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<WriteTx, BatchRx>> {
        if T::BYTES != size_of::<u64>() || !shape.lanes.is_power_of_two() {
            return None;
        }
        let shard = |_| Box::new(Shard::new(shape.lane_capacity()));
        let shards: Shards = (0..shape.lanes).map(shard).collect();
        let patience = Patience::new(stop);
        let tx = |id| WriteTx { shards: shards.clone(), id, patience: patience.clone() };
        let producers = (0..shape.producers).map(tx).collect();
        let batch = Vec::with_capacity(BATCH);
        Some(Ends { producers, consumer: BatchRx { shards, batch, patience } })
    }
}

impl<T: Item> Tx<T> for WriteTx {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        let shard = &self.shards[self.id & (self.shards.len() - 1)];
        let value = make().tag();
        self.patience.until(|| shard.write(value).then_some(()))
    }
}

#[inline(always)]
fn read_batch_into(shards: &Shards, batch: &mut Vec<u64>) {
    for shard in &**shards {
        while batch.len() < BATCH {
            let Some(value) = shard.try_read() else { break };
            batch.push(value);
        }
    }
}

impl<T: Item> Rx<T> for BatchRx {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        let Self { shards, batch, patience } = self;
        patience.until(|| {
            read_batch_into(shards, batch);
            (!batch.is_empty()).then_some(())
        })?;
        let received = batch.len();
        batch.drain(..).for_each(|tag| sink(&T::tagged(tag)));
        Ok(received)
    }
}
