//! What each figure of `ShardStats` counts.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Dedicated, Kind, Shared, Writer, for_both_kinds};
use common::{Stalled, in_time, join, times, unwind, unwinds};
use lock_free_ring::{Ring, ShardStats, WriteConfig};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

for_both_kinds! {
    a_new_ring_has_counted_nothing,
    written_and_read_count_items,
    refused_counts_each_write_that_was_turned_away_once,
    a_write_that_waits_and_succeeds_was_not_refused,
    a_closed_ring_refuses_without_counting,
    the_high_water_mark_is_what_the_consumer_found,
    the_high_water_mark_is_the_capacity_once_a_write_was_refused,
    each_shard_counts_for_itself,
    figures_never_go_back_under_load,
}

fn first<T>(ring: &Ring<T>) -> ShardStats {
    ring.stats().next().expect("a shard")
}

fn a_new_ring_has_counted_nothing<K: Kind>() {
    let ring = K::ring::<u8>(6, 2);
    assert!(ring.stats().eq([ShardStats::default(); 2]));
    assert_eq!(first(&ring).written, 0);
}

fn written_and_read_count_items<K: Kind>() {
    let ring = K::ring(8, 1);
    let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
    let figures = || (first(&ring).written, first(&ring).read);
    writer.try_write(0).expect("room");
    writer.write(0).expect("open");
    assert_eq!(writer.try_write_batch(&mut vec![0; 9]), Ok(6));
    assert_eq!(figures(), (8, 0));
    assert!(consumer.try_read().is_some());
    assert_eq!(figures(), (8, 1));
    assert_eq!(consumer.try_read_batch(2).len(), 2);
    assert_eq!(figures(), (8, 3));
    consumer.try_read_slices(4).expect("items").release(3);
    assert_eq!(figures(), (8, 6));
    _ = consumer.try_read_slices(4);
    assert_eq!(figures(), (8, 6));
    writer.try_write_with(|| 0).expect("room");
    assert_eq!(consumer.drain(9).count(), 3);
    assert_eq!(figures(), (9, 9));
}

fn refused_counts_each_write_that_was_turned_away_once<K: Kind>() {
    let ring = K::ring(2, 1);
    let mut writer = K::writer(&ring, 0);
    assert_eq!(writer.try_write_batch(&mut vec![0; 3]), Ok(2));
    assert_eq!(first(&ring).refused, 0, "a part was accepted");
    let config = WriteConfig {
        backoff: Duration::from_micros(10),
        max_backoffs: NonZeroU32::new(5),
        ..WriteConfig::default()
    };
    assert!(writer.try_write(0).is_err());
    assert_eq!(first(&ring).refused, 1);
    assert!(writer.write_timeout(0, Duration::from_millis(1)).is_err());
    assert_eq!(first(&ring).refused, 2);
    assert!(writer.write_with_backoff(0, &config).is_err());
    assert_eq!(first(&ring).refused, 3);
    assert_eq!(writer.try_write_batch(&mut vec![0; 3]), Ok(0));
    assert_eq!(first(&ring).refused, 4);
    assert!(writer.try_write_with(|| 0).is_err());
    assert_eq!(first(&ring).refused, 5);
    assert_eq!(writer.try_write_batch(&mut vec![]), Ok(0));
    assert_eq!(first(&ring).refused, 5, "nothing was to be written");
    assert_eq!(first(&ring).written, 2);
}

fn a_write_that_waits_and_succeeds_was_not_refused<K: Kind>() {
    let ring = K::ring(1, 1);
    let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
    let writing = thread::spawn(move || {
        (0..20).for_each(|item| writer.write(item).expect("open"));
        writer.write_batch(&mut (20..40).collect()).expect("open");
        let config = WriteConfig::default();
        (40..50).for_each(|item| writer.write_with_backoff(item, &config).expect("room comes"));
    });
    (0..50).for_each(|item| assert_eq!(consumer.read(), Ok(item)));
    join(writing);
    assert_eq!(first(&ring).refused, 0);
}

