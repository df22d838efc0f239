//! The CPU time of this process.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// What all threads of this process have used so far, in user and system time.
pub(crate) fn process_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn work_is_counted() {
        let (before, start) = (process_time(), Instant::now());
        // However long it takes until a busy machine has let us work that much.
        while process_time() - before < Duration::from_millis(5) {
            assert!(start.elapsed() < Duration::from_secs(60), "work is not counted");
        }
    }
}
