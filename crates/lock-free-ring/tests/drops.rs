//! Each item is dropped exactly once, whatever unwinds and whatever is forgotten.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Dedicated, Kind, Writer, for_both_kinds};
use common::{
    Dropped, Stalled, eventually, forget, in_time, join, let_it_sleep, times, unwind, unwinds,
};
use lock_free_ring::{Pool, ReadRefused, RingBuilder, ShardedRing, WriteRefused};
use std::sync::Arc;
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
    forgotten_reads_wedge_nothing,
    zero_sized_items_are_dropped_once,
    a_ring_that_is_closed_and_dropped_under_load_drops_each_item_once,
}

fn count() -> Arc<AtomicUsize> {
    Arc::new(AtomicUsize::new(0))
}

fn of(count: &AtomicUsize) -> usize {
    count.load(Ordering::Relaxed)
}

fn unread_items_are_dropped_with_the_ring<K: Kind>() {
    for start in 0..8 {
        for len in 0..=6 {
            let dropped = count();
            let ring = K::build(&RingBuilder::new(12, 2).start_count(start)).expect("valid");
            let mut writers = [0, 1].map(|id| K::writer(&ring, id));
            for item in 0..len {
                writers[item % 2].try_write(Dropped::new(&dropped)).expect("room");
            }
            drop((ring, writers));
            assert_eq!(of(&dropped), len, "from {start}");
        }
    }
}

fn an_item_that_is_refused_comes_back_and_is_dropped_once<K: Kind>() {
    let dropped = count();
    let item = || Dropped::new(&dropped);
    let ring = K::ring(1, 1);
    let mut writer = K::writer(&ring, 0);
    writer.try_write(item()).expect("room");
    let refused =
        [writer.try_write(item()), writer.write_timeout(item(), Duration::from_micros(1))];
    assert!(refused.iter().all(|refused| refused.as_ref().is_err_and(WriteRefused::is_full)));
    assert_eq!(of(&dropped), 0);
    drop(refused);
    assert_eq!(of(&dropped), 2);
    ring.close();
    assert!(writer.write(item()).is_err());
    let mut batch = vec![item(), item()];
    assert!(writer.write_batch(&mut batch).is_err());
    assert_eq!((batch.len(), of(&dropped)), (2, 3));
    drop((ring, writer, batch));
    assert_eq!(of(&dropped), 6);
}

fn each_way_to_read_hands_an_item_over_once<K: Kind>() {
    for start in 0..16 {
        let dropped = count();
        let ring = K::build(&RingBuilder::new(12, 1).start_count(start)).expect("valid");
        let mut writer = K::writer(&ring, 0);
        let mut consumer = K::consumer(&ring);
        let mut batch: Vec<_> = (0..12).map(|_| Dropped::new(&dropped)).collect();
        assert_eq!(writer.try_write_batch(&mut batch), Ok(12));
        let one = consumer.try_read();
        let two = consumer.try_read_batch(2);
        let (waited, drained) = (consumer.read(), consumer.drain(2).collect::<Vec<_>>());
        assert_eq!(of(&dropped), 0, "somebody dropped what was handed over");
        drop((one, two, waited, drained));
        assert_eq!(of(&dropped), 6);
        consumer.try_read_slices(3).expect("items").release(2);
        assert_eq!(of(&dropped), 8);
        _ = consumer.try_read_slices(4);
        assert_eq!((of(&dropped), ring.len()), (8, 4));
        drop((ring, writer, consumer));
        assert_eq!(of(&dropped), 12);
    }
}

