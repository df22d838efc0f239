use std::fmt;

/// Why a command line cannot be carried out: one line.
#[derive(Debug)]
pub(crate) struct UsageError(String);

impl UsageError {
    /// `flag` has a `value` that is not among what is `allowed`.
    pub(super) fn value(flag: &str, value: &str, allowed: &str) -> Self {
        Self(format!("{flag} {value:?}: must be {allowed}"))
    }

    /// Says in one line what clap says in several.
    pub(super) fn from_clap(error: &clap::Error) -> Self {
        if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self("say what to do: run, list, report or compare; see --help".to_owned());
        }
        let text = error.to_string();
        let lines = text.lines().map(str::trim);
        // What follows is the usage; a list of missing arguments comes before it.
        let said = lines.take_while(|line| !line.starts_with("Usage:"));
        let said: Vec<_> = said.filter(|line| !line.is_empty()).collect();
        let said = said.join(" ");
        Self(format!("{}; see --help", said.trim_start_matches("error: ")))
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
