//! The threads of a run: where each was started, and its processor time.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use nix::sys::pthread::{Pthread, pthread_self};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, gettid};
use run_result::Mode;

use super::stack_profile::{StackProfile, StackSample, whole_ns};
use super::stacks::{Addresses, Frame, Symbols};

#[derive(Debug, Default)]
pub(super) struct Threads {
    all: Mutex<Vec<Arc<Entry>>>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    started_by: Addresses,
    begun: OnceLock<Begun>,
    /// Its processor time, once it has ended.
    ended: Mutex<Option<Duration>>,
}

/// What is known when a thread has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub(super) id: Pid,
    pub(super) handle: Pthread,
    /// What it had used by then: the main thread has set up the profile.
    used_before: Duration,
}

impl Threads {
    /// To be called by the thread that starts another.
    pub(super) fn register(&self, name: &str) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            name: name.to_owned(),
            started_by: Addresses::here(),
            begun: OnceLock::new(),
            ended: Mutex::default(),
        });
        self.all().push(Arc::clone(&entry));
        entry
    }

    pub(super) fn all(&self) -> MutexGuard<'_, Vec<Arc<Entry>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn profile(&self, covers: Duration) -> StackProfile {
        let mut symbols = Symbols::default();
        let all = self.all();
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

impl Begun {
    /// Processor time so far.
    pub(super) fn cpu(self) -> Duration {
        // The clock of any thread, as `pthread_getcpuclockid` makes it: its number, and the bits
        // for "of a thread" (4) and "exact" (2).
        time_of(ClockId::from_raw((!self.id.as_raw() << 3) | 6))
    }
}

impl Entry {
    /// To be called by the thread itself; it lasts for as long as what this returns.
    pub(super) fn enter(self: Arc<Self>) -> ThreadClock {
        let used_before = time_of(ClockId::CLOCK_THREAD_CPUTIME_ID);
        let begun = Begun { id: gettid(), handle: pthread_self(), used_before };
        self.begun.get_or_init(|| begun);
        ThreadClock(self)
    }

    pub(super) fn begun(&self) -> Option<Begun> {
        self.begun.get().copied()
    }

    /// Processor time so far, or in all.
    fn cpu(&self) -> Duration {
        self.while_alive(Begun::cpu).unwrap_or_else(|ended| ended.unwrap_or_default())
    }

    /// Of this, what it used since it entered.
    pub(super) fn cpu_since_it_entered(&self) -> Duration {
        let before = self.begun().map(|begun| begun.used_before).unwrap_or_default();
        self.cpu().saturating_sub(before)
    }

    /// Does `work`, and does not let the thread end meanwhile; if it runs no more or not yet, its
    /// processor time, if any.
    pub(super) fn while_alive<T>(
        &self,
        work: impl FnOnce(Begun) -> T,
    ) -> Result<T, Option<Duration>> {
        let ended = self.ended();
        match (*ended, self.begun()) {
            (None, Some(alive)) => Ok(work(alive)),
            (ended, _) => Err(ended),
        }
    }

    fn ended(&self) -> MutexGuard<'_, Option<Duration>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the processor time of its thread when it is dropped.
#[derive(Debug)]
pub(crate) struct ThreadClock(Arc<Entry>);

impl Drop for ThreadClock {
    fn drop(&mut self) {
        self.0.ended().get_or_insert_with(|| time_of(ClockId::CLOCK_THREAD_CPUTIME_ID));
    }
}

fn time_of(clock: ClockId) -> Duration {
    clock_gettime(clock).map(Duration::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn work() {
        let sum = (0..5_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
        std::hint::black_box(sum);
    }

    #[test]
    fn each_thread_is_there_with_its_time() {
        let threads = Threads::default();
        let entry = threads.register("busy");
        let busy = || {
            let _clock = entry.enter();
            work();
        };
        thread::spawn(busy).join().unwrap();
        threads.register("never started");

        let profile = threads.profile(Duration::from_secs(1));
        let values: Vec<_> = profile.samples.iter().map(|sample| sample.values.clone()).collect();
        assert!(values[0][1] > 0 && values[1] == [1, 0], "{values:?}");
        assert_eq!(profile.samples[0].frames[0].function, "thread busy");
        let test = |frame: &Frame| frame.function.contains("thread_start");
        assert!(profile.samples[0].frames.iter().any(test), "{:?}", profile.samples[0].frames);
    }

    #[test]
    fn the_time_of_a_living_thread_grows_and_has_what_it_used_before() {
        work();
        let threads = Threads::default();
        let entry = threads.register("this");
        let _clock = Arc::clone(&entry).enter();
        let before = entry.cpu();
        work();
        assert!(entry.cpu() > before && before > Duration::ZERO);
        assert!(entry.cpu_since_it_entered() < entry.cpu());
        assert!(entry.while_alive(|alive| assert_eq!(alive.id, gettid())).is_ok());
    }

    #[test]
    fn the_time_of_another_thread_is_the_one_that_it_reads_itself() {
        let entry = Threads::default().register("other");
        let (send, receive) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn({
                let entry = Arc::clone(&entry);
                move || {
                    let _clock = entry.enter();
                    work();
                    send.send(time_of(ClockId::CLOCK_THREAD_CPUTIME_ID)).unwrap();
                    let _ = ended.recv();
                }
            });
            let own = receive.recv().unwrap();
            assert!(entry.cpu() >= own, "{:?} {own:?}", entry.cpu());
            drop(end);
        });
        assert!(entry.while_alive(|_| ()).is_err());
    }
}
