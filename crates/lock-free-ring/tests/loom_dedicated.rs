//! Models of the dedicated shard: write, read, wrap; and the leases of shards and consumer.
#![cfg(ring_loom)]

mod loom_common;

use lock_free_ring::{DedicatedRing, Producer};
use loom::sync::Arc;
use loom::thread;
use loom_common::{Item, dedicated, judge, model, read_rest, read_some, shared};

fn offer(producer: &mut Producer<Item>, id: u64, items: u32) -> Vec<Item> {
    (0..items).map(|number| (id, number)).filter(|item| producer.try_write(*item).is_ok()).collect()
}

fn write_read_wrap(name: &str, capacity: usize, items: u32, reads: usize) {
    model(3, name, move || {
        let ring = dedicated(capacity);
        let mut producer = ring.producer().unwrap();
        let writer = thread::spawn(move || offer(&mut producer, 0, items));
        let mut consumer = ring.consumer().unwrap();
        let mut read = read_some(&mut consumer, reads);
        let accepted = writer.join().unwrap();
        read.extend(read_rest(&mut consumer));
        judge(&read, &[accepted]);
    });
}

#[test]
fn capacity_1_loses_and_repeats_nothing() {
    write_read_wrap("dedicated, capacity 1", 1, 4, 4);
}

#[test]
fn capacity_2_loses_and_repeats_nothing() {
    write_read_wrap("dedicated, capacity 2", 2, 5, 5);
}

#[test]
fn capacity_3_loses_and_repeats_nothing() {
    write_read_wrap("dedicated, capacity 3", 3, 6, 5);
}

#[test]
fn batches_and_reservations_are_published_whole() {
    model(3, "dedicated, batch and reservation", || {
        let ring = dedicated(2);
        let mut producer = ring.producer().unwrap();
        let writer = thread::spawn(move || {
            let mut accepted = 0;
            if let Ok(mut reservation) = producer.try_reserve(2) {
                for number in 0..2 {
                    let _ = reservation.push((0, number));
                }
                accepted += reservation.publish() as u32;
            }
            let mut items: Vec<Item> = (accepted..accepted + 2).map(|number| (0, number)).collect();
            accepted += producer.try_write_batch(&mut items).unwrap() as u32;
            (0..accepted).map(|number| (0, number)).collect::<Vec<Item>>()
        });
        let mut consumer = ring.consumer().unwrap();
        let mut read = Vec::with_capacity(4);
        for _ in 0..2 {
            consumer.try_read_batch_into(&mut read, 2);
        }
        let accepted = writer.join().unwrap();
        read.extend(read_rest(&mut consumer));
        judge(&read, &[accepted]);
    });
}

/// One shard, two threads: each takes the lease if it is free, writes, and gives it back.
#[test]
fn a_shard_is_handed_from_one_producer_to_the_next() {
    model(3, "dedicated, lease handed on", || {
        let ring = Arc::new(dedicated(2));
        let writers = [0, 1].map(|id| {
            let ring: Arc<DedicatedRing<Item>> = ring.clone();
            thread::spawn(move || match ring.producer() {
                Ok(mut producer) => offer(&mut producer, id, 2),
                Err(_) => Vec::new(),
            })
        });
        let mut consumer = ring.consumer().unwrap();
        let mut read = read_some(&mut consumer, 2);
        let accepted = writers.map(|writer| writer.join().unwrap());
        read.extend(read_rest(&mut consumer));
        assert!(accepted.iter().any(|items| !items.is_empty()), "nobody got the shard");
        judge(&read, &accepted);
    });
}

/// The next producer sees what the last one knew of the consumer: a slot that was released is
/// not overwritten before it was read.
#[test]
fn the_next_producer_goes_on_where_the_last_one_stopped() {
    model(3, "dedicated, lease after wrap", || {
        let ring = Arc::new(dedicated(1));
        let mut first = ring.producer().unwrap();
        let successor: Arc<DedicatedRing<Item>> = ring.clone();
        let mut accepted = offer(&mut first, 0, 1);
        let second = thread::spawn(move || match successor.producer() {
            Ok(mut second) => offer(&mut second, 1, 2),
            Err(_) => Vec::new(),
        });
        let reader = ring.clone();
        let reader = thread::spawn(move || read_some(&mut reader.consumer().unwrap(), 2));
        accepted.extend((1..2).map(|n| (0, n)).filter(|item| first.try_write(*item).is_ok()));
        drop(first);
        let mut read = reader.join().unwrap();
        let theirs = second.join().unwrap();
        read.extend(read_rest(&mut ring.consumer().unwrap()));
        judge(&read, &[accepted, theirs]);
    });
}

#[test]
fn the_consumer_is_handed_on_with_nothing_lost_or_repeated() {
    model(3, "consumer lease, dedicated", || {
        let ring = Arc::new(dedicated(2));
        let mut producer = ring.producer().unwrap();
        let accepted = offer(&mut producer, 0, 2);
        let other: Arc<DedicatedRing<Item>> = ring.clone();
        let other = thread::spawn(move || match other.consumer() {
            Ok(mut consumer) => read_some(&mut consumer, 1),
            Err(_) => Vec::new(),
        });
        let ours = match ring.consumer() {
            Ok(mut consumer) => read_some(&mut consumer, 1),
            Err(_) => Vec::new(),
        };
        let mut read = other.join().unwrap();
        read.extend(ours);
        read.extend(read_rest(&mut ring.consumer().unwrap()));
        read.sort_unstable();
        judge(&read, &[accepted]);
    });
}

#[test]
fn the_consumer_of_shared_shards_is_handed_on_while_a_producer_writes() {
    model(3, "consumer lease, shared", || {
        let ring = Arc::new(shared::<Item>(1));
        let writer = ring.clone();
        let writer = thread::spawn(move || {
            let all = (0..2).map(|number| (0, number));
            all.filter(|item| writer.try_write(0, *item).is_ok()).collect::<Vec<Item>>()
        });
        let other = ring.clone();
        let other = thread::spawn(move || match other.consumer() {
            Ok(mut consumer) => read_some(&mut consumer, 1),
            Err(_) => Vec::new(),
        });
        let mut read = match ring.consumer() {
            Ok(mut consumer) => read_some(&mut consumer, 1),
            Err(_) => Vec::new(),
        };
        read.extend(other.join().unwrap());
        let accepted = writer.join().unwrap();
        read.extend(read_rest(&mut ring.consumer().unwrap()));
        read.sort_unstable();
        judge(&read, &[accepted]);
    });
}
