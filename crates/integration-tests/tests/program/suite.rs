use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use integration_tests::results::{CaseResult, Results, Verdict};
use tempfile::TempDir;

/// An output folder, and the program that writes into it.
pub(crate) struct Suite {
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
}

/// What a run that has ended leaves behind.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Suite {
    /// With a fake `ring` that behaves as told for each load, such as `4x50=hang`.
    pub(crate) fn with(fake_ring: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment: vec![("FAKE_RING", fake_ring.to_owned())],
        }
    }

    pub(crate) fn and(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    pub(crate) fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.output().join(name)
    }

    fn command(&self, output: &Path, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_integration-tests"));
        command.args(["run", "--ring", env!("CARGO_BIN_EXE_fake-ring"), "--output"]).arg(output);
        command.args(args.split_whitespace()).stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (*name, value)));
        command
    }

    /// `run` with these arguments, to its end.
    pub(crate) fn run(&self, args: &str) -> Ended {
        self.run_into(&self.output(), args)
    }

    pub(crate) fn run_into(&self, output: &Path, args: &str) -> Ended {
        ended(self.command(output, args))
    }

    /// `run` with these arguments, and on.
    pub(crate) fn start(&self, args: &str) -> Child {
        let mut command = self.command(&self.output(), args);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub(crate) fn results(&self) -> Results {
        read(&self.path("results.json"))
    }

    pub(crate) fn case(&self, id: &str) -> CaseResult {
        self.results().cases.into_iter().find(|case| case.id == id).unwrap()
    }

    pub(crate) fn verdicts(&self) -> Vec<(String, Verdict)> {
        self.results().cases.into_iter().map(|case| (case.id, case.verdict)).collect()
    }
}

/// Another action than `run`.
pub(crate) fn program(args: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_integration-tests"));
    command.args(args);
    ended(command)
}

fn ended(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn read(path: &Path) -> Results {
    Results::from_json(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Waits as long as it takes; a test that waits for ever is ended from outside.
pub(crate) fn until(condition: impl Fn() -> bool) {
    while !condition() {
        thread::sleep(Duration::from_millis(10));
    }
}
