//! From what was typed to a [`Config`]: spelling, then raw arguments, then validation.

mod address;
mod clap_error;
#[cfg(feature = "nats")]
mod collect;
mod nats;
mod number;
mod raw;
mod sink;
mod spelling;
mod usage;
mod validate;

use clap::{CommandFactory, FromArgMatches};

use crate::config::Config;
#[cfg(feature = "nats")]
use crate::nats::collect::CollectPlan;
use raw::RawArgs;
use spelling::Spelling;
pub(crate) use usage::UsageError;
#[cfg(feature = "nats")]
use validate::{MAX_DEBUG_LEVEL, MAX_DEGREE, MAX_DURATION, MAX_WINDOW_PACKETS};

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Run(Box<Config>),
    #[cfg(feature = "nats")]
    Collect(Box<CollectPlan>),
    /// Print this on stdout and end: help or version.
    Print(String),
}

/// Reads a command line, without the program's name. `ram_bytes` is what the machine has.
pub(crate) fn parse(
    args: impl IntoIterator<Item = String>,
    ram_bytes: u64,
) -> Result<Request, UsageError> {
    let mut args = args.into_iter().peekable();
    if args.next_if(|first| first == "collect").is_some() {
        #[cfg(feature = "nats")]
        return collect::parse(args);
        #[cfg(not(feature = "nats"))]
        return Err(nats::not_built("collect"));
    }
    let mut command = RawArgs::command();
    command.build();
    let (args, spelling) = Spelling::normalise(args, &command);
    let matches = match command.try_get_matches_from(std::iter::once("ring".to_owned()).chain(args))
    {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Request::Print(error.to_string())),
        Err(error) => return Err(clap_error::one_line(&error, &spelling)),
    };
    let raw =
        RawArgs::from_arg_matches(&matches).map_err(|e| clap_error::one_line(&e, &spelling))?;
    validate::config(&raw, &spelling, ram_bytes).map(|config| Request::Run(Box::new(config)))
}
