use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use lock_free_ring::{Pooled, ReadRefused};

use super::dashboard::Server;
use super::feed::{Publisher, Snapshot, Watcher, feed};
use super::history::{self, History};
use super::view::{self, View};
use crate::crew::Workplace;
use crate::error::RunError;
use crate::report::log::Log;
use crate::udp::DropWatch;

/// Between two drawings, at most: the time goes on and the terminal may change its size.
const FRAME: Duration = Duration::from_millis(250);
const NAME: &str = "live";

/// The threads that show what the consumer publishes. They end after the consumer.
#[derive(Debug)]
pub(crate) struct Watch<'scope> {
    thread: ScopedJoinHandle<'scope, ()>,
    server: Option<Server<'scope>>,
}

impl<'scope> Watch<'scope> {
    /// Starts them if there is a view to draw or a dashboard; with the end for the consumer.
    pub(crate) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        workplace: &'env Workplace<'env>,
    ) -> Result<Option<(Self, Publisher)>, RunError> {
        let Workplace { config, log, profiler, dashboard, .. } = workplace;
        let view = log.is_live().then(|| View::new(view::Facts::of(config)));
        let history = dashboard
            .is_some()
            .then(|| Arc::new(Mutex::new(History::new(history::Facts::of(config)))));
        if view.is_none() && history.is_none() {
            return Ok(None);
        }
        let (publisher, watcher) = feed(config.ring.shards).map_err(RunError::ring)?;
        let server = dashboard
            .as_ref()
            .zip(history.clone())
            .map(|(listener, history)| Server::start(scope, listener, history, profiler));
        let server = server.transpose()?;
        let entry = profiler.starting(NAME);
        let watch = move || {
            let _clock = entry.enter();
            let drop_watch = DropWatch::over(&workplace.sockets);
            Shows { view, history, drop_watch, log, run_start: workplace.start }.show_all(watcher);
        };
        let thread = thread::Builder::new().name(NAME.to_owned()).spawn_scoped(scope, watch);
        let thread = thread.map_err(|error| RunError::Start(NAME.to_owned(), error))?;
        Ok(Some((Self { thread, server }, publisher)))
    }

    /// What failed of them.
    pub(crate) fn join(self) -> Vec<RunError> {
        let thread = self.thread.join().map_err(|_| RunError::Panicked(NAME.to_owned()));
        let server = self.server.map_or(Ok(()), Server::join);
        [thread, server].into_iter().filter_map(Result::err).collect()
    }
}

/// Where snapshots are shown.
struct Shows<'a> {
    view: Option<View>,
    history: Option<Arc<Mutex<History>>>,
    /// Asked here, not by the consumer: it reads a table of the kernel.
    drop_watch: Option<DropWatch<'a>>,
    log: &'a Log,
    run_start: Instant,
}

impl Shows<'_> {
    fn show_all(mut self, mut watcher: Watcher) {
        if self.view.is_some() {
            self.log.end_view_on_panic();
        }
        loop {
            self.draw();
            match watcher.next(FRAME) {
                Ok(snapshot) => self.take(snapshot),
                Err(ReadRefused::Empty) => {}
                Err(ReadRefused::Closed) => break,
            }
        }
        self.log.end_view();
    }

    fn draw(&self) {
        if let Some(view) = &self.view {
            self.log.show(|frame| view.draw(frame, self.run_start.elapsed()));
        }
    }

    fn take(&mut self, snapshot: Pooled<Snapshot>) {
        if let Some(history) = &self.history {
            let kernel_drops = self.drop_watch.as_mut().and_then(DropWatch::drops);
            let mut history = history.lock().unwrap_or_else(PoisonError::into_inner);
            history.take(&snapshot, kernel_drops);
        }
        if let Some(view) = &mut self.view {
            view.take(snapshot);
        }
    }
}
