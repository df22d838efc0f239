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
    fn working_counts_and_sleeping_does_not() {
        let before = process_time();
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(30) {}
        assert!(process_time() - before >= Duration::from_millis(5));
    }
}
