//! Whoever waits is woken, by whatever ends the wait, and not before; a limit is kept and
//! gives the item back. All rings here sleep at once (`spin` zero) unless a test says otherwise.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Dedicated, Kind, Shared, Writer, for_both_kinds};
use common::{eventually, in_time, join, let_it_sleep, times, unwind, unwinds};
use lock_free_ring::{Consumer, ReadRefused, RingBuilder, WriteConfig, WriteRefused};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

for_both_kinds! {
    a_ping_pong_loses_no_wake_up,
    a_ring_of_one_slot_loses_no_wake_up,
    each_way_to_write_wakes_the_sleeping_reader,
    each_way_to_read_wakes_every_sleeping_writer,
    a_reader_sleeps_at_all_shards,
    a_batch_read_waits_for_the_first_item_alone,
    a_read_with_a_limit_keeps_it,
    a_write_with_a_limit_keeps_it_and_gives_the_item_back,
    the_longest_limits_are_no_limits,
    a_limit_ends_a_spin_too,
    a_writer_whose_time_is_up_takes_no_wake_up_with_it,
    a_stray_unpark_ends_no_wait,
    wait_for_takes_nothing_and_says_how_many_there_are,
    wait_for_looks_at_each_shard_by_itself,
    wait_for_loses_no_wake_up,
    a_backoff_finds_the_room_that_comes_while_it_sleeps,
}

fn sleepy<K: Kind, T: Send + 'static>(capacity: usize, shards: usize, fence: bool) -> K::Handle<T> {
    let builder = RingBuilder::new(capacity, shards).spin(Duration::ZERO).fence(fence);
    K::build(&builder).expect("valid")
}

type WriteOne<W> = fn(&mut W, u64) -> bool;
type ReadOne = fn(&mut Consumer<u64>) -> Option<u64>;

/// Each way to write one item that waits for room.
fn waiting_writes<W: Writer<u64>>() -> [WriteOne<W>; 4] {
    [
        |writer, item| writer.write(item).is_ok(),
        |writer, item| writer.write_timeout(item, Duration::MAX).is_ok(),
        |writer, item| writer.write_batch(&mut vec![item]).is_ok(),
        |writer, item| writer.write_with_backoff(item, &WriteConfig::default()).is_ok(),
    ]
}

/// Each way to write one item for which there is room.
fn ready_writes<W: Writer<u64>>() -> [WriteOne<W>; 3] {
    [
        |writer, item| writer.try_write(item).is_ok(),
        |writer, item| writer.try_write_batch(&mut vec![item]) == Ok(1),
        |writer, item| writer.try_write_with(|| item).is_ok(),
    ]
}

/// Each way to wait for one item.
fn waiting_reads() -> [ReadOne; 5] {
    [
        |consumer| consumer.read().ok(),
        |consumer| consumer.read_timeout(Duration::MAX).ok(),
        |consumer| consumer.read_batch(1).ok().map(|items| items[0]),
        |consumer| consumer.wait_for(1, Duration::MAX).ok().and_then(|_| consumer.try_read()),
        |consumer| {
            // Its time is up again and again.
            loop {
                match consumer.read_timeout(Duration::from_micros(30)) {
                    Err(ReadRefused::Empty) => {}
                    read => return read.ok(),
                }
            }
        },
    ]
}

/// There and back, one item at a time: each end sleeps while the other is at work.
fn a_ping_pong_loses_no_wake_up<K: Kind>() {
    for fence in [false, true] {
        for (write, read) in waiting_writes().into_iter().cycle().zip(waiting_reads()) {
            let (there, back) = (sleepy::<K, u64>(2, 2, fence), sleepy::<K, u64>(1, 1, fence));
            let (mut ping, mut answers) = (K::writer(&there, 1), K::consumer(&back));
            let (mut questions, mut pong) = (K::consumer(&there), K::writer(&back, 0));
            drop((there, back));
            let other = thread::spawn(move || {
                while let Some(item) = read(&mut questions) {
                    assert!(write(&mut pong, item + 1));
                }
            });
            for item in 0..times(150) {
                assert!(write(&mut ping, item));
                assert_eq!(read(&mut answers), Some(item + 1));
            }
            drop(ping);
            join(other);
        }
    }
}

