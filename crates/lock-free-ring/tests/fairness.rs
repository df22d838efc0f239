//! No shard waits for more than one sweep, however full the others are; and each routing sends
//! items where it says. Counted in items: nothing here looks at a clock.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Kind, Shared, Writer, for_both_kinds};
use common::{Stalled, in_time, join, times};
use lock_free_ring::{Consumer, Routing, ShardedRing};
use std::num::NonZeroUsize;
use std::sync::atomic::{Ordering, fence};
use std::thread;
use std::time::Duration;

for_both_kinds! {
    a_trickle_beside_full_shards_comes_within_one_sweep,
    a_trickle_beside_a_flood_is_not_starved,
    full_shards_take_turns_of_a_quota_each,
    a_shard_alone_is_not_held_back_by_the_quota,
    try_read_goes_on_where_it_stopped,
    the_default_quota_is_256,
}

fn quota(items: usize) -> NonZeroUsize {
    NonZeroUsize::new(items).expect("not zero")
}

/// Each way to take items without waiting for more, a few at a time.
type Take<T> = fn(&mut Consumer<T>, &mut dyn FnMut(T));

fn takes<T: Clone>() -> [Take<T>; 7] {
    [
        |consumer, each| consumer.try_read().into_iter().for_each(each),
        |consumer, each| consumer.read().into_iter().for_each(each),
        |consumer, each| consumer.read_timeout(Duration::ZERO).into_iter().for_each(each),
        |consumer, each| consumer.try_read_batch(3).into_iter().for_each(each),
        |consumer, each| consumer.try_read_batch(40).into_iter().for_each(each),
        |consumer, each| consumer.drain(5).for_each(each),
        |consumer, each| {
            let mut items = consumer.try_read_slices(4).expect("some shard is full");
            let (first, second) = items.slices();
            first.iter().chain(&*second).cloned().for_each(each);
            items.release(usize::MAX);
        },
    ]
}

const SHARDS: usize = 4;
const PER_SHARD: usize = 300;

/// A ring and a writer for each of its shards.
fn ring_and_writers<K: Kind, T: Send + 'static>() -> (K::Handle<T>, Vec<K::Writer<T>>) {
    let ring = K::ring(SHARDS * PER_SHARD, SHARDS);
    let writers = (0..SHARDS).map(|id| K::writer(&ring, id)).collect();
    (ring, writers)
}

/// Fills a shard to the brim with items that name it.
fn fill<W: Writer<usize>>(shard: usize, writer: &mut W) {
    while writer.try_write(shard).is_ok() {}
}

/// All shards but one are full whenever the consumer looks; at a moment of no choice of its
/// own an item comes to that one. In a sweep each of the others gives a quota at most.
fn a_trickle_beside_full_shards_comes_within_one_sweep<K: Kind>() {
    for most in [1, 2, 5, 64] {
        for take in takes() {
            for trickle in 0..SHARDS {
                let (ring, mut writers) = ring_and_writers::<K, usize>();
                let mut consumer = K::consumer(&ring);
                consumer.set_quota(quota(most));
                let mut since_trickle = None;
                for step in 0..60 {
                    if since_trickle.is_none() && step % 7 == trickle {
                        writers[trickle].try_write(trickle).expect("room");
                        since_trickle = Some(0);
                    }
                    let others = writers.iter_mut().enumerate().filter(|(id, _)| *id != trickle);
                    others.for_each(|(id, writer)| fill(id, writer));
                    take(&mut consumer, &mut |shard| {
                        if shard == trickle {
                            assert!(since_trickle.take().is_some());
                        } else if let Some(passed) = &mut since_trickle {
                            *passed += 1;
                            assert!(*passed <= most * (SHARDS - 1), "more than a sweep");
                        }
                    });
                }
            }
        }
    }
}

