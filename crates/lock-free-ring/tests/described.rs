//! The tests that the described system names, each made to test what its name says, for shared
//! and for dedicated shards; and the case that its authors gave up.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Kind, Shared, Writer, for_both_kinds};
use common::{Item, Ledger, eventually, in_time, join, times};
use lock_free_ring::{ConfigError, Consumer, RingBuilder, ShardedRing, WriteConfig, WriteRefused};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

for_both_kinds! {
    new_sharded_ring, basic_write_read, multiple_producers, ring_full, ring_empty, read_batch,
    read_batch_into, concurrent_producers, concurrent_producer_consumer,
    concurrent_producer_consumer_small_ring, write_with_backoff, write_with_backoff_concurrent,
    wrap_around, cap_and_len, nil_values, the_case_that_was_given_up,
}

fn new_sharded_ring<K: Kind>() {
    let build = |capacity, shards| K::build::<u64>(&RingBuilder::new(capacity, shards));
    for (capacity, shards) in [(1, 1), (16, 1), (16, 4), (1024, 8), (12, 4), (7, 1), (64, 64)] {
        let ring = build(capacity, shards).expect("valid");
        assert_eq!((ring.capacity(), ring.num_shards()), (capacity, shards));
        assert_eq!(ring.shard_capacity(), capacity / shards);
    }
    let refused = |capacity, shards| build(capacity, shards).err();
    assert_eq!(refused(0, 1), Some(ConfigError::ZeroCapacity));
    assert_eq!(refused(16, 0), Some(ConfigError::ZeroShards));
    let (capacity, shards) = (2, 4);
    assert_eq!(refused(2, 4), Some(ConfigError::FewerSlotsThanShards { capacity, shards }));
    // The described library silently gives 8.
    let (capacity, shards) = (10, 4);
    assert_eq!(refused(10, 4), Some(ConfigError::Indivisible { capacity, shards }));
    let not_a_power = (!K::DEDICATED).then_some(ConfigError::ShardsNotPowerOfTwo { shards: 3 });
    assert_eq!(refused(12, 3), not_a_power);
}

fn basic_write_read<K: Kind>() {
    let ring = K::ring(128, 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    for item in 0..100 {
        writer.try_write(item).expect("room");
    }
    for item in 0..100 {
        assert_eq!(consumer.try_read(), Some(item));
    }
    assert_eq!(consumer.try_read(), None);
}

/// `producers` threads, started together, each of which runs `write` with its writer and then
/// drops it. What they return comes in order.
fn produce<K: Kind, R: Send + 'static>(
    ring: &K::Handle<Item>,
    producers: usize,
    write: impl Fn(usize, K::Writer<Item>) -> R + Send + Clone + 'static,
) -> Vec<thread::JoinHandle<R>> {
    let start = Arc::new(Barrier::new(producers));
    let spawn = |id| {
        let (writer, start, write) = (K::writer(ring, id), start.clone(), write.clone());
        thread::spawn(move || {
            start.wait();
            write(id, writer)
        })
    };
    (0..producers).map(spawn).collect()
}

fn try_write_each<W: Writer<Item>>(id: usize, writer: &mut W, each: u64) {
    for seq in 0..each {
        writer.try_write(Item::new(id, seq)).expect("room for all");
    }
}

fn write_each<W: Writer<Item>>(id: usize, writer: &mut W, each: u64) {
    for seq in 0..each {
        writer.write(Item::new(id, seq)).expect("open");
    }
}

/// Reads until the ring is finished: `each` items of each producer must come, in its order.
fn read_all(mut consumer: Consumer<Item>, producers: usize, each: u64) {
    let mut ledger = Ledger::new(producers);
    while let Ok(item) = consumer.read() {
        ledger.note(&item);
    }
    ledger.assert_complete(each);
}

fn multiple_producers<K: Kind>() {
    let ring = K::ring(1024, 4);
    let producers =
        produce::<K, _>(&ring, 4, |id, mut writer| try_write_each(id, &mut writer, 100));
    producers.into_iter().for_each(join);
    assert_eq!(ring.len(), 400);
    let consumer = K::consumer(&ring);
    drop(ring);
    read_all(consumer, 4, 100);
}

fn ring_full<K: Kind>() {
    let ring = K::ring(32, 2);
    let (mut first, mut other) = (K::writer(&ring, 0), K::writer(&ring, 1));
    for item in 0..16 {
        first.try_write(item).expect("room for 16");
    }
    assert_eq!(first.try_write(16), Err(WriteRefused::Full(16)));
    other.try_write(100).expect("the other shard is empty");
    let mut consumer = K::consumer(&ring);
    assert_eq!(consumer.try_read(), Some(0));
    first.try_write(16).expect("the slot that was read");
    assert_eq!(first.try_write(17), Err(WriteRefused::Full(17)));
}

