//! Past one machine: packets go to a stream of a NATS server with JetStream (`--sink nats://…`),
//! and a collector reads them into one window over all nodes (`ring collect`).
//!
//! All that is asynchronous stays in here, on a thread of its own.

mod address;
pub(crate) mod collect;
mod error;
mod message;
pub(crate) mod node;
mod progress;
mod publisher;
mod server;
mod subject;
mod target;
mod varint;

pub(crate) use address::{NatsAddress, Subjects};
pub(crate) use error::NatsError;
pub(crate) use message::Message;
pub(crate) use target::{NatsPlan, NatsTarget};
