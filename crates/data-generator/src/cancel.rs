use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

/// Ends generators from any thread: a sleeping read returns at once, with end of file.
///
/// Clones share their state, so that one `Cancel` can end many generators. It cannot be undone.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    cancelled: AtomicBool,
    /// Held while `cancelled` is set and while a sleeper decides to sleep, so that no sleeper
    /// misses the notification in between.
    sleepers: Mutex<()>,
    wake: Condvar,
}

impl Cancel {
    /// One that nobody has cancelled yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every generator that was made with this, now and later.
    pub fn cancel(&self) {
        let held = self.shared.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.cancelled.store(true, Ordering::Relaxed);
        drop(held);
        self.shared.wake.notify_all();
    }

    /// Whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Relaxed)
    }

    /// Sleeps until `deadline` or the cancel, whichever is first.
    pub fn sleep_until(&self, deadline: Instant) {
        let mut held = self.shared.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        while !self.is_cancelled() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            held = match self.shared.wake.wait_timeout(held, left) {
                Ok((held, _)) => held,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}
