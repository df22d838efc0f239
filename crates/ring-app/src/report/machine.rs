//! What the machine has, and what this process took of it.

use std::fmt;
use std::fs;
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
    /// `None` if the system does not tell.
    peak_rss_kib: Option<u64>,
}

impl Usage {
    pub(crate) fn now() -> Option<Self> {
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
        Some(Self {
            user: duration(usage.user_time()),
            system: duration(usage.system_time()),
            peak_rss_kib: peak_rss_kib(),
        })
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "CPU time: {:.2}s ({:.2}s user, {:.2}s system)",
            (self.user + self.system).as_secs_f64(),
            self.user.as_secs_f64(),
            self.system.as_secs_f64()
        )?;
        match self.peak_rss_kib {
            Some(kib) => write!(f, ", peak memory: {:.1} MiB", kib as f64 / 1024.0),
            None => Ok(()),
        }
    }
}

/// From `/proc`, since `getrusage` tells the peak of whoever started this process if that was
/// higher: `cargo run` takes five times as much memory as a run of ours.
fn peak_rss_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn duration(time: TimeVal) -> Duration {
    let micros = time.tv_sec().unsigned_abs() * 1_000_000 + time.tv_usec().unsigned_abs();
    Duration::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_something() {
        assert!(peak_rss_kib().unwrap() > 0);
        assert!(ram_bytes() > peak_rss_kib().unwrap() * 1024);
        assert!(Usage::now().unwrap().to_string().starts_with("CPU time: "));
    }
}
