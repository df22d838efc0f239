//! The write algorithm of the document that this crate succeeds, as a test subject only: it
//! claims by fetch-add and, where the slot is not free, undoes the claim by fetch-sub. The
//! checker that finds nothing wrong with our protocol shows that this one wedges and loses
//! items. The reason for ours in one line: a claim, once won, is never undone.
#![cfg(not(ring_loom))]

mod common;
mod document_shard;

/// Where the document's shard has its atomics from, and what stops it for a moment.
mod checker {
    pub(crate) use std::sync::Mutex;
    pub(crate) use std::sync::atomic::{AtomicU64, Ordering};

    /// Sleeps: who only gives way may be the next to run, as on one busy core, and the others come
    /// to nothing meanwhile.
    pub(crate) fn pause() {
        std::thread::sleep(std::time::Duration::from_micros(200));
    }
}

use common::{Ledger, in_time, join, times};
use document_shard::DocumentShard;
use lock_free_ring::{Consumer, DedicatedRing, Producer, RingBuilder, ShardedRing};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

type Entry = (usize, u64);

#[test]
fn the_documents_undone_claim_wedges_the_shard_and_loses_an_item() {
    let shard = DocumentShard::new(2);
    assert!(shard.try_write((0, 0)) && shard.try_write((0, 1)), "it is filled");
    // A claims P and sees it full …
    let p = shard.claim();
    assert!(!shard.is_free(p));
    // … the consumer frees P and P+1 …
    assert_eq!((shard.try_read(), shard.try_read()), (Some((0, 0)), Some((0, 1))));
    // … B claims P+1 and fills it, and is told that its item was accepted …
    assert!(shard.try_write((1, 0)));
    // … and A undoes its claim: of P+1, which is B's.
    shard.unclaim();
    // P is never issued again, and P+1, which is not free, for ever.
    for _ in 0..1000 {
        assert!(!shard.try_write((0, 2)), "a write was accepted");
        assert_eq!(shard.try_read(), None, "the accepted item was read");
    }
}

#[test]
fn the_documents_shard_of_one_slot_overwrites_what_was_not_read() {
    let shard = DocumentShard::new(1);
    assert!(shard.try_write((0, 0)));
    assert!(shard.try_write((0, 1)), "'written' is not 'free for the next lap' after all");
}

/// The same calls on ours: one that is refused leaves nothing behind.
#[test]
fn a_refused_write_of_ours_leaves_nothing_behind() {
    let ring = ShardedRing::new(2, 1).expect("valid");
    let mut consumer = ring.consumer().expect("free");
    assert!(ring.try_write(0, 'a').is_ok() && ring.try_write(0, 'b').is_ok());
    assert!(ring.try_write(0, 'x').is_err());
    assert_eq!(consumer.try_read_batch(2), ['a', 'b']);
    for item in 'c'..'z' {
        assert!(ring.try_write(1, item).is_ok());
        assert_eq!(consumer.try_read(), Some(item));
    }
}

/// What the checker drives: several writers, one reader.
trait Subject: Send + Sync + 'static {
    fn try_write(&self, entry: Entry) -> bool;
    fn try_read(&self) -> Option<Entry>;
}

impl Subject for DocumentShard<Entry> {
    fn try_write(&self, entry: Entry) -> bool {
        self.try_write(entry)
    }
    fn try_read(&self) -> Option<Entry> {
        self.try_read()
    }
}

/// Ours. The locks are never contended: one thread reads, and each producer has its own.
struct Ours<W> {
    writers: W,
    consumer: Mutex<Consumer<Entry>>,
}

impl Subject for Ours<ShardedRing<Entry>> {
    fn try_write(&self, entry: Entry) -> bool {
        self.writers.try_write(entry.0 as u64, entry).is_ok()
    }
    fn try_read(&self) -> Option<Entry> {
        self.consumer.lock().expect("not poisoned").try_read()
    }
}

impl Subject for Ours<Vec<Mutex<Producer<Entry>>>> {
    fn try_write(&self, entry: Entry) -> bool {
        self.writers[entry.0].lock().expect("not poisoned").try_write(entry).is_ok()
    }
    fn try_read(&self) -> Option<Entry> {
        self.consumer.lock().expect("not poisoned").try_read()
    }
}

const PRODUCERS: usize = 4;

/// Each producer tries to write `each` items while this thread reads. When all have arrived,
/// or none has for as long as `patience`, the producers stop, and what can be read is read.
/// So whatever is missing then is lost, and not late.
fn drive(subject: Arc<impl Subject>, each: u64, patience: Duration) -> Result<(), String> {
    let stop = Arc::new(AtomicBool::new(false));
    let produce = |producer| {
        let (subject, stop) = (subject.clone(), stop.clone());
        thread::spawn(move || {
            let mut seq = 0;
            while seq < each && !stop.load(Ordering::Relaxed) {
                if subject.try_write((producer, seq)) {
                    seq += 1;
                } else {
                    thread::yield_now();
                }
            }
            seq
        })
    };
    let producers: Vec<_> = (0..PRODUCERS).map(produce).collect();
    let mut ledger = Ledger::new(PRODUCERS);
    let mut verdict = Ok(());
    let mut last = Instant::now();
    while ledger.arrived() < PRODUCERS as u64 * each && last.elapsed() < patience && verdict.is_ok()
    {
        match subject.try_read() {
            Some((producer, seq)) => {
                verdict = ledger.check(producer, seq);
                last = Instant::now();
            }
            None => thread::yield_now(),
        }
    }
    stop.store(true, Ordering::Relaxed);
    let accepted: u64 = producers.into_iter().map(join).sum();
    while let (Ok(()), Some((producer, seq))) = (&verdict, subject.try_read()) {
        verdict = ledger.check(producer, seq);
    }
    verdict?;
    match accepted - ledger.arrived() {
        0 => Ok(()),
        lost => Err(format!("wedged: {lost} of {accepted} accepted items cannot be read")),
    }
}

#[test]
fn the_checker_finds_the_documents_algorithm_at_fault() {
    in_time(|| {
        let mut rounds = 0..200;
        let fault = rounds.find_map(|_| {
            drive(Arc::new(DocumentShard::new(4)), 5000, Duration::from_millis(200)).err()
        });
        let fault = fault.expect("it came through all rounds: the checker proves nothing");
        println!("round {}: {fault}", rounds.start);
    });
}

#[test]
fn the_checker_finds_nothing_wrong_with_shared_shards() {
    in_time(|| {
        for (capacity, fence) in (1..=5).zip([false, true].into_iter().cycle()) {
            let writers: ShardedRing<Entry> =
                RingBuilder::new(capacity, 1).fence(fence).shared().expect("valid");
            let consumer = Mutex::new(writers.consumer().expect("free"));
            let subject = Arc::new(Ours { writers, consumer });
            assert_eq!(drive(subject, times(300), Duration::from_secs(20)), Ok(()));
        }
    });
}

#[test]
fn the_checker_finds_nothing_wrong_with_dedicated_shards() {
    in_time(|| {
        for capacity in [1, 2, 3, 4, 5] {
            let ring: DedicatedRing<Entry> =
                DedicatedRing::new(capacity * PRODUCERS, PRODUCERS).expect("valid");
            let lease = |_| Mutex::new(ring.producer().expect("a free shard"));
            let writers: Vec<_> = (0..PRODUCERS).map(lease).collect();
            let consumer = Mutex::new(ring.consumer().expect("free"));
            let subject = Arc::new(Ours { writers, consumer });
            assert_eq!(drive(subject, times(300), Duration::from_secs(20)), Ok(()));
        }
    });
}
