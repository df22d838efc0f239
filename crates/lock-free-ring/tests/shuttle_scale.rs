//! Whole runs under shuttle, which picks at each step at random who goes on: 8 producers, each in
//! its own way, one consumer, every item identified. Sequentially consistent: this is about the
//! protocol at scale, the orderings are loom's.
//!
//! `RING_SCHEDULES` says how many schedules each run takes. Waits have no limit here, so a lost
//! wake-up is a deadlock, which shuttle reports.
#![cfg(ring_shuttle)]

mod document_shard;

/// Where the document's shard has its atomics from.
mod checker {
    pub(crate) use shuttle::sync::Mutex;
    pub(crate) use shuttle::sync::atomic::{AtomicU64, Ordering};
    pub(crate) use shuttle::thread::yield_now as pause;
}

use document_shard::DocumentShard;
use lock_free_ring::{Consumer, Producer, RingBuilder, ShardedRing};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::thread;
use shuttle::{Config, MaxSteps, Runner};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Producer and sequence number.
type Item = (usize, u32);

const PRODUCERS: usize = 8;
const SHARDS: usize = 4;

fn schedules() -> usize {
    std::env::var("RING_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(200)
}

/// What has arrived: nothing lost, nothing twice, each producer's order kept.
struct Ledger([u32; PRODUCERS]);

impl Ledger {
    fn note(&mut self, (producer, number): Item) {
        assert_eq!(number, self.0[producer], "out of turn, from producer {producer}");
        self.0[producer] += 1;
    }
}

/// Writes items in the way that `id` stands for: waiting, trying again, or in batches.
fn produce(
    id: usize,
    each: u32,
    write: impl Fn(Item) -> bool,
    try_write: impl Fn(Item) -> bool,
    write_batch: impl Fn(&mut Vec<Item>),
) {
    for number in 0..each {
        match id % 3 {
            0 => assert!(write((id, number))),
            1 => {
                while !try_write((id, number)) {
                    thread::yield_now();
                }
            }
            _ if number.is_multiple_of(5) => {
                write_batch(&mut (number..each.min(number + 5)).map(|n| (id, n)).collect());
            }
            _ => {}
        }
    }
}

/// Reads until the ring is closed and empty, now in batches, now one by one.
fn consume(consumer: &mut Consumer<Item>, each: u32) {
    let mut ledger = Ledger([0; PRODUCERS]);
    let mut batch = Vec::with_capacity(8);
    loop {
        if consumer.read_batch_into(&mut batch, 8).is_err() {
            break;
        }
        batch.drain(..).for_each(|item| ledger.note(item));
        if let Some(item) = consumer.try_read() {
            ledger.note(item);
        }
    }
    assert_eq!(ledger.0, [each; PRODUCERS], "accepted and never read");
}

fn builder(per_shard: usize, shards: usize) -> RingBuilder {
    RingBuilder::new(per_shard * shards, shards)
        .start_count((u64::MAX >> 1) - 9)
        .spin(Duration::ZERO)
        .fence(true)
}

fn shared(per_shard: usize, each: u32) {
    let ring: ShardedRing<Item> = builder(per_shard, SHARDS).shared().expect("valid");
    let mut consumer = ring.consumer().expect("free");
    let spawn = |id: usize| {
        let (ring, shard) = (ring.clone(), id as u64);
        thread::spawn(move || {
            let write = |item| ring.write(shard, item).is_ok();
            let try_write = |item| ring.try_write(shard, item).is_ok();
            produce(id, each, write, try_write, |items| {
                ring.write_batch(shard, items).expect("open as long as we hold a handle");
            });
        })
    };
    let threads: Vec<_> = (0..PRODUCERS).map(spawn).collect();
    drop(ring);
    consume(&mut consumer, each);
    threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
}

fn dedicated(per_shard: usize, each: u32) {
    let ring = builder(per_shard, PRODUCERS).dedicated().expect("valid");
    let mut consumer = ring.consumer().expect("free");
    let spawn = |id: usize| {
        let producer: Producer<Item> = ring.producer().expect("a free shard");
        thread::spawn(move || {
            let producer = std::cell::RefCell::new(producer);
            let write = |item| producer.borrow_mut().write(item).is_ok();
            let try_write = |item| producer.borrow_mut().try_write(item).is_ok();
            produce(id, each, write, try_write, |items| {
                producer.borrow_mut().write_batch(items).expect("nobody closes it");
            });
        })
    };
    let threads: Vec<_> = (0..PRODUCERS).map(spawn).collect();
    drop(ring);
    consume(&mut consumer, each);
    threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
}

/// The same harness on the document's algorithm. Its producers give up sometime, and its reader
/// stops when they have: so what is missing then is lost, and not late.
fn document(per_shard: u64, each: u32) {
    let shard = Arc::new(DocumentShard::new(per_shard));
    let spawn = |id: usize| {
        let shard = shard.clone();
        thread::spawn(move || {
            (0..4 * each).fold(0, |next, _| next + u32::from(shard.try_write((id, next))))
        })
    };
    let threads: Vec<_> = (0..PRODUCERS).map(spawn).collect();
    let mut ledger = Ledger([0; PRODUCERS]);
    for _ in 0..PRODUCERS as u32 * each {
        shard.try_read().into_iter().for_each(|item| ledger.note(item));
        thread::yield_now();
    }
    let accepted: Vec<u32> = threads.into_iter().map(|t| t.join().expect("no panic")).collect();
    while let Some(item) = shard.try_read() {
        ledger.note(item);
    }
    assert_eq!(&ledger.0[..], accepted, "accepted and never read");
}

/// Runs `body` under `scheduler`; answers at which schedule it failed, if it did.
fn explore(scheduler: impl Scheduler + 'static, body: impl Fn() + Send + Sync + 'static) -> usize {
    let begun = Arc::new(AtomicUsize::new(0));
    let counter = begun.clone();
    let mut config = Config::new();
    config.max_steps = MaxSteps::FailAfter(20_000_000);
    config.silence_warnings = true;
    Runner::new(scheduler, config).run(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        body();
    });
    begun.load(Ordering::Relaxed)
}

