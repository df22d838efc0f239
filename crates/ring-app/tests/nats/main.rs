//! `--sink nats://…` and `ring collect` with a real nats-server, which is killed, and so are they.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod outages;
mod process;
mod restarts;
mod server;
mod verdicts;
