//! The pool: values go out and come home, from any thread, each exactly once.
#![cfg(not(ring_loom))]

mod common;

use common::{Dropped, forget, in_time, join, times, unwind, unwinds};
use lock_free_ring::{ConfigError, Pool, Pooled, ShardedRing};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A pool of `capacity` values numbered as they are made, and how many were made.
fn numbered(capacity: usize) -> (Pool<usize>, Arc<AtomicUsize>) {
    let made = Arc::new(AtomicUsize::new(0));
    let count = made.clone();
    let pool = Pool::new(capacity, move || count.fetch_add(1, Ordering::Relaxed));
    (pool.expect("valid"), made)
}

fn values(taken: &[Pooled<usize>]) -> HashSet<usize> {
    taken.iter().map(|value| **value).collect()
}

#[test]
fn a_pool_makes_its_values_at_once_and_no_more_of_them() {
    for capacity in [1, 2, 3, 5, 8, 100] {
        let (pool, made) = numbered(capacity);
        assert_eq!((pool.capacity(), pool.available()), (capacity, capacity));
        assert_eq!(made.load(Ordering::Relaxed), capacity);
        let taken: Vec<_> = std::iter::from_fn(|| pool.try_take()).collect();
        assert_eq!((taken.len(), values(&taken).len(), pool.available()), (capacity, capacity, 0));
        drop(taken);
        assert_eq!((pool.available(), made.load(Ordering::Relaxed)), (capacity, capacity));
    }
}

#[test]
fn a_pool_without_room_is_an_error() {
    assert_eq!(Pool::new(0, || 0).err(), Some(ConfigError::ZeroCapacity));
    let refused = Pool::new(usize::MAX, || 0).err();
    assert_eq!(refused, Some(ConfigError::OutOfMemory { capacity: usize::MAX, shards: 1 }));
}

#[test]
fn try_take_makes_nothing_and_take_or_make_makes_what_is_missing() {
    let (pool, made) = numbered(2);
    let home: Vec<_> = std::iter::from_fn(|| pool.try_take()).collect();
    assert!(pool.try_take().is_none());
    assert_eq!(made.load(Ordering::Relaxed), 2);
    let extra = pool.take_or_make();
    assert_eq!((*extra, made.load(Ordering::Relaxed)), (2, 3));
    // Who comes home first stays.
    drop(extra);
    drop(home);
    assert_eq!(pool.available(), 2);
    let stayed: Vec<_> = std::iter::from_fn(|| pool.try_take()).collect();
    assert!(values(&stayed).contains(&2));
}

#[test]
fn one_too_many_is_dropped_when_it_comes_home() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let count = dropped.clone();
    let pool = Pool::new(3, move || Dropped::new(&count)).expect("valid");
    let taken: Vec<_> = (0..5).map(|_| pool.take_or_make()).collect();
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    drop(taken);
    assert_eq!((dropped.load(Ordering::Relaxed), pool.available()), (2, 3));
    let outlives = pool.try_take();
    drop(pool);
    assert_eq!(dropped.load(Ordering::Relaxed), 2, "a guard keeps its pool alive");
    drop(outlives);
    assert_eq!(dropped.load(Ordering::Relaxed), 5);
}

#[test]
fn a_value_keeps_what_was_written_to_it() {
    let pool = Pool::new(1, Vec::<u8>::new).expect("valid");
    let mut taken = pool.take_or_make();
    taken.extend([1, 2, 3]);
    let place = taken.as_ptr();
    drop(taken);
    let again = pool.take_or_make();
    assert_eq!((&**again, again.as_ptr()), (&[1, 2, 3][..], place));
}

#[test]
fn clones_are_the_same_pool() {
    let (pool, _) = numbered(2);
    let clone = pool.clone();
    let taken = clone.try_take();
    assert_eq!((pool.available(), clone.available()), (1, 1));
    drop(clone);
    drop(taken);
    assert_eq!(pool.available(), 2);
}

