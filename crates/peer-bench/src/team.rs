//! The threads of a round, under a time limit that also ends a subject that hangs.

use crate::subject::Stop;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long called-off threads may take to end.
const GRACE: Duration = Duration::from_secs(2);

/// Why a round has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Not done in time; all threads ended when they were called off.
    TimeLimit,
    /// Not done in time, and some threads never came back. They are left behind.
    Wedged,
    /// A thread panicked.
    Panicked,
}

/// Threads that each give one result.
pub(crate) struct Team<R> {
    threads: Vec<JoinHandle<()>>,
    give: Sender<R>,
    results: Receiver<R>,
}

impl<R: Send + 'static> Team<R> {
    pub(crate) fn new() -> Self {
        let (give, results) = channel();
        Self { threads: Vec::new(), give, results }
    }

    pub(crate) fn spawn(&mut self, work: impl FnOnce() -> R + Send + 'static) {
        let give = self.give.clone();
        self.threads.push(thread::spawn(move || {
            // The team outlives its threads, or has given up on them.
            let _ = give.send(work());
        }));
    }

    /// Waits for all results; after `limit`, calls the round off.
    pub(crate) fn finish(self, stop: &Stop, limit: Duration) -> Result<Vec<R>, Lost> {
        let Self { threads, give, results } = self;
        drop(give);
        let mut done = Vec::with_capacity(threads.len());
        let in_time = collect(&results, &mut done, threads.len(), limit);
        if in_time == Err(Lost::TimeLimit) {
            stop.set();
            if collect(&results, &mut done, threads.len(), GRACE) == Err(Lost::TimeLimit) {
                return Err(Lost::Wedged);
            }
        }
        let joined = threads.into_iter().all(|thread| thread.join().is_ok());
        in_time?;
        if joined { Ok(done) } else { Err(Lost::Panicked) }
    }
}

fn collect<R>(
    results: &Receiver<R>,
    done: &mut Vec<R>,
    expected: usize,
    limit: Duration,
) -> Result<(), Lost> {
    let deadline = Instant::now() + limit;
    while done.len() < expected {
        match results.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(result) => done.push(result),
            Err(RecvTimeoutError::Timeout) => return Err(Lost::TimeLimit),
            Err(RecvTimeoutError::Disconnected) => return Err(Lost::Panicked),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    #[test]
    fn gives_all_results() {
        let mut team = Team::new();
        (0..3).for_each(|n| team.spawn(move || n));
        let mut results = team.finish(&Stop::default(), GRACE).unwrap();
        results.sort_unstable();
        assert_eq!(results, [0, 1, 2]);
    }

    #[test]
    fn calls_off_what_takes_too_long() {
        let stop = Stop::default();
        let mut team = Team::new();
        let seen = stop.clone();
        team.spawn(move || {
            while !seen.is_set() {
                thread::yield_now();
            }
        });
        assert_eq!(team.finish(&stop, SHORT), Err(Lost::TimeLimit));
    }

    #[test]
    fn a_panic_is_a_lost_round() {
        let mut team = Team::<()>::new();
        team.spawn(|| panic!("as the test wants it"));
        assert_eq!(team.finish(&Stop::default(), GRACE), Err(Lost::Panicked));
    }
}
