//! Who runs now? A thread of ours asks that at irregular moments, and has one of those that do take
//! its own stack, by a signal.
//!
//! The kernel's timers of processor time (`ITIMER_PROF`, POSIX CPU timers) fire at its own tick
//! only. A program that sleeps on a schedule keeps to a rhythm too, and the two can miss each other
//! for a whole run; the clock that this thread sleeps by is finer, and it keeps to no rhythm.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::pthread::pthread_kill;
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::threads::{Begun, Threads};

/// From one look to the next it is this long at least, and at most twice it more: 1 ms in the mean.
const LEAST_PAUSE: Duration = Duration::from_micros(500);
/// 2⁶⁴ over the golden ratio: its multiples leave no rhythm, and no part of the range, out.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Looks until it is stopped.
#[derive(Debug)]
pub(super) struct Sampler {
    /// What wakes the thread is that this is gone.
    keep_on: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sampler {
    pub(super) fn start(threads: Arc<Threads>) -> io::Result<Self> {
        let (keep_on, stopped) = mpsc::channel();
        let look = move || Looks::default().until(&stopped, &threads);
        let thread = thread::Builder::new().name("profiler".to_owned()).spawn(look)?;
        Ok(Self { keep_on: Some(keep_on), thread: Some(thread) })
    }

    /// No signal is sent any more when this returns.
    pub(super) fn stop(&mut self) {
        self.keep_on = None;
        if let Some(thread) = self.thread.take() {
            // Should it have panicked, there are fewer samples.
            let _ = thread.join();
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.stop();
    }
}

#[derive(Debug, Default)]
struct Looks {
    count: u64,
    /// The processor time of each thread when it was looked at last.
    used: HashMap<Pid, Duration>,
}

/// What a thread did when it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// It was on another core.
    Running,
    /// Its core was taken from it, maybe by who looks.
    Ready,
    Nothing,
}

impl Looks {
    fn until(&mut self, stopped: &Receiver<()>, threads: &Threads) {
        while stopped.recv_timeout(self.pause()) == Err(RecvTimeoutError::Timeout) {
            self.look(threads);
        }
    }

    fn pause(&mut self) -> Duration {
        self.count += 1;
        let more = self.count.wrapping_mul(GOLDEN) as f64 / 2_f64.powi(64);
        LEAST_PAUSE + LEAST_PAUSE.mul_f64(2.0 * more)
    }

    /// A thread that runs takes a sample, or else one that would; another is asked first each time.
    /// At once, since many run for some microseconds only; and one alone, since the library keeps
    /// one stack at a time.
    fn look(&mut self, threads: &Threads) {
        let all = threads.all().clone();
        let (later, first) = all.split_at(self.count as usize % all.len().max(1));
        let mut ready = None;
        for entry in first.iter().chain(later) {
            match entry.while_alive(|thread| self.sample_if_running(thread)) {
                Ok(Doing::Running) => return,
                Ok(Doing::Ready) => ready = ready.or(Some(entry)),
                Ok(Doing::Nothing) | Err(_) => {}
            }
        }
        if let Some(entry) = ready {
            // It may have ended since.
            let _ = entry.while_alive(send_signal);
        }
    }

    fn sample_if_running(&mut self, thread: Begun) -> Doing {
        let doing = self.doing(thread);
        if doing == Doing::Running {
            send_signal(thread);
        }
        doing
    }

    fn doing(&mut self, thread: Begun) -> Doing {
        let used = thread.cpu();
        if self.used.insert(thread.id, used) == Some(used) {
            // It has not run since the last look, and is not looked at closer.
            Doing::Nothing
        } else if thread.cpu() > used {
            Doing::Running
        } else if is_ready(thread.id) {
            Doing::Ready
        } else {
            Doing::Nothing
        }
    }
}

fn send_signal(to: Begun) {
    // It fails for a thread that is no more, which nobody calls this for.
    let _ = pthread_kill(to.handle, Signal::SIGPROF);
}

/// Whether the thread waits for nothing but a core.
fn is_ready(id: Pid) -> bool {
    // Its name is in parentheses, and may have some itself; the state is behind it.
    let mut start = [0; 64];
    let path = format!("/proc/self/task/{id}/stat");
    let read = File::open(path).and_then(|mut stat| stat.read(&mut start));
    let start = &start[..read.unwrap_or(0)];
    let name_end = start.iter().rposition(|&byte| byte == b')');
    name_end.is_some_and(|end| start[end..].starts_with(b") R"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use nix::unistd::gettid;

    use super::super::threads::Entry;
    use super::*;

    #[test]
    fn pauses_are_a_millisecond_in_the_mean_and_all_different() {
        let mut looks = Looks::default();
        let mut pauses: Vec<Duration> = (0..1000).map(|_| looks.pause()).collect();
        let mean = pauses.iter().sum::<Duration>() / 1000;
        assert!((990..1010).contains(&mean.as_micros()), "{mean:?}");
        pauses.sort_unstable();
        assert!(pauses[0] >= LEAST_PAUSE && pauses[999] <= LEAST_PAUSE * 3);
        let gaps = pauses.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.clone().max().unwrap() < Duration::from_micros(5), "evenly spread");
        assert!(gaps.min().unwrap() > Duration::ZERO, "none comes back");
    }

    #[test]
    fn who_is_ready_is_told_from_who_sleeps() {
        let (send, receive) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let sleeper = thread::Builder::new().name("odd) R (name".to_owned());
            let sleep = move || {
                send.send(gettid()).unwrap();
                let _ = ended.recv();
            };
            sleeper.spawn_scoped(scope, sleep).unwrap();
            let sleeper = receive.recv().unwrap();
            assert!(is_ready(gettid()));
            // It comes to sleep soon.
            while is_ready(sleeper) {
                thread::yield_now();
            }
            drop(end);
        });
        assert!(!is_ready(Pid::from_raw(i32::MAX)));
    }

    #[test]
    fn only_a_thread_that_runs_is_sampled() {
        let threads = Threads::default();
        let (busy, idle) = (threads.register("busy"), threads.register("idle"));
        let stop = AtomicBool::new(false);
        let (end, ended) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _clock = Arc::clone(&busy).enter();
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
            let sleeper = Arc::clone(&idle);
            scope.spawn(move || {
                let _clock = sleeper.enter();
                let _ = ended.recv();
            });
            let mut looks = Looks::default();
            let mut until = |entry: &Entry, wanted: &[Doing]| {
                let is_wanted = |doing| wanted.contains(&doing);
                while !entry.while_alive(|thread| looks.doing(thread)).is_ok_and(is_wanted) {
                    thread::sleep(Duration::from_micros(100));
                }
            };
            until(&busy, &[Doing::Running, Doing::Ready]);
            // It may be on its way to sleep at first.
            until(&idle, &[Doing::Nothing]);
            stop.store(true, Ordering::Relaxed);
            drop(end);
        });
        assert!(busy.while_alive(|_| ()).is_err(), "it has ended, and gets no signal");
    }
}