/// The same with threads. The trickle notes how many items of the flood had been read *after* its
/// write. Both that write and the reads before it need a moment to be seen on the other core, and
/// a sweep is as short as such a moment: so some sweeps are allowed, where the exact test above
/// allows one. A consumer that starved the trickle would pass it by for ever.
fn a_trickle_beside_a_flood_is_not_starved<K: Kind>() {
    const TRICKLE: u64 = u64::MAX;
    let most = 16;
    let ring = K::ring(2 * PER_SHARD, 2);
    let mut consumer = K::consumer(&ring);
    consumer.set_quota(quota(most));
    let mut flood = K::writer(&ring, 0);
    let flooding = thread::spawn(move || {
        for item in 0.. {
            if flood.write(item).is_err() {
                return;
            }
        }
    });
    let mut trickle = K::writer(&ring, 1);
    let trickling = thread::spawn(move || {
        let mut seen = Vec::new();
        for _ in 0..times(200) {
            trickle.write(TRICKLE).expect("open");
            // The item has left this core before the count is looked at.
            fence(Ordering::SeqCst);
            seen.push(trickle.ring().stats().next().expect("a shard").read);
            thread::sleep(Duration::from_micros(50));
        }
        trickle.ring().close();
        seen
    });
    drop(ring);
    let (mut read, mut came) = (0, Vec::new());
    let mut buf = Vec::new();
    while consumer.read_batch_into(&mut buf, 40).is_ok() {
        for item in buf.drain(..) {
            if item == TRICKLE {
                came.push(read);
            } else {
                read += 1;
            }
        }
    }
    join(flooding);
    let seen = join(trickling);
    assert_eq!(came.len(), seen.len());
    for (came, seen) in came.into_iter().zip(seen) {
        assert!(
            came <= seen + 20 * most as u64,
            "{came} items were read, of them {seen} before it"
        );
    }
}

/// Lengths of the runs of items from one shard.
fn runs(shards: &[usize]) -> Vec<(usize, usize)> {
    shards.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect()
}

fn full_shards_take_turns_of_a_quota_each<K: Kind>() {
    for most in [1, 2, 7, 64] {
        for take in takes() {
            let (ring, mut writers) = ring_and_writers::<K, usize>();
            let mut consumer = K::consumer(&ring);
            consumer.set_quota(quota(most));
            let mut order = Vec::new();
            while order.len() < 6 * SHARDS * most {
                writers.iter_mut().enumerate().for_each(|(id, writer)| fill(id, writer));
                take(&mut consumer, &mut |shard| order.push(shard));
            }
            let runs = runs(&order);
            let (_, whole) = runs.split_last().expect("at least one run");
            for (turn, (shard, len)) in whole.iter().enumerate() {
                assert_eq!((*shard, *len), (turn % SHARDS, most), "turn {turn}");
            }
        }
    }
}

fn a_shard_alone_is_not_held_back_by_the_quota<K: Kind>() {
    for shard in 0..SHARDS {
        let (ring, mut writers) = ring_and_writers::<K, usize>();
        let mut consumer = K::consumer(&ring);
        consumer.set_quota(quota(3));
        fill(shard, &mut writers[shard]);
        assert_eq!(consumer.try_read_batch(60), [shard; 60]);
        assert_eq!(consumer.drain(usize::MAX).count(), PER_SHARD - 60);
    }
}

fn try_read_goes_on_where_it_stopped<K: Kind>() {
    let (ring, mut writers) = ring_and_writers::<K, usize>();
    let mut consumer = K::consumer(&ring);
    consumer.set_quota(quota(1));
    writers.iter_mut().enumerate().for_each(|(id, writer)| fill(id, writer));
    for turn in 0..SHARDS * PER_SHARD {
        assert_eq!(consumer.try_read(), Some(turn % SHARDS));
    }
    assert_eq!(consumer.try_read(), None);
}

fn the_default_quota_is_256<K: Kind>() {
    let (ring, mut writers) = ring_and_writers::<K, usize>();
    let mut consumer = K::consumer(&ring);
    fill(0, &mut writers[0]);
    fill(1, &mut writers[1]);
    let order = consumer.try_read_batch(SHARDS * PER_SHARD);
    let rest = PER_SHARD - 256;
    assert_eq!(runs(&order), [(0, 256), (1, 256), (0, rest), (1, rest)]);
}

