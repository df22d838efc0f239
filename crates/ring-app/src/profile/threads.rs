//! The threads of a run: where each was started, and its processor time.

use std::fs;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, gettid};

use super::mode::Mode;
use super::stack_profile::{StackProfile, StackSample, whole_ns};
use super::stacks::{Addresses, Frame, Symbols};

#[derive(Debug, Default)]
pub(super) struct Threads {
    all: Mutex<Vec<Arc<Entry>>>,
}

#[derive(Debug)]
pub(super) struct Entry {
    name: String,
    started_by: Addresses,
    id: OnceLock<Pid>,
    /// Known when it has ended.
    cpu: OnceLock<Duration>,
}

impl Threads {
    /// To be called by the thread that starts another.
    pub(super) fn register(&self, name: &str) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            name: name.to_owned(),
            started_by: Addresses::here(),
            id: OnceLock::new(),
            cpu: OnceLock::new(),
        });
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::clone(&entry));
        entry
    }

    pub(super) fn profile(&self, covers: Duration) -> StackProfile {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let mut symbols = Symbols::default();
        let samples = all.iter().map(|entry| {
            let mut frames = vec![Frame::label(format!("thread {}", entry.name))];
            frames.extend(symbols.frames(entry.started_by.as_slice()));
            let values = vec![1, whole_ns(entry.cpu())];
            StackSample { frames, values, thread: Some(entry.name.clone()) }
        });
        StackProfile {
            mode: Mode::Thread,
            kinds: vec![("threads", "count"), ("cpu", "nanoseconds")],
            shown: 1,
            period: (("threads", "count"), 1),
            covers,
            comment: "each thread, by the stack that started it, with its processor time",
            samples: samples.collect(),
        }
    }
}

impl Entry {
    /// To be called by the thread itself; it lasts for as long as what this returns.
    pub(super) fn enter(self: Arc<Self>) -> ThreadClock {
        self.id.get_or_init(gettid);
        ThreadClock(self)
    }

    fn cpu(&self) -> Duration {
        let of_living = || self.id.get().map(|id| cpu_of_other(*id)).unwrap_or_default();
        self.cpu.get().copied().unwrap_or_else(of_living)
    }
}

/// Reads the processor time of its thread when it is dropped.
#[derive(Debug)]
pub(crate) struct ThreadClock(Arc<Entry>);

impl Drop for ThreadClock {
    fn drop(&mut self) {
        self.0.cpu.get_or_init(|| {
            let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
            time.map(Duration::from).unwrap_or_default()
        });
    }
}

/// Of a thread that still runs: the kernel's figure, in nanoseconds.
fn cpu_of_other(id: Pid) -> Duration {
    let schedule = fs::read_to_string(format!("/proc/self/task/{id}/schedstat"));
    let ns = schedule.ok().and_then(|text| text.split(' ').next()?.parse().ok());
    Duration::from_nanos(ns.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn each_thread_is_there_with_its_time() {
        let threads = Threads::default();
        let entry = threads.register("busy");
        let work = || {
            let _clock = entry.enter();
            let sum = (0..5_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
            std::hint::black_box(sum);
        };
        thread::spawn(work).join().unwrap();
        threads.register("never started");

        let profile = threads.profile(Duration::from_secs(1));
        let values: Vec<_> = profile.samples.iter().map(|sample| sample.values.clone()).collect();
        assert!(values[0][1] > 0 && values[1] == [1, 0], "{values:?}");
        assert_eq!(profile.samples[0].frames[0].function, "thread busy");
        let test = |frame: &Frame| frame.function.contains("thread_start");
        assert!(profile.samples[0].frames.iter().any(test), "{:?}", profile.samples[0].frames);
    }
}
