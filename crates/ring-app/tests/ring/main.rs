//! The built program, as its user meets it.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod captures;
mod failures;
mod generated;
mod json;
mod log_lines;
mod profiles;
mod program;
mod replay;
mod signals;
mod sink;
mod udp;
mod unlimited;
mod wrong_usage;
