//! The connection, and the stream in it: found or made, and judged before anything is sent.

use std::fmt;
use std::time::{Duration, Instant};

use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::stream::{
    Config as StreamConfig, DiscardPolicy, RetentionPolicy, StorageType,
};
use async_nats::jetstream::{self, Context, ErrorCode};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event};
use futures_util::TryStreamExt;
use tokio::sync::watch;

use super::address::NatsAddress;
use super::error::NatsError;
use super::subject;
use crate::report::log::{Level, Log};

/// How long a publish or a request waits for its answer.
pub(super) const ANSWER_WAIT: Duration = Duration::from_secs(5);
const CONNECT_WAIT: Duration = Duration::from_secs(2);
const CONNECT_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_RECONNECT_PAUSE: Duration = Duration::from_millis(500);
/// A server that does not answer two of these is given up, and connected to again.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// A repeat that comes later than this is stored a second time; the collector drops it.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// Whether there is a connection now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) is_up: bool,
    /// Times that it was lost.
    pub(super) losses: u64,
}

/// A server with JetStream.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) client: Client,
    pub(super) jetstream: Context,
    pub(super) link: watch::Receiver<Link>,
}

/// A stream that has our subject.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) handle: jetstream::stream::Stream,
    /// What its settings mean for us and may not be meant so.
    pub(super) warnings: Vec<String>,
    pub(super) was_made: bool,
}

impl Stream {
    /// Tells what is worth knowing of it.
    pub(super) fn log(&self, log: &Log) {
        let name = &self.handle.cached_info().config.name;
        if self.was_made {
            log.line(Level::Info, format_args!("Stream {name} made: a work queue in files"));
        }
        self.warnings.iter().for_each(|warning| log.line(Level::Warning, warning));
    }
}

/// Connects, trying for as long as `wait`; `notice` hears once why it has to.
pub(super) async fn connect(
    address: &NatsAddress,
    client_name: &str,
    wait: Duration,
    notice: &(dyn Fn(&str) + Sync),
) -> Result<Server, NatsError> {
    let (link, watched) = watch::channel(Link::default());
    let began = Instant::now();
    let mut noticed = false;
    let client = loop {
        let error = match options(client_name, link.clone()).connect(&address.server).await {
            Ok(client) => break client,
            Err(error) => error,
        };
        let server = address.shown_server().to_owned();
        let reason = with_causes(&error);
        if matches!(
            error.kind(),
            ConnectErrorKind::AuthorizationViolation
                | ConnectErrorKind::Authentication
                | ConnectErrorKind::ServerParse
                | ConnectErrorKind::Tls
        ) {
            return Err(NatsError::Refused { server, reason });
        }
        if began.elapsed() >= wait {
            return Err(NatsError::Unreachable { server, waited: wait, reason });
        }
        if !std::mem::replace(&mut noticed, true) {
            notice(&format!("{server}: {reason}; trying again"));
        }
        tokio::time::sleep(CONNECT_PAUSE).await;
    };
    let jetstream = jetstream::context::ContextBuilder::new()
        .timeout(ANSWER_WAIT)
        .ack_timeout(ANSWER_WAIT)
        .build(client.clone());
    let server = Server { client, jetstream, link: watched };
    server.require_jetstream(address).await?;
    Ok(server)
}

fn options(client_name: &str, link: watch::Sender<Link>) -> ConnectOptions {
    ConnectOptions::new()
        .name(client_name)
        .connection_timeout(CONNECT_WAIT)
        .ping_interval(PING_INTERVAL)
        .reconnect_delay_callback(|attempt| {
            let ms = 10_u64.saturating_mul(1 << attempt.min(10));
            Duration::from_millis(ms).min(LONGEST_RECONNECT_PAUSE)
        })
        .event_callback(move |event| {
            match event {
                Event::Connected => link.send_modify(|link| link.is_up = true),
                Event::Disconnected => link.send_modify(|link| {
                    link.losses += u64::from(link.is_up);
                    link.is_up = false;
                }),
                // What else there is either leads to one of these or is answered by time-outs.
                _ => {}
            }
            std::future::ready(())
        })
}