/// Both ends wait for each other all the time.
fn a_ring_of_one_slot_loses_no_wake_up<K: Kind>() {
    for fence in [false, true] {
        for (write, read) in waiting_writes().into_iter().cycle().zip(waiting_reads()) {
            let ring = sleepy::<K, u64>(1, 1, fence);
            let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
            drop(ring);
            let items = times(150);
            let writing = thread::spawn(move || {
                (0..items).for_each(|item| assert!(write(&mut writer, item)));
            });
            for item in 0..items {
                assert_eq!(read(&mut consumer), Some(item));
            }
            join(writing);
            assert_eq!(read(&mut consumer), None);
        }
    }
}

fn each_way_to_write_wakes_the_sleeping_reader<K: Kind>() {
    for fence in [false, true] {
        for write in ready_writes::<K::Writer<u64>>().into_iter().chain(waiting_writes()) {
            for read in waiting_reads() {
                let ring = sleepy::<K, u64>(4, 2, fence);
                let (mut writer, mut consumer) = (K::writer(&ring, 1), K::consumer(&ring));
                let reader = thread::spawn(move || read(&mut consumer));
                thread::sleep(Duration::from_micros(300));
                assert!(write(&mut writer, 7));
                assert_eq!(join(reader), Some(7));
            }
        }
    }
}

/// Each way to take items without waiting for any; answers how many it took.
fn releases() -> [fn(&mut Consumer<u64>) -> usize; 5] {
    [
        |consumer| consumer.try_read().into_iter().count(),
        |consumer| consumer.try_read_batch(usize::MAX).len(),
        |consumer| consumer.drain(2).count(),
        |consumer| {
            let Some(items) = consumer.try_read_slices(9) else { return 0 };
            let len = items.len();
            items.release(len);
            len
        },
        |consumer| consumer.read_timeout(Duration::ZERO).into_iter().count(),
    ]
}

fn each_way_to_read_wakes_every_sleeping_writer<K: Kind>() {
    const WRITERS: usize = 6;
    for fence in [false, true] {
        for take in releases() {
            for write in waiting_writes::<K::Writer<u64>>() {
                let shards = if K::DEDICATED { WRITERS } else { 1 };
                let ring = sleepy::<K, u64>(shards, shards, fence);
                let mut consumer = K::consumer(&ring);
                let spawn = |id| {
                    let mut writer = K::writer(&ring, id);
                    _ = writer.try_write(0);
                    thread::spawn(move || assert!(write(&mut writer, 1)))
                };
                let full = if K::DEDICATED { WRITERS } else { 1 };
                let writers: Vec<_> = (0..WRITERS).map(spawn).collect();
                let_it_sleep();
                let mut taken = 0;
                while taken < full + WRITERS {
                    taken += take(&mut consumer);
                    thread::yield_now();
                }
                writers.into_iter().for_each(join);
            }
        }
    }
}

fn a_reader_sleeps_at_all_shards<K: Kind>() {
    for fence in [false, true] {
        let ring = sleepy::<K, u64>(16, 8, fence);
        let mut consumer = K::consumer(&ring);
        let mut writers: Vec<_> = (0..8).map(|id| K::writer(&ring, id)).collect();
        let reader = thread::spawn(move || (0..8).all(|item| consumer.read() == Ok(item)));
        for (item, shard) in (0..).zip([7, 0, 3, 1, 6, 2, 5, 4]) {
            // It has read what came before, and sleeps by now.
            eventually(|| ring.is_empty());
            let_it_sleep();
            writers[shard].try_write(item).expect("room");
        }
        assert!(join(reader));
    }
}

fn a_batch_read_waits_for_the_first_item_alone<K: Kind>() {
    for fence in [false, true] {
        let ring = sleepy::<K, u64>(8, 1, fence);
        let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
        let got = Arc::new(AtomicU64::new(0));
        let seen = got.clone();
        let writing = thread::spawn(move || {
            for item in 0..50 {
                writer.write(item).expect("open");
                // The next comes only when this one was read.
                eventually(|| seen.load(Ordering::Relaxed) > item);
            }
        });
        let mut buf = Vec::new();
        for item in 0..50 {
            assert_eq!(consumer.read_batch_into(&mut buf, 100), Ok(1));
            assert_eq!(buf.pop(), Some(item));
            got.store(item + 1, Ordering::Relaxed);
        }
        join(writing);
        assert_eq!(consumer.read_batch_into(&mut buf, 0), Ok(0), "nothing asked, nothing waited");
    }
}

