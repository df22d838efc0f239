//! One committed counter for all against a sequence number in each slot: how a write is made
//! known. With the counter, producers must commit in the order in which they claimed, and wait
//! for each other; the document gives 11 ms against 24 ns.

use crate::suite::team::{Patience, cores, rounds};
use crate::suite::{Case, Meter};
use std::sync::atomic::{AtomicU64, Ordering};

const SLOTS: usize = 8192;
/// Writes of a thread in one round.
const ROUND: u64 = 1 << 16;

struct Slot {
    sequence: AtomicU64,
    value: AtomicU64,
}

/// Written to and never read: the older items are overwritten.
struct Log {
    slots: Vec<Slot>,
    claimed: AtomicU64,
    committed: AtomicU64,
}

impl Log {
    fn new() -> Self {
        let slot = |_| Slot { sequence: AtomicU64::new(0), value: AtomicU64::new(0) };
        Self {
            slots: (0..SLOTS).map(slot).collect(),
            claimed: AtomicU64::new(0),
            committed: AtomicU64::new(0),
        }
    }

    /// Claims a position and puts `item` there.
    #[inline]
    fn put(&self, item: u64) -> (u64, &Slot) {
        let position = self.claimed.fetch_add(1, Ordering::Relaxed);
        let slot = &self.slots[position as usize % SLOTS];
        slot.value.store(item, Ordering::Relaxed);
        (position, slot)
    }

    #[inline]
    fn write_by_slot(&self, item: u64) {
        let (position, slot) = self.put(item);
        slot.sequence.store(position + 1, Ordering::Release);
    }

    #[inline]
    fn write_by_counter(&self, item: u64) {
        let (position, _) = self.put(item);
        // Giving the core away at times: who only spins takes it from the thread waited for, and
        // then it may be minutes.
        Patience::new().until(|| self.committed.load(Ordering::Acquire) == position);
        self.committed.store(position + 1, Ordering::Release);
    }
}

pub(crate) fn cases() -> Vec<Case> {
    // As many threads as cores, and more: then it waits for one that does not run.
    let crowds = [cores(), 4 * cores()].into_iter();
    crowds
        .flat_map(|threads| {
            let name = format!("Publication/{threads}");
            [
                Case::new(&*name, "committed counter", move |meter, items| {
                    run(meter, items, threads, Log::write_by_counter);
                }),
                Case::new(&*name, "per slot", move |meter, items| {
                    run(meter, items, threads, Log::write_by_slot);
                }),
            ]
        })
        .collect()
}

fn run(meter: &mut Meter<'_>, items: u64, threads: usize, write: impl Fn(&Log, u64) + Sync) {
    let log = Log::new();
    let work = |log: &mut &Log, share| (0..share).for_each(|item| write(log, item));
    rounds(meter, vec![&log; threads], items, ROUND, work, |_| ());
    assert_eq!(log.claimed.load(Ordering::Relaxed), items);
}