impl Server {
    /// The client's own `query_account` does not understand the answer of servers before 2.10.
    async fn require_jetstream(&self, address: &NatsAddress) -> Result<(), NatsError> {
        let server = address.shown_server().to_owned();
        let answer: Result<serde_json::Value, _> = self.jetstream.request("INFO", b"").await;
        match answer {
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                Err(NatsError::NoJetStream { server, reason: "nobody answers".to_owned() })
            }
            Err(error) => Err(request(&server, &error)),
            Ok(answer) => match answer.pointer("/error/description") {
                None => Ok(()),
                Some(reason) => Err(NatsError::NoJetStream { server, reason: reason.to_string() }),
            },
        }
    }

    /// The longest message that it takes.
    pub(super) fn max_payload_bytes(&self) -> usize {
        self.client.server_info().max_payload
    }

    /// The stream for `address`, which is made if there is none. All subjects of `address` must
    /// be in it if it is to be published to, and one at least if it is to be read.
    pub(super) async fn stream(
        &self,
        address: &NatsAddress,
        needs_all: bool,
    ) -> Result<Stream, NatsError> {
        let wanted = &address.subject;
        let fits = |has: &str| match needs_all {
            true => subject::covers(has, wanted),
            false => subject::overlap(has, wanted),
        };
        let name = match &address.stream {
            Some(name) => name.clone(),
            None => match &self.streams_with(&fits).await?[..] {
                [] => subject::as_name(wanted),
                [one] => one.clone(),
                several => {
                    let (subject, streams) = (wanted.clone(), several.to_vec());
                    return Err(NatsError::SeveralStreams { subject, streams });
                }
            },
        };
        if let Some(handle) = self.existing(&name).await? {
            let config = &handle.cached_info().config;
            if !config.subjects.iter().any(|has| fits(has)) {
                let (has, wanted) = (config.subjects.clone(), wanted.clone());
                return Err(NatsError::OtherSubjects { stream: name, has, wanted });
            }
            let warnings = warnings(config);
            return Ok(Stream { handle, warnings, was_made: false });
        }
        let config = our_stream(&name, wanted);
        // Whoever makes the same at the same time makes the same stream.
        let made = self.jetstream.get_or_create_stream(config).await;
        let handle = made.map_err(|error| request(&format!("making stream {name}"), &error))?;
        Ok(Stream { handle, warnings: Vec::new(), was_made: true })
    }

    async fn existing(&self, name: &str) -> Result<Option<jetstream::stream::Stream>, NatsError> {
        use async_nats::jetstream::context::GetStreamErrorKind::JetStream;
        match self.jetstream.get_stream(name).await {
            Ok(handle) => Ok(Some(handle)),
            Err(error) => match error.kind() {
                JetStream(reason) if reason.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
                _ => Err(request(&format!("stream {name}"), &error)),
            },
        }
    }

    async fn streams_with(
        &self,
        fits: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Vec<String>, NatsError> {
        let mut all = self.jetstream.streams();
        let mut found = Vec::new();
        let failed = |error| request("the list of streams", &error);
        while let Some(info) = all.try_next().await.map_err(failed)? {
            if info.config.subjects.iter().any(|has| fits(has)) {
                found.push(info.config.name);
            }
        }
        Ok(found)
    }
}

/// Packets leave it when the collector acknowledges them, and none leaves it before: when it is
/// full it refuses.
fn our_stream(name: &str, subject: &str) -> StreamConfig {
    StreamConfig {
        name: name.to_owned(),
        subjects: vec![subject.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        duplicate_window: DUPLICATE_WINDOW,
        num_replicas: 1,
        ..StreamConfig::default()
    }
}

fn warnings(config: &StreamConfig) -> Vec<String> {
    let name = &config.name;
    let has_limit = config.max_bytes > 0
        || config.max_messages > 0
        || config.max_messages_per_subject > 0
        || !config.max_age.is_zero();
    let mut warnings = Vec::new();
    if config.discard == DiscardPolicy::Old && has_limit {
        warnings.push(format!("stream {name} deletes what is too much or too old, read or not"));
    }
    if config.storage == StorageType::Memory {
        warnings.push(format!("stream {name} is kept in memory: it goes with its server"));
    }
    if config.no_ack {
        warnings.push(format!("stream {name} acknowledges nothing (no_ack): nothing can be sent"));
    }
    warnings
}

/// An answer that is an error.
pub(super) fn request(what: &str, error: &dyn std::error::Error) -> NatsError {
    NatsError::Request { what: what.to_owned(), reason: with_causes(error) }
}

/// An error with its causes behind it, in one line.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = one_line(error);
    let mut cause = error.source();
    while let Some(error) = cause {
        let further = one_line(error);
        if !text.contains(&further) {
            text = format!("{text}: {further}");
        }
        cause = error.source();
    }
    text
}

fn one_line(text: &(impl fmt::Display + ?Sized)) -> String {
    text.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
