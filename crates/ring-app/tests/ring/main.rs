//! The built program, as its user meets it.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod captures;
mod dashboard;
mod failures;
mod generated;
mod json;
mod log_lines;
mod printed;
mod profiles;
mod program;
mod replay;
mod settings;
mod signals;
mod sink;
mod terminal;
mod udp;
mod unlimited;
mod wrong_usage;
