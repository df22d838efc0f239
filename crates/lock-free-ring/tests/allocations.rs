//! In the steady state nothing allocates: writes, reads, batches, the pool, and waits that
//! really sleep. Counted by the allocator, for each thread by itself.
#![cfg(not(ring_loom))]

#[cfg(feature = "async")]
mod bare;
mod common;

use common::kind::{Dedicated, Kind, Writer, for_both_kinds};
use common::{in_time, join};
use lock_free_ring::{Cancel, Consumer, Pool, ReadRefused, RingBuilder, WriteConfig};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::num::NonZeroU32;
use std::thread;
use std::time::Duration;

/// The system's allocator, counting.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count_one() {
    // A thread that is ending has no count any more.
    _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes to the system's allocator as it came; counting touches a cell that
// needs no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        // SAFETY: as promised by our caller.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as promised by our caller.
        unsafe { System.dealloc(place, layout) }
    }
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
        // SAFETY: as promised by our caller.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

for_both_kinds! {
    writes_and_reads_one_by_one,
    batches_through_reused_buffers,
    items_looked_at_where_they_lie,
    refused_writes_and_reads,
    waits_that_sleep,
    waits_whose_time_is_up,
    looks_at_the_ring,
}

#[cfg(feature = "async")]
mod tasks {
    use super::common::kind::for_both_kinds;
    use super::waits_of_tasks;

    for_both_kinds! { waits_of_tasks }
}

/// How many allocations `body` makes on this thread.
fn allocations(body: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    body();
    ALLOCATIONS.get() - before
}

/// Runs `body` a few times to warm up, and then a hundred times without one allocation.
fn assert_steady(what: &str, mut body: impl FnMut()) {
    (0..3).for_each(|_| body());
    let allocations = allocations(|| (0..100).for_each(|_| body()));
    assert_eq!(allocations, 0, "{what}");
}

#[test]
fn the_count_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(5)))), 1);
    assert_eq!(allocations(|| _ = std::hint::black_box(5)), 0);
}

const LEN: usize = 8;

fn ring<K: Kind>() -> (K::Handle<u64>, K::Writer<u64>, Consumer<u64>) {
    let ring = K::build(&RingBuilder::new(2 * LEN, 2).spin(Duration::ZERO)).expect("valid");
    let (writer, consumer) = (K::writer(&ring, 0), K::consumer(&ring));
    (ring, writer, consumer)
}

fn writes_and_reads_one_by_one<K: Kind>() {
    let (_ring, mut writer, mut consumer) = ring::<K>();
    let config = WriteConfig::default();
    assert_steady("one by one", || {
        writer.try_write(1).expect("room");
        writer.write(2).expect("open");
        writer.write_timeout(3, Duration::MAX).expect("room");
        writer.write_with_backoff(4, &config).expect("room");
        writer.try_write_with(|| 5).expect("room");
        assert_eq!(consumer.try_read(), Some(1));
        assert_eq!(consumer.read(), Ok(2));
        assert_eq!(consumer.read_timeout(Duration::MAX), Ok(3));
        assert!(consumer.drain(9).eq([4, 5]));
    });
}

fn batches_through_reused_buffers<K: Kind>() {
    let (_ring, mut writer, mut consumer) = ring::<K>();
    let (mut from, mut to) = (Vec::with_capacity(LEN), Vec::with_capacity(LEN));
    assert_steady("batches", || {
        from.extend(0..LEN as u64);
        assert_eq!(writer.try_write_batch(&mut from), Ok(LEN));
        assert_eq!(consumer.try_read_batch_into(&mut to, 3), 3);
        assert_eq!(consumer.read_batch_into(&mut to, usize::MAX), Ok(LEN - 3));
        assert!(to.drain(..).eq(0..LEN as u64));
        from.extend(0..5);
        writer.write_batch(&mut from).expect("open");
        assert_eq!(consumer.wait_for(5, Duration::MAX), Ok(5));
        assert_eq!(consumer.try_read_batch_into(&mut to, 9), 5);
        to.clear();
    });
}

