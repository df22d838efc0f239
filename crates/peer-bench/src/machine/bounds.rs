//! The bounds, measured without the library under test. Each is the best of a few tries: a
//! bound is what the machine can do, not what it did while something else ran.

use crate::measure::item::{Block, Item, TAG_STEP, tag};
use crate::measure::verify::Verifier;
use crate::patience::Patience;
use crate::subject::Stop;
use rtrb::{Consumer, Producer, RingBuffer};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

const TRIES: usize = 5;

fn best(measure: impl FnMut() -> f64) -> f64 {
    std::iter::repeat_with(measure).take(TRIES).fold(f64::INFINITY, f64::min)
}

/// Two threads answer each other through one word.
pub(super) fn line_one_way_ns() -> f64 {
    const TRIPS: u64 = 2_000;
    // Far longer than an answer takes; on a busy machine the other thread may need our core.
    let patience = Patience::with_spins(&Stop::default(), 1_000);
    let await_value = |patience: &Patience, word: &AtomicU64, value| {
        let answered = patience.until(|| (word.load(Ordering::Acquire) == value).then_some(()));
        answered.expect("nobody stops it");
    };
    best(|| {
        let word = Arc::new(AtomicU64::new(0));
        let (theirs, their_patience) = (word.clone(), patience.clone());
        let other = thread::spawn(move || {
            for trip in 0..TRIPS {
                await_value(&their_patience, &theirs, 2 * trip + 1);
                theirs.store(2 * trip + 2, Ordering::Release);
            }
        });
        let start = Instant::now();
        for trip in 0..TRIPS {
            word.store(2 * trip + 1, Ordering::Release);
            await_value(&patience, &word, 2 * trip + 2);
        }
        let elapsed = start.elapsed().as_nanos() as f64;
        other.join().expect("it only stores and loads");
        elapsed / (2 * TRIPS) as f64
    })
}

/// `threads` threads add to one word.
pub(super) fn fetch_add_ns(threads: usize) -> f64 {
    const ADDS: u64 = 500_000;
    best(|| {
        let word = AtomicU64::new(0);
        let start = Barrier::new(threads);
        let add = || {
            start.wait();
            let start = Instant::now();
            for _ in 0..ADDS {
                black_box(word.fetch_add(1, Ordering::Relaxed));
            }
            start.elapsed().as_nanos() as f64
        };
        let slowest = thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(add)).collect();
            let times = threads.into_iter().map(|t| t.join().expect("it only adds"));
            times.fold(0.0, f64::max)
        });
        slowest / (ADDS as f64 * threads as f64)
    })
}

/// Copies into the slots of a ring's worth of memory and reads them, on one core.
pub(super) fn copy_1450_ns() -> f64 {
    const LAPS: usize = 20;
    let mut slots = vec![Block::<1450>::default(); 1024];
    best(|| {
        let item = black_box(Block::<1450>::tagged(1));
        let start = Instant::now();
        let mut sum = 0_u64;
        for _ in 0..LAPS {
            slots.iter_mut().for_each(|slot| *slot = *black_box(&item));
            sum = slots.iter().fold(sum, |sum, slot| sum.wrapping_add(slot.sum()));
        }
        black_box(sum);
        start.elapsed().as_nanos() as f64 / (LAPS * slots.len()) as f64
    })
}

pub(super) fn wire_ns(producers: usize) -> f64 {
    wire::<u64>(producers, 1024)
}

pub(super) fn wire_1450_ns(producers: usize) -> f64 {
    wire::<Block<1450>>(producers, 64)
}

/// Blocks on their way between a producer and the consumer: full ones there, empty ones back.
struct Lane<T> {
    full: Producer<Vec<T>>,
    empty: Consumer<Vec<T>>,
}

/// Blocks of `block` items change hands through a ring to each producer, and every item is
/// read: what is left is the cost of the lines themselves.
fn wire<T: Item>(producers: usize, block: usize) -> f64 {
    let blocks = (4_000_000 / (T::BYTES * block * producers)).max(8);
    best(|| {
        let patience = Patience::new(&Stop::default());
        let start = Arc::new(Barrier::new(producers + 1));
        let mut ends = Vec::new();
        let mut threads = Vec::new();
        for id in 0..producers {
            let (lane, full, empty) = lane::<T>(block);
            let (patience, start) = (patience.clone(), start.clone());
            ends.push((full, empty));
            threads.push(thread::spawn(move || fill(lane, id, blocks, &patience, &start)));
        }
        start.wait();
        let began = Instant::now();
        let mut verifier = Verifier::new();
        let mut left = producers * blocks;
        let mut turn = 0;
        while left > 0 {
            let got = patience.until(|| {
                turn = (turn + 1) % producers;
                ends[turn].0.pop().ok()
            });
            let items = got.expect("nobody stops it");
            items.iter().for_each(|item| verifier.read(item));
            left -= 1;
            // There is room: no more blocks than slots are about. A producer that is done
            // takes none back.
            drop(ends[turn].1.push(items));
        }
        let elapsed = began.elapsed().as_nanos() as f64;
        threads.into_iter().for_each(|t| t.join().expect("it only fills blocks"));
        let sent = vec![(blocks * block) as u64; producers];
        verifier.finish::<T>(&sent).expect("rings of whole blocks keep order");
        elapsed / (producers * blocks * block) as f64
    })
}

type Ends<T> = (Lane<T>, Consumer<Vec<T>>, Producer<Vec<T>>);

/// Four blocks to a lane.
fn lane<T: Item>(block: usize) -> Ends<T> {
    const BLOCKS: usize = 4;
    let (full, filled) = RingBuffer::new(BLOCKS);
    let (mut emptied, empty) = RingBuffer::new(BLOCKS);
    for _ in 0..BLOCKS {
        drop(emptied.push(vec![T::default(); block]));
    }
    (Lane { full, empty }, filled, emptied)
}

fn fill<T: Item>(
    mut lane: Lane<T>,
    id: usize,
    blocks: usize,
    patience: &Patience,
    start: &Barrier,
) {
    let mut next = tag(id, 0);
    start.wait();
    for _ in 0..blocks {
        let Ok(mut items) = patience.until(|| lane.empty.pop().ok()) else { return };
        for item in &mut items {
            *item = T::tagged(next);
            next += TAG_STEP;
        }
        drop(lane.full.push(items));
    }
}
