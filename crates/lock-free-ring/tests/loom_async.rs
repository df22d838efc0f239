//! Models of tasks that wait, on both sides, beside threads: a lost wake-up is a deadlock, which
//! loom reports.
#![cfg(all(ring_loom, feature = "async"))]

mod loom_common;

use futures_sink::Sink;
use lock_free_ring::{AsyncProducer, Closed, Ring};
use loom::sync::Arc;
use loom::thread;
use loom_common::{Alarm, Item, block_on, fenced_dedicated, fenced_shared, judge, model, poll};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

#[test]
fn a_write_wakes_the_reading_task_shared() {
    model(2, "write wakes task, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(2));
        let writers = [0, 1].map(|id| {
            let ring = ring.clone();
            thread::spawn(move || ring.try_write(id, (id, 0)).unwrap())
        });
        let mut consumer = ring.consumer().unwrap().into_async();
        let read =
            block_on(async { [consumer.read().await.unwrap(), consumer.read().await.unwrap()] });
        writers.map(|writer| writer.join().unwrap());
        judge(&read, &[vec![(0, 0)], vec![(1, 0)]]);
    });
}

#[test]
fn a_write_wakes_the_reading_task_dedicated() {
    model(2, "write wakes task, dedicated", || {
        let ring = fenced_dedicated::<Item>(1);
        let mut producer = ring.producer().unwrap();
        let mut consumer = ring.consumer().unwrap().into_async();
        let writer = thread::spawn(move || {
            producer.try_write((0, 0)).unwrap();
            producer.write((0, 1)).unwrap();
        });
        let read =
            block_on(async { [consumer.read().await.unwrap(), consumer.read().await.unwrap()] });
        writer.join().unwrap();
        judge(&read, &[vec![(0, 0), (0, 1)]]);
    });
}

#[test]
fn a_read_wakes_the_writing_task() {
    model(2, "read wakes task, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(1));
        ring.try_write(0, (0, 0)).unwrap();
        let mut producer = ring.async_producer(0);
        let writer = thread::spawn(move || block_on(producer.write((0, 1))).unwrap());
        let mut consumer = ring.consumer().unwrap();
        let first = consumer.try_read().unwrap();
        writer.join().unwrap();
        judge(&[first, consumer.try_read().unwrap()], &[vec![(0, 0), (0, 1)]]);
    });
}

#[test]
fn batches_go_from_task_to_task_through_one_slot() {
    model(2, "task to task, dedicated", || {
        let ring = fenced_dedicated::<Item>(1);
        let mut producer = ring.producer().unwrap().into_async();
        let mut consumer = ring.consumer().unwrap().into_async();
        let writer = thread::spawn(move || {
            block_on(producer.write_batch(&mut vec![(0, 0), (0, 1), (0, 2)])).unwrap();
        });
        let mut read = Vec::new();
        while read.len() < 3 {
            block_on(consumer.read_batch_into(&mut read, 2)).unwrap();
        }
        writer.join().unwrap();
        judge(&read, &[vec![(0, 0), (0, 1), (0, 2)]]);
    });
}

/// Two that wait for the same room, in one task: the second must not go when the first does.
#[test]
fn a_dropped_write_takes_no_wake_up_with_it() {
    model(2, "write dropped while woken, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(1));
        ring.try_write(0, (0, 0)).unwrap();
        let mut first = ring.async_producer(1);
        let mut second = ring.async_producer(2);
        let writer = thread::spawn(move || {
            let alarm = std::sync::Arc::default();
            let mut given_up = Box::pin(first.write((1, 0)));
            let mut kept = pin!(second.write((2, 0)));
            let written = poll(given_up.as_mut(), &alarm).is_ready();
            let mut done = poll(kept.as_mut(), &alarm).is_ready();
            drop(given_up);
            while !done {
                alarm.wait();
                done = poll(kept.as_mut(), &alarm).is_ready();
            }
            drop(first);
            written
        });
        let mut consumer = ring.consumer().unwrap();
        let mut read = vec![consumer.read().unwrap(), consumer.read().unwrap()];
        let written = writer.join().unwrap();
        read.extend(consumer.try_read());
        judge(&read, &[vec![(0, 0)], if written { vec![(1, 0)] } else { vec![] }, vec![(2, 0)]]);
    });
}