fn items_looked_at_where_they_lie<K: Kind>() {
    let (_ring, mut writer, mut consumer) = ring::<K>();
    assert_steady("slices", || {
        // A divisor of the quota, which may split them otherwise.
        (0..4).for_each(|item| writer.try_write(item).expect("room"));
        let mut items = consumer.try_read_slices(9).expect("four items");
        let (first, second) = items.slices();
        assert!(first.iter().chain(&*second).copied().eq(0..4));
        items.release(4);
    });
}

#[test]
fn reservations_and_leases() {
    let (ring, first, mut consumer) = ring::<Dedicated>();
    assert_steady("reservations", || {
        let mut producer = ring.producer().expect("free");
        let mut reservation = producer.try_reserve(3).expect("room");
        reservation.push(1).expect("room");
        reservation.push_with(|| 2).unwrap_or_else(|_| unreachable!("room"));
        reservation.publish();
        drop(producer.try_reserve(1));
        drop(ring.clone());
        assert!(consumer.drain(9).eq([1, 2]));
    });
    drop(first);
}

fn refused_writes_and_reads<K: Kind>() {
    let (_ring, mut writer, mut consumer) = ring::<K>();
    let config = WriteConfig {
        backoff: Duration::from_micros(1),
        max_backoffs: NonZeroU32::new(3),
        cancel: Some(Cancel::new()),
        ..WriteConfig::default()
    };
    let mut batch = vec![0; LEN];
    assert_eq!(writer.try_write_batch(&mut batch), Ok(LEN));
    batch.push(1);
    assert_steady("full", || {
        assert!(writer.try_write(1).is_err());
        assert!(writer.try_write_with(|| 1).is_err());
        assert_eq!(writer.try_write_batch(&mut batch), Ok(0));
        assert!(writer.write_with_backoff(1, &config).is_err());
    });
    assert_eq!(consumer.drain(LEN).count(), LEN);
    assert_steady("empty", || {
        assert!(consumer.try_read().is_none() && consumer.drain(3).next().is_none());
        assert!(consumer.try_read_slices(3).is_none() && consumer.try_read_batch(3).is_empty());
    });
}

/// A ring of one slot on which each end has slept: the lists of sleepers have their memory then.
fn slept_on<K: Kind>(fence: bool) -> (K::Writer<u64>, Consumer<u64>) {
    let builder = RingBuilder::new(1, 1).spin(Duration::ZERO).fence(fence);
    let ring = K::build(&builder).expect("valid");
    let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
    let limit = Duration::from_millis(1);
    assert!(consumer.read_timeout(limit).is_err());
    writer.try_write(0).expect("room");
    assert!(writer.write_timeout(0, limit).is_err());
    assert_eq!(consumer.try_read(), Some(0));
    (writer, consumer)
}

/// There and back between two threads, each of which sleeps at once.
fn waits_that_sleep<K: Kind>() {
    for fence in [false, true] {
        let (mut ping, mut questions) = slept_on::<K>(fence);
        let (mut pong, mut answers) = slept_on::<K>(fence);
        let other = thread::spawn(move || {
            allocations(|| {
                for item in 0..300 {
                    assert_eq!(questions.read(), Ok(item));
                    pong.write(item).expect("open");
                }
            })
        });
        let mut buf = Vec::with_capacity(1);
        let here = allocations(|| {
            for item in 0..300 {
                ping.write(item).expect("open");
                assert_eq!(answers.read_batch_into(&mut buf, 1), Ok(1));
                assert_eq!(buf.pop(), Some(item));
            }
        });
        assert_eq!((here, join(other)), (0, 0));
    }
}

