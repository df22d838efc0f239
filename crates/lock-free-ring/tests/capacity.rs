//! Exact capacities of every size, every position that a cursor can have, and items of every
//! size; and what cannot be had is an error.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Dedicated, Kind, Shared, Writer, for_both_kinds};
use common::ways::{Read, Write, produce, run};
use common::{Item, Ledger, forget, in_child, in_time, join, times};
use lock_free_ring::{ConfigError, Consumer, RingBuilder, WriteConfig, WriteRefused};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

for_both_kinds! {
    each_capacity_is_exact,
    each_shard_has_its_own_exact_capacity,
    a_wrong_configuration_is_an_error_that_says_what_is_wrong,
    positions_survive_the_wrap_around,
    positions_survive_the_wrap_around_under_load,
    len_is_never_more_than_the_capacity_under_load,
    items_of_64_kib_need_no_large_stack,
    items_of_any_type,
    zero_sized_items,
}

fn each_capacity_is_exact<K: Kind>() {
    for capacity in [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 33, 1000, 1023] {
        let ring = K::ring(capacity, 1);
        let mut writer = K::writer(&ring, 0);
        let mut consumer = K::consumer(&ring);
        assert_eq!((ring.capacity(), ring.shard_capacity(), ring.len()), (capacity, capacity, 0));
        let mut next = 0;
        // More than two laps of the storage, by fills of different lengths.
        for lap in 0..6 {
            for len in ring.len()..capacity {
                assert_eq!(ring.len(), len);
                writer.try_write(next + len).expect("room");
            }
            assert_eq!(writer.try_write(0), Err(WriteRefused::Full(0)));
            assert_eq!(writer.try_write_batch(&mut vec![0]), Ok(0));
            assert_eq!(writer.try_write_with(|| 0), Err(WriteRefused::Full(())));
            assert_eq!((ring.len(), ring.is_empty()), (capacity, false));
            let taken = capacity - lap * capacity / 8;
            assert!(consumer.drain(taken).eq(next..next + taken));
            next += taken;
        }
        assert!(consumer.drain(usize::MAX).count() < capacity);
        let mut batch: Vec<_> = (0..capacity + 3).collect();
        assert_eq!(writer.try_write_batch(&mut batch), Ok(capacity));
        assert_eq!(batch, [capacity, capacity + 1, capacity + 2]);
        assert_eq!(consumer.try_read_batch(usize::MAX).len(), capacity);
        assert!(ring.is_empty());
    }
}

fn each_shard_has_its_own_exact_capacity<K: Kind>() {
    for per_shard in [1, 3, 5] {
        let ring = K::ring(4 * per_shard, 4);
        for id in 0..4 {
            let mut writer = K::writer(&ring, id);
            (0..per_shard).for_each(|item| writer.try_write(item).expect("room"));
            assert!(writer.try_write(0).is_err_and(|refused| refused.is_full()));
            assert_eq!(ring.len(), (id + 1) * per_shard);
            forget(writer); // a dedicated shard stays leased
        }
        assert_eq!(ring.len(), ring.capacity());
    }
}

#[test]
fn a_reservation_has_the_room_that_there_is() {
    let ring = Dedicated::ring(5, 1);
    let mut producer = ring.producer().expect("free");
    let mut consumer = ring.consumer().expect("free");
    for most in [1, 2, 5, 6, usize::MAX] {
        let room = producer.try_reserve(most).expect("room").room();
        assert_eq!(room, most.min(5));
    }
    let mut reservation = producer.try_reserve(usize::MAX).expect("room");
    for item in 0..5 {
        assert_eq!((reservation.room(), reservation.push(item)), (5 - item, Ok(())));
    }
    assert_eq!((reservation.push(5), reservation.publish()), (Err(5), 5));
    assert!(producer.try_reserve(1).is_err_and(|refused| refused.is_full()));
    assert!(consumer.drain(3).eq(0..3));
    assert_eq!(producer.try_reserve(9).expect("room").room(), 3);
}

