//! `--config FILE`: a TOML file whose keys are the flags' names. What stands in it counts as if it
//! had been typed before the rest of the command line, which wins.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use clap::{Arg, Command};
use toml::de::{DeTable, DeValue};

use super::clap_error;
use super::raw::{NUMBERS, PRINT};
use super::usage::UsageError;

/// More than any file of settings is long.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// One key of the file.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) name: String,
    /// File, line and key, for errors.
    pub(super) place: String,
    /// As they would be typed; empty for a switch that is off.
    pub(super) args: Vec<String>,
}

/// Reads the file at `path`: every key must be a flag of `command`, every value of its type.
pub(super) fn read(path: &str, command: &Command) -> Result<Vec<Setting>, UsageError> {
    let text = read_text(Path::new(path))
        .map_err(|error| UsageError::new(format!("--config {path:?}: cannot be read: {error}")))?;
    parse(&text, &path.escape_debug().to_string(), command)
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let bytes = File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)?;
    if bytes as u64 > MAX_FILE_BYTES {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}

fn parse(text: &str, file: &str, command: &Command) -> Result<Vec<Setting>, UsageError> {
    let at = |offset: usize| format!("{file}, line {}", line_of(text, offset));
    let table = DeTable::parse(text).map_err(|error| {
        let place = at(error.span().map_or(0, |span| span.start));
        let reason = error.message().lines().next().unwrap_or("not TOML").to_owned();
        UsageError::new(format!("{place}: {reason}"))
    })?;
    let mut settings = Vec::new();
    for (key, value) in table.get_ref() {
        let name = key.get_ref().as_ref();
        let place = format!("{}: {}", at(key.span().start), name.escape_debug());
        let arg = known(name, command).ok_or_else(|| unknown(name, &place, command))?;
        let args = args(arg, name, value.get_ref()).map_err(|allowed| {
            let found = value.get_ref().type_str();
            UsageError::new(format!("{place}: must be {allowed}, not of type {found}"))
        })?;
        settings.push(Setting { name: name.to_owned(), place, args });
    }
    Ok(settings)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The flag of this name, if it is one that a file may set.
fn known<'a>(name: &str, command: &'a Command) -> Option<&'a Arg> {
    settable(command).find(|arg| arg.get_long() == Some(name))
}

/// All flags but those that print something and end, and the one that names the file.
pub(super) fn settable(command: &Command) -> impl Iterator<Item = &Arg> {
    command
        .get_arguments()
        .filter(|arg| arg.get_help_heading() != Some(PRINT) && arg.get_long() != Some("config"))
}

fn unknown(name: &str, place: &str, command: &Command) -> UsageError {
    if command.get_arguments().any(|arg| arg.get_long() == Some(name)) {
        return UsageError::new(format!("{place}: must not stand in a file, only be typed"));
    }
    let suggestion = clap_error::suggested_flag(name, command);
    let suggestion = suggestion.map(|flag| format!(", did you mean {flag}?")).unwrap_or_default();
    UsageError::new(format!("{place}: unknown key{suggestion}; see ring --help"))
}

/// Whether the flag's values are numbers, and so are written without quotes.
pub(super) fn is_number(arg: &Arg) -> bool {
    let names = arg.get_value_names().unwrap_or_default();
    names.iter().any(|name| NUMBERS.contains(&name.as_str()))
}

