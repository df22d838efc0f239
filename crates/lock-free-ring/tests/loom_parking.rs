//! Models of idle shards: parked by the consumer, made active by whoever writes to them. In a
//! model two idle shards are enough to be parked.
#![cfg(ring_loom)]

mod loom_common;

use lock_free_ring::RingBuilder;
use loom::sync::Arc;
use loom::thread;
use loom_common::{Item, builder, judge, model, read_rest};

fn ring(shards: usize) -> RingBuilder {
    builder(2 * shards, shards).fence(true)
}

/// The consumer passes three idle shards on its way to the item in the fourth, and parks them,
/// while somebody writes to one of them; then it sleeps until it has that.
#[test]
fn a_write_to_a_shard_that_is_being_parked_wakes_the_reader() {
    model(2, "park ‖ write, then sleep, shared", || {
        let ring = Arc::new(ring(4).shared::<Item>().unwrap());
        ring.try_write(3, (0, 0)).unwrap();
        let writer = ring.clone();
        let writer = thread::spawn(move || {
            writer.try_write(0, (1, 0)).unwrap();
            writer.try_write(0, (1, 1)).unwrap();
        });
        let mut consumer = ring.consumer().unwrap();
        let read: Vec<Item> = (0..3).map(|_| consumer.read().unwrap()).collect();
        writer.join().unwrap();
        judge(&read, &[vec![(0, 0)], vec![(1, 0), (1, 1)]]);
    });
}

#[test]
fn two_writers_to_one_parked_shard_are_both_heard() {
    model(2, "parked shard, two writers", || {
        let ring = Arc::new(ring(4).shared::<Item>().unwrap());
        let mut consumer = ring.consumer().unwrap();
        ring.try_write(3, (0, 0)).unwrap();
        assert_eq!(consumer.try_read(), Some((0, 0)));
        let writers = [1, 2].map(|id| {
            let ring = ring.clone();
            thread::spawn(move || ring.try_write(0, (id, 0)).unwrap())
        });
        let read = [consumer.read().unwrap(), consumer.read().unwrap()];
        writers.map(|writer| writer.join().unwrap());
        judge(&read, &[vec![], vec![(1, 0)], vec![(2, 0)]]);
    });
}

/// Parked, made active, parked again: the second time is no different.
#[test]
fn a_shard_can_be_parked_again() {
    model(2, "park, activate, park, dedicated", || {
        let ring = ring(3).dedicated::<Item>().unwrap();
        let [mut first, mut second, mut third] = [(); 3].map(|()| ring.producer().unwrap());
        let mut consumer = ring.consumer().unwrap();
        third.try_write((0, 0)).unwrap();
        assert_eq!(consumer.try_read(), Some((0, 0)));
        let writer = thread::spawn(move || {
            first.try_write((1, 0)).unwrap();
            first.try_write((1, 1)).unwrap();
            first
        });
        second.try_write((2, 0)).unwrap();
        let mut read: Vec<Item> = (0..2).filter_map(|_| consumer.try_read()).collect();
        while read.len() < 3 {
            read.push(consumer.read().unwrap());
        }
        drop(writer.join().unwrap());
        judge(&read, &[vec![], vec![(1, 0), (1, 1)], vec![(2, 0)]]);
    });
}

#[test]
fn what_was_written_before_is_found_without_waiting() {
    model(2, "parked shard, write, then look", || {
        let ring = Arc::new(ring(4).shared::<Item>().unwrap());
        ring.try_write(3, (0, 0)).unwrap();
        let writer = ring.clone();
        let writer = thread::spawn(move || writer.try_write(1, (1, 0)).unwrap());
        let mut consumer = ring.consumer().unwrap();
        let mut read: Vec<Item> = consumer.try_read().into_iter().collect();
        writer.join().unwrap();
        read.extend(read_rest(&mut consumer));
        judge(&read, &[vec![(0, 0)], vec![(1, 0)]]);
    });
}
