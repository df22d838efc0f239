//! Us and our peers, one file for each crate.

pub(crate) mod channel;
pub(crate) mod concurrent_queue;
pub(crate) mod crossbeam;
pub(crate) mod crossfire;
pub(crate) mod dedicated;
pub(crate) mod disruptor;
pub(crate) mod document;
pub(crate) mod fanring;
pub(crate) mod flume;
pub(crate) mod gil;
pub(crate) mod kanal;
pub(crate) mod nexus;
mod reading;
pub(crate) mod rtrb;
pub(crate) mod shared;
pub(crate) mod std_channel;
pub(crate) mod thingbuf;
pub(crate) mod tokio;
mod wording;

/// The most items that a peer is asked for in one receive.
const MOST_RECEIVED: usize = 1024;
