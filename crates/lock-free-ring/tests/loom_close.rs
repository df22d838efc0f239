//! Models of the close, from either side, racing with writes and reads.
#![cfg(ring_loom)]

mod loom_common;

use lock_free_ring::{DedicatedRing, ShardedRing};
use loom::sync::Arc;
use loom::thread;
use loom_common::{
    Counted, Item, dedicated, fenced_dedicated, fenced_shared, judge, model, read_rest, shared,
};
use std::sync::atomic::{AtomicU64, Ordering};

/// `Closed` means: what was accepted has been read.
#[test]
fn a_shared_ring_is_finished_only_when_all_accepted_was_read() {
    model(2, "close ‖ write ‖ read, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(2));
        let writer = ring.clone();
        let writer = thread::spawn(move || {
            let all = (0..2).map(|number| (0, number));
            all.filter(|item| writer.try_write(0, *item).is_ok()).collect::<Vec<Item>>()
        });
        let closer = ring.clone();
        let closer = thread::spawn(move || closer.close());
        let mut consumer = ring.consumer().unwrap();
        let mut read = Vec::new();
        while let Ok(item) = consumer.read() {
            read.push(item);
        }
        let accepted = writer.join().unwrap();
        closer.join().unwrap();
        judge(&read, &[accepted]);
        assert!(ring.try_write(0, (0, 9)).unwrap_err().is_closed());
    });
}

#[test]
fn a_dedicated_ring_is_finished_only_when_all_accepted_was_read() {
    model(2, "close ‖ write ‖ read, dedicated", || {
        let ring = Arc::new(fenced_dedicated::<Item>(2));
        let mut producer = ring.producer().unwrap();
        let writer = thread::spawn(move || {
            let all = (0..2).map(|number| (0, number));
            all.filter(|item| producer.try_write(*item).is_ok()).collect::<Vec<Item>>()
        });
        let closer: Arc<DedicatedRing<Item>> = ring.clone();
        let closer = thread::spawn(move || closer.close());
        let mut consumer = ring.consumer().unwrap();
        let mut read = Vec::new();
        while let Ok(item) = consumer.read() {
            read.push(item);
        }
        let accepted = writer.join().unwrap();
        closer.join().unwrap();
        judge(&read, &[accepted]);
    });
}

#[test]
fn a_lease_taken_while_the_ring_closes_is_waited_for() {
    model(2, "close ‖ lease ‖ read, dedicated", || {
        let ring = Arc::new(fenced_dedicated::<Item>(1));
        let writer: Arc<DedicatedRing<Item>> = ring.clone();
        let writer = thread::spawn(move || {
            let accepted = writer.producer().is_ok_and(|mut p| p.try_write((0, 0)).is_ok());
            if accepted { vec![(0, 0)] } else { vec![] }
        });
        let closer: Arc<DedicatedRing<Item>> = ring.clone();
        let closer = thread::spawn(move || closer.close());
        let mut consumer = ring.consumer().unwrap();
        let mut read = Vec::new();
        while let Ok(item) = consumer.read() {
            read.push(item);
        }
        let accepted = writer.join().unwrap();
        closer.join().unwrap();
        judge(&read, &[accepted]);
    });
}

/// A producer that sees the close and stays: its seal is enough.
#[test]
fn a_producer_that_saw_the_close_need_not_go() {
    model(2, "seal, dedicated", || {
        let ring = fenced_dedicated::<Item>(1);
        let mut producer = ring.producer().unwrap();
        let mut consumer = ring.consumer().unwrap();
        let writer = thread::spawn(move || {
            let mut accepted = Vec::new();
            loop {
                match producer.try_write((0, accepted.len() as u32)) {
                    Ok(()) => accepted.push((0, accepted.len() as u32)),
                    Err(refused) if refused.is_closed() => break,
                    Err(_) => thread::yield_now(),
                }
            }
            (accepted, producer)
        });
        ring.close();
        let mut read = Vec::new();
        while let Ok(item) = consumer.read() {
            read.push(item);
        }
        let (accepted, producer) = writer.join().unwrap();
        judge(&read, &[accepted]);
        drop(producer);
    });
}

