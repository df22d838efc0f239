//! Messages as the server delivers them, and how they are acknowledged.

use std::time::{Duration, Instant};

use async_nats::jetstream::AckKind;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::message::Acker;

use super::CollectPlan;
use crate::nats::error::NatsError;
use crate::nats::publisher::MAX_IN_FLIGHT;
use crate::nats::server::{Stream, request};

/// Messages that the server sends ahead of what we took.
const MESSAGES_AHEAD: usize = 100;
/// The server says so often that it is there, if there is nothing to send.
const HEARTBEAT: Duration = Duration::from_secs(2);
const PULL_EXPIRES: Duration = Duration::from_secs(30);

/// How a message is acknowledged, and when the server last heard of it from us.
pub(super) struct Receipt {
    acker: Acker,
    touched: Instant,
}

impl Receipt {
    pub(super) fn new(acker: Acker) -> Self {
        Self { acker, touched: Instant::now() }
    }

    pub(super) async fn acknowledge(self) -> Result<(), async_nats::Error> {
        self.acker.ack().await
    }

    pub(super) fn is_older_than(&self, age: Duration, now: Instant) -> bool {
        now.saturating_duration_since(self.touched) >= age
    }

    /// Tells the server that the message is still here, so that it does not deliver it again.
    pub(super) async fn touch(&mut self, now: Instant) -> Result<(), async_nats::Error> {
        self.touched = now;
        self.acker.ack_with(AckKind::Progress).await
    }
}

/// Finds or makes the durable consumer.
pub(super) async fn consumer(
    plan: &CollectPlan,
    stream: &Stream,
) -> Result<PullConsumer, NatsError> {
    let config = pull::Config {
        durable_name: Some(plan.durable.clone()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: plan.ack_wait,
        filter_subject: plan.address.subject.clone(),
        max_ack_pending: max_ack_pending(plan),
        ..pull::Config::default()
    };
    let made = stream.handle.create_consumer(config).await;
    made.map_err(|error| request(&format!("consumer {}", plan.durable), &error))
}

/// The most messages that are here and not acknowledged: one for each packet of the window, those
/// that wait for an earlier one of their run, and those on their way. With fewer the server would
/// stop to deliver before the window is full.
fn max_ack_pending(plan: &CollectPlan) -> i64 {
    let most = plan.window.packets + plan.nodes * MAX_IN_FLIGHT + 2 * MESSAGES_AHEAD;
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// Begins to read.
pub(super) async fn messages(consumer: &PullConsumer) -> Result<pull::Stream, NatsError> {
    let messages = consumer
        .stream()
        .max_messages_per_batch(MESSAGES_AHEAD)
        .heartbeat(HEARTBEAT)
        .expires(PULL_EXPIRES)
        .messages();
    messages.await.map_err(|error| request("reading", &error))
}
