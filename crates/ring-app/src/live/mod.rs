//! Looking on while it runs: the consumer leaves a snapshot at the end of each interval of
//! statistics, and threads of their own show it, on the terminal and to a browser.

mod dashboard;
mod feed;
mod history;
mod view;
mod watch;

pub(crate) use feed::{Publisher, ShardSnapshot, SnapshotTotals};
pub(crate) use watch::Watch;
