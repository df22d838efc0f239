//! `ring`: many producers, one lock-free ring, one window of packets. `ring --help` tells more.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ring_app::main()
}
