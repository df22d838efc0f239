//! However long a shard was idle, an item that is written to it is found by the next read.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Kind, Writer, for_both_kinds};
use common::{eventually, join, times};
use lock_free_ring::{Consumer, RingBuilder};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

for_both_kinds! {
    an_item_on_an_idle_shard_is_found_by_the_next_read,
    a_full_idle_shard_is_emptied,
    an_idle_shard_beside_a_busy_one_is_served_within_a_sweep,
    the_successor_of_a_consumer_finds_items_on_shards_that_were_idle,
    a_shard_wakes_up_under_the_eyes_of_a_polling_consumer,
    a_shard_wakes_up_under_the_eyes_of_a_waiting_consumer,
    a_shard_wakes_up_beside_a_flood,
    a_closed_ring_of_idle_shards_is_finished,
}

/// Numbers of shards: around those that fit into a word, and powers of two.
fn shard_counts<K: Kind>() -> &'static [usize] {
    if K::DEDICATED { &[1, 2, 3, 63, 64, 65, 129] } else { &[1, 2, 4, 64, 128] }
}

fn ring_and_writers<K: Kind>(shards: usize, fence: bool) -> (K::Handle<u64>, Vec<K::Writer<u64>>) {
    let builder = RingBuilder::new(2 * shards, shards).fence(fence).spin(Duration::ZERO);
    let ring = K::build(&builder).expect("valid");
    let writers = (0..shards).map(|id| K::writer(&ring, id)).collect();
    (ring, writers)
}

type ReadOne = fn(&mut Consumer<u64>) -> Option<u64>;

fn reads() -> [ReadOne; 7] {
    [
        |consumer| consumer.try_read(),
        |consumer| consumer.try_read_batch(1).pop(),
        |consumer| consumer.drain(1).next(),
        |consumer| consumer.read_timeout(Duration::ZERO).ok(),
        |consumer| {
            let mut items = consumer.try_read_slices(9)?;
            let item = items.slices().0[0];
            items.release(1);
            Some(item)
        },
        |consumer| consumer.wait_for(1, Duration::ZERO).ok().and_then(|_| consumer.try_read()),
        |consumer| consumer.read().ok(),
    ]
}

/// Looks in vain, `times` times.
fn sweep(consumer: &mut Consumer<u64>, times: usize) {
    (0..times).for_each(|_| assert_eq!(consumer.try_read(), None));
}

fn an_item_on_an_idle_shard_is_found_by_the_next_read<K: Kind>() {
    for (round, shards) in shard_counts::<K>().iter().enumerate() {
        let (ring, mut writers) = ring_and_writers::<K>(*shards, round % 2 == 0);
        let mut consumer = K::consumer(&ring);
        for read in reads() {
            for idle in [0, 1, 2, 300] {
                for shard in [0, shards / 2, shards - 1] {
                    sweep(&mut consumer, idle);
                    writers[shard].try_write(7).expect("room");
                    assert_eq!(read(&mut consumer), Some(7), "shard {shard} of {shards}");
                }
            }
        }
    }
}

fn a_full_idle_shard_is_emptied<K: Kind>() {
    for &shards in shard_counts::<K>() {
        let (ring, mut writers) = ring_and_writers::<K>(shards, false);
        let mut consumer = K::consumer(&ring);
        for shard in 0..shards {
            sweep(&mut consumer, 3);
            while writers[shard].try_write(shard as u64).is_ok() {}
            assert!(writers[(shard + 1) % shards].try_write(0).is_ok() || shards == 1);
            assert_eq!(consumer.try_read_batch(9).len(), if shards == 1 { 2 } else { 3 });
        }
    }
}

/// One shard is full whenever the consumer looks, the others are long idle.
fn an_idle_shard_beside_a_busy_one_is_served_within_a_sweep<K: Kind>() {
    const BUSY: u64 = 0;
    let quota = NonZeroUsize::new(4).expect("not zero");
    for &shards in &shard_counts::<K>()[1..] {
        let (ring, mut writers) = ring_and_writers::<K>(shards, false);
        let mut consumer = K::consumer(&ring);
        consumer.set_quota(quota);
        let busy = shards / 2;
        for (step, read) in (0..4 * shards).zip(reads().into_iter().cycle()) {
            let trickle = (step * 7 + 1) % shards;
            // One at a time comes back from each: long enough for the others to be idle.
            for passed in 0..20 {
                while writers[busy].try_write(BUSY).is_ok() {}
                assert_eq!(read(&mut consumer), Some(BUSY), "{passed}");
            }
            if trickle != busy {
                writers[trickle].try_write(7).expect("room");
                let before = (0..).take_while(|_| {
                    while writers[busy].try_write(BUSY).is_ok() {}
                    read(&mut consumer) == Some(BUSY)
                });
                let before = before.take(shards * quota.get()).count();
                assert!(before <= quota.get(), "shard {trickle} of {shards}: {before} before it");
            }
        }
    }
}

