//! All of the program `ring` but its `main`: a library, so that its parsers can be fuzzed. Nothing
//! here is meant for other programs.

#![forbid(unsafe_code)]

mod allocator;
mod btree;
mod capture;
mod cli;
mod config;
mod consumer;
mod counters;
mod crew;
mod depot;
mod error;
mod generated;
mod latency;
mod latency_totals;
mod live;
#[cfg(feature = "nats")]
mod nats;
mod order;
mod outlet;
mod pacing;
mod packet;
mod payload_sum;
mod profile;
mod replay;
mod report;
mod result;
mod result_file;
mod ring_handle;
mod rtp;
mod run;
mod sequence;
mod series;
mod signals;
mod sink;
mod sizing;
mod stop;
mod udp;
mod whole_file;
mod window;

#[doc(hidden)]
pub mod fuzzing;

use std::env;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use cli::Request;

const FAILURE: u8 = 1;
const WRONG_USAGE: u8 = 2;

/// What the program does; its exit code.
pub fn main() -> ExitCode {
    let args = env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    match cli::parse(args, report::machine::ram_bytes()) {
        Ok(Request::Print(text)) => {
            // A reader that has gone needs no help.
            let _ = write!(io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        #[cfg(feature = "nats")]
        Ok(Request::Collect(plan)) => match nats::collect::run(&plan) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(FAILURE, &error),
        },
        Ok(Request::Run(config)) => match run::run(&config) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(FAILURE, &error),
        },
        Err(error) => fail(WRONG_USAGE, &error),
    }
}

/// Says why in one line, if there is still somebody to hear it.
fn fail(code: u8, reason: &dyn fmt::Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "ring: {reason}");
    ExitCode::from(code)
}
