use std::fmt::Write as _;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use toml_writer::ToTomlValue;

use super::settings_file::{is_number, repeats, settable};

const COLUMNS: usize = 90;

/// Every setting as a file for `--config`: those of the command line set, the others as comments
/// that show their defaults.
pub(super) fn text(command: &Command, matches: &ArgMatches) -> String {
    let mut text = String::from(
        "# Settings of ring, for: ring --config FILE. What is typed wins over what stands here.\n",
    );
    let mut heading = None;
    for arg in settable(command) {
        let Some(name) = arg.get_long() else {
            continue;
        };
        if heading != arg.get_help_heading() {
            heading = arg.get_help_heading();
            let _ = writeln!(text, "\n## {}", heading.unwrap_or_default());
        }
        let _ = writeln!(text);
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        wrap(&mut text, &help);
        let is_set = matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
        let mark = if is_set { "" } else { "# " };
        let _ = writeln!(text, "{mark}{name} = {}", value(arg, matches));
    }
    text
}

/// `help` as comments of `COLUMNS` at most.
fn wrap(text: &mut String, help: &str) {
    let mut line = String::from("#");
    for word in help.split_whitespace() {
        if line.len() > 1 && line.len() + 1 + word.len() > COLUMNS {
            let _ = writeln!(text, "{line}");
            line.truncate(1);
        }
        let _ = write!(line, " {word}");
    }
    let _ = writeln!(text, "{line}");
}

/// The value that the flag has, or the name of one if it has none, as TOML.
fn value(arg: &Arg, matches: &ArgMatches) -> String {
    if !arg.get_action().takes_values() {
        return "true".to_owned();
    }
    let id = arg.get_id().as_str();
    let mut values: Vec<_> =
        matches.get_many::<String>(id).into_iter().flatten().cloned().collect();
    if values.is_empty() {
        let names = arg.get_value_names().unwrap_or_default();
        values.extend(names.iter().map(ToString::to_string));
    }
    if repeats(arg) {
        return values.to_toml_value();
    }
    let value = values.swap_remove(0);
    if is_number(arg) { number(value) } else { value.to_toml_value() }
}

/// As TOML writes it: `.5` and `05` would not be numbers there.
fn number(typed: String) -> String {
    if let Ok(whole) = typed.parse::<u64>() {
        return whole.to_string();
    }
    typed.parse::<f64>().map_or(typed, |decimal| format!("{decimal:?}"))
}
