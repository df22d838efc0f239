//! Each item is dropped exactly once, also when the ring is abandoned, and when a drop panics.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Dedicated, Kind, Writer, for_both_kinds};
use common::{Dropped, count, counter, eventually, in_time, join, let_it_sleep, times, unwinds};
use lock_free_ring::{Pool, RingBuilder, WriteRefused};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

for_both_kinds! {
    unread_items_are_dropped_with_the_ring,
    an_item_that_is_refused_comes_back_and_is_dropped_once,
    each_way_to_read_hands_an_item_over_once,
    when_a_drop_panics_as_the_ring_goes_the_others_are_dropped,
    when_a_drop_panics_in_a_release_the_others_are_dropped,
    when_a_drop_panics_in_the_body_of_a_drain_the_others_stay,
    a_release_that_unwinds_gives_the_slots_back,
    zero_sized_items_are_dropped_once,
    a_ring_that_is_closed_and_dropped_under_load_drops_each_item_once,
}

fn unread_items_are_dropped_with_the_ring<K: Kind>() {
    for start in 0..8 {
        for len in 0..=6 {
            let dropped = counter();
            let ring = K::build(&RingBuilder::new(12, 2).start_count(start)).expect("valid");
            let mut writers = [0, 1].map(|id| K::writer(&ring, id));
            for item in 0..len {
                writers[item % 2].try_write(Dropped::new(&dropped)).expect("room");
            }
            drop((ring, writers));
            assert_eq!(count(&dropped), len, "from {start}");
        }
    }
}

fn an_item_that_is_refused_comes_back_and_is_dropped_once<K: Kind>() {
    let dropped = counter();
    let item = || Dropped::new(&dropped);
    let ring = K::ring(1, 1);
    let mut writer = K::writer(&ring, 0);
    writer.try_write(item()).expect("room");
    let refused =
        [writer.try_write(item()), writer.write_timeout(item(), Duration::from_micros(1))];
    assert!(refused.iter().all(|refused| refused.as_ref().is_err_and(WriteRefused::is_full)));
    assert_eq!(count(&dropped), 0);
    drop(refused);
    assert_eq!(count(&dropped), 2);
    ring.close();
    assert!(writer.write(item()).is_err());
    let mut batch = vec![item(), item()];
    assert!(writer.write_batch(&mut batch).is_err());
    assert_eq!((batch.len(), count(&dropped)), (2, 3));
    drop((ring, writer, batch));
    assert_eq!(count(&dropped), 6);
}

fn each_way_to_read_hands_an_item_over_once<K: Kind>() {
    for start in 0..16 {
        let dropped = counter();
        let ring = K::build(&RingBuilder::new(12, 1).start_count(start)).expect("valid");
        let mut writer = K::writer(&ring, 0);
        let mut consumer = K::consumer(&ring);
        let mut batch: Vec<_> = (0..12).map(|_| Dropped::new(&dropped)).collect();
        assert_eq!(writer.try_write_batch(&mut batch), Ok(12));
        let one = consumer.try_read();
        let two = consumer.try_read_batch(2);
        let (waited, drained) = (consumer.read(), consumer.drain(2).collect::<Vec<_>>());
        assert_eq!(count(&dropped), 0, "somebody dropped what was handed over");
        drop((one, two, waited, drained));
        assert_eq!(count(&dropped), 6);
        consumer.try_read_slices(3).expect("items").release(2);
        assert_eq!(count(&dropped), 8);
        _ = consumer.try_read_slices(4);
        assert_eq!((count(&dropped), ring.len()), (8, 4));
        drop((ring, writer, consumer));
        assert_eq!(count(&dropped), 12);
    }
}

/// Five items of which one panics in its drop, each in its turn, and at each place in the
/// storage; `case` is to write them and to have them all dropped.
fn five_of_five(case: impl Fn(&RingBuilder, Vec<Dropped>)) {
    for nth in 0..5 {
        for start in [0, 1, 4, 5, 6, 7] {
            let dropped = counter();
            let items = Dropped::with_panic(&dropped, 5, nth);
            case(&RingBuilder::new(5, 1).start_count(start), items);
            assert_eq!(count(&dropped), 5, "dropped of 5; number {nth} panics, start {start}");
        }
    }
}

