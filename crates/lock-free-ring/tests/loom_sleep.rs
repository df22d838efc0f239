//! Models of sleep and wake on both sides: a lost wake-up is a deadlock, which loom reports.
#![cfg(ring_loom)]

mod loom_common;

use lock_free_ring::{Cancel, Pool, WriteConfig};
use loom::sync::Arc;
use loom::thread;
use loom_common::{Item, fenced_dedicated, fenced_shared, judge, model};
use std::time::Duration;

#[test]
fn a_write_wakes_the_reader_shared() {
    model(2, "write wakes read, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(2));
        let writers = [0, 1].map(|id| {
            let ring = ring.clone();
            thread::spawn(move || ring.try_write(id, (id, 0)).unwrap())
        });
        let mut consumer = ring.consumer().unwrap();
        let read = [consumer.read().unwrap(), consumer.read().unwrap()];
        writers.map(|writer| writer.join().unwrap());
        judge(&read, &[vec![(0, 0)], vec![(1, 0)]]);
    });
}

#[test]
fn a_write_wakes_the_reader_dedicated() {
    model(2, "write wakes read, dedicated", || {
        let ring = fenced_dedicated::<Item>(1);
        let mut producer = ring.producer().unwrap();
        let mut consumer = ring.consumer().unwrap();
        let writer = thread::spawn(move || {
            producer.try_write((0, 0)).unwrap();
            producer.write((0, 1)).unwrap();
        });
        let read = [consumer.read().unwrap(), consumer.read().unwrap()];
        writer.join().unwrap();
        judge(&read, &[vec![(0, 0), (0, 1)]]);
    });
}

#[test]
fn a_read_wakes_the_writer() {
    model(2, "read wakes write, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(1));
        ring.try_write(0, (0, 0)).unwrap();
        let writer = ring.clone();
        let writer = thread::spawn(move || writer.write(0, (0, 1)).unwrap());
        let mut consumer = ring.consumer().unwrap();
        let first = consumer.try_read().unwrap();
        writer.join().unwrap();
        judge(&[first, consumer.try_read().unwrap()], &[vec![(0, 0), (0, 1)]]);
    });
}

/// The reader does not wait here, which would cost 4 million executions and is the subject of the
/// models above.
#[test]
fn two_writers_that_sleep_at_one_shard_both_get_through() {
    model(2, "reads wake two writers, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(2));
        ring.try_write_batch(0, &mut vec![(0, 0), (0, 1)]).unwrap();
        let writers = [1, 2].map(|id| {
            let ring = ring.clone();
            thread::spawn(move || ring.write(id, (id, 0)).unwrap())
        });
        let mut consumer = ring.consumer().unwrap();
        let mut read = loom_common::read_some(&mut consumer, 2);
        writers.map(|writer| writer.join().unwrap());
        read.extend(loom_common::read_rest(&mut consumer));
        judge(&read, &[vec![(0, 0), (0, 1)], vec![(1, 0)], vec![(2, 0)]]);
    });
}

#[test]
fn released_slices_wake_the_writer() {
    model(2, "release wakes write, dedicated", || {
        let ring = fenced_dedicated::<Item>(1);
        let mut producer = ring.producer().unwrap();
        let mut consumer = ring.consumer().unwrap();
        producer.try_write((0, 0)).unwrap();
        let writer = thread::spawn(move || producer.write((0, 1)).unwrap());
        consumer.try_read_slices(1).unwrap().release(1);
        writer.join().unwrap();
        assert_eq!(consumer.try_read(), Some((0, 1)));
    });
}

#[test]
fn the_reader_sleeps_until_its_mark_is_reached() {
    model(2, "writes reach the mark, shared", || {
        let ring = Arc::new(fenced_shared::<Item>(2));
        let writers = [0, 1].map(|id| {
            let ring = ring.clone();
            thread::spawn(move || ring.try_write(id, (id, 0)).unwrap())
        });
        let mut consumer = ring.consumer().unwrap();
        // A model has no clock: the limit never comes.
        assert_eq!(consumer.wait_for(2, Duration::from_secs(1 << 40)), Ok(2));
        let read = [consumer.try_read().unwrap(), consumer.try_read().unwrap()];
        judge(&read, &[vec![(0, 0)], vec![(1, 0)]]);
        writers.map(|writer| writer.join().unwrap());
    });
}

#[test]
fn a_cancel_ends_a_backoff() {
    model(2, "cancel ‖ backoff", || {
        let ring = Arc::new(fenced_shared::<Item>(1));
        ring.try_write(0, (0, 0)).unwrap();
        let cancel = Cancel::new();
        let config = WriteConfig {
            max_retries: std::num::NonZeroU32::MIN,
            backoff: Duration::from_secs(1 << 40),
            cancel: Some(cancel.clone()),
            ..WriteConfig::default()
        };
        let writer = ring.clone();
        let writer = thread::spawn(move || writer.write_with_backoff(0, (0, 1), &config));
        cancel.cancel();
        assert!(writer.join().unwrap().unwrap_err().is_full());
    });
}

#[test]
fn a_close_ends_a_backoff() {
    model(2, "close ‖ backoff", || {
        let ring = Arc::new(fenced_dedicated::<Item>(1));
        let mut producer = ring.producer().unwrap();
        producer.try_write((0, 0)).unwrap();
        let config = WriteConfig {
            max_retries: std::num::NonZeroU32::MIN,
            backoff: Duration::from_secs(1 << 40),
            ..WriteConfig::default()
        };
        let writer = thread::spawn(move || producer.write_with_backoff((0, 1), &config));
        ring.close();
        assert!(writer.join().unwrap().unwrap_err().is_closed());
    });
}

#[test]
fn a_pool_lends_each_value_to_one_at_a_time() {
    model(2, "pool", || {
        let pool = Pool::new(1, || loom::cell::UnsafeCell::new(0)).unwrap();
        let others = [(); 2].map(|()| {
            let pool = pool.clone();
            thread::spawn(move || {
                if let Some(value) = pool.try_take() {
                    value.with_mut(|_| ());
                }
            })
        });
        others.map(|other| other.join().unwrap());
        assert_eq!(pool.available(), 1);
    });
}
