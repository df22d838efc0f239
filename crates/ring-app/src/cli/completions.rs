use clap::{Command, ValueEnum};
use clap_complete::Shell;

use super::spelling::Spelling;
use super::usage::UsageError;

/// What makes `shell` complete the flags of `command`.
pub(super) fn script(
    shell: &str,
    spelling: &Spelling,
    command: &mut Command,
) -> Result<String, UsageError> {
    let shell = Shell::from_str(shell, false).map_err(|_| {
        let flag = spelling.of("completions");
        UsageError::value(&flag, shell, "bash, elvish, fish, powershell or zsh")
    })?;
    let mut script = Vec::new();
    clap_complete::generate(shell, command, "ring", &mut script);
    Ok(String::from_utf8_lossy(&script).into_owned())
}
