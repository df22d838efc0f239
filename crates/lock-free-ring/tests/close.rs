//! A ring closes once, from either side; `Closed` is the truth, and nobody sleeps on.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Dedicated, Kind, Shared, Writer, for_both_kinds};
use common::ways::{Read, Write};
use common::{Item, Ledger, Stalled, eventually, in_time, join, let_it_sleep, times};
use lock_free_ring::{
    Cancel, Closed, Consumer, LeaseError, ReadRefused, RingBuilder, ShardedRing, WriteConfig,
    WriteRefused,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

for_both_kinds! {
    every_write_after_a_close_gives_the_item_back,
    every_read_after_a_close_ends_when_all_was_read,
    a_ring_can_be_closed_from_each_end_and_more_than_once,
    closed_is_never_reported_while_an_accepted_item_is_unread,
    a_close_by_the_consumer_loses_nothing_that_was_accepted,
    a_ring_closes_when_the_last_who_could_write_is_gone,
    a_close_wakes_the_waiting_reader,
    a_close_wakes_every_waiting_writer,
    a_close_wakes_a_waiting_writer_while_slices_of_the_full_shard_are_held,
    the_end_of_the_last_writer_wakes_the_waiting_reader,
    a_closed_ring_still_lends_its_consumer,
    a_cancelled_backoff_ends_at_once_with_the_item,
    a_cancel_is_for_ever_and_for_each_clone,
}

/// Longer than any test may take: only a wake-up ends such a sleep.
const AN_HOUR: Duration = Duration::from_secs(3600);

fn sleepy(capacity: usize, shards: usize, fence: bool) -> RingBuilder {
    RingBuilder::new(capacity, shards).spin(Duration::ZERO).fence(fence)
}

fn patient() -> WriteConfig {
    WriteConfig { backoff: AN_HOUR, ..WriteConfig::default() }
}

fn every_write_after_a_close_gives_the_item_back<K: Kind>() {
    for len in [0, 1] {
        let ring = K::ring(1, 1);
        let mut writer = K::writer(&ring, 0);
        (0..len).for_each(|item| writer.try_write(item).expect("room"));
        ring.close();
        assert!(ring.is_closed());
        assert_eq!(writer.try_write(7), Err(WriteRefused::Closed(7)));
        assert_eq!(writer.write(7), Err(Closed(7)));
        assert_eq!(writer.write_timeout(7, AN_HOUR), Err(WriteRefused::Closed(7)));
        assert_eq!(writer.write_with_backoff(7, &patient()), Err(WriteRefused::Closed(7)));
        let mut batch = vec![7, 8];
        assert_eq!(writer.try_write_batch(&mut batch), Err(Closed(())));
        assert_eq!(writer.write_batch(&mut batch), Err(Closed(())));
        assert_eq!(batch, [7, 8]);
        let in_place = writer.try_write_with(|| panic!("it is not called"));
        assert_eq!(in_place, Err(WriteRefused::Closed(())));
        assert_eq!(ring.len(), len);
    }
}

fn every_read_after_a_close_ends_when_all_was_read<K: Kind>() {
    let ring = K::ring(8, 1);
    let mut consumer = K::consumer(&ring);
    let mut writer = K::writer(&ring, 0);
    assert_eq!(writer.try_write_batch(&mut (0..8).collect()), Ok(8));
    ring.close();
    drop(writer);
    assert_eq!(consumer.try_read(), Some(0));
    assert_eq!(consumer.read(), Ok(1));
    assert_eq!(consumer.read_timeout(Duration::ZERO), Ok(2));
    assert_eq!(consumer.read_batch(2), Ok(vec![3, 4]));
    assert_eq!(consumer.wait_for(8, AN_HOUR), Ok(3));
    assert_eq!(consumer.drain(1).next(), Some(5));
    assert!(!consumer.is_finished());
    let mut buf = vec![];
    assert_eq!(consumer.read_batch_into(&mut buf, 9), Ok(2));
    assert!(consumer.is_finished());
    assert_eq!(consumer.try_read(), None);
    assert_eq!(consumer.read(), Err(Closed(())));
    assert_eq!(consumer.read_timeout(AN_HOUR), Err(ReadRefused::Closed));
    assert_eq!(consumer.read_batch(2), Err(Closed(())));
    assert_eq!(consumer.read_batch_into(&mut buf, 2), Err(Closed(())));
    assert_eq!(consumer.read_batch_into(&mut buf, 0), Ok(0));
    assert_eq!(consumer.wait_for(8, AN_HOUR), Err(ReadRefused::Closed));
    assert_eq!((buf, consumer.drain(1).next()), (vec![6, 7], None));
    assert!(consumer.try_read_slices(9).is_none());
}

fn a_ring_can_be_closed_from_each_end_and_more_than_once<K: Kind>() {
    for end in 0..3 {
        let ring = K::ring::<u8>(2, 1);
        let (writer, consumer) = (K::writer(&ring, 0), K::consumer(&ring));
        match end {
            0 => ring.close(),
            1 => writer.ring().close(),
            _ => consumer.close(),
        }
        assert!(ring.is_closed() && writer.ring().is_closed() && consumer.is_closed());
        ring.close();
        consumer.close();
        assert!(ring.is_closed());
    }
}

/// Three producers, each of which answers how many of its items were accepted.
fn produce<K: Kind>(ring: &K::Handle<Item>, round: usize) -> Vec<JoinHandle<u64>> {
    let spawn = |id| {
        let mut writer = K::writer(ring, id);
        let way = Write::ALL[(round + id) % Write::ALL.len()];
        thread::spawn(move || way.run(id, &mut writer, 0..100_000))
    };
    (0..3).map(spawn).collect()
}

fn assert_all_arrived(ledger: &mut Ledger, producers: Vec<JoinHandle<u64>>) {
    for (producer, accepted) in producers.into_iter().map(join).enumerate() {
        let next = ledger.check(producer, accepted);
        assert_eq!(next, Ok(()), "producer {producer}: {accepted} of its items were accepted");
    }
}

/// Reads to the end by one of the ways, while the producers run and somebody else closes.
fn closed_is_never_reported_while_an_accepted_item_is_unread<K: Kind>() {
    for round in 0..times(200) as usize {
        let shards = if K::DEDICATED { 3 } else { 1 << (round % 3) };
        let builder = sleepy((1 + round % 4) * shards, shards, round % 2 == 0);
        let ring = K::build(&builder).expect("valid");
        let mut consumer = K::consumer(&ring);
        let producers = produce::<K>(&ring, round);
        let closer = ring.clone();
        let closer = thread::spawn(move || {
            eventually(|| closer.stats().map(|shard| shard.read).sum::<u64>() > round as u64 / 4);
            closer.close();
        });
        let mut ledger = Ledger::new(3);
        Read::ALL[round % Read::ALL.len()].run(&mut consumer, &mut ledger);
        assert!(consumer.is_finished() && consumer.is_empty());
        assert_all_arrived(&mut ledger, producers);
        assert!(consumer.try_read().is_none());
        join(closer);
    }
}

fn a_close_by_the_consumer_loses_nothing_that_was_accepted<K: Kind>() {
    for round in 0..times(100) as usize {
        let shards = if K::DEDICATED { 3 } else { 2 };
        let ring = K::build(&sleepy(2 * shards, shards, round % 2 == 0)).expect("valid");
        let mut consumer = K::consumer(&ring);
        let producers = produce::<K>(&ring, round);
        let mut ledger = Ledger::new(3);
        for _ in 0..round % 20 {
            ledger.note(&consumer.read().expect("open"));
        }
        consumer.close();
        Read::ALL[round % Read::ALL.len()].run(&mut consumer, &mut ledger);
        assert_all_arrived(&mut ledger, producers);
    }
}

fn a_ring_closes_when_the_last_who_could_write_is_gone<K: Kind>() {
    let ring = K::ring(2, 1);
    let mut consumer = K::consumer(&ring);
    let clone = ring.clone();
    let mut writer = K::writer(&clone, 0);
    drop(ring);
    drop(clone);
    assert!(!consumer.is_closed());
    writer.try_write('a').expect("open");
    assert!(!consumer.is_closed());
    drop(writer);
    assert!(consumer.is_closed() && !consumer.is_finished());
    assert_eq!((consumer.read(), consumer.read()), (Ok('a'), Err(Closed(()))));

    // With nobody ever having written.
    let ring = K::ring::<u8>(2, 1);
    let mut consumer = K::consumer(&ring);
    drop(ring);
    assert_eq!(consumer.read(), Err(Closed(())));
}

/// Each way to wait for an item.
fn waiting_reads() -> [fn(&mut Consumer<u8>) -> bool; 5] {
    [
        |consumer| consumer.read().is_err(),
        |consumer| consumer.read_timeout(AN_HOUR) == Err(ReadRefused::Closed),
        |consumer| consumer.read_timeout(Duration::MAX) == Err(ReadRefused::Closed),
        |consumer| consumer.read_batch(3).is_err(),
        |consumer| consumer.wait_for(2, AN_HOUR) == Err(ReadRefused::Closed),
    ]
}

fn a_close_wakes_the_waiting_reader<K: Kind>() {
    for fence in [false, true] {
        for ended_by_close in waiting_reads() {
            let ring = K::build(&sleepy(4, 2, fence)).expect("valid");
            let mut consumer = K::consumer(&ring);
            let reader = thread::spawn(move || ended_by_close(&mut consumer));
            let_it_sleep();
            ring.close();
            assert!(join(reader));
        }
    }
}

fn the_end_of_the_last_writer_wakes_the_waiting_reader<K: Kind>() {
    for fence in [false, true] {
        for ended_by_close in waiting_reads() {
            let ring = K::build(&sleepy(4, 2, fence)).expect("valid");
            let mut consumer = K::consumer(&ring);
            let writer = K::writer(&ring, 0);
            let reader = thread::spawn(move || ended_by_close(&mut consumer));
            let_it_sleep();
            drop(ring);
            drop(writer);
            assert!(join(reader));
        }
    }
}

type WaitingWrite<W> = fn(&mut W) -> bool;

/// Each way to wait for room; what it answers says whether it ended as closed, item in hand.
fn waiting_writes<W: Writer<u8>>() -> [WaitingWrite<W>; 5] {
    [
        |writer| writer.write(7) == Err(Closed(7)),
        |writer| writer.write_timeout(7, AN_HOUR) == Err(WriteRefused::Closed(7)),
        |writer| writer.write_timeout(7, Duration::MAX) == Err(WriteRefused::Closed(7)),
        |writer| writer.write_with_backoff(7, &patient()) == Err(WriteRefused::Closed(7)),
        |writer| {
            let mut batch = vec![7, 8];
            writer.write_batch(&mut batch) == Err(Closed(())) && batch == [7, 8]
        },
    ]
}

fn a_close_wakes_every_waiting_writer<K: Kind>() {
    for fence in [false, true] {
        let shards = if K::DEDICATED { 8 } else { 1 };
        let ring = K::build(&sleepy(shards, shards, fence)).expect("valid");
        let spawn = |(id, ended_by_close): (usize, WaitingWrite<K::Writer<u8>>)| {
            let mut writer = K::writer(&ring, id);
            _ = writer.try_write(0);
            thread::spawn(move || ended_by_close(&mut writer))
        };
        let ways = waiting_writes::<K::Writer<u8>>();
        let waiting: Vec<_> = ways.into_iter().enumerate().map(spawn).collect();
        let_it_sleep();
        ring.close();
        for (way, thread) in waiting.into_iter().enumerate() {
            assert!(join(thread), "way {way}");
        }
    }
}

/// A full ring, a guard that somebody holds, and a close (as in thingbuf#83 and #100).
fn a_close_wakes_a_waiting_writer_while_slices_of_the_full_shard_are_held<K: Kind>() {
    for ended_by_close in waiting_writes::<K::Writer<u8>>() {
        let ring = K::build(&sleepy(2, 1, false)).expect("valid");
        let (mut writer, mut consumer) = (K::writer(&ring, 0), K::consumer(&ring));
        assert_eq!(writer.try_write_batch(&mut vec![1, 2]), Ok(2));
        let mut held = consumer.try_read_slices(2).expect("two items");
        let waiting = thread::spawn(move || ended_by_close(&mut writer));
        let_it_sleep();
        ring.close();
        assert!(join(waiting));
        let (first, second) = held.slices();
        assert_eq!([first, second].concat(), [1, 2]);
        held.release(2);
        assert_eq!(consumer.read(), Err(Closed(())));
    }
}

#[test]
fn waiting_writers_hear_that_nobody_can_read_any_more() {
    in_time(|| {
        for handle_first in [false, true] {
            for ended_by_close in waiting_writes() {
                let ring = sleepy(1, 1, handle_first).dedicated().expect("valid");
                let mut producer = ring.producer().expect("free");
                let consumer = ring.consumer().expect("free");
                producer.try_write(0).expect("room");
                let writer = thread::spawn(move || ended_by_close(&mut producer));
                let_it_sleep();
                if handle_first {
                    drop((ring, consumer));
                } else {
                    drop((consumer, ring));
                }
                assert!(join(writer));
            }
        }
    });
}

fn a_closed_ring_still_lends_its_consumer<K: Kind>() {
    let ring = K::ring(4, 1);
    let mut writer = K::writer(&ring, 0);
    assert_eq!(writer.try_write_batch(&mut vec![1, 2, 3]), Ok(3));
    ring.close();
    drop(writer);
    for item in 1..=3 {
        assert_eq!(K::consumer(&ring).read(), Ok(item));
    }
    assert_eq!(K::consumer(&ring).read(), Err(Closed(())));
}

#[test]
fn a_closed_dedicated_ring_lends_no_producer() {
    let ring = Dedicated::ring::<u8>(4, 2);
    let taken = ring.producer().expect("free");
    ring.close();
    assert_eq!(ring.producer().err(), Some(LeaseError::Closed));
    drop(taken);
    assert_eq!(ring.producer().err(), Some(LeaseError::Closed));
}

#[test]
fn a_closed_dedicated_ring_is_finished_when_each_producer_has_seen_it_or_is_gone() {
    let ring = Dedicated::ring(6, 3);
    let mut consumer = ring.consumer().expect("free");
    let (mut sees, goes) = (ring.producer().expect("free"), ring.producer().expect("free"));
    sees.try_write(1).expect("room");
    ring.close();
    assert_eq!(consumer.try_read(), Some(1));
    assert!(!consumer.is_finished());
    assert_eq!(consumer.read_timeout(Duration::from_millis(1)), Err(ReadRefused::Empty));
    assert!(sees.try_write(2).is_err_and(|refused| refused.is_closed()));
    assert!(!consumer.is_finished());
    drop(goes);
    assert!(consumer.is_finished());
    assert_eq!(consumer.read(), Err(Closed(())));
}

#[test]
fn a_reader_that_sleeps_on_a_closed_dedicated_ring_hears_of_each_last_word() {
    in_time(|| {
        for by_drop in [false, true] {
            let ring = sleepy(4, 2, by_drop).dedicated().expect("valid");
            let mut consumer = ring.consumer().expect("free");
            let mut producer = ring.producer().expect("free");
            ring.close();
            let reader = thread::spawn(move || consumer.read());
            let_it_sleep();
            assert!(!reader.is_finished(), "the producer might yet write");
            if by_drop {
                drop(producer);
            } else {
                assert_eq!(producer.write('a'), Err(Closed('a')));
            }
            assert_eq!(join(reader), Err(Closed(())));
        }
    });
}

#[test]
fn a_reservation_made_before_the_close_is_read_before_closed() {
    let ring = Dedicated::ring(2, 1);
    let mut consumer = ring.consumer().expect("free");
    let mut producer = ring.producer().expect("free");
    let mut reservation = producer.try_reserve(2).expect("room");
    ring.close();
    assert!(!consumer.is_finished());
    assert!(reservation.push('a').is_ok());
    assert_eq!(reservation.publish(), 1);
    assert!(producer.try_reserve(1).is_err_and(|refused| refused.is_closed()));
    assert_eq!((consumer.read(), consumer.read()), (Ok('a'), Err(Closed(()))));
}

#[test]
fn a_stalled_closure_keeps_closed_away() {
    in_time(|| {
        let ring = Shared::ring(4, 2);
        let mut consumer = ring.consumer().expect("free");
        let stalled = Stalled::write(&ring, 0, || 'a');
        ring.try_write(1, 'b').expect("the other shard goes on");
        ring.close();
        assert_eq!(consumer.read(), Ok('b'));
        assert!(!consumer.is_finished());
        assert_eq!(consumer.read_timeout(Duration::from_millis(1)), Err(ReadRefused::Empty));
        let reader = thread::spawn(move || (consumer.read(), consumer.read()));
        let_it_sleep();
        assert!(!stalled.end());
        assert_eq!(join(reader), (Ok('a'), Err(Closed(()))));
    });
}

fn a_cancelled_backoff_ends_at_once_with_the_item<K: Kind>() {
    for fence in [false, true] {
        let shards = if K::DEDICATED { 4 } else { 1 };
        let ring = K::build(&sleepy(shards, shards, fence)).expect("valid");
        let cancel = Cancel::new();
        let config = WriteConfig { cancel: Some(cancel.clone()), ..patient() };
        let spawn = |id| {
            let (mut writer, config) = (K::writer(&ring, id), config.clone());
            _ = writer.try_write(id);
            thread::spawn(move || writer.write_with_backoff(id, &config))
        };
        let waiting = [0, 1, 2].map(spawn);
        let_it_sleep();
        assert!(waiting.iter().all(|thread| !thread.is_finished()));
        cancel.cancel();
        for (id, thread) in waiting.into_iter().enumerate() {
            assert_eq!(join(thread), Err(WriteRefused::Full(id)));
        }
    }
}

fn a_cancel_is_for_ever_and_for_each_clone<K: Kind>() {
    let ring = K::ring(1, 1);
    let mut writer = K::writer(&ring, 0);
    let cancel = Cancel::default();
    let config = WriteConfig { cancel: Some(cancel.clone()), ..patient() };
    assert!(!cancel.is_cancelled());
    cancel.clone().cancel();
    assert!(cancel.is_cancelled());
    // It ends sleeps: where there is room, none is needed.
    writer.write_with_backoff('a', &config).expect("room");
    assert_eq!(writer.write_with_backoff('b', &config), Err(WriteRefused::Full('b')));
    ring.close();
    assert_eq!(writer.write_with_backoff('b', &config), Err(WriteRefused::Closed('b')));
}

/// So many shards that a close is on its way for a while.
const MANY: usize = 512;

/// A producer of the last shard, which is the last to be closed.
const LAST: u64 = MANY as u64 - 1;

/// Runs `race` on a thread while the ring, with its last shard full, is being closed; many rounds.
fn while_it_closes(race: fn(&ShardedRing<usize>)) {
    in_time(move || {
        for round in 0..times(100) as usize {
            let ring = Shared::ring(MANY, MANY);
            ring.try_write(LAST, 0).expect("room");
            let ready = Arc::new(AtomicUsize::new(0));
            let (racing, started) = (ring.clone(), ready.clone());
            let racer = thread::spawn(move || {
                started.store(1, Ordering::Relaxed);
                race(&racing);
            });
            eventually(|| ready.load(Ordering::Relaxed) == 1);
            (0..round * 50).for_each(|_| std::hint::spin_loop());
            ring.close();
            join(racer);
        }
    });
}

/// No limit, no cancel: `Full` would be an answer that nothing in the configuration allows.
#[test]
fn a_backoff_without_limit_that_meets_a_close_ends_with_closed() {
    while_it_closes(|ring| {
        let config = WriteConfig { backoff: Duration::ZERO, ..WriteConfig::default() };
        assert_eq!(ring.write_with_backoff(LAST, 1, &config), Err(WriteRefused::Closed(1)));
    });
}

#[test]
fn who_has_seen_the_ring_closed_writes_no_more() {
    while_it_closes(|ring| {
        eventually(|| ring.is_closed());
        assert_eq!(ring.try_write(LAST, 1), Err(WriteRefused::Closed(1)));
    });
}
