//! Backoff: try a few times, sleep, try again; as the document describes it, and cancellable.

use crate::barrier::Barrier;
use crate::cursor::Refusal;
use crate::gate::Gate;
use crate::ring::Ring;
use crate::sync::{Arc, AtomicBool, Ordering, spin_loop};
use crate::wait::sleep_until;
use core::num::NonZeroU32;
use core::time::Duration;
use std::time::Instant;

/// How [`write_with_backoff`](crate::ShardedRing::write_with_backoff) goes about a full shard:
/// `max_retries` attempts make a cycle, cycles are `backoff` apart, and after `max_backoffs`
/// cycles it gives up. So it makes `max_retries × max_backoffs` attempts at most and sleeps
/// `max_backoffs − 1` times. A close of the ring ends a sleep at once, and so does `cancel`.
///
/// ```
/// use lock_free_ring::{ShardedRing, WriteConfig, WriteRefused};
/// use std::{num::NonZeroU32, time::Duration};
///
/// let config = WriteConfig {
///     backoff: Duration::from_micros(50),
///     max_backoffs: NonZeroU32::new(3),
///     ..WriteConfig::default()
/// };
/// let ring = ShardedRing::new(1, 1)?;
/// ring.write_with_backoff(0, 'a', &config)?;
/// assert_eq!(ring.write_with_backoff(0, 'b', &config), Err(WriteRefused::Full('b')));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WriteConfig {
    /// Attempts before a sleep: 10 unless told.
    pub max_retries: NonZeroU32,
    /// The sleep between two cycles: 100 µs unless told.
    pub backoff: Duration,
    /// Cycles before it gives up: unless told no limit.
    pub max_backoffs: Option<NonZeroU32>,
    /// Ends the sleeps of whoever was given a clone of it; the write then comes back as full.
    pub cancel: Option<Cancel>,
}

impl Default for WriteConfig {
    fn default() -> Self {
        Self {
            max_retries: const { NonZeroU32::new(10).expect("not zero") },
            backoff: Duration::from_micros(100),
            max_backoffs: None,
            cancel: None,
        }
    }
}

/// Calls off waiting writes, from any thread, once and for all. Clones stand for the same.
///
/// ```
/// use lock_free_ring::{Cancel, ShardedRing, WriteConfig};
/// use std::{thread, time::Duration};
///
/// let cancel = Cancel::new();
/// let config = WriteConfig {
///     backoff: Duration::from_secs(3600),
///     cancel: Some(cancel.clone()),
///     ..WriteConfig::default()
/// };
/// let ring = ShardedRing::new(1, 1)?;
/// ring.try_write(0, 1)?;
/// thread::scope(|scope| {
///     let waiting = scope.spawn(|| ring.write_with_backoff(0, 2, &config));
///     cancel.cancel();
///     assert!(waiting.join().unwrap().unwrap_err().is_full());
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cancel(Arc<CancelState>);

#[derive(Debug)]
struct CancelState {
    cancelled: AtomicBool,
    gate: Gate,
}

impl Cancel {
    /// Not cancelled yet.
    ///
    /// ```
    /// let cancel = lock_free_ring::Cancel::new();
    /// assert!(!cancel.is_cancelled());
    /// ```
    pub fn new() -> Self {
        Self(Arc::new(CancelState { cancelled: AtomicBool::new(false), gate: Gate::new() }))
    }

    /// Cancels, for ever, and wakes those who sleep.
    ///
    /// ```
    /// let cancel = lock_free_ring::Cancel::new();
    /// cancel.clone().cancel();
    /// assert!(cancel.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        // Relaxed: the gate's lock orders it with those who sleep.
        self.0.cancelled.store(true, Ordering::Relaxed);
        self.0.gate.wake();
    }

    /// Whether it has been cancelled.
    ///
    /// ```
    /// assert!(!lock_free_ring::Cancel::new().is_cancelled());
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs `attempt` under `config` until it is anything but refused as full, or called off.
pub(crate) fn back_off<T, R>(
    ring: &Ring<T>,
    config: &WriteConfig,
    mut attempt: impl FnMut() -> Result<R, Refusal>,
) -> Result<R, Refusal> {
    let mut cycles_left = config.max_backoffs.map(NonZeroU32::get);
    loop {
        for retry in 0..config.max_retries.get() {
            if retry > 0 {
                spin_loop();
            }
            match attempt() {
                Err(Refusal::Full) => {}
                settled => return settled,
            }
        }
        if let Some(left) = &mut cycles_left {
            *left -= 1;
            if *left == 0 {
                return Err(Refusal::Full);
            }
        }
        if sleep(ring, config) {
            return if ring.is_closed() { attempt() } else { Err(Refusal::Full) };
        }
    }
}

/// Sleeps for one backoff; answers whether it was called off.
fn sleep<T>(ring: &Ring<T>, config: &WriteConfig) -> bool {
    let called_off = || {
        (ring.is_closed() || config.cancel.as_ref().is_some_and(Cancel::is_cancelled)).then_some(())
    };
    let deadline = Instant::now().checked_add(config.backoff);
    let gates = match &config.cancel {
        Some(cancel) => &[ring.closing(), &cancel.0.gate][..],
        None => &[ring.closing()],
    };
    // Both gates are woken under their locks, which needs no barrier of ours.
    sleep_until(gates, 1, Barrier::Fence, deadline, called_off).is_some()
}
