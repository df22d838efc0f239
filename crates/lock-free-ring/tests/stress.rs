//! Several producers on tiny shards with a live consumer, every item identified: nothing lost,
//! nothing twice, each producer's order kept. `RING_STRESS=10` makes it ten times as long.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Dedicated, Kind, Shared, for_both_kinds};
use common::ways::{Read, Write, produce, run};
use common::{Item, Ledger, forget, in_time, join, times, unwind, unwinds};
use lock_free_ring::{Consumer, RingBuilder, Routing};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

for_both_kinds! {
    every_way_to_write_meets_every_way_to_read,
    several_producers_on_tiny_full_shards,
    sixteen_producers,
    thirty_two_producers,
    a_consumer_replaced_under_load_loses_and_repeats_nothing,
    consumers_that_compete_for_the_lease_lose_and_repeat_nothing,
}

/// The ways to wait: with the barrier of this machine and with fences, sleeping after a spin
/// and at once.
const WAITS: [(bool, Duration); 4] = [
    (false, Duration::ZERO),
    (true, Duration::ZERO),
    (false, Duration::from_micros(20)),
    (true, Duration::from_micros(20)),
];

/// One shared shard of `capacity`, or that much for each of `producers`.
fn tiny<K: Kind>(
    capacity: usize,
    producers: usize,
    (fence, spin): (bool, Duration),
) -> RingBuilder {
    let shards = if K::DEDICATED { producers } else { 1 };
    RingBuilder::new(capacity * shards, shards).fence(fence).spin(spin)
}

fn every_way_to_write_meets_every_way_to_read<K: Kind>() {
    let mut round = 0;
    for write in Write::ALL {
        for read in Read::ALL {
            let builder = tiny::<K>(1 + round % 5, 3, WAITS[round % 4]);
            run::<K>(&builder, 3, times(40), |_| write, read);
            round += 1;
        }
    }
}

fn several_producers_on_tiny_full_shards<K: Kind>() {
    for capacity in [1, 2, 3, 4, 5] {
        for (round, wait) in WAITS.into_iter().enumerate() {
            let read = [Read::OneByOne, Read::WaitingBatches][round % 2];
            let builder = tiny::<K>(capacity, 4, wait);
            run::<K>(&builder, 4, times(100), |id| Write::ALL[id % Write::ALL.len()], read);
        }
    }
}

/// All ways to write at once, on shards of 3.
fn many_producers<K: Kind>(producers: usize) {
    for (wait, read) in WAITS.into_iter().zip([Read::Waiting, Read::Batches, Read::InPlace]) {
        let builder = tiny::<K>(3, producers, wait);
        run::<K>(&builder, producers, times(30), |id| Write::ALL[id % Write::ALL.len()], read);
    }
}

fn sixteen_producers<K: Kind>() {
    many_producers::<K>(16);
}

fn thirty_two_producers<K: Kind>() {
    many_producers::<K>(32);
}

/// What has arrived, whatever the order.
struct Seen(Vec<Vec<bool>>);

impl Seen {
    fn note(&mut self, item: &Item) {
        let seen = &mut self.0[item.producer][*item.seq as usize];
        assert!(!*seen, "{item:?} came twice");
        *seen = true;
    }

    fn assert_complete(&self) {
        let missing = self.0.iter().flatten().filter(|seen| !**seen).count();
        assert_eq!(missing, 0, "items were lost");
    }
}

#[test]
fn handles_with_different_routings_share_the_shards() {
    in_time(|| {
        let each = times(250);
        let ring = Shared::ring::<Item>(12, 4);
        let mut consumer = Shared::consumer(&ring);
        let routings =
            [Routing::ById, Routing::ByThread, Routing::RoundRobin, Routing::Random].repeat(2);
        for (id, routing) in routings.iter().enumerate() {
            let mut writer = Shared::writer(&ring, id);
            writer.ring = writer.ring.with_routing(*routing);
            thread::spawn(move || Write::ALL[id % 7].run(id, &mut writer, 0..each));
        }
        drop(ring);
        let mut seen = Seen(vec![vec![false; each as usize]; routings.len()]);
        let mut ordered = Ledger::new(routings.len());
        while let Ok(item) = consumer.read() {
            seen.note(&item);
            if matches!(routings[item.producer], Routing::ById | Routing::ByThread) {
                ordered.note(&item);
            }
        }
        seen.assert_complete();
    });
}

/// Six threads take turns at the two shards; each turn counts as a producer of its own.
#[test]
fn leases_handed_on_under_load_lose_and_repeat_nothing() {
    in_time(|| {
        let (threads, turns, each) = (6, times(40) as usize, 17);
        for capacity in [1, 3, 8] {
            let ring = Dedicated::ring::<Item>(2 * capacity, 2);
            let mut consumer = Dedicated::consumer(&ring);
            let turn = Arc::new(AtomicUsize::new(0));
            for _ in 0..threads {
                let (ring, turn) = (ring.clone(), turn.clone());
                thread::spawn(move || {
                    for _ in 0..turns {
                        let mut writer = loop {
                            match ring.producer() {
                                Ok(writer) => break writer,
                                Err(_) => thread::yield_now(),
                            }
                        };
                        let id = turn.fetch_add(1, Ordering::Relaxed);
                        Write::ALL[id % 7].run(id, &mut writer, 0..each);
                    }
                });
            }
            drop(ring);
            let mut ledger = Ledger::new(threads * turns);
            Read::WaitingBatches.run(&mut consumer, &mut ledger);
            ledger.assert_complete(each);
        }
    });
}

