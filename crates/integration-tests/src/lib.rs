//! The suite that judges `ring`: it runs it over a matrix of loads, checks what came out, profiles
//! it, compares it with a stored baseline, and reports. The program is `integration-tests`.
#![forbid(unsafe_code)]

mod app;
mod cli;
mod clock;
mod compare;
mod execute;
mod figures;
mod headlines;
mod interrupt;
mod judge;
mod machine;
mod matrix;
mod profile;
mod progress;
mod recommend;
pub mod report;
pub mod results;
mod run;
mod store;

#[cfg(test)]
#[path = "../tests/support/sample.rs"]
mod sample;

pub use app::main;
