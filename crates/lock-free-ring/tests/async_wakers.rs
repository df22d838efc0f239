//! Wakers that unwind, that come back to the ring from within their call, and that drop ends of it
//! there: items, other waiters and locks come to no harm.
#![cfg(all(feature = "async", not(ring_loom)))]

mod bare;
mod common;

use bare::{Bell, block_on};
use common::kind::{Kind, for_both_kinds};
use common::{in_time, unwind, unwinds};
use lock_free_ring::{AsyncProducer, Closed, DedicatedRing, ReadRefused, ShardedRing};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};
use std::time::Duration;

for_both_kinds! {
    a_waker_that_unwinds_takes_no_item_with_it,
    a_waker_may_read_from_the_ring,
    a_waker_may_drop_the_end_that_waited,
    the_last_poll_decides_who_is_woken,
    a_batch_read_looks_once_at_a_shard_that_is_refilled_meanwhile,
    a_look_in_place_that_releases_nothing_wakes_no_writer,
}

/// Runs its closure when it is woken, once.
struct Act(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Wake for Act {
    fn wake(self: Arc<Self>) {
        let act = self.0.lock().expect("not poisoned").take();
        if let Some(act) = act {
            act();
        }
    }
}

fn acting(act: impl FnOnce() + Send + 'static) -> Waker {
    Waker::from(Arc::new(Act(Mutex::new(Some(Box::new(act))))))
}

/// A waker whose every call unwinds, but for its clone.
fn unwinding() -> Waker {
    const VTABLE: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &VTABLE),
        |_| unwind(),
        |_| unwind(),
        |_| unwind(),
    );
    // SAFETY: the functions do nothing with the data, and unwind from any thread alike.
    unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &VTABLE)) }
}

fn pend<T>(producer: &mut AsyncProducer<T>, item: &mut Option<T>, waker: &Waker) {
    assert!(producer.poll_write(&mut Context::from_waker(waker), item).is_pending());
}