/// Five items of which one panics in its drop, each in its turn, and at each place in the
/// storage; `case` is to write them and to have them all dropped.
fn five_of_five(case: impl Fn(&RingBuilder, Vec<Dropped>)) {
    for nth in 0..5 {
        for start in [0, 1, 4, 5, 6, 7] {
            let dropped = count();
            let items = Dropped::with_panic(&dropped, 5, nth);
            case(&RingBuilder::new(5, 1).start_count(start), items);
            assert_eq!(of(&dropped), 5, "dropped of 5; number {nth} panics, start {start}");
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
        let dropped = count();
        let ring = K::ring(8, 4);
        let mut writers: Vec<_> = (0..4).map(|id| K::writer(&ring, id)).collect();
        for (number, item) in Dropped::with_panic(&dropped, 8, nth).into_iter().enumerate() {
            writers[number % 4].try_write(item).expect("room");
        }
        drop(writers);
        assert!(unwinds(|| drop(ring)));
        assert_eq!(of(&dropped), 8, "number {nth} of 8 panics");
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
    let dropped = count();
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
    assert_eq!(of(&dropped), 4);
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
        let dropped = count();
        let ring = Dedicated::ring(6, 3);
        let mut writers = [0, 1, 2].map(|id| Dedicated::writer(&ring, id));
        for (number, item) in Dropped::with_panic(&dropped, 6, nth).into_iter().enumerate() {
            writers[number % 3].try_write(item).expect("room");
        }
        assert!(unwinds(|| drop(ring)));
        assert_eq!(of(&dropped), 6, "number {nth} of 6 panics");
        let refused = writers[0].try_write(Dropped::new(&dropped));
        assert!(refused.is_err_and(|refused| refused.is_closed()));
    }
}

#[test]
fn when_a_drop_panics_as_a_pool_goes_the_others_are_dropped() {
    for nth in 0..5 {
        let (dropped, made) = (count(), count());
        let counted = dropped.clone();
        let make = move || {
            let number = made.fetch_add(1, Ordering::Relaxed);
            Dropped::with_panic(&counted, 1, if number == nth { 0 } else { 1 }).remove(0)
        };
        let pool = Pool::new(5, make).expect("valid");
        assert!(unwinds(|| drop(pool)));
        assert_eq!(of(&dropped), 5);
    }
}

/// When nobody can read any more, items go at once and not with the last producer.
#[test]
fn an_abandoned_ring_drops_unread_items_while_the_producer_lives() {
    for handle_first in [true, false] {
        let dropped = count();
        let ring = Dedicated::ring(8, 2);
        let mut writers = [0, 1].map(|id| Dedicated::writer(&ring, id));
        let mut consumer = Dedicated::consumer(&ring);
        for item in 0..6 {
            writers[item % 2].try_write(Dropped::new(&dropped)).expect("room");
        }
        drop(consumer.try_read());
        assert_eq!(of(&dropped), 1);
        if handle_first {
            drop(ring);
            assert_eq!(of(&dropped), 1, "the consumer may still read");
            drop(consumer);
        } else {
            drop(consumer);
            assert_eq!(of(&dropped), 1, "the handle may lend another consumer");
            drop(ring);
        }
        assert_eq!(of(&dropped), 6);
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
            let dropped = count();
            let builder = RingBuilder::new(8, 2).fence(round % 2 == 0);
            let ring = builder.dedicated().expect("valid");
            let mut consumer = ring.consumer().expect("free");
            let writing = count();
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
            eventually(|| of(&writing) > 2);
            consumer.try_read_batch(round as usize % 4);
            if round % 3 == 0 {
                drop((consumer, ring));
            } else {
                drop((ring, consumer));
            }
            let (made, _alive): (Vec<usize>, Vec<_>) = threads.map(join).into_iter().unzip();
            assert_eq!(of(&dropped), made.iter().sum(), "round {round}");
        }
    });
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
    let dropped = count();
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
        assert_eq!(of(&dropped), 5 * round, "all but the forgotten ones");
    }
    // Forgotten last of all.
    forget(producer.try_reserve(1).expect("room"));
    drop(producer);
    assert!(ring.producer().is_ok());
}

#[test]
fn a_withdrawn_reservation_drops_its_items_and_frees_its_slots() {
    let dropped = count();
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
        assert_eq!((of(&dropped), ring.len()), (2 * round, 0));
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
    let drops = || of(&ZERO_SIZED_DROPS[DEDICATED]);
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
        let (made, dropped) = (count(), count());
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
        assert_eq!(of(&dropped), of(&made), "round {round}");
    }
}
