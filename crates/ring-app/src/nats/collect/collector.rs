//! The collector at work: one loop over what may happen.

use std::future::pending;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::message::Message as Delivered;
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::CollectPlan;
use super::delivery::{self, Receipt};
use super::ledger::Ledger;
use super::report::{Meter, Outages};
use super::store::{CheckpointStore, NotKept};
use crate::nats::error::NatsError;
use crate::nats::message::Message;
use crate::nats::server::{Link, Server};
use crate::report::log::{Level, Log};

/// How often there is a checkpoint, if there is something to be told.
const CHECKPOINT_INTERVAL: Duration = Duration::from_millis(100);
/// How long a checkpoint, or the last words to the server, may take.
const CHECKPOINT_WAIT: Duration = Duration::from_secs(3);
/// A message in the window is touched so often in the server's time for it.
const TOUCHES_PER_ACK_WAIT: u32 = 3;

/// Why the loop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    AllNodesEnded,
    Duration,
    Signal,
}

pub(super) struct Collector<'a> {
    pub(super) plan: &'a CollectPlan,
    pub(super) log: &'a Log,
    pub(super) server: Server,
    pub(super) consumer: PullConsumer,
    pub(super) store: CheckpointStore,
    pub(super) ledger: Ledger<Receipt>,
    pub(super) meter: Meter,
    pub(super) outages: Outages,
    /// `None` until it is opened, and after it has failed.
    messages: Option<pull::Stream>,
    has_warned_of_nodes: bool,
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        plan: &'a CollectPlan,
        log: &'a Log,
        server: Server,
        consumer: PullConsumer,
        store: CheckpointStore,
        ledger: Ledger<Receipt>,
    ) -> Self {
        Self {
            plan,
            log,
            server,
            consumer,
            store,
            ledger,
            meter: Meter::new(),
            outages: Outages::default(),
            messages: None,
            has_warned_of_nodes: false,
        }
    }

    /// Collects until all nodes have ended, the time is up, or `stop` says so.
    pub(super) async fn run(
        &mut self,
        mut stop: watch::Receiver<bool>,
    ) -> Result<Ending, NatsError> {
        // From here on a collector of the same name that ran before is out.
        self.checkpoint(false).await?;
        let mut link = self.server.link.clone();
        let mut checkpoints = ticks(CHECKPOINT_INTERVAL);
        let touch_interval = self.plan.ack_wait / TOUCHES_PER_ACK_WAIT;
        let mut touches = ticks(touch_interval);
        let mut stats = ticks(self.plan.stats_interval);
        stats.reset();
        let time_up = sleep(self.plan.duration.unwrap_or(Duration::MAX));
        tokio::pin!(time_up);
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return Ok(Ending::Signal),
                () = &mut time_up => return Ok(Ending::Duration),
                Ok(()) = link.changed() => {
                    let now = *link.borrow_and_update();
                    self.take_link(now);
                }
                _ = checkpoints.tick() => {
                    self.open_messages().await;
                    self.skip_old_holes();
                    if self.all_have_ended() {
                        return Ok(Ending::AllNodesEnded);
                    }
                    if self.ledger.is_changed() {
                        self.checkpoint(false).await?;
                    }
                }
                _ = touches.tick() => self.touch(touch_interval).await,
                _ = stats.tick() => self.print_interval(),
                next = next(&mut self.messages) => match next {
                    Some(Ok(message)) => self.take(message).await,
                    Some(Err(_)) | None => self.messages = None,
                },
            }
        }
    }

    /// The last checkpoint, so that what has left is not delivered again.
    pub(super) async fn end(&mut self, ending: Ending) -> Result<(), NatsError> {
        let is_closed = ending == Ending::AllNodesEnded;
        if self.ledger.is_changed() || is_closed {
            self.checkpoint(is_closed).await?;
        }
        // If the server is away they come again, and are known as repeats.
        let _ = timeout(CHECKPOINT_WAIT, self.server.client.flush()).await;
        Ok(())
    }

    async fn open_messages(&mut self) {
        if self.messages.is_none() && self.server.link.borrow().is_up {
            match timeout(CHECKPOINT_WAIT, delivery::messages(&self.consumer)).await {
                Ok(Ok(messages)) => self.messages = Some(messages),
                Ok(Err(error)) => self.log.line(Level::Detail, error),
                Err(_) => self.log.line(Level::Detail, "reading: no answer"),
            }
        }
    }

    async fn take(&mut self, delivered: Delivered) {
        self.meter.count_message(delivered.info().is_ok_and(|info| info.delivered > 1));
        let (message, acker) = delivered.split();
        match Message::decode(message.payload) {
            Ok(message) => {
                self.ledger.offer(message, Receipt::new(acker), Instant::now());
            }
            Err(error) => {
                let text = format!("A message on {} is left out: {error}", message.subject);
                self.log.line(Level::Warning, text);
                self.meter.count_foreign();
                // It would come again and again.
                let _ = acker.ack_with(async_nats::jetstream::AckKind::Term).await;
            }
        }
    }

    /// Keeps the record of what has left, and then acknowledges it. Without a connection, and if
    /// there is no answer, it is tried again with the next one.
    async fn checkpoint(&mut self, is_closed: bool) -> Result<(), NatsError> {
        if !self.server.link.borrow().is_up {
            return Ok(());
        }
        let record = self.ledger.record(is_closed);
        let mut link = self.server.link.clone();
        let lost = async { Ok(Err(lost(&mut link).await)) };
        let kept = tokio::select! {
            kept = timeout(CHECKPOINT_WAIT, self.store.keep(record)) => kept,
            lost = lost => lost,
        };
        let reason = match kept {
            Ok(Ok(())) => {
                self.acknowledge().await;
                return Ok(());
            }
            Ok(Err(NotKept::TakenOver)) => {
                return Err(NatsError::TakenOver { durable: self.plan.durable.clone() });
            }
            Ok(Err(NotKept::NotNow(reason))) => reason,
            Err(_) => "no answer".to_owned(),
        };
        self.ledger.not_recorded();
        self.log.line(Level::Detail, format_args!("Checkpoint not kept: {reason}"));
        Ok(())
    }

    async fn acknowledge(&mut self) {
        for receipt in self.ledger.take_done() {
            // One that is lost leads to a repeat, which is acknowledged again.
            let _ = receipt.acknowledge().await;
        }
    }

    async fn touch(&mut self, age: Duration) {
        if !self.server.link.borrow().is_up {
            return;
        }
        let now = Instant::now();
        for receipt in self.ledger.unacknowledged() {
            if receipt.is_older_than(age, now) {
                // One that is lost leads to a repeat.
                let _ = receipt.touch(now).await;
            }
        }
    }

    fn take_link(&mut self, link: Link) {
        let server = self.plan.address.shown_server();
        // One that was over before we looked is one all the same.
        let is_new = link.losses > self.outages.count() && self.outages.begin();
        if is_new {
            self.log.line(Level::Warning, format_args!("{server}: connection lost"));
        }
        if link.is_up {
            if let Some(away) = self.outages.end() {
                let text = format!("{server}: connected again after {away}");
                self.log.line(Level::Warning, text);
            }
            // Nothing that was asked for before is answered on this connection.
            self.messages = None;
            self.ledger.wait_anew(Instant::now());
        }
    }

    fn skip_old_holes(&mut self) {
        if !self.server.link.borrow().is_up {
            return;
        }
        for (run, messages) in self.ledger.skip_old_holes(self.plan.hole_wait, Instant::now()) {
            let text = format!("{run}: {messages} messages did not come, later ones go first");
            self.log.line(Level::Warning, text);
        }
    }

    fn all_have_ended(&mut self) -> bool {
        let (nodes, expected) = (self.ledger.nodes(), self.plan.nodes);
        if nodes.seen > expected && !std::mem::replace(&mut self.has_warned_of_nodes, true) {
            let text = format!("{} nodes publish here, --nodes says {expected}", nodes.seen);
            self.log.line(Level::Warning, text);
        }
        nodes.ended >= expected && nodes.ended == nodes.seen
    }

    fn print_interval(&mut self) {
        let line = self.meter.interval(&self.ledger, self.plan.nodes);
        self.log.line(Level::Info, line);
    }
}

/// Returns when the connection is lost.
async fn lost(link: &mut watch::Receiver<Link>) -> NotKept {
    // The sender lives as long as the client.
    let _ = link.wait_for(|link| !link.is_up).await;
    NotKept::NotNow("the connection was lost".to_owned())
}

async fn next(
    messages: &mut Option<pull::Stream>,
) -> Option<Result<Delivered, pull::MessagesError>> {
    match messages {
        Some(messages) => messages.next().await,
        None => pending().await,
    }
}

fn ticks(length: Duration) -> tokio::time::Interval {
    let mut ticks = interval(length.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
