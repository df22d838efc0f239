//! The document's own algorithm (claim, look, undo), transcribed as a test subject: the same
//! harness that passes ours shows it to lose items. It is the executable reason for our protocol.
#![cfg(ring_loom)]

mod loom_common;

use loom::sync::atomic::{AtomicU64, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;
use loom_common::{Item, judge, model};
use std::panic::{AssertUnwindSafe, catch_unwind};

struct Slot {
    stamp: AtomicU64,
    item: Mutex<Option<Item>>,
}

struct DocumentShard {
    slots: Vec<Slot>,
    write: AtomicU64,
    read: AtomicU64,
}

impl DocumentShard {
    fn new(capacity: u64) -> Self {
        let slot = |index| Slot { stamp: AtomicU64::new(index), item: Mutex::new(None) };
        let slots = (0..capacity).map(slot).collect();
        Self { slots, write: AtomicU64::new(0), read: AtomicU64::new(0) }
    }

    fn slot(&self, position: u64) -> &Slot {
        &self.slots[(position % self.slots.len() as u64) as usize]
    }

    fn try_write(&self, item: Item) -> bool {
        let position = self.write.fetch_add(1, Ordering::AcqRel);
        let slot = self.slot(position);
        if slot.stamp.load(Ordering::Acquire) != position {
            self.write.fetch_sub(1, Ordering::AcqRel); // the fault: a claim undone
            return false;
        }
        *slot.item.lock().unwrap() = Some(item);
        slot.stamp.store(position + 1, Ordering::Release);
        true
    }

    fn try_read(&self) -> Option<Item> {
        let position = self.read.load(Ordering::Acquire);
        let slot = self.slot(position);
        if slot.stamp.load(Ordering::Acquire) != position + 1 {
            return None;
        }
        let item = slot.item.lock().unwrap().take();
        slot.stamp.store(position + self.slots.len() as u64, Ordering::Release);
        self.read.store(position + 1, Ordering::Release);
        item
    }
}

/// As `two_producers` in `loom_shared`.
fn two_producers() {
    let shard = Arc::new(DocumentShard::new(2));
    let offer = |shard: &DocumentShard, producer: u64, items: u32| -> Vec<Item> {
        let all = (0..items).map(|number| (producer, number));
        all.filter(|item| shard.try_write(*item)).collect()
    };
    let first = offer(&shard, 0, 2);
    let writers = [1, 2].map(|producer| {
        let shard = shard.clone();
        thread::spawn(move || offer(&shard, producer, 2))
    });
    let mut read: Vec<Item> = (0..2).filter_map(|_| shard.try_read()).collect();
    let [second, third] = writers.map(|writer| writer.join().unwrap());
    read.extend(std::iter::from_fn(|| shard.try_read()));
    judge(&read, &[first, second, third]);
}

#[test]
fn the_documents_algorithm_loses_accepted_items() {
    let verdict = catch_unwind(AssertUnwindSafe(|| model(1, "the document", two_producers)));
    let reason = verdict.expect_err("the model found no fault in it");
    let reason = reason.downcast_ref::<String>().expect("a message");
    assert!(reason.contains("read against accepted"), "failed otherwise: {reason}");
}
