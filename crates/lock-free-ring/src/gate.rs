//! Where threads and tasks wait until somebody has something for them.
//!
//! Invariant G1: `mark` is not zero whenever anybody is on the list; both change under the lock.
//! So one relaxed load of `mark` tells whoever publishes that nobody waits.
//!
//! Two ways to wake. [`Gate::wake`] takes the lock: whatever its caller stored before is seen
//! by a waiter that announces itself later, and a waiter that announced itself earlier is
//! woken. The hot paths load [`Gate::mark`] first, and need a barrier for that (see `barrier`).
//!
//! A wake reaches all who wait, so nobody carries a wake-up that is another's: a waiter that goes
//! away, woken or not, takes nothing with it.

#[cfg(not(any(feature = "std", feature = "async")))]
pub(crate) use waking_nobody::Gate;
#[cfg(any(feature = "std", feature = "async"))]
pub(crate) use waking_waiters::Gate;

#[cfg(any(feature = "std", feature = "async"))]
mod waking_waiters {
    use crate::sync::{AtomicU64, Mutex, MutexGuard, Ordering, Sleeper, lock};
    #[cfg(feature = "async")]
    use crate::tasks::TaskId;
    use crate::tasks::Tasks;
    use alloc::vec::Vec;
    #[cfg(feature = "async")]
    use core::task::Waker;

    /// Room for these is there from the start, so that the first sleep allocates nothing. Only at
    /// a shared shard may there be more.
    const USUAL_SLEEPERS: usize = 16;

    #[derive(Debug)]
    pub(crate) struct Gate {
        /// 0: nobody waits. Else the least number of items that is worth a wake-up.
        mark: AtomicU64,
        waiters: Mutex<Waiters>,
    }

    #[derive(Debug)]
    struct Waiters {
        sleepers: Vec<Sleeper>,
        tasks: Tasks,
    }

    impl Gate {
        pub(crate) fn new() -> Self {
            let sleepers = Vec::with_capacity(USUAL_SLEEPERS);
            let waiters = Waiters { sleepers, tasks: Tasks::new() };
            Self { mark: AtomicU64::new(0), waiters: Mutex::new(waiters) }
        }

        fn waiters(&self) -> MutexGuard<'_, Waiters> {
            lock(&self.waiters)
        }

        #[inline(always)]
        pub(crate) fn mark(&self) -> u64 {
            self.mark.load(Ordering::Relaxed)
        }

        /// Wakes all who wait here.
        #[cold]
        pub(crate) fn wake(&self) {
            let mut waiters = self.waiters();
            // Those who are here now: a task that was woken may be back at once.
            let mut due = waiters.tasks.len();
            loop {
                let task = waiters.tasks.first();
                if waiters.tasks.is_empty() {
                    // First the mark: a sleeper that sees it gone need not take the lock to leave.
                    self.mark.store(0, Ordering::Relaxed);
                }
                waiters.sleepers.drain(..).for_each(|sleeper| sleeper.wake());
                drop(waiters);
                // Not under the lock: a waker is code of the user, which may come back here.
                let Some(task) = task else { return };
                task.wake();
                due -= 1;
                if due == 0 {
                    return;
                }
                waiters = self.waiters();
            }
        }
    }

    /// For threads.
    #[cfg(feature = "std")]
    impl Gate {
        /// Puts `me` on the list; from now on `wake` reaches it.
        pub(crate) fn announce(&self, me: &Sleeper, mark: u64) {
            let mut waiters = self.waiters();
            if waiters.sleepers.iter().all(|sleeper| !sleeper.is(me)) {
                waiters.sleepers.push(me.clone());
            }
            // A task is worth a wake-up with the first item.
            let mark = if waiters.tasks.is_empty() { mark } else { 1 };
            self.mark.store(mark, Ordering::Relaxed);
        }

        /// Takes `me` off the list again.
        pub(crate) fn retract(&self, me: &Sleeper) {
            if self.mark() == 0 {
                return;
            }
            let mut waiters = self.waiters();
            waiters.sleepers.retain(|sleeper| !sleeper.is(me));
            self.unmark(&waiters);
        }
    }

    /// For tasks. What is of the user, a waker's clone and drop, stays outside of the lock.
    #[cfg(feature = "async")]
    impl Gate {
        /// Puts the task on the list, or gives it this waker if it is there; from now on `wake`
        /// reaches it.
        pub(crate) fn enlist(&self, task: TaskId, waker: &Waker) {
            let waker = waker.clone();
            let mut waiters = self.waiters();
            let replaced = waiters.tasks.enlist(task, waker);
            self.mark.store(1, Ordering::Relaxed);
            drop(waiters);
            drop(replaced);
        }

        /// Takes the task off the list again.
        pub(crate) fn delist(&self, task: TaskId) {
            if self.mark() == 0 {
                return;
            }
            let mut waiters = self.waiters();
            let removed = waiters.tasks.delist(task);
            self.unmark(&waiters);
            drop(waiters);
            drop(removed);
        }
    }

    impl Gate {
        fn unmark(&self, waiters: &Waiters) {
            if waiters.sleepers.is_empty() && waiters.tasks.is_empty() {
                self.mark.store(0, Ordering::Relaxed);
            }
        }
    }
}

/// With neither threads nor tasks nobody can wait.
#[cfg(not(any(feature = "std", feature = "async")))]
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

#[cfg(all(test, feature = "std", not(any(ring_loom, ring_shuttle))))]
mod tests {
    use super::Gate;
    use crate::sync::Sleeper;
    use std::thread;

    fn another() -> Sleeper {
        thread::spawn(Sleeper::current).join().expect("no panic")
    }

    #[test]
    fn the_mark_is_there_until_the_last_sleeper_leaves_or_is_woken() {
        let (gate, me, other) = (Gate::new(), Sleeper::current(), another());
        gate.announce(&me, 5);
        assert_eq!(gate.mark(), 5);
        gate.announce(&other, 3);
        gate.announce(&me, 7);
        assert_eq!(gate.mark(), 7, "the last one's");
        gate.retract(&me);
        assert_eq!(gate.mark(), 7, "one is still there");
        gate.retract(&other);
        assert_eq!(gate.mark(), 0, "announced twice, and on the list once");
        gate.announce(&me, 5);
        gate.wake();
        assert_eq!(gate.mark(), 0);
    }
}
