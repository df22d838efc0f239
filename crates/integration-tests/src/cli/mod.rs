//! From what was typed to a [`Request`]: raw arguments, then validation.

mod raw;
mod usage;
mod validate;

use clap::{CommandFactory, FromArgMatches};

use raw::RawArgs;
pub(crate) use usage::UsageError;
pub(crate) use validate::{Request, RunPlan};

/// Reads a command line, without the program's name. `cores` is what the machine has.
pub(crate) fn parse(
    args: impl IntoIterator<Item = String>,
    cores: usize,
) -> Result<Request, UsageError> {
    let command = RawArgs::command();
    let args = std::iter::once("integration-tests".to_owned()).chain(args);
    let matches = match command.try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Request::Print(error.to_string())),
        Err(error) => return Err(UsageError::from_clap(&error)),
    };
    let raw = RawArgs::from_arg_matches(&matches).map_err(|e| UsageError::from_clap(&e))?;
    validate::request(&raw, cores)
}
