//! Waiting for subjects that leave it to their users: spin a while, then yield; and look
//! whether the round was called off.

use crate::subject::{Stop, Stopped};
use std::hint::spin_loop;
use std::thread::yield_now;

/// The pauses of `crossbeam_utils::Backoff` before it yields, and gil's own limit for its
/// sharded receivers.
const SPINS: u32 = 128;

/// How one end waits.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    stop: Stop,
    spins: u32,
}

impl Patience {
    pub(crate) fn new(stop: &Stop) -> Self {
        Self { stop: stop.clone(), spins: SPINS }
    }

    /// Yields after `spins` pauses.
    pub(crate) fn with_spins(stop: &Stop, spins: u32) -> Self {
        Self { stop: stop.clone(), spins }
    }

    /// Repeats `attempt` until it succeeds.
    #[inline(always)]
    pub(crate) fn until<R>(&self, mut attempt: impl FnMut() -> Option<R>) -> Result<R, Stopped> {
        loop {
            for _ in 0..=self.spins {
                if let Some(result) = attempt() {
                    return Ok(result);
                }
                spin_loop();
            }
            self.stop.check()?;
            yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_until_it_succeeds_or_is_stopped() {
        let stop = Stop::default();
        let patience = Patience::new(&stop);
        let mut tries = 0;
        let third = patience.until(|| {
            tries += 1;
            (tries == 1000).then_some(tries)
        });
        assert_eq!(third, Ok(1000));
        stop.set();
        assert_eq!(patience.until(|| None::<()>), Err(Stopped));
    }
}
