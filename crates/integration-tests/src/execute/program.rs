//! Which `ring` is judged.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::process::Running;
use crate::results::Program;

const VERSION_PATIENCE: Duration = Duration::from_secs(5);

/// Builds `ring` in release and tells where it is.
pub(crate) fn build() -> Result<PathBuf, String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["build", "--release", "-p", "ring-app", "--bin", "ring"];
    let output = Command::new(&cargo)
        .args(arguments)
        .arg("--message-format=json-render-diagnostics")
        .current_dir(&workspace)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", cargo.display()))?;
    if !output.status.success() {
        return Err(format!("cargo {} ended with {}", arguments.join(" "), output.status));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages.lines().filter_map(executable_of).next_back();
    executable.ok_or_else(|| "cargo did not tell where it put ring: give --ring".to_owned())
}

/// The program that a message of cargo tells of.
fn executable_of(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message["target"]["name"] != "ring" {
        return None;
    }
    message["executable"].as_str().map(PathBuf::from)
}

/// What the program says of itself, if it answers soon.
pub(crate) fn describe(path: &Path) -> io::Result<Program> {
    let mut command = Command::new(path);
    command.arg("--version").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running::start(&mut command)?;
    let start = Instant::now();
    let answered = loop {
        if let Some(status) = running.poll()? {
            break status.success();
        }
        if start.elapsed() > VERSION_PATIENCE {
            running.kill()?;
            break false;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let mut text = Vec::new();
    if let (true, Some(stdout)) = (answered, running.stdout()) {
        stdout.take(200).read_to_end(&mut text)?;
    }
    let text = String::from_utf8_lossy(&text);
    let version = text.lines().next().filter(|line| !line.is_empty()).map(str::to_owned);
    Ok(Program { path: path.display().to_string(), version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_tells_where_the_program_is() {
        let ours =
            r#"{"reason":"compiler-artifact","target":{"name":"ring"},"executable":"/t/ring"}"#;
        assert_eq!(executable_of(ours), Some(PathBuf::from("/t/ring")));
        for other in [
            r#"{"reason":"compiler-artifact","target":{"name":"nix"},"executable":null}"#,
            r#"{"reason":"build-finished","success":true}"#,
            "warning: not JSON",
        ] {
            assert_eq!(executable_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_program_without_a_version_is_described_all_the_same() {
        assert_eq!(describe(Path::new("false")).unwrap().version, None);
        assert!(describe(Path::new("/no/such/program")).is_err());
    }
}