fn the_successor_of_a_consumer_finds_items_on_shards_that_were_idle<K: Kind>() {
    for &shards in shard_counts::<K>() {
        let (ring, mut writers) = ring_and_writers::<K>(shards, false);
        for writer in &mut writers {
            sweep(&mut K::consumer(&ring), 50);
            writer.try_write(1).expect("room");
            let mut consumer = K::consumer(&ring);
            assert_eq!(consumer.try_read(), Some(1));
            sweep(&mut consumer, 50);
            writer.try_write(2).expect("room");
            drop(consumer);
            writer.try_write(3).expect("room");
            assert_eq!(K::consumer(&ring).try_read_batch(9), [2, 3]);
        }
    }
}

/// Any shard, by a linear congruential generator.
fn any(state: &mut u64, shards: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    (*state >> 33) as usize % shards
}

/// One item at a time, each on another shard; the next one when the last was read.
fn one_at_a_time<W: Writer<u64>>(writers: &mut [W], items: u64, read: &AtomicU64) {
    let mut state = 1;
    for item in 0..items {
        let shard = any(&mut state, writers.len());
        writers[shard].try_write(item).expect("room");
        eventually(|| read.load(Ordering::Relaxed) > item);
    }
}

fn under_the_eyes_of<K: Kind>(read: impl Fn(&mut Consumer<u64>) -> Option<u64>) {
    for (round, shards) in shard_counts::<K>().iter().enumerate() {
        let (ring, mut writers) = ring_and_writers::<K>(*shards, round % 2 == 0);
        let mut consumer = K::consumer(&ring);
        let items = times(200);
        let count = Arc::new(AtomicU64::new(0));
        let seen = count.clone();
        let writing = thread::spawn(move || one_at_a_time(&mut writers, items, &seen));
        for item in 0..items {
            assert_eq!(read(&mut consumer), Some(item));
            count.store(item + 1, Ordering::Relaxed);
        }
        join(writing);
    }
}

fn a_shard_wakes_up_under_the_eyes_of_a_polling_consumer<K: Kind>() {
    under_the_eyes_of::<K>(|consumer| {
        loop {
            if let Some(item) = consumer.try_read() {
                return Some(item);
            }
            thread::yield_now();
        }
    });
}

fn a_shard_wakes_up_under_the_eyes_of_a_waiting_consumer<K: Kind>() {
    under_the_eyes_of::<K>(|consumer| consumer.read().ok());
}

/// The consumer never finds all shards idle, so it never looks at all of them for that reason.
fn a_shard_wakes_up_beside_a_flood<K: Kind>() {
    const FLOOD: u64 = u64::MAX;
    for fence in [false, true] {
        let (ring, mut writers) = ring_and_writers::<K>(64, fence);
        let mut consumer = K::consumer(&ring);
        let mut flood = writers.pop().expect("64 writers");
        let (count, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, stop) = (count.clone(), done.clone());
        let flooding = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                if flood.try_write(FLOOD).is_err() {
                    thread::yield_now();
                }
            }
        });
        let items = times(200);
        let writing = thread::spawn(move || one_at_a_time(&mut writers, items, &seen));
        while count.load(Ordering::Relaxed) < items {
            match consumer.try_read() {
                None => thread::yield_now(),
                Some(FLOOD) => {}
                Some(item) => {
                    assert_eq!(item, count.fetch_add(1, Ordering::Relaxed));
                }
            }
        }
        done.store(true, Ordering::Relaxed);
        join(writing);
        join(flooding);
    }
}

fn a_closed_ring_of_idle_shards_is_finished<K: Kind>() {
    for &shards in shard_counts::<K>() {
        let (ring, mut writers) = ring_and_writers::<K>(shards, true);
        let mut consumer = K::consumer(&ring);
        sweep(&mut consumer, 50);
        writers[shards - 1].try_write(1).expect("room");
        ring.close();
        drop(writers);
        assert!(!consumer.is_finished());
        assert_eq!(consumer.read(), Ok(1));
        assert!(consumer.is_finished() && consumer.read().is_err());
    }
}
