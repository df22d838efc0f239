//! One shard of the document, safe by a lock around each cell; its words and its steps. The file
//! that uses it says in `crate::checker` where its atomics and locks come from, and how it pauses.
#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::checker::{AtomicU64, Mutex, Ordering, pause};

pub(crate) struct DocumentShard<T> {
    slots: Vec<Slot<T>>,
    write_pos: AtomicU64,
    read_pos: AtomicU64,
}

struct Slot<T> {
    seq: AtomicU64,
    value: Mutex<Option<T>>,
}

impl<T> DocumentShard<T> {
    pub(crate) fn new(size: u64) -> Self {
        let slot = |index| Slot { seq: AtomicU64::new(index), value: Mutex::new(None) };
        let slots = (0..size).map(slot).collect();
        Self { slots, write_pos: AtomicU64::new(0), read_pos: AtomicU64::new(0) }
    }

    fn slot(&self, pos: u64) -> &Slot<T> {
        &self.slots[(pos % self.slots.len() as u64) as usize]
    }

    pub(crate) fn claim(&self) -> u64 {
        self.write_pos.fetch_add(1, Ordering::AcqRel)
    }

    pub(crate) fn is_free(&self, pos: u64) -> bool {
        self.slot(pos).seq.load(Ordering::Acquire) == pos
    }

    /// The fault: a claim undone.
    pub(crate) fn unclaim(&self) {
        self.write_pos.fetch_sub(1, Ordering::AcqRel);
    }

    fn fill(&self, pos: u64, entry: T) {
        let slot = self.slot(pos);
        *slot.value.lock().expect("not poisoned") = Some(entry);
        slot.seq.store(pos + 1, Ordering::Release);
    }

    /// The document's Write: the steps above, in its order.
    pub(crate) fn try_write(&self, entry: T) -> bool {
        let pos = self.claim();
        if self.is_free(pos) {
            self.fill(pos, entry);
            return true;
        }
        // A thread may be stopped here as anywhere; without this it needs more rounds.
        pause();
        self.unclaim();
        false
    }

    /// The document's TryRead.
    pub(crate) fn try_read(&self) -> Option<T> {
        let pos = self.read_pos.load(Ordering::Acquire);
        let slot = self.slot(pos);
        if slot.seq.load(Ordering::Acquire) != pos + 1 {
            return None;
        }
        let entry = slot.value.lock().expect("not poisoned").take();
        slot.seq.store(pos + self.slots.len() as u64, Ordering::Release);
        self.read_pos.store(pos + 1, Ordering::Release);
        entry
    }
}
