//! The lock of a gate's list where there is no `std`: held for a few instructions, never while
//! code of the user runs.
//!
//! Who finds it taken spins. So an interrupt handler, or a thread that outranks others on one
//! core, must not read, write or wait as a task where it may have interrupted somebody who does:
//! the holder would never get on.

use crate::sync::{Accesses, AtomicBool, Ordering, spin_loop};
use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

pub(crate) struct Mutex<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
    accesses: Accesses,
}

// SAFETY: a guard is the only way to the value, and there is one at a time; by it the value goes
// from one thread to another (T: Send).
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        let value = UnsafeCell::new(value);
        Self { taken: AtomicBool::new(false), value, accesses: Accesses::new(1) }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Acquire, partner the guard's drop: what its last holder did to the value.
    let take = || mutex.taken.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
    while take().is_err() {
        spin_loop();
    }
    mutex.accesses.write(0);
    MutexGuard { mutex, lends: PhantomData }
}

pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// Shared only where the value may be.
    lends: PhantomData<&'a mut T>,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this guard is the only one, and lends the value as it is itself lent.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        // Release, partner `lock`.
        self.mutex.taken.store(false, Ordering::Release);
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

#[cfg(all(test, ring_loom))]
mod models {
    use super::*;
    use loom::sync::Arc;
    use loom::thread;

    #[test]
    fn a_spin_lock_lends_its_value_to_one_at_a_time() {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(|| {
            let mutex = Arc::new(Mutex::new(0));
            let other = mutex.clone();
            let other = thread::spawn(move || *lock(&other) += 1);
            *lock(&mutex) += 1;
            other.join().unwrap();
            assert_eq!(*lock(&mutex), 2);
        });
    }
}