/// A ring that holds `items`, and the writer that wrote them.
fn filled<K: Kind>(
    builder: &RingBuilder,
    mut items: Vec<Dropped>,
) -> (K::Handle<Dropped>, K::Writer<Dropped>) {
    let ring = K::build(builder).expect("valid");
    let mut writer = K::writer(&ring, 0);
    assert_eq!(writer.try_write_batch(&mut items), Ok(5));
    (ring, writer)
}

fn when_a_drop_panics_as_the_ring_goes_the_others_are_dropped<K: Kind>() {
    five_of_five(|builder, items| {
        let (ring, writer) = filled::<K>(builder, items);
        drop(writer);
        assert!(unwinds(|| drop(ring)));
    });
    // Also those in the shards behind the one where it happens.
    for nth in 0..8 {
        let dropped = counter();
        let ring = K::ring(8, 4);
        let mut writers: Vec<_> = (0..4).map(|id| K::writer(&ring, id)).collect();
        for (number, item) in Dropped::with_panic(&dropped, 8, nth).into_iter().enumerate() {
            writers[number % 4].try_write(item).expect("room");
        }
        drop(writers);
        assert!(unwinds(|| drop(ring)));
        assert_eq!(count(&dropped), 8, "number {nth} of 8 panics");
    }
}

fn when_a_drop_panics_in_a_release_the_others_are_dropped<K: Kind>() {
    five_of_five(|builder, items| {
        let (ring, _writer) = filled::<K>(builder, items);
        let mut consumer = K::consumer(&ring);
        let seen = consumer.try_read_slices(5).expect("five items");
        assert!(unwinds(|| seen.release(5)));
        assert_eq!((consumer.len(), consumer.try_read().is_none()), (0, true));
    });
}

fn when_a_drop_panics_in_the_body_of_a_drain_the_others_stay<K: Kind>() {
    five_of_five(|builder, items| {
        let (ring, _writer) = filled::<K>(builder, items);
        let mut consumer = K::consumer(&ring);
        assert!(unwinds(|| consumer.drain(5).for_each(drop)));
        // It was one of the five, and the first to be dropped were those before it.
        let left = consumer.len();
        assert_eq!(consumer.drain(5).count(), left);
    });
}

