//! Looking on while it runs: the consumer leaves a snapshot at the end of each interval of
//! statistics, and a thread of its own shows it.

mod feed;
mod view;
mod watch;

pub(crate) use feed::{Publisher, ShardSnapshot};
pub(crate) use watch::Watch;