/// Half of the schedules purely random, half with few changes of who goes first (PCT).
fn holds(name: &str, schedules: usize, body: impl Fn() + Send + Sync + Copy + 'static) {
    let random = explore(RandomScheduler::new(schedules.div_ceil(2)), body);
    let pct = explore(PctScheduler::new(3, schedules / 2), body);
    println!("shuttle {name}: {} schedules", random + pct);
}

#[test]
fn shared_shards_lose_and_repeat_nothing() {
    holds("8 producers, 4 shared shards of 2, 320 items", schedules(), || shared(2, 40));
}

#[test]
fn shared_shards_of_one_slot_lose_and_repeat_nothing() {
    holds("8 producers, 4 shared shards of 1, 160 items", schedules() / 2, || shared(1, 20));
}

#[test]
fn dedicated_shards_lose_and_repeat_nothing() {
    holds("8 producers, 8 dedicated shards of 3, 320 items", schedules() / 2, || dedicated(3, 40));
}

#[test]
fn thousands_of_items_go_through_shared_shards() {
    let schedules = schedules().div_ceil(100);
    holds("8 producers, 4 shared shards of 4, 4000 items", schedules, || shared(4, 500));
}

#[test]
fn the_documents_algorithm_is_found_at_fault() {
    let begun = Arc::new(AtomicUsize::new(0));
    let counter = begun.clone();
    let body = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        document(2, 5);
    };
    let scheduler = RandomScheduler::new(1000);
    let verdict = catch_unwind(AssertUnwindSafe(|| explore(scheduler, body)));
    let reason = verdict.expect_err("it came through all schedules: the harness proves nothing");
    let reason = reason.downcast_ref::<String>().expect("a message");
    let lost_or_repeated = ["accepted and never read", "out of turn"];
    assert!(lost_or_repeated.iter().any(|fault| reason.contains(fault)), "otherwise: {reason}");
    println!("shuttle, the document: at fault in schedule {}", begun.load(Ordering::Relaxed));
}
