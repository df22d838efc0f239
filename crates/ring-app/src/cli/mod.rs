//! From what was typed to a [`Config`]: spelling, then raw arguments, then validation.

mod address;
mod clap_error;
#[cfg(feature = "nats")]
mod collect;
mod completions;
mod man;
mod nats;
mod number;
mod print_config;
mod raw;
mod settings_file;
mod sink;
mod source;
mod spelling;
mod usage;
mod validate;

use clap::{Command, CommandFactory, FromArgMatches};

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
    /// Print this on stdout and end.
    Print(String),
}

/// Flags that set the same: of these, what is typed wins over what stands in a file.
const RIVALS: [(&str, &str); 2] = [("rate", "unlimited"), ("unlimited", "rate")];

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
    let mut command = raw::command();
    command.build();
    let (typed, mut spelling) = Spelling::normalise(args, &command);
    let mut args = vec!["ring".to_owned()];
    args.extend(from_file(&typed, &mut spelling, &command)?);
    args.extend(typed);
    let matches = match command.try_get_matches_from_mut(args) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Request::Print(error.to_string())),
        Err(error) => return Err(clap_error::one_line(&error, &spelling)),
    };
    let raw =
        RawArgs::from_arg_matches(&matches).map_err(|e| clap_error::one_line(&e, &spelling))?;
    if raw.man {
        return Ok(Request::Print(man::page(RawArgs::command())));
    }
    if let Some(shell) = &raw.completions {
        return completions::script(shell, &spelling, &mut command).map(Request::Print);
    }
    let config = validate::config(&raw, &spelling, ram_bytes)?;
    if raw.print_config {
        return Ok(Request::Print(print_config::text(&command, &matches)));
    }
    Ok(Request::Run(Box::new(config)))
}

/// What the file that `--config` names adds to what was `typed`; nothing if there is none, or if
/// `--config` itself is wrong, which is clap's to say.
fn from_file(
    typed: &[String],
    spelling: &mut Spelling,
    command: &Command,
) -> Result<Vec<String>, UsageError> {
    let mut files = typed.iter().filter_map(|arg| arg.strip_prefix("--config="));
    let (Some(path), None) = (files.next(), files.next()) else {
        return Ok(Vec::new());
    };
    let mut args = Vec::new();
    for setting in settings_file::read(path, command)? {
        let name = setting.name.as_str();
        let rival = RIVALS.iter().find(|(loser, _)| *loser == name);
        let is_overridden =
            is_typed(typed, name) || rival.is_some_and(|(_, winner)| is_typed(typed, winner));
        if !is_overridden && !setting.args.is_empty() {
            spelling.found(name, &setting.place);
            args.extend(setting.args);
        }
    }
    Ok(args)
}

fn is_typed(typed: &[String], name: &str) -> bool {
    let names = typed.iter().filter_map(|arg| arg.strip_prefix("--")?.split('=').next());
    names.into_iter().any(|typed| typed == name)
}