fn a_wrong_configuration_is_an_error_that_says_what_is_wrong<K: Kind>() {
    let refused = |capacity, shards| {
        let error = K::build::<u8>(&RingBuilder::new(capacity, shards)).err().expect("refused");
        (error, error.to_string())
    };
    for shards in [0, 1, 4] {
        let (error, text) = refused(0, shards);
        assert!(error == ConfigError::ZeroCapacity && text.contains("capacity is 0"));
    }
    let (error, text) = refused(4, 0);
    assert!(error == ConfigError::ZeroShards && text.contains("shards is 0"));
    for (capacity, shards) in [(1, 2), (7, 8), (3, 1 << 40)] {
        let (error, text) = refused(capacity, shards);
        assert_eq!(error, ConfigError::FewerSlotsThanShards { capacity, shards });
        assert!(text.contains(&capacity.to_string()) && text.contains(&shards.to_string()));
    }
    for (capacity, shards) in [(10, 4), (5, 2), (usize::MAX, 2)] {
        let (error, text) = refused(capacity, shards);
        assert_eq!(error, ConfigError::Indivisible { capacity, shards });
        assert!(text.contains(&capacity.to_string()) && text.contains(&shards.to_string()));
    }
    for shards in [3, 6, 12] {
        let built = K::build::<u8>(&RingBuilder::new(12, shards));
        if K::DEDICATED {
            assert!(built.is_ok());
        } else {
            let (error, text) = (built.err().expect("refused"), shards.to_string());
            assert_eq!(error, ConfigError::ShardsNotPowerOfTwo { shards });
            assert!(error.to_string().contains(&text));
        }
    }
}

/// In a process that may have no more than 256 MiB of address space, so that a large request fails
/// also where memory is overcommitted.
#[test]
#[cfg(unix)]
fn what_cannot_be_had_is_an_error_and_no_abort() {
    let name = "what_cannot_be_had_is_an_error_and_no_abort";
    in_time(|| in_child(name, "ulimit -v 262144", what_cannot_be_had));
}

#[cfg(unix)]
fn what_cannot_be_had() {
    refuses_all_of::<Shared>();
    refuses_all_of::<Dedicated>();
    // What was had before the refusal has been given back, or half of it all could not be had.
    assert!(Shared::build::<[u64; 64]>(&RingBuilder::new(1 << 19, 16)).is_err());
    assert!(Dedicated::build::<u64>(&RingBuilder::new(1 << 26, 16)).is_err());
    assert!(Dedicated::build::<u64>(&RingBuilder::new(1 << 24, 16)).is_ok());
}

#[cfg(unix)]
fn refuses_all_of<K: Kind>() {
    let top = usize::BITS - 1;
    let capacities = [
        usize::MAX,
        usize::MAX - 1,
        1 << top,
        (1 << top) - 1,
        1 << (top - 1),
        (1 << (top - 1)) - 4,
        1_000_000_000_000_000,
        1_000_000_000_000,
        1 << 40,
        1 << 32,
    ];
    for capacity in capacities {
        for shards in [1, 2, 4, 1 << 20, 1 << 32, 1 << 40, 1 << 62, capacity] {
            let builder = RingBuilder::new(capacity, shards);
            for error in [
                K::build::<u8>(&builder).err(),
                K::build::<u64>(&builder).err(),
                K::build::<[u8; 65536]>(&builder).err(),
            ] {
                let error = error.expect("nobody has so much memory");
                let divisible = capacity >= shards && capacity % shards == 0;
                let shape = K::DEDICATED || shards.is_power_of_two();
                let expected = ConfigError::OutOfMemory { capacity, shards };
                assert_eq!(error == expected, divisible && shape, "{error}");
            }
        }
    }
}

/// Counts just below those where the cursors wrap (2⁶³), and below the largest that can be said.
fn starts() -> impl Iterator<Item = u64> {
    let steps = [0, 1, 2, 3, 4, 7, 8, 9, 16];
    [1 << 63, u64::MAX].into_iter().flat_map(move |limit: u64| steps.map(|step| limit - step))
}

fn positions_survive_the_wrap_around<K: Kind>() {
    for start in starts() {
        for capacity in [1, 2, 3, 5, 7, 8] {
            let ring = K::build(&RingBuilder::new(capacity, 1).start_count(start)).expect("valid");
            let mut writer = K::writer(&ring, 0);
            let mut consumer = K::consumer(&ring);
            assert!(ring.is_empty() && consumer.try_read().is_none());
            for lap in 0..4 {
                for item in 0..capacity {
                    assert_eq!(ring.len(), item);
                    writer.try_write((lap, item)).expect("room");
                }
                assert!(writer.try_write((lap, capacity)).is_err_and(|refused| refused.is_full()));
                let stats = ring.stats().next().expect("one shard");
                let (read, written) = (lap * capacity, (lap + 1) * capacity);
                assert_eq!((stats.read, stats.written), (read as u64, written as u64));
                assert!(!stats.head_stalled);
                let items = consumer.try_read_batch(capacity);
                assert!(items.into_iter().eq((0..capacity).map(|item| (lap, item))));
                assert_eq!((ring.len(), consumer.try_read()), (0, None));
            }
            ring.close();
            drop(writer);
            assert!(consumer.is_finished());
        }
    }
}

