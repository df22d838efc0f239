//! Where threads sleep until somebody has something for them.
//!
//! Invariant G1: `mark` is not zero whenever `sleepers` is not empty; both change under the
//! lock. So one relaxed load of `mark` tells whoever publishes that nobody sleeps.
//!
//! Two ways to wake. [`Gate::wake`] takes the lock: whatever its caller stored before is seen
//! by a sleeper that announces itself later, and a sleeper that announced itself earlier is
//! woken. The hot paths load [`Gate::mark`] first, and need a barrier for that (see `barrier`).

#[cfg(feature = "std")]
pub(crate) use sleeping::Gate;
#[cfg(not(feature = "std"))]
pub(crate) use waking_nobody::Gate;

#[cfg(feature = "std")]
mod sleeping {
    use crate::sync::{AtomicU64, Mutex, Ordering, Sleeper};
    use alloc::vec::Vec;
    use std::sync::PoisonError;

    /// Room for these is there from the start, so that the first sleep allocates nothing. Only at
    /// a shared shard may there be more.
    const USUAL_SLEEPERS: usize = 16;

    #[derive(Debug)]
    pub(crate) struct Gate {
        /// 0: nobody sleeps. Else the least number of items that is worth a wake-up.
        mark: AtomicU64,
        sleepers: Mutex<Vec<Sleeper>>,
    }

    impl Gate {
        pub(crate) fn new() -> Self {
            let sleepers = Mutex::new(Vec::with_capacity(USUAL_SLEEPERS));
            Self { mark: AtomicU64::new(0), sleepers }
        }

        #[inline(always)]
        pub(crate) fn mark(&self) -> u64 {
            self.mark.load(Ordering::Relaxed)
        }

        /// Wakes all who sleep here.
        #[cold]
        pub(crate) fn wake(&self) {
            let mut sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
            // First the mark: a sleeper that sees it gone need not take the lock to leave.
            self.mark.store(0, Ordering::Relaxed);
            for sleeper in sleepers.drain(..) {
                sleeper.wake();
            }
        }

        /// Puts `me` on the list; from now on `wake` reaches it.
        pub(crate) fn announce(&self, me: &Sleeper, mark: u64) {
            let mut sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
            if sleepers.iter().all(|sleeper| !sleeper.is(me)) {
                sleepers.push(me.clone());
            }
            self.mark.store(mark, Ordering::Relaxed);
        }

        /// Takes `me` off the list again.
        pub(crate) fn retract(&self, me: &Sleeper) {
            if self.mark() == 0 {
                return;
            }
            let mut sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
            sleepers.retain(|sleeper| !sleeper.is(me));
            if sleepers.is_empty() {
                self.mark.store(0, Ordering::Relaxed);
            }
        }
    }
}

/// Without `std` nobody can sleep.
#[cfg(not(feature = "std"))]
mod waking_nobody {
    #[derive(Debug)]
    pub(crate) struct Gate;

    impl Gate {
        pub(crate) fn new() -> Self {
            Self
        }

        #[inline(always)]
        pub(crate) fn mark(&self) -> u64 {
            0
        }

        pub(crate) fn wake(&self) {}
    }
}