/// As above for a shared ring: each turn has a handle of its own.
#[test]
fn handles_that_come_and_go_under_load_lose_and_repeat_nothing() {
    in_time(|| {
        let (threads, turns, each) = (4, times(40) as usize, 17);
        let ring = Shared::ring::<Item>(3, 1);
        let mut consumer = Shared::consumer(&ring);
        for thread in 0..threads {
            let ring = ring.clone();
            thread::spawn(move || {
                for id in thread * turns..(thread + 1) * turns {
                    Write::ALL[id % 7].run(id, &mut Shared::writer(&ring, id), 0..each);
                }
            });
        }
        drop(ring);
        let mut ledger = Ledger::new(threads * turns);
        Read::WaitingBatches.run(&mut consumer, &mut ledger);
        ledger.assert_complete(each);
    });
}

/// A consumer's time: a few steps, and then it leaves or unwinds in one way or another.
fn serve_a_while(mut consumer: Consumer<Item>, round: usize, note: &mut dyn FnMut(&Item)) {
    for step in 0..=round % 4 {
        Read::ALL[(round + step) % Read::ALL.len()].step(&mut consumer, note);
    }
    match round % 5 {
        // In the body of a drain, with more to come.
        0 => {
            let mut drain = consumer.drain(8);
            drain.next().iter().for_each(note);
            unwind();
        }
        // With items in view that were not released.
        1 => {
            let _items = consumer.try_read_slices(8);
            unwind();
        }
        2 => unwind(),
        3 => forget(consumer.drain(3)),
        _ => drop(consumer),
    }
}

/// Starts three producers and closes the ring when they are done.
fn produce_and_close<K: Kind>(ring: &K::Handle<Item>, each: u64) -> JoinHandle<()> {
    let producers = produce::<K>(ring, 3, each, |id| Write::ALL[id * 2 + 1]);
    let ring = ring.clone();
    thread::spawn(move || {
        producers.into_iter().for_each(join);
        ring.close();
    })
}

/// The ledger of several consumers; poisoned by the one that found a fault.
#[derive(Clone)]
struct SharedLedger(Arc<Mutex<Ledger>>);

impl SharedLedger {
    fn new(producers: usize) -> Self {
        Self(Arc::new(Mutex::new(Ledger::new(producers))))
    }

    fn with<R>(&self, look: impl FnOnce(&mut Ledger) -> R) -> R {
        look(&mut self.0.lock().expect("no consumer found a fault"))
    }
}

fn a_consumer_replaced_under_load_loses_and_repeats_nothing<K: Kind>() {
    for (capacity, wait) in [1, 2, 3, 5].into_iter().zip(WAITS) {
        let each = times(150);
        let ring = K::build(&tiny::<K>(capacity, 3, wait)).expect("valid");
        let producers = produce_and_close::<K>(&ring, each);
        let ledger = SharedLedger::new(3);
        let mut round = 0;
        while ledger.with(|ledger| ledger.arrived()) < 3 * each {
            let (consumer, ledger) = (K::consumer(&ring), ledger.clone());
            let thread = thread::spawn(move || {
                serve_a_while(consumer, round, &mut |item| ledger.with(|l| l.note(item)));
            });
            // Not `join` of ours: that it unwinds is what we want.
            _ = thread.join();
            round += 1;
        }
        join(producers);
        ledger.with(|ledger| ledger.assert_complete(each));
        assert!(ring.is_empty() && K::consumer(&ring).is_finished());
    }
}

fn consumers_that_compete_for_the_lease_lose_and_repeat_nothing<K: Kind>() {
    for (capacity, wait) in [1, 3].into_iter().zip(WAITS) {
        let each = times(150);
        let ring = K::build(&tiny::<K>(capacity, 3, wait)).expect("valid");
        let producers = produce_and_close::<K>(&ring, each);
        let ledger = SharedLedger::new(3);
        let compete = |first| {
            let (ring, ledger) = (ring.clone(), ledger.clone());
            thread::spawn(move || {
                let mut round = first;
                while ledger.with(|ledger| ledger.arrived()) < 3 * each {
                    if let Some(consumer) = K::try_consumer(&ring) {
                        let mut note = |item: &Item| ledger.with(|l| l.note(item));
                        unwinds(|| serve_a_while(consumer, round, &mut note));
                        round += 1;
                    } else {
                        thread::yield_now();
                    }
                }
            })
        };
        [0, 1, 2].map(compete).into_iter().for_each(join);
        join(producers);
        ledger.with(|ledger| ledger.assert_complete(each));
    }
}
