//! What each checker of memory must report, or it proves nothing: a race, a leak, a use after
//! free, a read of what was never written. Built by `proofs/sanitizers.py` as a test binary, since
//! what is suppressed for the sake of libtest must not hide them; each wrong on purpose but `fine`,
//! where nothing may be reported.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// A ring of one producer and one consumer, whose publish has the ordering that it is given.
struct Ring {
    cells: [UnsafeCell<Box<u64>>; 4],
    tail: AtomicU64,
    head: AtomicU64,
    publish: Ordering,
}

// SAFETY: with `publish` Release, a cell is either the producer's or the consumer's. With
// Relaxed it is a race, which is the point.
unsafe impl Sync for Ring {}

fn through_a_ring(publish: Ordering) {
    let cells = std::array::from_fn(|_| UnsafeCell::new(Box::new(0)));
    let ring = Ring { cells, tail: AtomicU64::new(0), head: AtomicU64::new(0), publish };
    let ring = Arc::new(ring);
    let theirs = ring.clone();
    let producer = thread::spawn(move || {
        for item in 0..1000 {
            while item - theirs.head.load(Ordering::Acquire) == 4 {
                thread::yield_now();
            }
            // SAFETY: the consumer has given the cell back.
            unsafe { *theirs.cells[item as usize % 4].get() = Box::new(item) };
            theirs.tail.store(item + 1, theirs.publish);
        }
    });
    for item in 0..1000 {
        while ring.tail.load(Ordering::Acquire) == item {
            thread::yield_now();
        }
        // SAFETY: published.
        assert_eq!(unsafe { **ring.cells[item as usize % 4].get() }, item);
        ring.head.store(item + 1, Ordering::Release);
    }
    producer.join().expect("no panic");
}

#[test]
fn fine() {
    through_a_ring(Ordering::Release);
}

#[test]
fn race() {
    through_a_ring(Ordering::Relaxed);
}

#[test]
fn leak() {
    std::mem::forget(std::hint::black_box(vec![Box::new(1_u64); 100]));
}

#[test]
fn use_after_free() {
    let item = Box::new(7_u64);
    let address = std::hint::black_box(&raw const *item);
    drop(item);
    // SAFETY: none. It was freed.
    println!("{}", unsafe { address.read() });
}

#[test]
fn uninitialised() {
    let cell: Box<MaybeUninit<u64>> = Box::new(MaybeUninit::uninit());
    // SAFETY: none. It was never written.
    let number = unsafe { cell.as_ptr().read_volatile() };
    println!("{}", if number % 3 == 1 { "yes" } else { "no" });
}
