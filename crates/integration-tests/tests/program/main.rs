//! The program itself, with a fake `ring` that does what the test needs.

mod interruption;
mod output;
mod profiles;
mod reports;
mod suite;
mod verdicts;
