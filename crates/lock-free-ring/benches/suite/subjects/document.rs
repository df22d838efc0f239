//! The described algorithm: claim by fetch-add, and take the claim back by fetch-sub when the
//! slot is not free. It is wrong: with several producers on a full shard it wedges or loses
//! items (`tests/document.rs`), so its waits have an end.

use crate::suite::subject::{Read, Subject, Write};
use crate::suite::team::Patience;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The sharded ring of the document.
pub(crate) struct Document;

struct Slot {
    sequence: AtomicU64,
    /// A plain word in the document; relaxed, it costs the same.
    value: AtomicU64,
}

struct Shard {
    slots: Box<[Slot]>,
    write_position: AtomicU64,
    read_position: AtomicU64,
}

pub(crate) struct Writer {
    shards: Arc<[Box<Shard>]>,
    id: usize,
}

pub(crate) struct Reader {
    shards: Arc<[Box<Shard>]>,
}

impl Shard {
    fn new(size: u64) -> Self {
        let slot = |index| Slot { sequence: AtomicU64::new(index), value: AtomicU64::new(0) };
        Self {
            slots: (0..size).map(slot).collect(),
            write_position: AtomicU64::new(0),
            read_position: AtomicU64::new(0),
        }
    }

    fn size(&self) -> u64 {
        self.slots.len() as u64
    }

    fn slot(&self, position: u64) -> &Slot {
        &self.slots[(position % self.size()) as usize]
    }

    // Go's atomics are sequentially consistent.
    #[inline]
    fn write(&self, item: u64) -> bool {
        let position = self.write_position.fetch_add(1, Ordering::SeqCst);
        let slot = self.slot(position);
        if slot.sequence.load(Ordering::SeqCst) != position {
            self.write_position.fetch_sub(1, Ordering::SeqCst);
            return false;
        }
        slot.value.store(item, Ordering::Relaxed);
        slot.sequence.store(position + 1, Ordering::SeqCst);
        true
    }

    #[inline]
    fn read(&self) -> Option<u64> {
        let position = self.read_position.load(Ordering::SeqCst);
        let slot = self.slot(position);
        if slot.sequence.load(Ordering::SeqCst) != position + 1 {
            return None;
        }
        let item = slot.value.load(Ordering::Relaxed);
        slot.sequence.store(position + self.size(), Ordering::SeqCst);
        self.read_position.store(position + 1, Ordering::SeqCst);
        Some(item)
    }
}

impl Subject for Document {
    const NAME: &'static str = "document";
    type Writer = Writer;
    type Reader = Reader;

    fn open(shards: usize, per_shard: usize, writers: usize) -> (Vec<Writer>, Reader) {
        let shards: Arc<[_]> =
            (0..shards).map(|_| Box::new(Shard::new(per_shard as u64))).collect();
        let writers = (0..writers).map(|id| Writer { shards: shards.clone(), id }).collect();
        (writers, Reader { shards })
    }
}

impl Write for Writer {
    #[inline]
    fn try_write(&mut self, item: u64) -> bool {
        self.shards[self.id & (self.shards.len() - 1)].write(item)
    }

    #[inline]
    fn write(&mut self, item: u64) {
        if !self.try_write(item) {
            Patience::new().until(|| self.try_write(item));
        }
    }
}

impl Read for Reader {
    #[inline]
    fn try_read(&mut self) -> Option<u64> {
        self.shards.iter().find_map(|shard| shard.read())
    }

    fn read_batch(&mut self, max: usize) -> Vec<u64> {
        let mut items = Vec::with_capacity(max);
        self.read_batch_into(&mut items, max);
        items
    }

    #[inline]
    fn read_batch_into(&mut self, buf: &mut Vec<u64>, max: usize) -> usize {
        let before = buf.len();
        for shard in &*self.shards {
            while buf.len() - before < max {
                let Some(item) = shard.read() else { break };
                buf.push(item);
            }
        }
        buf.len() - before
    }

    #[inline]
    fn wait_batch_into(&mut self, buf: &mut Vec<u64>, max: usize) -> usize {
        let mut taken = self.read_batch_into(buf, max);
        if taken == 0 {
            Patience::new().until(|| {
                taken = self.read_batch_into(buf, max);
                taken > 0
            });
        }
        taken
    }
}
