//! What was begun and never came to its end (a read or a reservation that is forgotten or
//! withdrawn, a closure that unwinds in its slot) wedges nothing.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Dedicated, Kind, Writer, for_both_kinds};
use common::{
    Dropped, Stalled, count, counter, forget, in_time, join, let_it_sleep, unwind, unwinds,
};
use lock_free_ring::{ReadRefused, RingBuilder, ShardedRing};
use std::thread;
use std::time::Duration;

for_both_kinds! {
    forgotten_reads_wedge_nothing,
}

fn forgotten_reads_wedge_nothing<K: Kind>() {
    let ring = K::ring(3, 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    for round in 0..20 {
        assert_eq!(writer.try_write_batch(&mut vec![round; 3]), Ok(3));
        let mut drain = consumer.drain(3);
        assert_eq!(drain.next(), Some(round));
        forget(drain);
        let mut seen = consumer.try_read_slices(3).expect("two items");
        let (first, second) = seen.slices();
        assert!(first.iter().chain(&*second).eq([&round, &round]));
        forget(seen);
        writer.try_write(round).expect("the slot of the one that was drained");
        assert_eq!(consumer.try_read_batch(9), [round; 3]);
    }
}

#[test]
fn a_forgotten_reservation_leaks_its_items_and_wedges_nothing() {
    let dropped = counter();
    let ring = Dedicated::ring(4, 1);
    let mut producer = ring.producer().expect("free");
    let mut consumer = ring.consumer().expect("free");
    for round in 1..=10 {
        let mut reservation = producer.try_reserve(3).expect("room");
        assert!(reservation.push(Dropped::new(&dropped)).is_ok());
        assert!(reservation.push(Dropped::new(&dropped)).is_ok());
        forget(reservation);
        assert!(consumer.try_read().is_none(), "nothing was published");
        let mut batch: Vec<_> = (0..5).map(|_| Dropped::new(&dropped)).collect();
        assert_eq!(producer.try_write_batch(&mut batch), Ok(4));
        assert_eq!(consumer.drain(9).count(), 4);
        drop(batch);
        assert_eq!(count(&dropped), 5 * round, "all but the forgotten ones");
    }
    // Forgotten last of all.
    forget(producer.try_reserve(1).expect("room"));
    drop(producer);
    assert!(ring.producer().is_ok());
}

#[test]
fn a_withdrawn_reservation_drops_its_items_and_frees_its_slots() {
    let dropped = counter();
    let ring = Dedicated::ring(3, 1);
    let mut producer = ring.producer().expect("free");
    for round in 1..=10 {
        let mut reservation = producer.try_reserve(3).expect("room");
        assert!(reservation.push(Dropped::new(&dropped)).is_ok());
        // An item that never came to be is not one.
        assert!(unwinds(|| _ = reservation.push_with(|| unwind())));
        assert!(reservation.push(Dropped::new(&dropped)).is_ok());
        assert_eq!(reservation.room(), 1);
        drop(reservation);
        assert_eq!((count(&dropped), ring.len()), (2 * round, 0));
    }
}

#[test]
fn a_closure_that_unwinds_is_stepped_over_and_counted() {
    let ring = ShardedRing::new(4, 1).expect("valid");
    let mut consumer = ring.consumer().expect("free");
    for round in 0..20_u64 {
        ring.try_write(0, 'a').expect("room");
        assert!(unwinds(|| _ = ring.try_write_with(0, || unwind())));
        assert!(unwinds(|| _ = ring.try_write_with(0, || unwind())));
        ring.try_write(0, 'b').expect("room");
        let stats = ring.stats().next().expect("one shard");
        assert_eq!((stats.aborted, stats.written), (2 * round + 2, 2 * round + 2));
        assert!(ring.try_write_with(0, || 'x').is_err(), "four slots are taken");
        let read = match round % 3 {
            0 => consumer.try_read_batch(9),
            1 => consumer.drain(9).collect(),
            _ => [consumer.read(), consumer.read()].into_iter().flatten().collect(),
        };
        assert_eq!(read, ['a', 'b']);
        assert_eq!(consumer.try_read(), None);
        assert_eq!(ring.stats().next().expect("one shard").read, 2 * round + 2);
        assert!(ring.is_empty());
    }
}

#[test]
fn a_closed_ring_that_ends_in_unwound_closures_is_finished() {
    let ring = ShardedRing::new(4, 2).expect("valid");
    let mut consumer = ring.consumer().expect("free");
    ring.try_write(0, 1).expect("room");
    for id in [0, 1, 1] {
        assert!(unwinds(|| _ = ring.try_write_with(id, || unwind())));
    }
    ring.close();
    assert!(!consumer.is_finished());
    assert_eq!(consumer.read_timeout(Duration::MAX), Ok(1));
    assert_eq!(consumer.read_timeout(Duration::MAX), Err(ReadRefused::Closed));
    assert!(consumer.is_finished() && ring.is_empty());
}

#[test]
fn a_sleeping_consumer_hears_of_a_closure_that_unwinds() {
    in_time(|| {
        for fence in [false, true] {
            let builder = RingBuilder::new(2, 1).spin(Duration::ZERO).fence(fence);
            let ring = builder.shared().expect("valid");
            let mut consumer = ring.consumer().expect("free");
            let stalled = Stalled::write(&ring, 0, || unwind());
            ring.try_write(0, 7).expect("room behind the stalled one");
            let reader = thread::spawn(move || consumer.read());
            let_it_sleep();
            assert!(!reader.is_finished(), "the item lies behind one that may yet come");
            assert!(stalled.end());
            assert_eq!(join(reader), Ok(7));
        }
    });
}

#[test]
fn sleeping_producers_hear_of_the_room_that_an_unwound_closure_left() {
    in_time(|| {
        for fence in [false, true] {
            let builder = RingBuilder::new(1, 1).spin(Duration::ZERO).fence(fence);
            let ring = builder.shared().expect("valid");
            let mut consumer = ring.consumer().expect("free");
            let stalled = Stalled::write(&ring, 0, || unwind());
            let sleepers = [1, 2, 3].map(|item| {
                let ring = ring.clone();
                thread::spawn(move || ring.write(0, item).expect("open"))
            });
            let reader = thread::spawn(move || [(); 3].map(|()| consumer.read().expect("open")));
            let_it_sleep();
            assert!(stalled.end());
            sleepers.into_iter().for_each(join);
            let mut read = join(reader);
            read.sort_unstable();
            assert_eq!(read, [1, 2, 3]);
        }
    });
}

/// A consumer that never sleeps: a read that finds nothing gives the room all the same.
#[test]
fn a_read_that_only_steps_over_wakes_sleeping_producers() {
    in_time(|| {
        let ring = RingBuilder::new(1, 1).spin(Duration::ZERO).shared().expect("valid");
        let mut consumer = ring.consumer().expect("free");
        assert!(unwinds(|| _ = ring.try_write_with(0, || unwind())));
        let writer = thread::spawn(move || ring.write(0, 'a'));
        let_it_sleep();
        assert!(!writer.is_finished(), "the slot is taken until the consumer comes by");
        // The writer may be as quick as this one read.
        let read = consumer.try_read();
        assert_eq!(join(writer), Ok(()));
        assert_eq!(read.or_else(|| consumer.try_read()), Some('a'));
    });
}
