//! A run of the suite: every case, its results stored as soon as it has ended.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use crate::clock::unix_now_s;
use crate::execute::{Executor, cores};
use crate::matrix::Case;
use crate::progress::Progress;
use crate::results::{CaseResult, Results, State, Verdict};
use crate::store::{OutputFolder, StoreError};
use crate::{compare, headlines, recommend};

const PROGRESS_TICK: Duration = Duration::from_millis(500);

/// What a run of the suite adds to what one case needs.
pub(crate) struct Suite<'a> {
    pub(crate) cases: &'a [Case],
    pub(crate) executor: &'a Executor,
    pub(crate) folder: &'a OutputFolder,
    /// With its path.
    pub(crate) baseline: Option<(&'a str, &'a Results)>,
}

impl Suite<'_> {
    /// Runs the cases, and stores the results after each.
    ///
    /// # Errors
    /// When results cannot be stored no further case is begun; those stored before stay.
    pub(crate) fn run(&self, mut results: Results) -> Result<Results, StoreError> {
        self.folder.write_results(&results)?;
        let queue = Queue::default();
        let runs_each = 1 + self.executor.modes.len();
        let (sender, ended) = mpsc::channel();
        let mut progress = Progress::start(self.cases, runs_each, results.parallel);
        let stored = thread::scope(|scope| {
            for _ in 0..results.parallel {
                let sender = sender.clone();
                scope.spawn(|| self.work(&queue, sender));
            }
            drop(sender);
            loop {
                match ended.recv_timeout(PROGRESS_TICK) {
                    Ok((index, result)) => {
                        progress.ended(&self.cases[index], runs_each, &result);
                        if let Err(error) = self.store(&mut results, result) {
                            queue.close();
                            return Err(error);
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => progress.tick(),
                    Err(RecvTimeoutError::Disconnected) => return Ok(()),
                }
            }
        });
        progress.finish();
        stored?;
        results.state = if results.missing().is_empty() && results.count(Verdict::Interrupted) == 0
        {
            State::Complete
        } else {
            State::Interrupted
        };
        self.folder.write_results(&results)?;
        Ok(results)
    }

    /// Takes one case after another.
    fn work(&self, queue: &Queue, ended: Sender<(usize, CaseResult)>) {
        if let Some(count) = self.executor.limits.cpus {
            // The number was checked, and a process may always have fewer cores than it has.
            cores::keep_to(count).expect("fewer cores than there are");
        }
        while let Some(index) = queue.next(self.cases.len()) {
            if self.executor.interrupt.is_set() {
                return;
            }
            let result = self.executor.run(&self.cases[index]);
            if ended.send((index, result)).is_err() {
                return;
            }
        }
    }

    /// Puts a result in its place and everything that follows from it, and writes it all.
    fn store(&self, results: &mut Results, result: CaseResult) -> Result<(), StoreError> {
        results.cases.push(result);
        let place = |case: &CaseResult| results.planned.iter().position(|(id, _)| *id == case.id);
        results.cases.sort_by_key(place);
        results.headlines = headlines::headlines(results);
        results.comparison =
            self.baseline.map(|(path, baseline)| compare::compare(baseline, path, results));
        results.recommendations = recommend::recommendations(results);
        results.written_unix_s = unix_now_s();
        self.folder.write_results(results)?;
        Ok(())
    }
}

/// Which case is next.
#[derive(Debug, Default)]
struct Queue {
    next: AtomicUsize,
    closed: AtomicBool,
}

impl Queue {
    fn next(&self, len: usize) -> Option<usize> {
        if self.closed.load(Ordering::Relaxed) {
            return None;
        }
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        (index < len).then_some(index)
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}
