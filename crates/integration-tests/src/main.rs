//! `integration-tests`: see `integration-tests --help`.

#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    ExitCode::from(integration_tests::main(args))
}
