//! `ring collect`: reads what nodes publish, and keeps one window over all of them.
//!
//! A message is acknowledged when its last packet has left the window *and* a checkpoint that says
//! so is on the server. So whatever happens, each packet is either on record as left, or comes
//! again: docs/SCALE.md has the argument.

mod checkpoint;
mod collector;
mod delivery;
mod ledger;
mod report;
mod run;
mod source;
mod store;

use std::time::Duration;

use crate::nats::address::NatsAddress;
use crate::result_file::ResultFile;
use crate::sink::WindowPlan;

pub(crate) use run::run;

/// What `ring collect` asks for, checked.
#[derive(Clone, Debug)]
pub(crate) struct CollectPlan {
    pub(crate) address: NatsAddress,
    /// How many nodes are expected.
    pub(crate) nodes: usize,
    pub(crate) window: WindowPlan,
    /// The name of the consumer, and of its checkpoint.
    pub(crate) durable: String,
    /// After so long without a sign of life the server delivers a message again.
    pub(crate) ack_wait: Duration,
    /// So long messages wait for an earlier one of their run.
    pub(crate) hole_wait: Duration,
    /// So long the server may be away at the start.
    pub(crate) wait: Duration,
    /// `None` ends with the nodes, or by a signal.
    pub(crate) duration: Option<Duration>,
    pub(crate) stats_interval: Duration,
    pub(crate) debug_level: u8,
    pub(crate) json: Option<ResultFile>,
}