/// A read that is dropped while it is being woken has taken nothing, and leaves no waker behind.
#[test]
fn a_dropped_read_takes_no_item_with_it() {
    model(2, "read dropped while woken, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(2));
        let mut consumer = ring.consumer().unwrap().into_async();
        let writer = ring.clone();
        let writer = thread::spawn(move || {
            writer.try_write(0, (0, 0)).unwrap();
            writer.try_write(0, (0, 1)).unwrap();
        });
        let alarm: std::sync::Arc<Alarm> = Default::default();
        let early = match poll(pin!(consumer.read()), &alarm) {
            Poll::Ready(item) => Some(item.unwrap()),
            Poll::Pending => None,
        };
        let mut read: Vec<Item> = early.into_iter().collect();
        while read.len() < 2 {
            read.push(block_on(consumer.read()).unwrap());
        }
        writer.join().unwrap();
        judge(&read, &[vec![(0, 0), (0, 1)]]);

        let wakers = || std::sync::Arc::strong_count(&alarm) - 1;
        assert!(poll(pin!(consumer.read()), &alarm).is_pending());
        assert_eq!(wakers(), 0, "a read that was dropped left its waker behind");
        let waker = Waker::from(alarm.clone());
        assert!(consumer.poll_read(&mut Context::from_waker(&waker)).is_pending());
        drop((consumer, waker));
        assert_eq!(wakers(), 0, "a consumer that was dropped left its waker behind");
    });
}

/// Who was polled by another task meanwhile is woken there.
#[test]
fn the_last_task_that_polled_is_the_one_that_is_woken() {
    model(2, "task replaced", || {
        let ring = Arc::new(fenced_shared::<Item>(1));
        let mut consumer = ring.consumer().unwrap().into_async();
        let writer = ring.clone();
        let writer = thread::spawn(move || writer.try_write(0, (0, 0)).unwrap());
        let noop = &mut Context::from_waker(Waker::noop());
        let read = match consumer.poll_read(noop) {
            Poll::Ready(item) => item.unwrap(),
            Poll::Pending => block_on(consumer.read()).unwrap(),
        };
        writer.join().unwrap();
        judge(&[read], &[vec![(0, 0)]]);
    });
}

/// A thread and a task at the same gate: one wake is for both.
#[test]
fn a_thread_and_a_task_that_wait_for_room_both_get_through() {
    model(2, "thread and task wait for room", || {
        let ring = Arc::new(fenced_shared::<Item>(2));
        (0..2).for_each(|number| ring.try_write(0, (0, number)).unwrap());
        let mut producer = ring.async_producer(1);
        let task = thread::spawn(move || block_on(producer.write((1, 0))).unwrap());
        let writer = ring.clone();
        let writer = thread::spawn(move || writer.write(2, (2, 0)).unwrap());
        let mut consumer = ring.consumer().unwrap();
        let mut read = Vec::new();
        assert_eq!(consumer.try_read_batch_into(&mut read, 2), 2);
        task.join().unwrap();
        writer.join().unwrap();
        consumer.try_read_batch_into(&mut read, 2);
        judge(&read, &[vec![(0, 0), (0, 1)], vec![(1, 0)], vec![(2, 0)]]);
    });
}

#[test]
fn two_tasks_that_wait_for_room_both_get_through() {
    model(2, "two tasks wait for room", || {
        let ring = Arc::new(fenced_shared::<Item>(2));
        (0..2).for_each(|number| ring.try_write(0, (0, number)).unwrap());
        let tasks = [1, 2].map(|id| {
            let mut producer = ring.async_producer(id);
            thread::spawn(move || block_on(producer.write((id, 0))).unwrap())
        });
        let mut consumer = ring.consumer().unwrap();
        let mut read = Vec::new();
        assert_eq!(consumer.try_read_batch_into(&mut read, 2), 2);
        tasks.map(|task| task.join().unwrap());
        consumer.try_read_batch_into(&mut read, 2);
        judge(&read, &[vec![(0, 0), (0, 1)], vec![(1, 0)], vec![(2, 0)]]);
    });
}

