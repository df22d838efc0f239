//! The suite that judges `ring`: it runs it over a matrix of loads, checks what came out, profiles
//! it, compares it with a stored baseline, and reports. The program is `integration-tests`.
#![forbid(unsafe_code)]

mod judge;
mod matrix;
pub mod report;
pub mod results;

#[cfg(test)]
#[path = "../tests/support/sample.rs"]
mod sample;