fn a_read_with_a_limit_keeps_it<K: Kind>() {
    for fence in [false, true] {
        let ring = sleepy::<K, u64>(2, 2, fence);
        let mut consumer = K::consumer(&ring);
        for limit in [0, 1, 200, 3000].map(Duration::from_micros) {
            let before = Instant::now();
            assert_eq!(consumer.read_timeout(limit), Err(ReadRefused::Empty));
            assert_eq!(consumer.wait_for(1, limit), Err(ReadRefused::Empty));
            assert!(before.elapsed() >= 2 * limit, "it came back early");
        }
        let mut writer = K::writer(&ring, 1);
        writer.try_write(5).expect("room");
        assert_eq!(consumer.read_timeout(Duration::ZERO), Ok(5));
    }
}

fn a_write_with_a_limit_keeps_it_and_gives_the_item_back<K: Kind>() {
    for fence in [false, true] {
        let ring = sleepy::<K, String>(1, 1, fence);
        let mut writer = K::writer(&ring, 0);
        writer.write_timeout("first".into(), Duration::ZERO).expect("room");
        for limit in [0, 1, 200, 3000].map(Duration::from_micros) {
            let before = Instant::now();
            let refused = writer.write_timeout("second".into(), limit);
            assert_eq!(refused, Err(WriteRefused::Full("second".into())));
            assert!(before.elapsed() >= limit, "it came back early");
        }
        assert_eq!(K::consumer(&ring).try_read_batch(9), ["first"]);
    }
}

fn the_longest_limits_are_no_limits<K: Kind>() {
    let seconds = [u64::MAX, u64::MAX / 2, i64::MAX as u64, i64::MAX as u64 - 1, 1 << 62, 1 << 40];
    let limits = seconds.map(Duration::from_secs).into_iter().chain([Duration::MAX]);
    for (limit, spin) in limits.flat_map(|limit| [(limit, 0), (limit, 50)]) {
        let builder = RingBuilder::new(1, 1).spin(Duration::from_micros(spin));
        let ring = K::build(&builder).expect("valid");
        let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
        let waiting = thread::spawn(move || {
            let read = [consumer.read_timeout(limit), consumer.read_timeout(limit)];
            (consumer.wait_for(1, limit), read)
        });
        thread::sleep(Duration::from_millis(1));
        for item in 0..3 {
            writer.write_timeout(item, limit).expect("room comes");
        }
        assert_eq!(join(waiting), (Ok(1), [Ok(0), Ok(1)]));
    }
}

fn a_limit_ends_a_spin_too<K: Kind>() {
    let builder = RingBuilder::new(1, 1).spin(Duration::MAX);
    let ring = K::build(&builder).expect("valid");
    let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
    let limit = Duration::from_millis(1);
    assert_eq!(consumer.read_timeout(limit), Err(ReadRefused::Empty));
    writer.write(1).expect("open");
    assert_eq!(writer.write_timeout(2, limit), Err(WriteRefused::Full(2)));
}

/// One waits with a limit and one without; the room that comes at the limit serves one of them.
fn a_writer_whose_time_is_up_takes_no_wake_up_with_it<K: Kind>() {
    for round in 0..times(200) {
        let shards = if K::DEDICATED { 2 } else { 1 };
        let ring = sleepy::<K, u64>(shards, shards, round % 2 == 0);
        let mut consumer = K::consumer(&ring);
        let (mut hasty, mut patient) = (K::writer(&ring, 0), K::writer(&ring, 1));
        drop(ring);
        hasty.try_write(1).expect("room");
        _ = patient.try_write(1);
        let limit = Duration::from_micros(50 + round % 60);
        let hasty = thread::spawn(move || hasty.write_timeout(2, limit).is_ok());
        let patient = thread::spawn(move || patient.write(3).is_ok());
        thread::sleep(Duration::from_micros(round % 90));
        let mut items = Vec::new();
        while consumer.read_batch_into(&mut items, 1).is_ok() {}
        assert!(join(patient));
        let expected = shards + 1 + usize::from(join(hasty));
        assert_eq!(items.len(), expected);
    }
}

