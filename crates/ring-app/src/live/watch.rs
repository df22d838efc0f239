use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use lock_free_ring::ReadRefused;

use super::feed::{Publisher, Watcher, feed};
use super::view::{Facts, View};
use crate::crew::Workplace;
use crate::error::RunError;
use crate::report::log::Log;

/// Between two drawings, at most: the time goes on and the terminal may change its size.
const FRAME: Duration = Duration::from_millis(250);
const NAME: &str = "live view";

/// The thread that shows what the consumer publishes. It ends after the consumer.
#[derive(Debug)]
pub(crate) struct Watch<'scope> {
    thread: ScopedJoinHandle<'scope, ()>,
}

impl<'scope> Watch<'scope> {
    /// Starts it if there is a view to draw; with the end for the consumer.
    pub(crate) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        workplace: &'env Workplace<'env>,
    ) -> Result<Option<(Self, Publisher)>, RunError> {
        let Workplace { config, log, profiler, start, .. } = workplace;
        if !log.is_live() {
            return Ok(None);
        }
        let (publisher, watcher) = feed(config.ring.shards).map_err(RunError::ring)?;
        log.end_view_on_panic();
        let view = View::new(Facts::of(config));
        let entry = profiler.starting(NAME);
        let watch = move || {
            let _clock = entry.enter();
            show_all(watcher, view, log, *start);
        };
        let thread = thread::Builder::new().name(NAME.to_owned()).spawn_scoped(scope, watch);
        let thread = thread.map_err(|error| RunError::Start(NAME.to_owned(), error))?;
        Ok(Some((Self { thread }, publisher)))
    }

    pub(crate) fn join(self) -> Result<(), RunError> {
        self.thread.join().map_err(|_| RunError::Panicked(NAME.to_owned()))
    }
}

fn show_all(mut watcher: Watcher, mut view: View, log: &Log, run_start: Instant) {
    loop {
        log.show(|frame| view.draw(frame, run_start.elapsed()));
        match watcher.next(FRAME) {
            Ok(snapshot) => view.take(snapshot),
            Err(ReadRefused::Empty) => {}
            Err(ReadRefused::Closed) => break,
        }
    }
    log.end_view();
}