/// Tasks that wait, are woken, and are dropped while they wait; once each end has waited.
#[cfg(feature = "async")]
fn waits_of_tasks<K: Kind>() {
    let ring = K::ring::<u64>(1, 1);
    let (mut producer, mut consumer) =
        (K::async_producer(&ring, 0), K::consumer(&ring).into_async());
    let (bell, waker) = bare::Bell::new();
    let mut cx = std::task::Context::from_waker(&waker);
    let mut poll = move || {
        use std::pin::{Pin, pin};
        assert!(pin!(consumer.read()).poll(&mut cx).is_pending());
        assert!(consumer.poll_read(&mut cx).is_pending());
        assert!(Pin::new(&mut producer.write(1)).poll(&mut cx).is_ready());
        assert!(Pin::new(&mut producer.write(2)).poll(&mut cx).is_pending());
        let mut write = producer.write(2);
        assert!(Pin::new(&mut write).poll(&mut cx).is_pending());
        assert!(pin!(consumer.read()).poll(&mut cx).is_ready());
        assert!(Pin::new(&mut write).poll(&mut cx).is_ready());
        assert!(pin!(consumer.read()).poll(&mut cx).is_ready());
    };
    assert_steady("tasks", &mut poll);
    assert_eq!(bell.rings(), 2 * 103, "each end was woken once in each turn");
}

fn waits_whose_time_is_up<K: Kind>() {
    let (_ring, mut writer, mut consumer) = ring::<K>();
    let limit = Duration::from_micros(20);
    assert_steady("empty", || {
        assert_eq!(consumer.read_timeout(limit), Err(ReadRefused::Empty));
        assert_eq!(consumer.wait_for(3, limit), Err(ReadRefused::Empty));
    });
    assert_eq!(writer.try_write_batch(&mut vec![0; LEN]), Ok(LEN));
    assert_steady("full", || assert!(writer.write_timeout(1, limit).is_err()));
}

fn looks_at_the_ring<K: Kind>() {
    let (ring, _writer, mut consumer) = ring::<K>();
    assert_steady("looks", || {
        assert_eq!((ring.len(), ring.is_empty(), ring.capacity()), (0, true, 2 * LEN));
        assert_eq!(ring.stats().map(|shard| shard.written).sum::<u64>(), 0);
        assert!(!ring.is_closed() && !consumer.is_finished());
    });
}

#[test]
fn values_of_a_pool() {
    let pool = Pool::new(4, || [0_u8; 1450]).expect("valid");
    assert_steady("pool", || {
        let taken = [(); 6].map(|()| pool.take_or_make());
        assert!(pool.try_take().is_none());
        drop(taken);
        drop(pool.clone().try_take());
    });
}

/// The document's steady state: buffers from a pool, through the ring, and back by themselves.
#[test]
fn buffers_from_a_pool_through_the_ring_and_back() {
    in_time(|| {
        let pool = Pool::new(32, || Vec::<u8>::with_capacity(1450)).expect("valid");
        let ring = Dedicated::ring(8, 1);
        let (mut writer, mut consumer) = (Dedicated::writer(&ring, 0), Dedicated::consumer(&ring));
        drop(ring);
        // Each end has slept once: the list of sleepers has its memory then.
        let moment = Duration::from_millis(1);
        assert!(consumer.read_timeout(moment).is_err());
        (0..8).for_each(|_| writer.try_write(pool.take_or_make()).expect("room"));
        assert!(writer.write_timeout(pool.take_or_make(), moment).is_err());
        assert_eq!(consumer.drain(9).count(), 8);
        let producing = thread::spawn(move || {
            allocations(|| {
                for _ in 0..2000 {
                    let mut packet = pool.take_or_make();
                    packet.clear();
                    packet.resize(1450, 7);
                    writer.write(packet).expect("open");
                }
            })
        });
        let mut buf = Vec::with_capacity(16);
        let mut consumed = 0;
        let here = allocations(|| {
            while consumer.read_batch_into(&mut buf, 16).is_ok() {
                consumed += buf.drain(..).inspect(|packet| assert_eq!(packet.len(), 1450)).count();
            }
        });
        assert_eq!((here, join(producing), consumed), (0, 0, 2000));
    });
}