fn a_waker_that_unwinds_takes_no_item_with_it<K: Kind>() {
    let ring = K::ring(1, 1);
    let mut consumer = K::consumer(&ring).into_async();
    let mut producer = K::async_producer(&ring, 0);
    let waker = std::mem::ManuallyDrop::new(unwinding());

    // The producer finds a waker that unwinds.
    assert!(consumer.poll_read(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(producer.try_write(1), Ok(()));
    // So does the consumer, which has an item in hand by then.
    pend(&mut producer, &mut Some(2), &waker);
    assert_eq!(block_on(consumer.read()), Ok(1));
    assert_eq!(block_on(producer.write(2)), Ok(()));
    // And whoever takes a waker off the list.
    pend(&mut producer, &mut Some(3), &waker);
    pend(&mut producer, &mut Some(3), &waker);
    pend(&mut producer, &mut Some(3), Waker::noop());
    assert_eq!(consumer.get_mut().try_read(), Some(2));
    assert!(consumer.poll_read(&mut Context::from_waker(&waker)).is_pending());
    assert!(!unwinds(|| drop(consumer)));
    assert!(!unwinds(|| ring.close()));
}

/// Of several that wait, one that unwinds keeps no wake-up from the others.
#[test]
fn a_waker_that_unwinds_does_not_hide_the_next() {
    in_time(|| {
        let ring = ShardedRing::new(1, 1).expect("valid");
        ring.try_write(0, 0).expect("room");
        let waker = std::mem::ManuallyDrop::new(unwinding());
        let [mut first, mut second, mut third] = [(); 3].map(|()| ring.async_producer(0));
        let (bell, ringing) = Bell::new();
        pend(&mut first, &mut Some(1), &ringing);
        pend(&mut second, &mut Some(2), &waker);
        pend(&mut third, &mut Some(3), &ringing);
        assert_eq!(ring.consumer().expect("free").try_read(), Some(0));
        assert_eq!(bell.rings(), 2);
    });
}

/// As an executor does that polls within `wake`.
fn a_waker_may_read_from_the_ring<K: Kind>() {
    let ring = K::ring(4, 1);
    let mut writer = K::writer(&ring, 0);
    let consumer = Arc::new(Mutex::new(K::consumer(&ring).into_async()));
    let (bell, ringing) = Bell::new();
    let (within, read) = (consumer.clone(), Arc::new(Mutex::new(None)));
    let result = read.clone();
    let waker = acting(move || {
        let mut consumer = within.lock().expect("not poisoned");
        let mut cx = Context::from_waker(&ringing);
        *result.lock().expect("not poisoned") = Some(consumer.poll_read(&mut cx));
        // Again on the list, while the wake that called us is under way.
        assert!(consumer.poll_read(&mut cx).is_pending());
    });
    let mut cx = Context::from_waker(&waker);
    assert!(consumer.lock().expect("not poisoned").poll_read(&mut cx).is_pending());
    common::kind::Writer::try_write(&mut writer, 'a').expect("room");
    assert_eq!(*read.lock().expect("not poisoned"), Some(Poll::Ready(Ok('a'))));
    assert_eq!(bell.rings(), 0, "that wake was not for it");
    common::kind::Writer::try_write(&mut writer, 'b').expect("room");
    assert_eq!(bell.rings(), 1);
}

/// The waker owns the end whose poll it is for, as a task owns its future.
fn a_waker_may_drop_the_end_that_waited<K: Kind>() {
    let ring = K::ring(4, 1);
    let mut writer = K::writer(&ring, 0);
    let consumer = Arc::new(Mutex::new(Some(K::consumer(&ring).into_async())));
    let within = consumer.clone();
    let waker = acting(move || drop(within.lock().expect("not poisoned").take()));
    let mut guard = consumer.lock().expect("not poisoned");
    let waiting = guard.as_mut().expect("there");
    assert!(waiting.poll_read(&mut Context::from_waker(&waker)).is_pending());
    drop(guard);
    common::kind::Writer::try_write(&mut writer, 'a').expect("room");
    assert!(consumer.lock().expect("not poisoned").is_none());
    assert_eq!(K::consumer(&ring).try_read(), Some('a'), "the next consumer goes on");
}

fn the_last_poll_decides_who_is_woken<K: Kind>() {
    let ring = K::ring(4, 1);
    let mut consumer = K::consumer(&ring).into_async();
    let [(first, first_waker), (second, second_waker)] = [(); 2].map(|()| Bell::new());
    assert!(consumer.poll_read(&mut Context::from_waker(&first_waker)).is_pending());
    assert!(consumer.poll_read(&mut Context::from_waker(&second_waker)).is_pending());
    assert_eq!((first.wakers(), second.wakers()), (1, 2));
    K::async_producer(&ring, 0).try_write('a').expect("room");
    assert_eq!((first.rings(), second.rings()), (0, 1));
}

/// Of two shards, where the sweep begins with that one or after it, and of many of which all others
/// are parked.
fn a_batch_read_looks_once_at_a_shard_that_is_refilled_meanwhile<K: Kind>() {
    for (shards, turns) in [(2, 0), (2, 3), (64, 3)] {
        let ring = K::ring(2 * shards, shards);
        let mut consumer = K::consumer(&ring);
        let producer = Arc::new(Mutex::new(K::async_producer(&ring, 0)));
        let write = |item| producer.lock().expect("not poisoned").try_write(item).expect("room");
        for _ in 0..turns {
            consumer.set_quota(NonZeroUsize::MIN);
            write('z');
            assert_eq!(consumer.try_read(), Some('z'));
        }
        consumer.set_quota(NonZeroUsize::MAX);

        "ab".chars().for_each(write);
        let refilling = producer.clone();
        let waker = acting(move || {
            refilling.lock().expect("not poisoned").try_write('c').expect("room");
        });
        pend(&mut producer.lock().expect("not poisoned"), &mut Some('d'), &waker);
        assert_eq!(consumer.try_read_batch(9), ['a', 'b'], "{shards} shards, {turns}");
        assert_eq!(consumer.try_read_batch(9), ['c']);
    }
}

fn a_look_in_place_that_releases_nothing_wakes_no_writer<K: Kind>() {
    let ring = K::ring(1, 1);
    let mut consumer = K::consumer(&ring);
    let mut producer = K::async_producer(&ring, 0);
    producer.try_write(1).expect("room");
    let (bell, waker) = Bell::new();
    pend(&mut producer, &mut Some(2), &waker);
    drop(consumer.try_read_slices(1).expect("an item"));
    assert_eq!(bell.rings(), 0);
    consumer.try_read_slices(1).expect("an item").release(1);
    assert_eq!(bell.rings(), 1);
}

/// A consumer that waits as a task, and meanwhile as a thread for more items than one, is woken as
/// a task by the first.
#[test]
fn a_thread_that_waits_for_many_does_not_hide_the_task_that_waits_for_one() {
    in_time(|| {
        let ring = ShardedRing::new(8, 1).expect("valid");
        let mut consumer = ring.consumer().expect("free").into_async();
        let (bell, waker) = Bell::new();
        assert!(consumer.poll_read(&mut Context::from_waker(&waker)).is_pending());
        let waited = consumer.get_mut().wait_for(4, Duration::from_millis(1));
        assert_eq!(waited, Err(ReadRefused::Empty));
        ring.try_write(0, 'a').expect("room");
        assert_eq!(bell.rings(), 1);
    });
}

#[test]
fn a_producer_that_has_seen_the_close_wakes_the_reader_once() {
    in_time(|| {
        let ring = DedicatedRing::<u8>::new(2, 2).expect("valid");
        let (mut first, mut second) =
            (ring.producer().expect("free"), ring.producer().expect("free"));
        let mut consumer = ring.consumer().expect("free").into_async();
        ring.close();
        let (bell, waker) = Bell::new();
        let mut poll = || consumer.poll_read(&mut Context::from_waker(&waker));
        assert!(poll().is_pending(), "both may have something to say");
        assert!(first.try_write(1).is_err() && poll().is_pending());
        assert_eq!(bell.rings(), 1);
        assert!(first.try_write(1).is_err() && first.try_reserve(1).is_err());
        assert_eq!(bell.rings(), 1, "no news");
        assert!(second.try_write(2).is_err());
        assert_eq!((bell.rings(), poll()), (2, Poll::Ready(Err(Closed(())))));
    });
}

/// Wakes another thread's sleep, and its own waker's ring, at one gate.
#[test]
fn a_close_wakes_threads_and_tasks_that_wait_for_the_same_room() {
    in_time(|| {
        let ring = ShardedRing::new(1, 1).expect("valid");
        ring.try_write(0, 0).expect("room");
        let sleeping = ring.clone();
        let thread = std::thread::spawn(move || sleeping.write(0, 1));
        common::let_it_sleep();
        let (bell, waker) = Bell::new();
        let mut producer = ring.async_producer(0);
        let mut write = producer.write(2);
        let mut poll = || Pin::new(&mut write).poll(&mut Context::from_waker(&waker));
        assert!(poll().is_pending());
        ring.close();
        assert_eq!(bell.rings(), 1);
        assert_eq!(poll(), Poll::Ready(Err(Closed(2))));
        assert_eq!(common::join(thread), Err(Closed(1)));
    });
}

/// What a waker's call reaches may be the last of the ring.
#[test]
fn the_last_end_may_go_within_a_wake() {
    in_time(|| {
        let ring = ShardedRing::<u8>::new(1, 1).expect("valid");
        let dropped = Arc::new(AtomicBool::new(false));
        let mut consumer = ring.consumer().expect("free").into_async();
        let cell = Arc::new(Mutex::new(None));
        let (within, flag) = (cell.clone(), dropped.clone());
        let waker = acting(move || {
            drop(within.lock().expect("not poisoned").take());
            flag.store(true, Ordering::Relaxed);
        });
        assert!(consumer.poll_read(&mut Context::from_waker(&waker)).is_pending());
        *cell.lock().expect("not poisoned") = Some(consumer);
        drop(ring); // closes, which wakes, which drops the consumer
        assert!(dropped.load(Ordering::Relaxed));
    });
}