fn a_closed_ring_refuses_without_counting<K: Kind>() {
    let ring = K::ring(1, 1);
    let mut writer = K::writer(&ring, 0);
    writer.try_write(0).expect("room");
    ring.close();
    assert!(writer.try_write(0).is_err() && writer.write(0).is_err());
    assert!(writer.try_write_with(|| 0).is_err());
    assert!(writer.try_write_batch(&mut vec![0]).is_err());
    assert_eq!((first(&ring).refused, first(&ring).written), (0, 1));
}

#[test]
fn a_reservation_that_finds_no_room_was_refused() {
    let ring = Dedicated::ring(2, 1);
    let mut writer = Dedicated::writer(&ring, 0);
    writer.try_write(0).expect("room");
    drop(writer.try_reserve(2).expect("room for one"));
    assert_eq!(first(&ring).refused, 0);
    writer.try_write(0).expect("room");
    assert!(writer.try_reserve(1).is_err());
    assert_eq!(first(&ring).refused, 1);
}

/// Nothing was turned away because the shard was full: it is empty.
#[test]
fn a_reservation_of_nothing_on_an_empty_shard_says_nothing_of_the_shard() {
    let ring = Dedicated::ring::<u8>(2, 1);
    let mut writer = Dedicated::writer(&ring, 0);
    drop(writer.try_reserve(0));
    assert_eq!(first(&ring), ShardStats::default());
}

fn the_high_water_mark_is_what_the_consumer_found<K: Kind>() {
    let ring = K::ring(8, 1);
    let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
    for (len, mark) in [(3, 3), (5, 5), (2, 5), (7, 7), (1, 7), (8, 8)] {
        assert_eq!(writer.try_write_batch(&mut vec![0; len]), Ok(len));
        assert_eq!(consumer.try_read_batch(9).len(), len);
        // So that the next look begins a turn, whatever the quota.
        assert!(consumer.try_read().is_none());
        assert_eq!(first(&ring).high_water, mark);
    }
}

fn the_high_water_mark_is_the_capacity_once_a_write_was_refused<K: Kind>() {
    let ring = K::ring(3, 1);
    let mut writer = K::writer(&ring, 0);
    assert_eq!(writer.try_write_batch(&mut vec![0; 3]), Ok(3));
    assert!(writer.try_write(0).is_err());
    assert_eq!(first(&ring).high_water, 3);
    assert_eq!(K::consumer(&ring).drain(9).count(), 3);
    assert_eq!(first(&ring).high_water, 3);
}

fn each_shard_counts_for_itself<K: Kind>() {
    let ring = K::ring(8, 4);
    let mut writers: Vec<_> = (0..4).map(|id| K::writer(&ring, id)).collect();
    for (id, writer) in writers.iter_mut().enumerate() {
        (0..id).for_each(|item| _ = writer.try_write(item));
    }
    let mut consumer = K::consumer(&ring);
    assert_eq!(consumer.drain(2).count(), 2);
    let figures: Vec<_> = ring.stats().map(|s| (s.written, s.read, s.refused)).collect();
    assert_eq!(figures, [(0, 0, 0), (1, 1, 0), (2, 1, 0), (2, 0, 1)]);
}

#[test]
fn aborted_counts_closures_that_unwound_and_nothing_else_counts_them() {
    let ring = Shared::ring(8, 2);
    for _ in 0..3 {
        assert!(unwinds(|| _ = ring.try_write_with(1, || unwind())));
    }
    ring.try_write(1, 0).expect("room");
    let last = || ring.stats().last().expect("two shards");
    assert_eq!((last().aborted, last().written, last().read), (3, 1, 0));
    assert!(!last().head_stalled, "aborted is not stalled");
    assert_eq!(Shared::consumer(&ring).try_read_batch(9), [0]);
    assert_eq!((last().aborted, last().written, last().read), (3, 1, 1));
    assert_eq!(first(&ring), ShardStats::default());
}