fn a_stray_unpark_ends_no_wait<K: Kind>() {
    for fence in [false, true] {
        let ring = sleepy::<K, u64>(1, 1, fence);
        let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
        let done = Arc::new(AtomicBool::new(false));
        let (waiting, stop) = (thread::current(), done.clone());
        let noise = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                waiting.unpark();
                thread::yield_now();
            }
        });
        let (before, limit) = (Instant::now(), Duration::from_millis(2));
        assert_eq!(consumer.read_timeout(limit), Err(ReadRefused::Empty));
        writer.try_write(1).expect("room");
        assert_eq!(writer.write_timeout(2, limit), Err(WriteRefused::Full(2)));
        let config = WriteConfig {
            backoff: limit,
            max_backoffs: std::num::NonZeroU32::new(2),
            ..WriteConfig::default()
        };
        assert_eq!(writer.write_with_backoff(2, &config), Err(WriteRefused::Full(2)));
        assert!(before.elapsed() >= 3 * limit, "a wait came back early");
        done.store(true, Ordering::Relaxed);
        join(noise);
    }
}

fn wait_for_takes_nothing_and_says_how_many_there_are<K: Kind>() {
    let ring = sleepy::<K, u64>(5, 1, false);
    let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
    for marks in [0, 1, 3, 5, 6, usize::MAX] {
        assert_eq!(consumer.wait_for(marks, Duration::ZERO), Err(ReadRefused::Empty));
    }
    writer.try_write_batch(&mut vec![1, 2, 3]).expect("open");
    for reached in [0, 1, 2, 3] {
        assert_eq!(consumer.wait_for(reached, Duration::MAX), Ok(3));
    }
    assert_eq!(consumer.wait_for(4, Duration::from_micros(50)), Err(ReadRefused::Empty));
    writer.try_write_batch(&mut vec![4, 5]).expect("open");
    // It is full: more than that cannot come.
    for reached in [5, 6, usize::MAX] {
        assert_eq!(consumer.wait_for(reached, Duration::MAX), Ok(5));
    }
    assert_eq!(consumer.try_read_batch(9), [1, 2, 3, 4, 5]);
}

fn wait_for_looks_at_each_shard_by_itself<K: Kind>() {
    let ring = sleepy::<K, u64>(8, 2, false);
    let mut consumer = K::consumer(&ring);
    let mut writers = [0, 1].map(|id| K::writer(&ring, id));
    writers.iter_mut().for_each(|writer| writer.try_write(1).expect("room"));
    assert_eq!(consumer.wait_for(2, Duration::from_micros(50)), Err(ReadRefused::Empty));
    writers[1].try_write(2).expect("room");
    assert_eq!(consumer.wait_for(2, Duration::MAX), Ok(2));
}

/// An unwound closure left a slot, and not an item.
#[test]
fn wait_for_is_not_satisfied_by_slots_that_hold_no_item() {
    let ring = sleepy::<Shared, u64>(4, 1, false);
    let mut consumer = Shared::consumer(&ring);
    for _ in 0..2 {
        assert!(unwinds(|| _ = ring.try_write_with(0, || unwind())));
    }
    let waited = consumer.wait_for(2, Duration::ZERO);
    assert_eq!((waited, consumer.try_read()), (Err(ReadRefused::Empty), None));
}

#[test]
fn wait_for_counts_the_items_between_slots_that_hold_none() {
    let ring = sleepy::<Shared, u64>(8, 1, false);
    let mut consumer = Shared::consumer(&ring);
    for item in 0..5 {
        ring.try_write(0, item).expect("room");
        if item < 3 {
            assert!(unwinds(|| _ = ring.try_write_with(0, || unwind())));
        }
    }
    assert_eq!(consumer.wait_for(1, Duration::MAX), Ok(5));
}

/// A full shard ends the wait with few items, and the fullest is another one.
#[test]
fn wait_for_says_how_many_the_fullest_shard_holds() {
    let ring = sleepy::<Shared, u64>(6, 2, false);
    let mut consumer = Shared::consumer(&ring);
    ring.try_write(1, 1).expect("room");
    for _ in 0..2 {
        assert!(unwinds(|| _ = ring.try_write_with(1, || unwind())));
    }
    ring.try_write_batch(0, &mut vec![1, 2]).expect("open");
    assert_eq!(consumer.wait_for(3, Duration::MAX), Ok(2));
}