#[test]
fn a_stalled_claim_stops_its_own_shard_alone() {
    in_time(|| {
        let ring = Shared::ring(8, 2);
        let mut consumer = ring.consumer().expect("free");
        let stalled = Stalled::write(&ring, 0, || 0);
        (1..4).for_each(|item| ring.try_write(0, item).expect("room behind it"));
        assert!(ring.stats().next().expect("a shard").head_stalled);
        for round in 0..100 {
            assert_eq!(ring.try_write_batch(1, &mut vec![100 + round, 200 + round]), Ok(2));
            assert_eq!(consumer.try_read(), Some(100 + round));
            assert_eq!(consumer.try_read_batch(9), [200 + round]);
        }
        assert!(ring.try_write(0, 9).is_err_and(|refused| refused.is_full()));
        assert!(!stalled.end());
        assert_eq!(consumer.try_read_batch(9), [0, 1, 2, 3]);
        assert!(!ring.stats().next().expect("a shard").head_stalled);
    });
}

fn written(ring: &ShardedRing<usize>) -> Vec<u64> {
    ring.stats().map(|shard| shard.written).collect()
}

/// The shard to which each of `writes` items went.
fn shards_of(ring: &ShardedRing<usize>, writes: usize) -> Vec<usize> {
    let write = |item| {
        let before = written(ring);
        ring.try_write(item as u64 * 7, item).expect("room");
        let after = written(ring);
        (0..after.len()).find(|shard| after[*shard] > before[*shard]).expect("it went somewhere")
    };
    (0..writes).map(write).collect()
}

#[test]
fn by_id_is_the_default_and_keeps_each_ids_order() {
    let ring = Shared::ring::<(u64, usize)>(128, 4);
    let ids = [0, 1, 5, 9, 1 << 40, u64::MAX];
    for item in 0..8 {
        ids.iter().for_each(|id| ring.try_write(*id, (*id, item)).expect("room"));
    }
    assert_eq!(ring.stats().map(|shard| shard.written).collect::<Vec<_>>(), [16, 24, 0, 8]);
    let read = ring.consumer().expect("free").try_read_batch(128);
    for id in ids {
        let items = read.iter().filter(|(from, _)| *from == id).map(|(_, item)| *item);
        assert!(items.eq(0..8));
    }
}

#[test]
fn round_robin_takes_the_next_shard_for_each_write_of_a_handle() {
    let ring = Shared::ring(64, 4).with_routing(Routing::RoundRobin);
    assert_eq!(shards_of(&ring, 9), [0, 1, 2, 3, 0, 1, 2, 3, 0]);
    assert_eq!(shards_of(&ring.clone(), 3), [0, 1, 2], "a clone counts for itself");
    assert_eq!(shards_of(&ring, 3), [1, 2, 3]);
    assert_eq!(ring.try_write_batch(0, &mut vec![1; 5]), Ok(5));
    assert_eq!(written(&ring), [4 + 5, 4, 4, 3], "a batch is one write");
}

#[test]
fn random_spreads_evenly_and_handles_differ() {
    let ring = Shared::ring(8 * 4096, 8).with_routing(Routing::Random);
    for item in 0..8000 {
        ring.try_write(0, item).expect("room");
    }
    let even = written(&ring).iter().all(|written| (800..1200).contains(written));
    assert!(even, "of 8000 writes: {:?}", written(&ring));
    let (one, other) = (ring.clone(), ring.clone());
    assert_ne!(shards_of(&one, 40), shards_of(&other, 40));
}

/// The only test here that routes so: the numbers that threads get count for the process.
#[test]
fn by_thread_keeps_each_thread_on_one_shard_and_threads_apart() {
    in_time(|| {
        let ring = Shared::ring(256, 4).with_routing(Routing::ByThread);
        let mut taken = Vec::new();
        for _ in 0..4 {
            let ring = ring.clone();
            let shards = join(thread::spawn(move || shards_of(&ring, 10)));
            assert!(shards.iter().all(|shard| *shard == shards[0]));
            taken.push(shards[0]);
        }
        taken.sort_unstable();
        taken.dedup();
        // Threads of another test of this process may have had their turn in between.
        assert!(taken.len() > 1, "all on shard {taken:?}");
    });
}

#[test]
fn on_a_single_shard_every_routing_keeps_the_order() {
    for routing in [Routing::ById, Routing::RoundRobin, Routing::Random, Routing::ByThread] {
        let ring = Shared::ring(64, 1).with_routing(routing);
        (0..50).for_each(|item| ring.try_write(item, item).expect("room"));
        assert!(ring.consumer().expect("free").drain(64).eq(0..50));
    }
    assert_eq!(Routing::default(), Routing::ById);
}
