//! Sends messages to the stream until each is acknowledged, many at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::message::RunId;
use super::progress::Progress;
use super::server::{Link, Server, with_causes};
use crate::report::log::{Level, Log};

/// Messages that may be on their way at once. No message is sent before the one so many places
/// ahead of it is acknowledged: so far the stream's order can differ from ours at most, and the
/// collector counts on it.
pub(super) const MAX_IN_FLIGHT: usize = 64;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A message to be published.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) number: u64,
    pub(super) packets: u64,
    pub(super) payload_bytes: u64,
    pub(super) body: Bytes,
}

/// A message from when it is first sent until all before it are acknowledged.
#[derive(Debug)]
struct Slot {
    outgoing: Outgoing,
    attempt: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Sent; the answer is not there.
    Sent,
    /// To be sent again.
    Due,
    Acknowledged,
}

#[derive(Debug)]
struct Answer {
    number: u64,
    attempt: u32,
    result: Result<PublishAck, PublishError>,
}

pub(super) struct Publisher {
    server: Server,
    subject: String,
    from: RunId,
    progress: Arc<Progress>,
    log: Arc<Log>,
    window: VecDeque<Slot>,
    answers: FuturesUnordered<BoxFuture<'static, Answer>>,
    /// Before what is due is sent again.
    pause: Duration,
    retry_at: Option<Instant>,
}

impl Publisher {
    pub(super) fn new(
        server: Server,
        subject: String,
        from: RunId,
        progress: Arc<Progress>,
        log: Arc<Log>,
    ) -> Self {
        Self {
            server,
            subject,
            from,
            progress,
            log,
            window: VecDeque::with_capacity(MAX_IN_FLIGHT),
            answers: FuturesUnordered::new(),
            pause: FIRST_PAUSE,
            retry_at: None,
        }
    }

    /// Publishes all that comes, until `queue` has ended and everything is acknowledged, or until
    /// `abandon` says that it is not worth waiting any longer.
    pub(super) async fn run(
        mut self,
        mut queue: mpsc::Receiver<Outgoing>,
        mut abandon: oneshot::Receiver<()>,
    ) {
        let mut link = self.server.link.clone();
        let mut losses = link.borrow_and_update().losses;
        let mut more = true;
        while more || !self.window.is_empty() {
            let has_room = self.window.len() < MAX_IN_FLIGHT;
            let retry_at = self.retry_at.unwrap_or_else(Instant::now);
            tokio::select! {
                Some(answer) = self.answers.next() => self.take_answer(answer),
                outgoing = queue.recv(), if more && has_room => match outgoing {
                    Some(outgoing) => self.send_first(outgoing),
                    None => more = false,
                },
                Ok(()) = link.changed() => {
                    let now = *link.borrow_and_update();
                    self.take_link(now, &mut losses);
                }
                () = tokio::time::sleep_until(retry_at), if self.retry_at.is_some() => {
                    self.send_due();
                }
                // An end that was never asked for is none.
                Ok(()) = &mut abandon => return,
            }
        }
        // What was written last is acknowledged, so nothing is left to be flushed.
    }

    fn send_first(&mut self, outgoing: Outgoing) {
        self.window.push_back(Slot { outgoing, attempt: 0, state: State::Due });
        self.send(self.window.len() - 1);
    }

    fn send(&mut self, at: usize) {
        let slot = &mut self.window[at];
        slot.attempt += 1;
        slot.state = State::Sent;
        let (number, attempt) = (slot.outgoing.number, slot.attempt);
        let message = PublishMessage::build()
            .message_id(format!("{}/{number}", self.from))
            .payload(slot.outgoing.body.clone());
        let publish = publish(self.server.jetstream.clone(), self.subject.clone(), message);
        let answer = async move { Answer { number, attempt, result: publish.await } };
        self.answers.push(Box::pin(answer));
    }

    fn send_due(&mut self) {
        self.retry_at = None;
        if !self.server.link.borrow().is_up {
            // All is sent again when there is a connection.
            return;
        }
        for at in 0..self.window.len() {
            if self.window[at].state == State::Due {
                self.progress.count_republished();
                self.send(at);
            }
        }
    }

    fn take_link(&mut self, now: Link, losses: &mut u64) {
        let server = self.server_name();
        let waiting = self.window.iter().filter(|slot| slot.state != State::Acknowledged).count();
        let lost_before = std::mem::replace(losses, now.losses);
        if !now.is_up {
            let text = format!("{server}: connection lost, {waiting} messages wait for an answer");
            self.log.line(Level::Warning, text);
        } else if now.losses > 0 {
            let text = format!("{server}: connected again, {waiting} messages are sent again");
            self.log.line(Level::Warning, text);
        }
        if now.is_up && (now.losses != lost_before || self.retry_at.is_none()) {
            // Answers to what was sent before will not come on this connection.
            for slot in self.window.iter_mut().filter(|slot| slot.state == State::Sent) {
                slot.state = State::Due;
            }
            self.send_due();
        }
    }

    fn take_answer(&mut self, answer: Answer) {
        let first = self.window.front().map_or(0, |slot| slot.outgoing.number);
        let at = answer.number.checked_sub(first).and_then(|at| usize::try_from(at).ok());
        // Of a message that an earlier answer has acknowledged already there may be no slot.
        let Some(slot) = at.and_then(|at| self.window.get_mut(at)) else { return };
        match answer.result {
            _ if slot.state == State::Acknowledged => {}
            Ok(_) => {
                slot.state = State::Acknowledged;
                // The room of the body is not needed until the slot's turn comes.
                slot.outgoing.body = Bytes::new();
                self.pause = FIRST_PAUSE;
                let Outgoing { packets, payload_bytes, .. } = slot.outgoing;
                let over = self.progress.confirm(packets, payload_bytes);
                if over.is_some() {
                    let server = self.server_name();
                    self.log.line(Level::Warning, format_args!("{server}: publishing again"));
                }
                self.release_acknowledged();
            }
            Err(_) if answer.attempt < slot.attempt => {}
            Err(error) => {
                slot.state = State::Due;
                self.note_trouble(&error);
            }
        }
    }

    fn release_acknowledged(&mut self) {
        while self.window.front().is_some_and(|slot| slot.state == State::Acknowledged) {
            self.window.pop_front();
        }
    }

    fn note_trouble(&mut self, error: &PublishError) {
        let reason = match error.kind() {
            PublishErrorKind::StreamNotFound => {
                format!("no stream takes {} now (or JetStream is starting)", self.subject)
            }
            _ => with_causes(error),
        };
        if self.progress.is_news(&reason) {
            let server = self.server_name();
            self.log.line(Level::Warning, format_args!("{server}: {reason}; trying again"));
        }
        if self.retry_at.is_none() {
            self.retry_at = Some(Instant::now() + self.pause);
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn server_name(&self) -> String {
        let info = self.server.client.server_info();
        format!("nats://{}:{}", info.host, info.port)
    }
}

async fn publish(
    jetstream: Context,
    subject: String,
    message: PublishMessage,
) -> Result<PublishAck, PublishError> {
    jetstream.send_publish(subject, message).await?.await
}
