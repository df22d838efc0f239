//! A run of the suite: every case, its results stored as soon as it has ended.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
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
    pub(crate) fn run(&self, results: Results) -> Result<Results, StoreError> {
        self.folder.write_results(&results)?;
        let queue = Queue::default();
        let workers = results.parallel;
        let results = Mutex::new(results);
        let (sender, ended) = mpsc::channel();
        let work = |sender| self.work(&queue, &results, sender);
        let work = &work;
        thread::scope(|scope| {
            let workers: Vec<_> = (0..workers)
                .map(|_| sender.clone())
                .map(|sender| scope.spawn(move || work(sender)))
                .collect();
            drop(sender);
            self.show(&ended, workers.len());
            // A worker that has panicked has lost nothing but its own case.
            workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Ok(())))
        })?;
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ended = results.missing().is_empty() && results.count(Verdict::Interrupted) == 0;
        results.state = if ended { State::Complete } else { State::Interrupted };
        self.folder.write_results(&results)?;
        Ok(results)
    }

    /// Shows what comes, until no worker is left.
    fn show(&self, ended: &Receiver<(usize, CaseResult)>, at_once: usize) {
        let runs_each = 1 + self.executor.modes.len();
        let mut progress = Progress::start(self.cases, runs_each, at_once);
        loop {
            match ended.recv_timeout(PROGRESS_TICK) {
                Ok((index, result)) => progress.ended(&self.cases[index], runs_each, &result),
                Err(RecvTimeoutError::Timeout) => progress.tick(),
                Err(RecvTimeoutError::Disconnected) => return progress.finish(),
            }
        }
    }

    /// Takes one case after another. A result is on the disk before the next case begins, so that
    /// no writing disturbs a measurement.
    fn work(
        &self,
        queue: &Queue,
        results: &Mutex<Results>,
        ended: Sender<(usize, CaseResult)>,
    ) -> Result<(), StoreError> {
        if let Some(count) = self.executor.limits.cpus {
            // The number was checked, and a process may always have fewer cores than it has.
            cores::keep_to(count).expect("fewer cores than there are");
        }
        while let Some(index) = queue.next(self.cases.len()) {
            if self.executor.interrupt.is_set() {
                break;
            }
            let result = self.executor.run(&self.cases[index]);
            // Who shows it may be gone; the results count.
            let _ = ended.send((index, result.clone()));
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = self.store(&mut results, result) {
                queue.close();
                return Err(error);
            }
        }
        Ok(())
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