fn positions_survive_the_wrap_around_under_load<K: Kind>() {
    let ways = Write::ALL.into_iter().cycle().zip(Read::ALL.into_iter().cycle());
    for ((round, start), (write, read)) in
        starts().enumerate().chain(starts().enumerate()).zip(ways)
    {
        let shards = if K::DEDICATED { 3 } else { 1 };
        let capacity = [1, 2, 3, 5, 7, 8][round % 6];
        let builder =
            RingBuilder::new(capacity * shards, shards).start_count(start).spin(Duration::ZERO);
        run::<K>(&builder, 3, times(30), |_| write, read);
    }
}

fn len_is_never_more_than_the_capacity_under_load<K: Kind>() {
    for per_shard in [1, 3, 8] {
        let shards = if K::DEDICATED { 3 } else { 2 };
        let each = times(500);
        let ring = K::ring::<Item>(per_shard * shards, shards);
        let mut consumer = K::consumer(&ring);
        let producers = produce::<K>(&ring, 3, each, |id| Write::ALL[2 * id]);
        let done = Arc::new(AtomicBool::new(false));
        let (watched, stop) = (ring.clone(), done.clone());
        let watcher = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                (0..50).for_each(|_| assert!(watched.len() <= watched.capacity()));
                thread::yield_now();
            }
        });
        let mut ledger = Ledger::new(3);
        while ledger.arrived() < 3 * each {
            Read::WaitingBatches.step(&mut consumer, &mut |item| ledger.note(item));
        }
        producers.into_iter().for_each(join);
        done.store(true, Ordering::Relaxed);
        join(watcher);
        assert_eq!((ring.len(), ring.is_empty()), (0, true));
    }
}

type Large = [u8; 65536];
type WriteLarge<K> = fn(&mut <K as Kind>::Writer<Large>, Box<Large>) -> bool;

fn large(fill: u8) -> Box<Large> {
    let bytes = vec![fill; 65536].into_boxed_slice();
    bytes.try_into().expect("the length of the array")
}

/// A boxed item as a vector of one, without a copy on the stack.
fn one(item: Box<Large>) -> Vec<Large> {
    let mut items = Vec::with_capacity(1);
    items.extend_from_slice(std::slice::from_ref(&*item));
    items
}

fn is_large(item: &Large, fill: u8) -> bool {
    item.iter().all(|byte| *byte == fill)
}

/// On a thread with the stack that std gives by default. In a child, since an overflow aborts.
fn items_of_64_kib_need_no_large_stack<K: Kind>() {
    let kind = if K::DEDICATED { "dedicated" } else { "shared" };
    let name = format!("{kind}::items_of_64_kib_need_no_large_stack");
    in_child(&name, "", || {
        let thread = thread::Builder::new().stack_size(2 << 20).spawn(pass_large_items::<K>);
        join(thread.expect("a thread"));
    });
}

