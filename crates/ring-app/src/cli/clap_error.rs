use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::spelling::Spelling;
use super::usage::UsageError;

/// Says in one line what clap says in several.
pub(super) fn one_line(error: &clap::Error, spelling: &Spelling) -> UsageError {
    let Some(flag) = flag_name(error) else {
        return UsageError::new(first_line(error));
    };
    let flag = match flag.strip_prefix("--") {
        Some(name) => spelling.of(name),
        None if flag.starts_with('-') => flag,
        None => return UsageError::new(format!("{flag:?}: not a flag; see ring --help")),
    };
    UsageError::new(match error.kind() {
        ErrorKind::UnknownArgument => {
            let suggestion = suggestion(error).map(|s| format!(", did you mean {s}?"));
            format!("{flag}: unknown flag{}; see ring --help", suggestion.unwrap_or_default())
        }
        ErrorKind::ArgumentConflict => format!("{flag}: given twice, must be given once"),
        ErrorKind::InvalidValue => format!("{flag}: needs a value"),
        ErrorKind::TooManyValues => format!("{flag}: takes no value"),
        _ => first_line(error),
    })
}

/// The flag of `command` that is most like `--name`, if one is.
pub(super) fn suggested_flag(name: &str, command: &Command) -> Option<String> {
    let typed = format!("--{name}");
    if typed.contains('=') {
        return None;
    }
    let error = command.clone().try_get_matches_from(["ring", &typed]).err()?;
    suggestion(&error)
}

/// The flag that the error is about, without the name of its value.
fn flag_name(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(arg) => arg.split([' ', '=']).next().map(str::to_owned),
        _ => None,
    }
}

fn suggestion(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::SuggestedArg)? {
        ContextValue::String(arg) => Some(arg.clone()),
        ContextValue::Strings(args) => args.first().cloned(),
        _ => None,
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}