#[test]
fn a_guard_that_unwinding_drops_comes_home_and_a_forgotten_one_is_only_missing() {
    let (pool, _) = numbered(2);
    assert!(unwinds(|| {
        let _taken = pool.try_take();
        unwind();
    }));
    assert_eq!(pool.available(), 2);
    forget(pool.try_take());
    assert_eq!(pool.available(), 1);
    for _ in 0..10 {
        assert!(pool.try_take().is_some());
    }
    assert_eq!(pool.available(), 1);
}

#[test]
fn a_closure_that_unwinds_leaves_the_pool_as_it_was() {
    let calls = AtomicUsize::new(0);
    let make = move || match calls.fetch_add(1, Ordering::Relaxed) {
        2 => unwind(),
        call => call,
    };
    let pool = Pool::new(2, make).expect("valid");
    let home: Vec<_> = std::iter::from_fn(|| pool.try_take()).collect();
    assert!(unwinds(|| drop(pool.take_or_make())));
    assert_eq!(*pool.take_or_make(), 3);
    drop(home);
    assert_eq!(pool.available(), 2);
}

#[test]
fn a_pool_whose_values_cannot_be_made_drops_those_that_were() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let (count, calls) = (dropped.clone(), AtomicUsize::new(0));
    let make = move || match calls.fetch_add(1, Ordering::Relaxed) {
        3 => unwind(),
        _ => Dropped::new(&count),
    };
    assert!(unwinds(|| drop(Pool::new(5, make))));
    assert_eq!(dropped.load(Ordering::Relaxed), 3);
}

/// Takers and a dropper on threads of their own: no value is out twice, none is lost.
#[test]
fn values_go_round_between_threads_and_none_is_out_twice() {
    in_time(|| {
        let (pool, made) = numbered(7);
        let out: Arc<Vec<AtomicUsize>> = Arc::new((0..7).map(|_| AtomicUsize::new(0)).collect());
        let ring = ShardedRing::new(4, 1).expect("valid");
        let mut consumer = ring.consumer().expect("free");
        let spawn = |_| {
            let (pool, ring, out) = (pool.clone(), ring.clone(), out.clone());
            thread::spawn(move || {
                for _ in 0..times(2000) {
                    let taken = loop {
                        match pool.try_take() {
                            Some(taken) => break taken,
                            None => thread::yield_now(),
                        }
                    };
                    assert_eq!(out[*taken].fetch_add(1, Ordering::Relaxed), 0, "out twice");
                    ring.write(0, taken).expect("open");
                }
            })
        };
        let takers = [0, 1, 2].map(spawn);
        drop(ring);
        while let Ok(taken) = consumer.read() {
            assert_eq!(out[*taken].fetch_sub(1, Ordering::Relaxed), 1);
        }
        takers.into_iter().for_each(join);
        assert_eq!((pool.available(), made.load(Ordering::Relaxed)), (7, 7));
    });
}

#[test]
fn take_or_make_never_waits_for_those_that_are_out() {
    in_time(|| {
        let (pool, _) = numbered(2);
        let spawn = |_| {
            let pool = pool.clone();
            thread::spawn(move || {
                for len in 0..500 {
                    let taken: Vec<_> = (0..len % 7).map(|_| pool.take_or_make()).collect();
                    assert_eq!(values(&taken).len(), taken.len());
                }
            })
        };
        [0, 1, 2, 3].map(spawn).into_iter().for_each(join);
        assert_eq!(pool.available(), 2);
    });
}

#[test]
fn zero_sized_values_go_round_too() {
    let pool = Pool::new(3, || ()).expect("valid");
    let taken = [pool.try_take(), pool.try_take(), pool.try_take(), pool.try_take()];
    assert_eq!(taken.iter().flatten().count(), 3);
    drop(taken);
    assert_eq!(pool.available(), 3);
}