fn ring_empty<K: Kind>() {
    let ring = K::ring(16, 2);
    let mut consumer = K::consumer(&ring);
    let mut writer = K::writer(&ring, 1);
    assert!(ring.is_empty() && consumer.try_read().is_none());
    writer.try_write(1).expect("room");
    assert!(!ring.is_empty());
    assert_eq!((consumer.try_read(), consumer.try_read()), (Some(1), None));
    assert!(ring.is_empty());
}

fn read_batch<K: Kind>() {
    let ring = K::ring(256, 1);
    let mut writer = K::writer(&ring, 0);
    (0..200).for_each(|item| writer.try_write(item).expect("room"));
    let mut consumer = K::consumer(&ring);
    assert_eq!(consumer.try_read_batch(50), (0..50).collect::<Vec<_>>());
    assert_eq!(consumer.read_batch(200), Ok((50..200).collect()));
    assert_eq!(consumer.try_read_batch(200), []);
}

fn read_batch_into<K: Kind>() {
    let ring = K::ring(64, 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    let mut buf = Vec::with_capacity(64);
    let place = buf.as_ptr();
    for round in 0..10 {
        let items: Vec<u64> = (round * 40..round * 40 + 40).collect();
        assert_eq!(writer.try_write_batch(&mut items.clone()), Ok(40));
        buf.clear();
        assert_eq!(consumer.try_read_batch_into(&mut buf, 64), 40);
        assert_eq!(buf, items);
        assert_eq!((buf.as_ptr(), buf.capacity()), (place, 64), "the buffer was not reused");
    }
    // What is in the buffer already stays.
    writer.try_write(7).expect("room");
    assert_eq!(consumer.read_batch_into(&mut buf, 64), Ok(1));
    assert_eq!((buf.len(), buf[0], buf[40]), (41, 360, 7));
}

fn concurrent_producers<K: Kind>() {
    let ring = K::ring(8 * 1024, 8);
    let producers =
        produce::<K, _>(&ring, 8, |id, mut writer| try_write_each(id, &mut writer, 1000));
    producers.into_iter().for_each(join);
    assert_eq!(ring.len(), 8000);
    let consumer = K::consumer(&ring);
    drop(ring);
    read_all(consumer, 8, 1000);
}

/// `producers` that wait for room, and the consumer, all at the same time.
fn produce_and_consume<K: Kind>(ring: K::Handle<Item>, producers: usize, each: u64) {
    let consumer = K::consumer(&ring);
    let threads =
        produce::<K, _>(&ring, producers, move |id, mut writer| write_each(id, &mut writer, each));
    drop(ring);
    read_all(consumer, producers, each);
    threads.into_iter().for_each(join);
}

fn concurrent_producer_consumer<K: Kind>() {
    let ring = K::ring(8 * 1024, 4);
    let reading = Arc::new(AtomicUsize::new(0));
    let mut consumer = K::consumer(&ring);
    let seen = reading.clone();
    let threads = produce::<K, _>(&ring, 4, move |id, mut writer| {
        try_write_each(id, &mut writer, 1000);
        // No producer ends before the consumer has begun: they do run at the same time.
        eventually(|| seen.load(Ordering::Relaxed) > 0);
    });
    drop(ring);
    let mut ledger = Ledger::new(4);
    while let Ok(item) = consumer.read() {
        ledger.note(&item);
        reading.fetch_add(1, Ordering::Relaxed);
    }
    ledger.assert_complete(1000);
    threads.into_iter().for_each(join);
}

fn concurrent_producer_consumer_small_ring<K: Kind>() {
    produce_and_consume::<K>(K::ring(128, 4), 4, 1000);
}

fn the_case_that_was_given_up<K: Kind>() {
    produce_and_consume::<K>(K::ring(256, 4), 4, times(10_000));
}

/// As the authors had it, all four on one shard.
#[test]
fn the_case_that_was_given_up_on_one_shared_shard() {
    in_time(|| produce_and_consume::<Shared>(Shared::ring(256, 1), 4, times(10_000)));
}

fn cycles(max_backoffs: u32, backoff: Duration) -> WriteConfig {
    let max_backoffs = NonZeroU32::new(max_backoffs);
    WriteConfig { max_backoffs, backoff, ..WriteConfig::default() }
}

fn write_with_backoff<K: Kind>() {
    let ring = K::ring(4, 1);
    let mut writer = K::writer(&ring, 0);
    for item in 0..4 {
        writer.write_with_backoff(item, &WriteConfig::default()).expect("room");
    }
    // One cycle: no sleep at all, or this would take an hour.
    let refused = writer.write_with_backoff(4, &cycles(1, Duration::from_secs(3600)));
    assert_eq!(refused, Err(WriteRefused::Full(4)));
    // Four cycles: three sleeps.
    let before = Instant::now();
    let refused = writer.write_with_backoff(4, &cycles(4, Duration::from_millis(2)));
    assert_eq!(refused, Err(WriteRefused::Full(4)));
    assert!(before.elapsed() >= Duration::from_millis(6), "it slept less than three times");
    // Room that comes while it backs off is found.
    let mut consumer = K::consumer(&ring);
    let backing_off = thread::spawn(move || {
        writer.write_with_backoff(4, &WriteConfig::default()).expect("room comes");
    });
    thread::sleep(Duration::from_millis(2));
    assert_eq!(consumer.try_read(), Some(0));
    join(backing_off);
    assert_eq!(consumer.try_read_batch(8), [1, 2, 3, 4]);
}

fn write_with_backoff_concurrent<K: Kind>() {
    let ring = K::ring(128, 8);
    let consumer = K::consumer(&ring);
    let threads = produce::<K, _>(&ring, 4, |id, mut writer| {
        for seq in 0..1000 {
            let written = writer.write_with_backoff(Item::new(id, seq), &WriteConfig::default());
            written.expect("it never gives up");
        }
    });
    drop(ring);
    read_all(consumer, 4, 1000);
    threads.into_iter().for_each(join);
}

#[test]
fn default_write_config() {
    let config = WriteConfig::default();
    assert_eq!(config.max_retries.get(), 10);
    assert_eq!(config.backoff, Duration::from_micros(100));
    assert_eq!(config.max_backoffs, None);
    assert!(config.cancel.is_none());
}

#[test]
fn shard_distribution_of_a_shared_ring_is_id_and_mask() {
    let ring = ShardedRing::new(16, 4).expect("valid");
    for id in [0, 1, 2, 3, 4, 5, u64::MAX] {
        ring.try_write(id, id).expect("room");
    }
    let written: Vec<_> = ring.stats().map(|shard| shard.written).collect();
    assert_eq!(written, [2, 2, 1, 2]); // 0 and 4, 1 and 5, 2, 3 and u64::MAX
    // One of two ids that share a shard can fill it for both.
    (0..2).for_each(|item| ring.try_write(0, item).expect("room"));
    assert!(ring.try_write(4, 9).is_err_and(|refused| refused.is_full()));
    ring.try_write(6, 9).expect("another shard");
}

#[test]
fn shard_distribution_of_a_dedicated_ring_is_one_shard_for_each_producer() {
    let ring = lock_free_ring::DedicatedRing::new(12, 3).expect("valid");
    let mut producers: Vec<_> = (0..3).map(|_| ring.producer().expect("a free shard")).collect();
    for producer in &mut producers {
        let shard = producer.shard();
        producer.try_write(shard).expect("room");
    }
    assert!(ring.stats().all(|shard| shard.written == 1));
    let given_back = producers.remove(1).shard();
    assert_eq!(ring.producer().expect("the one given back").shard(), given_back);
}

fn wrap_around<K: Kind>() {
    let ring = K::ring(16, 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    for cycle in 0..5 {
        for item in 0..16 {
            writer.try_write((cycle, item)).expect("room for 16");
        }
        assert!(writer.try_write((cycle, 16)).is_err());
        for item in 0..16 {
            assert_eq!(consumer.try_read(), Some((cycle, item)));
        }
        assert_eq!(consumer.try_read(), None);
    }
}

fn cap_and_len<K: Kind>() {
    let ring = K::ring(64, 4);
    let mut writers: Vec<_> = (0..4).map(|id| K::writer(&ring, id)).collect();
    assert_eq!((ring.capacity(), ring.len(), ring.is_empty()), (64, 0, true));
    for len in 1..=64 {
        writers[len % 4].try_write(len).expect("room");
        assert_eq!((ring.capacity(), ring.len(), ring.is_empty()), (64, len, false));
    }
    assert!(writers[0].try_write(65).is_err());
    assert_eq!(ring.len(), 64);
    let mut consumer = K::consumer(&ring);
    for len in (0..64).rev() {
        assert!(consumer.try_read().is_some());
        assert_eq!((ring.len(), ring.is_empty()), (len, len == 0));
    }
}

fn nil_values<K: Kind>() {
    let ring = K::ring(4, 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    for item in [None, Some("value"), None] {
        writer.try_write(item).expect("room");
    }
    assert_eq!(consumer.try_read_batch(4), [None, Some("value"), None]);
    assert_eq!(consumer.try_read(), None);

    let ring = K::ring(4, 1);
    let mut writer = K::writer(&ring, 0);
    (0..4).for_each(|_| writer.try_write(()).expect("room"));
    assert_eq!(writer.try_write(()), Err(WriteRefused::Full(())));
    assert_eq!(K::consumer(&ring).try_read_batch(9), [(); 4]);
}
