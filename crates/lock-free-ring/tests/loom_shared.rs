//! Models of the shared shard: claim, publish, release, refusal, batch, abort.
#![cfg(ring_loom)]

mod loom_common;

use lock_free_ring::ShardedRing;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};
use loom_common::{Item, judge, model, read_rest, read_some, shared};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Offers `items` items one by one, each once, and returns those that were accepted.
fn offer(ring: &ShardedRing<Item>, producer: u64, items: u32) -> Vec<Item> {
    let all = (0..items).map(|number| (producer, number));
    all.filter(|item| ring.try_write(producer, *item).is_ok()).collect()
}

fn spawn_offer(ring: &Arc<ShardedRing<Item>>, producer: u64, items: u32) -> JoinHandle<Vec<Item>> {
    let ring = ring.clone();
    thread::spawn(move || offer(&ring, producer, items))
}

/// Producers 1 and 2 offer `each` items into a shard that holds `filled` of producer 0, while
/// the consumer takes some; then it takes the rest.
fn two_producers(name: &str, capacity: usize, filled: u32, each: u32, reads: usize) {
    model(3, name, move || {
        let ring = Arc::new(shared(capacity));
        let first = offer(&ring, 0, filled);
        let writers = [1, 2].map(|producer| spawn_offer(&ring, producer, each));
        let mut consumer = ring.consumer().unwrap();
        let mut read = read_some(&mut consumer, reads);
        let [second, third] = writers.map(|writer| writer.join().unwrap());
        read.extend(read_rest(&mut consumer));
        judge(&read, &[first, second, third]);
    });
}

#[test]
fn capacity_1_loses_and_repeats_nothing() {
    two_producers("shared, capacity 1, full", 1, 1, 2, 2);
}

#[test]
fn capacity_2_loses_and_repeats_nothing() {
    two_producers("shared, capacity 2, full", 2, 2, 2, 2);
}

#[test]
fn capacity_3_loses_and_repeats_nothing() {
    two_producers("shared, capacity 3, 1 free", 3, 2, 2, 2);
}

#[test]
fn capacity_2_from_empty_loses_and_repeats_nothing() {
    two_producers("shared, capacity 2, empty", 2, 0, 3, 3);
}

#[test]
fn a_slot_is_written_again_only_after_it_was_read() {
    model(3, "shared, one producer, wrap", || {
        let ring = Arc::new(shared(1));
        let writer = spawn_offer(&ring, 0, 3);
        let mut consumer = ring.consumer().unwrap();
        let mut read = read_some(&mut consumer, 3);
        let accepted = writer.join().unwrap();
        read.extend(read_rest(&mut consumer));
        judge(&read, &[accepted]);
    });
}

#[test]
fn room_that_was_made_known_is_never_refused() {
    model(3, "shared, no false refusal", || {
        let ring = Arc::new(shared(1));
        let accepted = offer(&ring, 0, 1);
        let reader = ring.clone();
        let reader = thread::spawn(move || reader.consumer().unwrap().try_read());
        let other = spawn_offer(&ring, 1, 1);
        let read = reader.join().unwrap();
        let taken = other.join().unwrap();
        // One slot: it is either taken again by the other producer, or free for us.
        let ours = ring.try_write(0, (0, 1)).is_ok();
        assert_eq!(ours, taken.is_empty(), "read {read:?} of {accepted:?}");
    });
}

#[test]
fn a_batch_lies_in_a_row_and_what_did_not_fit_stays() {
    model(3, "shared, batch", || {
        let ring = Arc::new(shared(3));
        let batch = ring.clone();
        let batch = thread::spawn(move || {
            let mut items = vec![(0, 0), (0, 1)];
            let written = batch.try_write_batch(0, &mut items).unwrap();
            assert_eq!(written + items.len(), 2);
            (0..written as u32).map(|number| (0, number)).collect::<Vec<Item>>()
        });
        let single = spawn_offer(&ring, 1, 2);
        let mut consumer = ring.consumer().unwrap();
        let mut read = Vec::with_capacity(4);
        consumer.try_read_batch_into(&mut read, 2);
        let accepted = [batch.join().unwrap(), single.join().unwrap()];
        read.extend(read_rest(&mut consumer));
        judge(&read, &accepted);
        let place = |item| read.iter().position(|read| *read == item);
        if let (Some(first), Some(second)) = (place((0, 0)), place((0, 1))) {
            assert_eq!(second, first + 1, "in a row");
        }
    });
}

#[test]
fn an_aborted_claim_is_stepped_over_and_its_slot_used_again() {
    model(3, "shared, abort", || {
        let ring = Arc::new(shared(1));
        let aborting = ring.clone();
        let aborting = thread::spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let _ = aborting
                    .try_write_with(0, || -> Item { std::panic::resume_unwind(Box::new(())) });
            }));
            outcome.is_err()
        });
        let other = spawn_offer(&ring, 1, 2);
        let mut consumer = ring.consumer().unwrap();
        let mut read = read_some(&mut consumer, 2);
        let aborted = aborting.join().unwrap();
        let accepted = other.join().unwrap();
        read.extend(read_rest(&mut consumer));
        judge(&read, &[vec![], accepted]);
        let stats = ring.stats().next().unwrap();
        assert_eq!(stats.aborted, u64::from(aborted));
        assert!(ring.is_empty());
    });
}

#[test]
fn slices_show_what_was_published_and_release_it() {
    model(3, "shared, slices", || {
        let ring = Arc::new(shared(2));
        let writer = spawn_offer(&ring, 0, 3);
        let mut consumer = ring.consumer().unwrap();
        let mut read = Vec::new();
        for _ in 0..2 {
            if let Some(mut items) = consumer.try_read_slices(2) {
                let (first, second) = items.slices();
                read.extend(first.iter().chain(&*second).copied());
                items.release(usize::MAX);
            }
        }
        let accepted = writer.join().unwrap();
        read.extend(read_rest(&mut consumer));
        judge(&read, &[accepted]);
    });
}
