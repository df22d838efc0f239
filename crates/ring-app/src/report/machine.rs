//! What the machine has, and what this process took of it.

use std::fmt;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::sysinfo::sysinfo;
use nix::sys::time::TimeVal;

/// The machine's memory; without a limit if the system does not tell.
pub(crate) fn ram_bytes() -> u64 {
    sysinfo().map_or(u64::MAX, |info| info.ram_total())
}

/// Processor time and memory of this process so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    user: Duration,
    system: Duration,
    peak_rss_kib: u64,
}

impl Usage {
    pub(crate) fn now() -> Option<Self> {
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
        Some(Self {
            user: duration(usage.user_time()),
            system: duration(usage.system_time()),
            peak_rss_kib: u64::try_from(usage.max_rss()).unwrap_or(0),
        })
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "CPU time: {:.2}s ({:.2}s user, {:.2}s system), peak memory: {:.1} MiB",
            (self.user + self.system).as_secs_f64(),
            self.user.as_secs_f64(),
            self.system.as_secs_f64(),
            self.peak_rss_kib as f64 / 1024.0
        )
    }
}

fn duration(time: TimeVal) -> Duration {
    let micros = time.tv_sec().unsigned_abs() * 1_000_000 + time.tv_usec().unsigned_abs();
    Duration::from_micros(micros)
}
