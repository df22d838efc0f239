//! Tasks with an executor of a few lines, and by hand; with no part of the library that needs
//! `std`: `cargo test -p lock-free-ring --no-default-features --features async --test async_bare`.
#![cfg(all(feature = "async", not(ring_loom)))]

mod bare;

use bare::{Bell, block_on};
use futures_util::{SinkExt, StreamExt};
use lock_free_ring::{
    AsyncConsumer, AsyncProducer, Closed, DedicatedRing, Routing, ShardedRing, WriteRefused,
};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;

const ITEMS: u64 = 2000;

/// A ring of one shard with an end on either side.
fn ends<T>(dedicated: bool, capacity: usize) -> (AsyncProducer<T>, AsyncConsumer<T>) {
    let (producer, consumer) = if dedicated {
        let ring = DedicatedRing::new(capacity, 1).expect("valid");
        (ring.producer().expect("free").into_async(), ring.consumer())
    } else {
        let ring = ShardedRing::new(capacity, 1).expect("valid");
        (ring.async_producer(0), ring.consumer())
    };
    (producer, consumer.expect("free").into_async())
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

#[test]
fn a_task_reads_what_a_thread_writes() {
    let ring = ShardedRing::new(4, 2).unwrap();
    let mut consumer = ring.consumer().unwrap().into_async();
    let writer = thread::spawn(move || {
        for item in 0..ITEMS {
            let mut refused = ring.try_write(0, item);
            while let Err(WriteRefused::Full(item)) = refused {
                thread::yield_now();
                refused = ring.try_write(0, item);
            }
        }
    });
    block_on(async {
        for item in 0..ITEMS {
            assert_eq!(consumer.read().await, Ok(item));
        }
        assert_eq!(consumer.read().await, Err(Closed(())));
    });
    writer.join().unwrap();
}

#[test]
fn a_thread_reads_what_a_task_writes() {
    let ring = ShardedRing::new(2, 1).unwrap();
    let mut consumer = ring.consumer().unwrap();
    let mut producer = ring.async_producer(0);
    drop(ring);
    let writer = thread::spawn(move || {
        block_on(async {
            for item in 0..ITEMS {
                assert_eq!(producer.write(item).await, Ok(()));
            }
        });
    });
    let mut next = 0;
    while !consumer.is_finished() {
        match consumer.try_read() {
            Some(item) => {
                assert_eq!(item, next);
                next += 1;
            }
            None => thread::yield_now(),
        }
    }
    assert_eq!(next, ITEMS);
    writer.join().unwrap();
}

#[test]
fn tasks_on_either_side_pass_everything_in_order() {
    for dedicated in [false, true] {
        for capacity in [1, 2, 3] {
            let (mut producer, mut consumer) = ends(dedicated, capacity);
            let writer = thread::spawn(move || {
                let mut items: Vec<u64> = (0..ITEMS).collect();
                block_on(producer.write_batch(&mut items)).unwrap();
                assert!(items.is_empty());
            });
            let mut read = Vec::new();
            block_on(async { while consumer.read_batch_into(&mut read, 7).await.is_ok() {} });
            assert!(read.iter().copied().eq(0..ITEMS), "{dedicated} {capacity}");
            writer.join().unwrap();
        }
    }
}

#[test]
fn a_stream_ends_with_the_ring_and_a_sink_fills_it() {
    for dedicated in [false, true] {
        let (mut producer, consumer) = ends(dedicated, 2);
        let writer = thread::spawn(move || {
            let mut items = futures_util::stream::iter(0..ITEMS).map(Ok);
            block_on(producer.send_all(&mut items)).unwrap();
        });
        let read: Vec<u64> = block_on(consumer.collect());
        assert!(read.into_iter().eq(0..ITEMS));
        writer.join().unwrap();
    }
}

#[test]
fn a_read_that_waits_is_woken_once_by_a_write() {
    for dedicated in [false, true] {
        let (mut producer, mut consumer) = ends(dedicated, 4);
        let (bell, waker) = Bell::new();
        let mut cx = Context::from_waker(&waker);
        assert!(consumer.poll_read(&mut cx).is_pending());
        assert_eq!(bell.rings(), 0);
        producer.try_write('a').unwrap();
        producer.try_write('b').unwrap();
        assert_eq!(bell.rings(), 1, "nobody waits when the second comes");
        assert_eq!(consumer.poll_read(&mut cx), Poll::Ready(Ok('a')));
        assert_eq!(consumer.poll_read(&mut cx), Poll::Ready(Ok('b')));
        assert_eq!(bell.wakers(), 1, "ours alone");
    }
}

#[test]
fn a_write_that_waits_is_woken_once_by_a_read() {
    for dedicated in [false, true] {
        let (mut producer, mut consumer) = ends(dedicated, 1);
        let (bell, waker) = Bell::new();
        producer.try_write('a').unwrap();
        let mut write = producer.write('b');
        assert!(poll(&mut write, &waker).is_pending());
        assert_eq!(bell.rings(), 0);
        assert_eq!(consumer.get_mut().try_read(), Some('a'));
        assert_eq!(bell.rings(), 1);
        assert_eq!(poll(&mut write, &waker), Poll::Ready(Ok(())));
        drop(write);
        assert_eq!(consumer.get_mut().try_read(), Some('b'));
        assert_eq!((bell.rings(), bell.wakers()), (1, 1));
    }
}

#[test]
fn a_read_that_is_dropped_takes_nothing_and_leaves_no_waker() {
    let (mut producer, mut consumer) = ends(true, 4);
    let (bell, waker) = Bell::new();
    assert!(pin!(consumer.read()).poll(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(bell.wakers(), 1, "ours alone");
    producer.try_write(1).unwrap();
    assert_eq!(bell.rings(), 0);
    assert_eq!(block_on(consumer.read()), Ok(1));
    assert!(consumer.poll_read(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(bell.wakers(), 2);
    drop(consumer.into_inner());
    assert_eq!(bell.wakers(), 1, "ours alone");
}

#[test]
fn a_write_that_is_dropped_drops_its_item_or_gives_it_back() {
    for dedicated in [false, true] {
        let (mut producer, mut consumer) = ends(dedicated, 1);
        let (bell, waker) = Bell::new();
        let item = std::sync::Arc::new(());
        producer.try_write(item.clone()).unwrap();

        let mut write = producer.write(item.clone());
        assert!(poll(&mut write, &waker).is_pending());
        assert_eq!(std::sync::Arc::strong_count(&item), 3);
        drop(write);
        assert_eq!(std::sync::Arc::strong_count(&item), 2, "it went with the future");

        let mut write = producer.write(item.clone());
        assert!(poll(&mut write, &waker).is_pending());
        assert!(write.into_item().is_some());
        assert_eq!(bell.wakers(), 1, "ours alone");

        assert!(consumer.get_mut().try_read().is_some());
        assert!(consumer.get_mut().try_read().is_none(), "neither was written");
        assert_eq!(bell.rings(), 0);
        let mut write = producer.write(item);
        assert_eq!(poll(&mut write, &waker), Poll::Ready(Ok(())));
        assert!(write.into_item().is_none());
    }
}

#[test]
fn of_two_writes_in_one_task_the_one_that_stays_is_woken() {
    let ring = ShardedRing::new(1, 1).unwrap();
    ring.try_write(0, 0).unwrap();
    let (mut first, mut second) = (ring.async_producer(1), ring.async_producer(2));
    let (bell, waker) = Bell::new();
    let mut given_up = first.write(1);
    let mut kept = second.write(2);
    assert!(poll(&mut given_up, &waker).is_pending());
    assert!(poll(&mut kept, &waker).is_pending());
    drop(given_up);
    let mut consumer = ring.consumer().unwrap();
    assert_eq!(consumer.try_read(), Some(0));
    assert_eq!(bell.rings(), 1);
    assert_eq!(poll(&mut kept, &waker), Poll::Ready(Ok(())));
    assert_eq!(consumer.try_read(), Some(2));
}

#[test]
fn a_close_wakes_both_ends_and_gives_the_item_back() {
    for dedicated in [false, true] {
        let (mut producer, mut consumer) = ends(dedicated, 1);
        let (reading, waker) = Bell::new();
        assert!(consumer.poll_read(&mut Context::from_waker(&waker)).is_pending());
        producer.try_write('a').unwrap();
        let (writing, waker) = Bell::new();
        let mut write = producer.write('b');
        assert!(poll(&mut write, &waker).is_pending());
        consumer.close();
        assert_eq!((reading.rings(), writing.rings()), (1, 1));
        assert_eq!(poll(&mut write, &waker), Poll::Ready(Err(Closed('b'))));
        drop(write);
        assert_eq!(block_on(producer.write('c')), Err(Closed('c')));
        assert_eq!(producer.try_write('d'), Err(WriteRefused::Closed('d')));
        assert_eq!(block_on(producer.write_batch(&mut vec!['e'])), Err(Closed(())));
        assert_eq!(block_on(producer.send('f')), Err(Closed(())));
        assert_eq!(block_on(consumer.read()), Ok('a'));
        assert_eq!(block_on(consumer.read()), Err(Closed(())));
        assert_eq!(block_on(consumer.next()), None);
        assert_eq!(block_on(consumer.read_batch(4)), Err(Closed(())));
    }
}

#[test]
fn an_end_that_goes_wakes_the_other() {
    for dedicated in [false, true] {
        let (producer, mut consumer) = ends::<u8>(dedicated, 1);
        let (bell, waker) = Bell::new();
        assert!(consumer.poll_read(&mut Context::from_waker(&waker)).is_pending());
        drop(producer);
        assert!(bell.rings() > 0);
        assert_eq!(block_on(consumer.read()), Err(Closed(())));
    }
    // A producer of a shared ring could lend the consumer again: nobody is gone for good there.
    let (mut producer, consumer) = ends(true, 1);
    producer.try_write(1).unwrap();
    let (bell, waker) = Bell::new();
    let mut write = producer.write(2);
    assert!(poll(&mut write, &waker).is_pending());
    drop(consumer);
    assert!(bell.rings() > 0);
    assert_eq!(poll(&mut write, &waker), Poll::Ready(Err(Closed(2))));
}

#[test]
fn a_batch_that_is_dropped_leaves_what_was_not_written() {
    let (mut producer, mut consumer) = ends(false, 2);
    let mut items = vec![1, 2, 3, 4];
    let waker = Waker::noop();
    assert!(
        pin!(producer.write_batch(&mut items)).poll(&mut Context::from_waker(waker)).is_pending()
    );
    assert_eq!(items, [3, 4]);
    assert_eq!(block_on(consumer.read_batch(9)), Ok(vec![1, 2]));
    block_on(producer.write_batch(&mut items)).unwrap();
    assert_eq!(block_on(consumer.read_batch(9)), Ok(vec![3, 4]));
    block_on(producer.write_batch(&mut items)).unwrap();
    assert_eq!(block_on(consumer.read_batch(0)), Ok(vec![]), "none were wanted");
}

#[test]
fn a_sink_keeps_the_item_whose_room_was_taken_and_sends_it_first() {
    let ring = ShardedRing::new(1, 1).unwrap();
    let mut consumer = ring.consumer().unwrap();
    let mut sink = ring.async_producer(0);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(sink.poll_ready_unpin(&mut cx).is_ready());
    ring.try_write(0, 'a').unwrap();
    sink.start_send_unpin('b').unwrap();
    assert!(sink.poll_flush_unpin(&mut cx).is_pending());
    assert!(sink.poll_close_unpin(&mut cx).is_pending());
    assert!(sink.poll_ready_unpin(&mut cx).is_pending());
    assert_eq!(sink.try_write('c'), Err(WriteRefused::Full('c')));
    assert!(sink.poll_write(&mut cx, &mut Some('c')).is_pending());
    assert_eq!(consumer.try_read(), Some('a'));
    assert_eq!(sink.try_write('c'), Err(WriteRefused::Full('c')), "b has taken the room");
    assert_eq!(consumer.try_read(), Some('b'));
    assert!(sink.poll_close_unpin(&mut cx).is_ready());
    assert_eq!(consumer.try_read(), None);
}

#[test]
fn a_sink_is_ready_when_there_is_room_and_when_there_will_never_be_any() {
    for dedicated in [false, true] {
        let (mut sink, mut consumer) = ends(dedicated, 1);
        let (bell, waker) = Bell::new();
        let mut cx = Context::from_waker(&waker);
        assert_eq!(sink.poll_ready_unpin(&mut cx), Poll::Ready(Ok(())));
        sink.start_send_unpin('a').unwrap();
        assert!(sink.poll_ready_unpin(&mut cx).is_pending());
        assert_eq!(consumer.get_mut().try_read(), Some('a'));
        assert_eq!((bell.rings(), sink.poll_ready_unpin(&mut cx)), (1, Poll::Ready(Ok(()))));
        sink.start_send_unpin('b').unwrap();
        assert!(sink.poll_ready_unpin(&mut cx).is_pending());
        consumer.close();
        assert_eq!(sink.poll_ready_unpin(&mut cx), Poll::Ready(Err(Closed(()))));
    }
}

#[test]
fn ends_and_writes_can_be_printed_whatever_their_items() {
    struct Opaque;
    let (mut producer, consumer) = ends::<Opaque>(false, 2);
    assert!(format!("{consumer:?}").starts_with("AsyncConsumer { capacity: 2"));
    assert!(format!("{producer:?}").starts_with("AsyncProducer { capacity: 2"));
    assert_eq!(format!("{:?}", producer.write(Opaque)), "Write { written: false, .. }");
}

/// Whatever the routing: an item that waits stays with its shard, and the next one has its own.
#[test]
fn each_item_is_routed_once() {
    let ring = ShardedRing::new(2, 2).unwrap().with_routing(Routing::RoundRobin);
    let mut producer = ring.async_producer(0);
    let mut consumer = ring.consumer().unwrap();
    let waker = Waker::noop();
    block_on(async {
        producer.write(0).await.unwrap();
        producer.write(1).await.unwrap();
    });
    let mut waiting = producer.write(2);
    (0..5).for_each(|_| assert!(poll(&mut waiting, waker).is_pending()));
    assert_eq!(consumer.try_read(), Some(0));
    assert_eq!(poll(&mut waiting, waker), Poll::Ready(Ok(())));
    let written: Vec<u64> = ring.stats().map(|shard| shard.written).collect();
    assert_eq!(written, [2, 1]);
    assert_eq!(ring.stats().map(|shard| shard.refused).sum::<u64>(), 0, "a wait is no refusal");
}