fn pass_large_items<K: Kind>() {
    // Each in a function of its own: in a debug build a frame has room for every temporary.
    let writes: [WriteLarge<K>; 6] = [
        |writer, item| writer.try_write(*item).is_ok(),
        |writer, item| writer.write_timeout(*item, Duration::ZERO).is_ok(),
        |writer, item| writer.write_with_backoff(*item, &WriteConfig::default()).is_ok(),
        |writer, item| writer.try_write_with(|| *item).is_ok(),
        |writer, item| writer.write_batch(&mut one(item)).is_ok(),
        |writer, item| writer.write(*item).is_ok(),
    ];
    let reads: [fn(&mut Consumer<Large>, u8) -> bool; 6] = [
        |consumer, fill| consumer.try_read().is_some_and(|item| is_large(&item, fill)),
        |consumer, fill| consumer.read().is_ok_and(|item| is_large(&item, fill)),
        |consumer, fill| {
            consumer.read_timeout(Duration::MAX).is_ok_and(|item| is_large(&item, fill))
        },
        |consumer, fill| consumer.drain(1).all(|item| is_large(&item, fill)),
        |consumer, fill| consumer.try_read_batch(1).iter().all(|item| is_large(item, fill)),
        |consumer, fill| {
            let mut items = consumer.try_read_slices(1).expect("an item");
            let right = is_large(&items.slices().0[0], fill);
            items.release(1);
            right
        },
    ];
    let ring = K::ring(writes.len(), 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    for (fill, write) in (0..).zip(writes) {
        println!("write {fill}");
        assert!(write(&mut writer, large(fill)));
    }
    let late = |writer: &mut K::Writer<Large>, item: Box<Large>| {
        writer.write_timeout(*item, Duration::from_micros(1)).is_err()
    };
    assert!(late(&mut writer, large(9)));
    for (fill, read) in (0..).zip(reads) {
        println!("read {fill}");
        assert!(read(&mut consumer, fill));
    }
    let late =
        |consumer: &mut Consumer<Large>| consumer.read_timeout(Duration::from_micros(1)).is_err();
    assert!(late(&mut consumer));
}

#[derive(Debug, PartialEq)]
#[repr(align(512))]
struct Aligned(u8);

fn items_of_any_type<K: Kind>() {
    pass::<K, _>(|| String::from("not Copy"), |item| item == "not Copy");
    pass::<K, _>(|| Some(Box::new(7)), |item| *item == Some(Box::new(7)));
    pass::<K, _>(|| None::<NonZeroU32>, |item| item.is_none());
    pass::<K, _>(|| Box::new(|| 7) as Box<dyn Fn() -> i32 + Send>, |item| item() == 7);
    pass::<K, _>(|| (1_u8, 2_u64, 3_u16), |item| *item == (1, 2, 3));
    pass::<K, _>(|| std::cell::Cell::new(5), |item| item.get() == 5); // Send, and not Sync
    pass::<K, _>(
        || Aligned(3),
        |item| *item == Aligned(3) && std::ptr::from_ref(item).is_aligned(),
    );
}

/// Some laps of items through a ring of three, looked at where they lie and taken.
fn pass<K: Kind, T: Send + 'static>(make: impl Fn() -> T, is_right: impl Fn(&T) -> bool) {
    let ring = K::ring(3, 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    for _ in 0..5 {
        writer.try_write(make()).expect("room");
        assert_eq!(writer.try_write_batch(&mut vec![make(), make(), make()]), Ok(2));
        let mut seen = consumer.try_read_slices(3).expect("three items");
        let (first, second) = seen.slices();
        assert!(first.iter().chain(&*second).all(&is_right));
        seen.release(1);
        assert!(consumer.try_read().is_some_and(|item| is_right(&item)));
        assert!(consumer.try_read_batch(3).iter().all(&is_right));
    }
    writer.try_write(make()).expect("room"); // left behind
}

fn zero_sized_items<K: Kind>() {
    let capacity = 1 << 16;
    let ring = K::ring(capacity, 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    let mut batch = vec![(); capacity + 5];
    assert_eq!(writer.try_write_batch(&mut batch), Ok(capacity));
    assert_eq!((batch.len(), writer.try_write(()).is_err()), (5, true));
    assert_eq!(consumer.try_read(), Some(()));
    assert_eq!(consumer.drain(9).count(), 9);
    let mut all = Vec::new();
    assert_eq!(consumer.try_read_batch_into(&mut all, usize::MAX), capacity - 10);
    assert_eq!((all.len(), ring.len()), (capacity - 10, 0));
}

/// Without an item's bytes and without stamps, a shard needs no memory at all.
#[test]
fn zero_sized_items_on_dedicated_shards_of_any_capacity() {
    for capacity in [1_000_000_000_000, (1 << (usize::BITS - 2)) - 1] {
        let ring = Dedicated::build(&RingBuilder::new(capacity, 1).start_count(u64::MAX));
        let ring = ring.expect("it takes no memory");
        assert_eq!(ring.capacity(), capacity);
        let mut producer = ring.producer().expect("free");
        let mut consumer = ring.consumer().expect("free");
        assert_eq!(producer.try_write_batch(&mut vec![(); 100]), Ok(100));
        assert_eq!(producer.try_reserve(usize::MAX).expect("room").room(), capacity - 100);
        assert_eq!((ring.len(), consumer.drain(usize::MAX).count()), (100, 100));
    }
}