/// A shard of which every slot was aborted has no room for the writer, and nothing for the
/// consumer: if `wait_for` did not step over them, the two would wait for each other.
#[test]
fn wait_for_makes_room_where_every_slot_was_aborted() {
    in_time(|| {
        for (capacity, asleep) in [(1, false), (1, true), (3, false), (3, true)] {
            let ring = sleepy::<Shared, u64>(capacity, 1, asleep);
            let mut consumer = Shared::consumer(&ring);
            let (aborting, mut writer) = (ring.clone(), Shared::writer(&ring, 0));
            let mut abort = move || {
                for _ in 0..capacity {
                    assert!(unwinds(|| _ = aborting.try_write_with(0, || unwind())));
                }
                writer.write(7).expect("room comes");
            };
            let mut reader = move || consumer.wait_for(1, Duration::MAX);
            if asleep {
                let reader = thread::spawn(reader);
                let_it_sleep();
                abort();
                assert_eq!(join(reader), Ok(1));
            } else {
                let aborting = thread::spawn(abort);
                let_it_sleep();
                assert_eq!(reader(), Ok(1));
                join(aborting);
            }
        }
    });
}

/// Rounds of `mark` items, of which the next begins when the consumer has taken the last.
fn wait_for_loses_no_wake_up<K: Kind>() {
    for (fence, mark) in [(false, 1), (true, 3), (false, 5), (true, 8), (false, 9)] {
        let ring = sleepy::<K, u64>(16, 2, fence);
        let (mut writer, mut consumer) = (K::writer(&ring, 1), K::consumer(&ring));
        drop(ring);
        let taken = Arc::new(AtomicU64::new(0));
        let seen = taken.clone();
        let (rounds, size) = (times(100), (mark as u64).min(8));
        let writing = thread::spawn(move || {
            for round in 0..rounds {
                // One by one and in batches of two.
                let mut batch: Vec<_> = (0..size / 2 * 2).collect();
                while !batch.is_empty() && round % 2 == 0 {
                    let two = batch.split_off(batch.len() - 2);
                    writer.write_batch(&mut { two }).expect("open");
                }
                let rest = if round % 2 == 0 { size % 2 } else { size };
                (0..rest).for_each(|item| writer.write(item).expect("open"));
                eventually(|| seen.load(Ordering::Relaxed) == (round + 1) * size);
            }
        });
        for _ in 0..rounds {
            assert_eq!(consumer.wait_for(mark, Duration::MAX), Ok(size as usize));
            taken.fetch_add(consumer.drain(usize::MAX).count() as u64, Ordering::Relaxed);
        }
        join(writing);
        assert_eq!(consumer.wait_for(mark, Duration::MAX), Err(ReadRefused::Closed));
    }
}

fn a_backoff_finds_the_room_that_comes_while_it_sleeps<K: Kind>() {
    for backoff in [0, 1, 100, 1000].map(Duration::from_micros) {
        let ring = sleepy::<K, u64>(1, 1, false);
        let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
        drop(ring);
        let config = WriteConfig { backoff, ..WriteConfig::default() };
        let writing = thread::spawn(move || {
            (0..20).for_each(|item| writer.write_with_backoff(item, &config).expect("room comes"));
        });
        for item in 0..20 {
            assert_eq!(consumer.read(), Ok(item));
        }
        join(writing);
    }
}

#[test]
fn a_published_reservation_wakes_the_sleeping_reader() {
    in_time(|| {
        for fence in [false, true] {
            let ring = sleepy::<Dedicated, u64>(4, 2, fence);
            let (mut writer, mut consumer) = (Dedicated::writer(&ring, 0), ring.consumer());
            let reader = thread::spawn(move || {
                let consumer = consumer.as_mut().expect("free");
                (consumer.wait_for(2, Duration::MAX), consumer.read(), consumer.read())
            });
            let_it_sleep();
            let mut reservation = writer.try_reserve(2).expect("room");
            assert!(reservation.push(1).is_ok() && reservation.push(2).is_ok());
            let_it_sleep();
            assert!(!reader.is_finished(), "nothing was published");
            assert_eq!(reservation.publish(), 2);
            assert_eq!(join(reader), (Ok(2), Ok(1), Ok(2)));
        }
    });
}
