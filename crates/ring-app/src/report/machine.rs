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

/// Processor time of this process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CpuTime {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
}

impl CpuTime {
    pub(crate) const NONE: Self = Self { user: Duration::ZERO, system: Duration::ZERO };

    /// Up to now, by all threads.
    pub(crate) fn now() -> Self {
        let usage = process_usage();
        Self { user: duration(usage.user_time()), system: duration(usage.system_time()) }
    }

    pub(crate) fn in_all(self) -> Duration {
        self.user + self.system
    }

    /// What came after `earlier`.
    pub(crate) fn since(self, earlier: Self) -> Self {
        // The kernel may move time from one to the other, by a tick.
        Self {
            user: self.user.saturating_sub(earlier.user),
            system: self.system.saturating_sub(earlier.system),
        }
    }
}

/// What this process has taken so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) cpu: CpuTime,
    pub(crate) peak_rss_bytes: u64,
}

impl Usage {
    pub(crate) fn now() -> Self {
        Self { cpu: CpuTime::now(), peak_rss_bytes: peak_rss_kib() * 1024 }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "CPU time: {:.2}s ({:.2}s user, {:.2}s system)",
            self.cpu.in_all().as_secs_f64(),
            self.cpu.user.as_secs_f64(),
            self.cpu.system.as_secs_f64()
        )?;
        write!(f, ", peak memory: {:.1} MiB", self.peak_rss_bytes as f64 / 1024.0 / 1024.0)
    }
}

/// From `/proc` if there is one, since `getrusage` tells the peak of whoever started this process
/// if that was higher: `cargo run` takes five times as much memory as a run of ours.
fn peak_rss_kib() -> u64 {
    peak_rss_kib_of_proc().unwrap_or_else(|| process_usage().max_rss().unsigned_abs())
}

fn peak_rss_kib_of_proc() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn process_usage() -> nix::sys::resource::Usage {
    getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask for its own usage")
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
        assert!(peak_rss_kib_of_proc().unwrap() > 0);
        assert!(ram_bytes() > peak_rss_kib() * 1024);
        assert!(Usage::now().to_string().starts_with("CPU time: "));
    }
}