/// A sink that was ready, and whose room another producer took, still brings its item to the ring.
#[test]
fn a_sink_whose_room_was_taken_waits_with_its_item() {
    model(2, "sink ‖ write, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(1));
        let mut sink = ring.async_producer(1);
        let writer = ring.clone();
        let writer = thread::spawn(move || writer.write(0, (0, 0)).unwrap());
        let sending = thread::spawn(move || {
            block_on(poll_fn(|cx| Pin::new(&mut sink).poll_ready(cx))).unwrap();
            Pin::new(&mut sink).start_send((1, 0)).unwrap();
            block_on(poll_fn(|cx| Pin::new(&mut sink).poll_flush(cx))).unwrap();
        });
        let mut consumer = ring.consumer().unwrap();
        let read = [consumer.read().unwrap(), consumer.read().unwrap()];
        writer.join().unwrap();
        sending.join().unwrap();
        judge(&read, &[vec![(0, 0)], vec![(1, 0)]]);
    });
}

#[test]
fn a_close_reaches_a_reading_task() {
    model(2, "close ‖ write ‖ task reads, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(1));
        let closer = ring.clone();
        let closer = thread::spawn(move || {
            let accepted = closer.try_write(0, (0, 0)).is_ok();
            closer.close();
            accepted
        });
        let mut consumer = ring.consumer().unwrap().into_async();
        let mut read = Vec::new();
        while let Ok(item) = block_on(consumer.read()) {
            read.push(item);
        }
        assert!(closer.join().unwrap());
        judge(&read, &[vec![(0, 0)]]);
    });
}

#[test]
fn a_close_reaches_a_writing_task_which_gets_its_item_back() {
    model(2, "close ‖ task writes", || {
        for_each_kind(|ring, mut producer| {
            let writer = thread::spawn(move || block_on(producer.write((0, 1))));
            ring.close();
            assert_eq!(writer.join().unwrap(), Err(Closed((0, 1))));
        });
    });
}

/// `body` with a full ring and a producer of it, of either kind.
fn for_each_kind(body: impl Fn(&Ring<Item>, AsyncProducer<Item>)) {
    let shared = fenced_shared::<Item>(1);
    shared.try_write(0, (0, 0)).unwrap();
    body(&shared, shared.async_producer(0));
    let dedicated = fenced_dedicated::<Item>(1);
    let mut producer = dedicated.producer().unwrap();
    producer.try_write((0, 0)).unwrap();
    body(&dedicated, producer.into_async());
}

#[test]
fn the_last_producer_that_leaves_ends_the_read() {
    model(2, "last producer leaves ‖ task reads", || {
        let ring = fenced_dedicated::<Item>(1);
        let mut producer = ring.producer().unwrap().into_async();
        let mut consumer = ring.consumer().unwrap().into_async();
        drop(ring);
        let writer = thread::spawn(move || block_on(producer.write((0, 0))).unwrap());
        assert_eq!(block_on(consumer.read()), Ok((0, 0)));
        assert_eq!(block_on(consumer.read()), Err(Closed(())));
        writer.join().unwrap();
    });
}

#[test]
fn a_task_that_writes_hears_that_nobody_reads_any_more() {
    model(2, "consumer leaves ‖ task writes", || {
        let ring = fenced_dedicated::<Item>(1);
        let mut producer = ring.producer().unwrap();
        producer.try_write((0, 0)).unwrap();
        let mut producer = producer.into_async();
        let consumer = ring.consumer().unwrap();
        drop(ring);
        let writer = thread::spawn(move || block_on(producer.write((0, 1))));
        drop(consumer);
        // Either it was in time, or it has its item back.
        if let Err(Closed(item)) = writer.join().unwrap() {
            assert_eq!(item, (0, 1));
        }
    });
}