fn a_release_that_unwinds_gives_the_slots_back<K: Kind>() {
    let dropped = counter();
    let ring = K::ring(4, 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    writer.try_write_batch(&mut Dropped::with_panic(&dropped, 4, 1)).expect("open");
    // A producer that sleeps for room must hear of it.
    let item = Dropped::new(&dropped);
    let waiting = thread::spawn(move || writer.write(item).expect("open"));
    let_it_sleep();
    let seen = consumer.try_read_slices(4).expect("four items");
    assert!(unwinds(|| seen.release(4)));
    join(waiting);
    assert_eq!(count(&dropped), 4);
    assert!(consumer.try_read().is_some() && consumer.try_read().is_none());
}

#[test]
fn when_a_drop_panics_in_a_withdrawn_reservation_the_others_are_dropped() {
    five_of_five(|builder, items| {
        let ring = builder.dedicated().expect("valid");
        let (mut producer, mut consumer) =
            (ring.producer().expect("free"), ring.consumer().expect("free"));
        let mut reservation = producer.try_reserve(5).expect("room");
        for item in items {
            assert!(reservation.push(item).is_ok());
        }
        assert!(unwinds(|| drop(reservation)));
        assert!(consumer.try_read().is_none());
        assert_eq!(producer.try_reserve(9).expect("room").room(), 5);
    });
}

#[test]
fn when_a_drop_panics_as_the_ring_is_abandoned_the_others_are_dropped() {
    // By the consumer, which goes last but for the producer.
    five_of_five(|builder, items| {
        let (ring, _writer) = filled::<Dedicated>(builder, items);
        let consumer = ring.consumer().expect("free");
        drop(ring);
        assert!(unwinds(|| drop(consumer)));
    });
    // By the last handle.
    five_of_five(|builder, items| {
        let (ring, _writer) = filled::<Dedicated>(builder, items);
        assert!(unwinds(|| drop(ring)));
    });
    // By the producer, whose items come after everybody is gone.
    five_of_five(|builder, items| {
        let ring = builder.dedicated().expect("valid");
        let mut producer = ring.producer().expect("free");
        let mut reservation = producer.try_reserve(5).expect("room");
        for item in items {
            assert!(reservation.push(item).is_ok());
        }
        drop(ring);
        assert!(unwinds(|| _ = reservation.publish()));
    });
}

#[test]
fn when_a_drop_panics_in_a_shard_of_an_abandoned_ring_the_other_shards_are_emptied() {
    for nth in 0..6 {
        let dropped = counter();
        let ring = Dedicated::ring(6, 3);
        let mut writers = [0, 1, 2].map(|id| Dedicated::writer(&ring, id));
        for (number, item) in Dropped::with_panic(&dropped, 6, nth).into_iter().enumerate() {
            writers[number % 3].try_write(item).expect("room");
        }
        assert!(unwinds(|| drop(ring)));
        assert_eq!(count(&dropped), 6, "number {nth} of 6 panics");
        let refused = writers[0].try_write(Dropped::new(&dropped));
        assert!(refused.is_err_and(|refused| refused.is_closed()));
    }
}

#[test]
fn when_a_drop_panics_as_a_pool_goes_the_others_are_dropped() {
    for nth in 0..5 {
        let (dropped, made) = (counter(), counter());
        let counted = dropped.clone();
        let make = move || {
            let number = made.fetch_add(1, Ordering::Relaxed);
            Dropped::with_panic(&counted, 1, if number == nth { 0 } else { 1 }).remove(0)
        };
        let pool = Pool::new(5, make).expect("valid");
        assert!(unwinds(|| drop(pool)));
        assert_eq!(count(&dropped), 5);
    }
}

/// When nobody can read any more, items go at once and not with the last producer.
#[test]
fn an_abandoned_ring_drops_unread_items_while_the_producer_lives() {
    for handle_first in [true, false] {
        let dropped = counter();
        let ring = Dedicated::ring(8, 2);
        let mut writers = [0, 1].map(|id| Dedicated::writer(&ring, id));
        let mut consumer = Dedicated::consumer(&ring);
        for item in 0..6 {
            writers[item % 2].try_write(Dropped::new(&dropped)).expect("room");
        }
        drop(consumer.try_read());
        assert_eq!(count(&dropped), 1);
        if handle_first {
            drop(ring);
            assert_eq!(count(&dropped), 1, "the consumer may still read");
            drop(consumer);
        } else {
            drop(consumer);
            assert_eq!(count(&dropped), 1, "the handle may lend another consumer");
            drop(ring);
        }
        assert_eq!(count(&dropped), 6);
        assert!(writers[0].is_closed());
        assert!(writers[1].try_write(Dropped::new(&dropped)).is_err());
    }
}

/// The writes race with the end of reading: accepted and never dropped, or dropped twice, is
/// the fault (as in RUSTSEC-2025-0024).
#[test]
fn an_item_written_while_the_ring_is_abandoned_is_dropped_once_and_at_once() {
    in_time(|| {
        for round in 0..times(300) {
            let dropped = counter();
            let builder = RingBuilder::new(8, 2).fence(round % 2 == 0);
            let ring = builder.dedicated().expect("valid");
            let mut consumer = ring.consumer().expect("free");
            let writing = counter();
            let spawn = |_| {
                let mut producer = ring.producer().expect("a free shard");
                let (dropped, writing) = (dropped.clone(), writing.clone());
                thread::spawn(move || {
                    let mut made = 0;
                    loop {
                        made += 1;
                        match producer.try_write(Dropped::new(&dropped)) {
                            Err(WriteRefused::Closed(_)) => return (made, producer),
                            _ => writing.fetch_add(1, Ordering::Relaxed),
                        };
                        if made % 64 == 0 {
                            thread::yield_now();
                        }
                    }
                })
            };
            let threads = [0, 1].map(spawn);
            eventually(|| count(&writing) > 2);
            consumer.try_read_batch(round as usize % 4);
            if round % 3 == 0 {
                drop((consumer, ring));
            } else {
                drop((ring, consumer));
            }
            let (made, _alive): (Vec<usize>, Vec<_>) = threads.map(join).into_iter().unzip();
            assert_eq!(count(&dropped), made.iter().sum(), "round {round}");
        }
    });
}

/// Whether a drop of `what` counts can only be asked of a static: it has no room for more.
static ZERO_SIZED_DROPS: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

#[derive(Debug)]
struct ZeroSized<const DEDICATED: usize>;

impl<const DEDICATED: usize> Drop for ZeroSized<DEDICATED> {
    fn drop(&mut self) {
        ZERO_SIZED_DROPS[DEDICATED].fetch_add(1, Ordering::Relaxed);
    }
}

fn zero_sized_items_are_dropped_once<K: Kind>() {
    if K::DEDICATED { zero_sized::<K, 1>() } else { zero_sized::<K, 0>() }
}

fn zero_sized<K: Kind, const DEDICATED: usize>() {
    let drops = || count(&ZERO_SIZED_DROPS[DEDICATED]);
    let ring = K::ring(7, 1);
    let mut writer = K::writer(&ring, 0);
    let mut consumer = K::consumer(&ring);
    let mut batch: Vec<ZeroSized<DEDICATED>> = (0..9).map(|_| ZeroSized).collect();
    assert_eq!(writer.try_write_batch(&mut batch), Ok(7));
    assert_eq!((batch.len(), ring.len(), drops()), (2, 7, 0));
    let mut seen = consumer.try_read_slices(9).expect("seven items");
    let (first, second) = seen.slices();
    assert_eq!(first.len() + second.len(), 7);
    seen.release(3);
    assert_eq!(drops(), 3);
    assert_eq!(consumer.try_read_batch(2).len(), 2);
    assert_eq!(consumer.drain(1).count(), 1);
    assert_eq!(drops(), 6);
    writer.try_write_with(|| ZeroSized).expect("room");
    drop((ring, writer, consumer));
    assert_eq!(drops(), 8);
    drop(batch);
    assert_eq!(drops(), 10);
}

/// Producers, a consumer that stops half-way, and a close, in every order that comes.
fn a_ring_that_is_closed_and_dropped_under_load_drops_each_item_once<K: Kind>() {
    for round in 0..times(100) {
        let (made, dropped) = (counter(), counter());
        let ring = K::ring(9 * if K::DEDICATED { 3 } else { 1 }, if K::DEDICATED { 3 } else { 1 });
        let spawn = |id| {
            let mut writer = K::writer(&ring, id);
            let (made, dropped) = (made.clone(), dropped.clone());
            thread::spawn(move || {
                let item = || {
                    made.fetch_add(1, Ordering::Relaxed);
                    Dropped::new(&dropped)
                };
                loop {
                    let mut batch: Vec<_> = (0..4).map(|_| item()).collect();
                    let closed = writer.try_write_batch(&mut batch).is_err();
                    if closed || writer.try_write(item()).is_err_and(|e| e.is_closed()) {
                        return;
                    }
                    thread::yield_now();
                }
            })
        };
        let threads: Vec<_> = (0..3).map(spawn).collect();
        let mut consumer = K::consumer(&ring);
        let mut left = 20 + round as usize % 100;
        while left > 0 {
            left = left.saturating_sub(consumer.try_read_batch(5).len());
            left = left.saturating_sub(consumer.drain(2).count());
        }
        ring.close();
        if round % 2 == 0 {
            while consumer.read().is_ok() {}
        }
        drop(consumer);
        threads.into_iter().for_each(join);
        drop(ring);
        assert_eq!(count(&dropped), count(&made), "round {round}");
    }
}