#[test]
fn a_ring_with_no_item_and_no_writer_at_work_is_empty() {
    let ring = Shared::ring::<u8>(4, 1);
    assert!(unwinds(|| _ = ring.try_write_with(0, || unwind())));
    // "Items accepted and not yet taken … exact when nobody writes or reads."
    assert_eq!((ring.len(), ring.is_empty()), (0, true));
}

#[test]
fn head_stalled_says_that_the_oldest_item_is_not_there_yet() {
    in_time(|| {
        let ring = Shared::ring(8, 1);
        let mut consumer = Shared::consumer(&ring);
        ring.try_write(0, 'a').expect("room");
        let stalled = Stalled::write(&ring, 0, || 'b');
        ring.try_write(0, 'c').expect("room");
        let stats = first(&ring);
        assert_eq!((stats.written, stats.read), (3, 0), "a claim counts as written");
        assert!(!stats.head_stalled, "the oldest item is there");
        assert_eq!(consumer.try_read_batch(9), ['a']);
        assert!(first(&ring).head_stalled);
        assert!(!stalled.end());
        assert!(!first(&ring).head_stalled);
        assert_eq!(consumer.try_read_batch(9), ['b', 'c']);
        assert!(!first(&ring).head_stalled);
    });
}

#[test]
fn claim_retries_counts_what_contention_costs() {
    in_time(|| {
        let ring = Shared::ring(1024, 1);
        let mut consumer = Shared::consumer(&ring);
        let compete = |_| {
            let ring = ring.clone();
            thread::spawn(move || while !ring.try_write(0, 0).is_err_and(|e| e.is_closed()) {})
        };
        let threads = [0, 1, 2].map(compete);
        while first(&ring).claim_retries == 0 {
            consumer.try_read_batch(1024);
        }
        ring.close();
        threads.into_iter().for_each(join);
    });
}

/// Runs `work` while another thread looks at the figures of the only shard, pair by pair.
fn while_watched<K: Kind>(
    ring: &K::Handle<u64>,
    check: fn(ShardStats, ShardStats),
    work: impl FnOnce(),
) {
    let done = Arc::new(AtomicBool::new(false));
    let (watched, stop) = (ring.clone(), done.clone());
    let watcher = thread::spawn(move || {
        let mut before = first(&watched);
        while !stop.load(Ordering::Relaxed) {
            for _ in 0..100 {
                let now = first(&watched);
                check(before, now);
                before = now;
            }
            thread::yield_now();
        }
    });
    work();
    done.store(true, Ordering::Relaxed);
    join(watcher);
}

fn figures_never_go_back_under_load<K: Kind>() {
    let ring = K::ring(4, 1);
    let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
    let check = |before: ShardStats, now: ShardStats| {
        assert!(before.written <= now.written && before.read <= now.read);
        assert!(before.refused <= now.refused && before.high_water <= now.high_water);
        assert!(now.read <= now.written && now.high_water <= 4);
        assert_eq!(now.aborted, 0);
    };
    while_watched::<K>(&ring, check, || {
        let items = times(20_000);
        let writing = thread::spawn(move || {
            for item in 0..items {
                while writer.try_write(item).is_err() {
                    thread::yield_now();
                }
            }
        });
        (0..items).for_each(|item| assert_eq!(consumer.read(), Ok(item)));
        join(writing);
    });
    assert_eq!(first(&ring).read, times(20_000));
}

/// Items that were taken stay taken (but for the one that `read` may be short of while a claim
/// is stepped over), and more were written than read.
#[test]
fn what_was_read_never_goes_back_while_closures_unwind() {
    in_time(|| {
        let ring = Shared::ring(4, 1);
        let mut consumer = Shared::consumer(&ring);
        let check = |before: ShardStats, now: ShardStats| {
            assert!(before.read <= now.read + 1, "{before:?}, and then {now:?}");
            assert!(now.read <= now.written, "{now:?}");
        };
        while_watched::<Shared>(&ring, check, || {
            for item in 0..times(20_000) {
                unwinds(|| _ = ring.try_write_with(0, || unwind()));
                ring.try_write(0, item).expect("room");
                assert_eq!(consumer.try_read(), Some(item));
            }
        });
    });
}
