//! Every primitive of synchronisation that the crate uses, under one roof.
//!
//! This is the only file that knows of the model checkers. With `--cfg ring_loom` the same
//! names come from [loom](https://docs.rs/loom), and [`Accesses`] tells loom which plain
//! memory is touched, so that a missing ordering shows up as a data race. With
//! `--cfg ring_shuttle` they come from [shuttle](https://docs.rs/shuttle), which tries many
//! schedules of large tests at random, under sequential consistency.

#[cfg(not(any(ring_loom, ring_shuttle)))]
mod real {
    pub(crate) use alloc::sync::Arc;
    pub(crate) use core::hint::spin_loop;
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, compiler_fence, fence};
    #[cfg(feature = "std")]
    pub(crate) use std::sync::{Mutex, MutexGuard};

    #[cfg(all(feature = "async", not(feature = "std")))]
    pub(crate) use crate::spin_lock::{Mutex, MutexGuard, lock};

    /// Takes the lock, also where a holder of it has unwound.
    #[cfg(feature = "std")]
    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Runs code of the user that has no business to unwind, and where its unwinding would take
    /// items with it. The panic hook has said what there is to say of it.
    #[cfg(all(feature = "async", feature = "std"))]
    pub(crate) fn quietly(run: impl FnOnce()) {
        use core::panic::AssertUnwindSafe;
        use std::panic::catch_unwind;

        let panic = catch_unwind(AssertUnwindSafe(run)).err();
        // Whose drop may unwind in turn: then that one's panic is kept for ever.
        let another = catch_unwind(AssertUnwindSafe(|| drop(panic))).err();
        core::mem::forget(another);
    }

    /// Without `std` nothing catches a panic.
    #[cfg(all(feature = "async", not(feature = "std")))]
    pub(crate) fn quietly(run: impl FnOnce()) {
        run();
    }

    /// Without `std` no thread can sleep.
    #[cfg(all(feature = "async", not(feature = "std")))]
    #[derive(Debug)]
    pub(crate) enum Sleeper {}

    #[cfg(all(feature = "async", not(feature = "std")))]
    impl Sleeper {
        pub(crate) fn wake(&self) {
            match *self {}
        }
    }

    /// A thread that sleeps, as those see it that are to wake it.
    #[cfg(feature = "std")]
    #[derive(Clone, Debug)]
    pub(crate) struct Sleeper(std::thread::Thread);

    #[cfg(feature = "std")]
    impl Sleeper {
        pub(crate) fn current() -> Self {
            Self(std::thread::current())
        }

        pub(crate) fn is(&self, other: &Self) -> bool {
            self.0.id() == other.0.id()
        }

        /// Ends the sleep, or if it has not begun, the next one.
        pub(crate) fn wake(&self) {
            self.0.unpark();
        }

        /// For the thread itself. May end early.
        pub(crate) fn sleep(&self, limit: Option<core::time::Duration>) {
            match limit {
                Some(limit) => std::thread::park_timeout(limit),
                None => std::thread::park(),
            }
        }
    }

    pub(crate) const MODEL: bool = false;
}

/// Nothing: only loom keeps a log.
#[cfg(not(ring_loom))]
mod unlogged {
    pub(crate) struct Accesses;

    impl Accesses {
        pub(crate) fn new(_slots: usize) -> Self {
            Self
        }
        #[inline(always)]
        pub(crate) fn read(&self, _index: usize) {}
        #[inline(always)]
        pub(crate) fn write(&self, _index: usize) {}
    }
}

#[cfg(ring_loom)]
mod logged {
    use alloc::boxed::Box;
    use loom::cell::UnsafeCell;

    /// One cell for each slot, touched whenever the slot is: loom reports any two accesses
    /// that are not ordered and of which one is a write.
    pub(crate) struct Accesses(Box<[UnsafeCell<()>]>);

    impl Accesses {
        pub(crate) fn new(slots: usize) -> Self {
            Self((0..slots).map(|_| UnsafeCell::new(())).collect())
        }
        pub(crate) fn read(&self, index: usize) {
            self.0[index].with(|_| ());
        }
        pub(crate) fn write(&self, index: usize) {
            self.0[index].with_mut(|_| ());
        }
    }
}

#[cfg(any(ring_loom, ring_shuttle))]
mod model {
    #[cfg(ring_loom)]
    use loom as checker;
    #[cfg(ring_shuttle)]
    use shuttle as checker;

    pub(crate) use checker::hint::spin_loop;
    pub(crate) use checker::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, fence};
    pub(crate) use checker::sync::{Arc, Mutex, MutexGuard};

    use super::Ordering;
    use checker::sync::Condvar;

    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().expect("a model does not poison")
    }

    /// What unwinds in a model is the checker itself, which must be heard.
    #[cfg(feature = "async")]
    pub(crate) fn quietly(run: impl FnOnce()) {
        run();
    }

    /// A sleep of its own for each wait, made of a lock and a condition: loom's `park` forgets
    /// that it was unparked when the thread waits for a lock in between.
    #[derive(Clone, Debug)]
    pub(crate) struct Sleeper(Arc<(Mutex<bool>, Condvar)>);

    impl Sleeper {
        pub(crate) fn current() -> Self {
            Self(Arc::new((Mutex::new(false), Condvar::new())))
        }

        pub(crate) fn is(&self, other: &Self) -> bool {
            Arc::ptr_eq(&self.0, &other.0)
        }

        pub(crate) fn wake(&self) {
            *self.0.0.lock().expect("a model does not poison") = true;
            self.0.1.notify_one();
        }

        /// A model has no clock: a limited sleep is an unlimited one, so that a lost wake-up is
        /// a deadlock that the checker reports.
        pub(crate) fn sleep(&self, _limit: Option<core::time::Duration>) {
            let mut woken = self.0.0.lock().expect("a model does not poison");
            while !*woken {
                woken = self.0.1.wait(woken).expect("a model does not poison");
            }
            *woken = false;
        }
    }

    /// The compiler's order is no order between threads.
    pub(crate) fn compiler_fence(_order: Ordering) {}

    pub(crate) const MODEL: bool = true;
}

#[cfg(ring_loom)]
pub(crate) use logged::Accesses;
#[cfg(any(ring_loom, ring_shuttle))]
pub(crate) use model::*;
#[cfg(not(any(ring_loom, ring_shuttle)))]
pub(crate) use real::*;
#[cfg(not(ring_loom))]
pub(crate) use unlogged::Accesses;

pub(crate) use core::sync::atomic::Ordering;

/// A value alone on its cache line: 128 bytes, since x86 prefetches lines in pairs and
/// Apple's and IBM's lines are that long.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Line<T>(pub(crate) T);

impl<T> core::ops::Deref for Line<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}
