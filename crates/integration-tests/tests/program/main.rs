//! The program itself, with a fake `ring` that does what the test needs.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod interruption;
mod output;
mod profiles;
mod reports;
mod suite;
mod verdicts;