/// The same by polling, without the barriers of sleep: the seal itself orders the last item.
#[test]
fn a_seal_comes_after_the_last_item() {
    model(2, "seal, dedicated, polling", || {
        let ring = dedicated::<Item>(2);
        let mut producer = ring.producer().unwrap();
        let mut consumer = ring.consumer().unwrap();
        let writer = thread::spawn(move || {
            let accepted = producer.try_write((0, 0)).is_ok();
            let sealed = producer.try_write((0, 1)).is_err();
            (accepted, sealed, producer)
        });
        ring.close();
        let mut read = Vec::new();
        let mut finished = false;
        for _ in 0..2 {
            finished = finished || consumer.is_finished();
            let item = consumer.try_read();
            assert!(!finished || item.is_none(), "an item after the end");
            read.extend(item);
        }
        let (accepted, sealed, producer) = writer.join().unwrap();
        read.extend(read_rest(&mut consumer));
        let accepted = [(accepted, (0, 0)), (!sealed, (0, 1))];
        let accepted = accepted.into_iter().filter_map(|(took, item)| took.then_some(item));
        judge(&read, &[accepted.collect()]);
        drop(producer);
    });
}

#[test]
fn the_last_handle_closes_and_wakes_the_reader() {
    model(2, "last handle ‖ read, shared", || {
        let ring = fenced_shared::<Item>(1);
        let mut consumer = ring.consumer().unwrap();
        let writers = [ring.clone(), ring].map(|handle: ShardedRing<Item>| {
            thread::spawn(move || handle.try_write(0, (0, 0)).is_ok())
        });
        let mut read = 0;
        while consumer.read().is_ok() {
            read += 1;
        }
        let accepted = writers.map(|writer| writer.join().unwrap());
        assert_eq!(read, accepted.iter().filter(|accepted| **accepted).count());
    });
}

#[test]
fn the_last_producer_closes_and_wakes_the_reader() {
    model(2, "last producer ‖ read, dedicated", || {
        let ring = fenced_dedicated::<Item>(1);
        let mut consumer = ring.consumer().unwrap();
        let mut producer = ring.producer().unwrap();
        let handle = thread::spawn(move || drop(ring));
        let writer = thread::spawn(move || producer.try_write((0, 0)).is_ok());
        let mut read = 0;
        while consumer.read().is_ok() {
            read += 1;
        }
        assert_eq!(read == 1, writer.join().unwrap());
        handle.join().unwrap();
    });
}

/// Consumer and handles go while a dedicated producer writes: what it had accepted is dropped,
/// once, before the producer itself is gone.
#[test]
fn an_abandoned_item_is_dropped_at_once_and_once() {
    model(2, "abandon ‖ write, dedicated", || {
        let drops = std::sync::Arc::new(AtomicU64::new(0));
        let ring = fenced_dedicated::<Counted>(2);
        let mut producer = ring.producer().unwrap();
        let consumer = ring.consumer().unwrap();
        let reader = thread::spawn(move || drop(consumer));
        let counter = drops.clone();
        let writer = thread::spawn(move || {
            let offered = (0..2).filter(|_| producer.try_write(Counted(counter.clone())).is_ok());
            (offered.count(), producer)
        });
        drop(ring);
        reader.join().unwrap();
        let (_accepted, producer) = writer.join().unwrap();
        // Accepted or given back: each is dropped by now, though the producer is still there.
        assert_eq!(drops.load(Ordering::Relaxed), 2);
        drop(producer);
        assert_eq!(drops.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn what_is_unread_is_dropped_with_the_ring_wherever_that_happens() {
    model(2, "last end ‖ write, shared", || {
        let drops = std::sync::Arc::new(AtomicU64::new(0));
        let ring = fenced_shared::<Counted>(1);
        let handle = ring.clone();
        let counter = drops.clone();
        let writer = thread::spawn(move || handle.try_write(0, Counted(counter)).is_ok());
        let mut consumer = ring.consumer().unwrap();
        drop(consumer.try_read());
        drop(ring);
        drop(consumer);
        writer.join().unwrap();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_close_reaches_a_writer_that_sleeps() {
    model(2, "close ‖ sleeping writer", || {
        let ring = Arc::new(fenced_shared::<Item>(1));
        ring.try_write(0, (0, 0)).unwrap();
        let writer = ring.clone();
        let writer = thread::spawn(move || writer.write(0, (0, 1)).is_err());
        ring.close();
        assert!(writer.join().unwrap(), "closed, and full until then");
        assert_eq!(read_rest(&mut ring.consumer().unwrap()), [(0, 0)]);
    });
}

#[test]
fn who_has_seen_the_ring_closed_writes_no_more() {
    // Full, so that the write ends without a compare-exchange, which would see the latest tail.
    model(2, "close ‖ look, then write", || {
        let ring = Arc::new(shared::<Item>(1));
        ring.try_write(0, (0, 0)).unwrap();
        let closer = ring.clone();
        let closer = thread::spawn(move || closer.close());
        if ring.is_closed() {
            assert!(ring.try_write(0, (0, 1)).is_err_and(|refused| refused.is_closed()));
        }
        closer.join().unwrap();
    });
}