/// What would be typed for this value, or what it must be.
fn args(arg: &Arg, name: &str, value: &DeValue<'_>) -> Result<Vec<String>, &'static str> {
    if !arg.get_action().takes_values() {
        return match value {
            DeValue::Boolean(true) => Ok(vec![format!("--{name}")]),
            DeValue::Boolean(false) => Ok(Vec::new()),
            _ => Err("true or false"),
        };
    }
    let typed = |text: &str| format!("--{name}={text}");
    match value {
        DeValue::Integer(number) if is_number(arg) => Ok(vec![typed(&decimal(number))]),
        DeValue::Float(number) if is_number(arg) => Ok(vec![typed(number.as_str())]),
        _ if is_number(arg) => Err("a number"),
        DeValue::String(text) => Ok(vec![typed(text)]),
        DeValue::Array(all) if repeats(arg) => all
            .iter()
            .map(|one| one.get_ref().as_str().map(typed).ok_or("a list of texts in quotes"))
            .collect(),
        _ if repeats(arg) => Err("a text in quotes or a list of such"),
        _ => Err("a text in quotes"),
    }
}

pub(super) fn repeats(arg: &Arg) -> bool {
    matches!(arg.get_action(), clap::ArgAction::Append)
}

/// `0x10` is 16; what is too large even for this fails later, as what it is.
fn decimal(number: &toml::de::DeInteger<'_>) -> String {
    match number.radix() {
        10 => number.as_str().to_owned(),
        radix => i128::from_str_radix(number.as_str(), radix)
            .map_or_else(|_| number.as_str().to_owned(), |value| value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::raw::{RawArgs, TEXTS};
    use super::*;

    fn parsed(text: &str) -> Result<Vec<String>, String> {
        let settings = parse(text, "ring.toml", &RawArgs::command());
        let args = settings.map_err(|error| error.to_string())?;
        Ok(args.into_iter().flat_map(|setting| setting.args).collect())
    }

    #[test]
    fn keys_become_what_would_be_typed() {
        let text = "producers = 8\nrate = 2.5\nring-size = 0x1_00\nunlimited = false\nplain = true\n\
                    duration = '5s'\nlisten = ['127.0.0.1:1', ':2']\n";
        let mut typed = parsed(text).unwrap();
        typed.sort();
        let expected = [
            "--duration=5s",
            "--listen=127.0.0.1:1",
            "--listen=:2",
            "--plain",
            "--producers=8",
            "--rate=2.5",
            "--ring-size=256",
        ];
        assert_eq!(typed, expected);
        assert_eq!(parsed("listen = ':2'").unwrap(), ["--listen=:2"]);
        assert!(parsed("# nothing\n").unwrap().is_empty());
    }

    #[test]
    fn errors_name_file_line_and_key() {
        for (text, message) in [
            (
                "\nproducers = '4'",
                "ring.toml, line 2: producers: must be a number, not of type string",
            ),
            ("plain = 1", "ring.toml, line 1: plain: must be true or false, not of type integer"),
            (
                "duration = 5",
                "ring.toml, line 1: duration: must be a text in quotes, not of type integer",
            ),
            (
                "listen = [1]",
                "ring.toml, line 1: listen: must be a list of texts in quotes, not of type array",
            ),
            (
                "[producers]\nx = 1",
                "ring.toml, line 1: producers: must be a number, not of type table",
            ),
            (
                "\n\nproducer = 4",
                "ring.toml, line 3: producer: unknown key, did you mean --producers?; see ring --help",
            ),
            ("\"a\\nb\" = 1", "ring.toml, line 1: a\\nb: unknown key; see ring --help"),
            ("\"rate=5\" = 1", "ring.toml, line 1: rate=5: unknown key; see ring --help"),
            ("config = 'x'", "ring.toml, line 1: config: must not stand in a file, only be typed"),
            ("help = true", "ring.toml, line 1: help: must not stand in a file, only be typed"),
        ] {
            assert_eq!(parsed(text).unwrap_err(), message);
        }
        let twice = parsed("rate = 1.0\nrate = 2.0").unwrap_err();
        assert!(twice.starts_with("ring.toml, line 2: duplicate key"), "{twice}");
        let broken = parsed("rate =").unwrap_err();
        assert!(broken.starts_with("ring.toml, line 1: ") && !broken.contains('\n'), "{broken}");
    }

    #[test]
    fn of_each_flag_is_known_whether_it_takes_numbers() {
        for arg in settable(&RawArgs::command()).filter(|arg| arg.get_action().takes_values()) {
            let [name] = arg.get_value_names().unwrap_or_default() else {
                panic!("{arg:?} has no name for its value");
            };
            let kinds = [NUMBERS, TEXTS].map(|names| names.contains(&name.as_str()));
            assert_ne!(kinds[0], kinds[1], "is {name} of {arg:?} a number or a text in a file?");
        }
    }
}
