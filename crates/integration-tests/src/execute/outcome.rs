use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use go_duration::GoDuration;
use nix::sys::signal::Signal;
use run_result::RunResult;

use super::command::{Profiling, arguments, command};
use super::log_file::{LogWriter, remove_if_there, tail};
use super::process::{self, Ending, Patience};
use super::{Executor, LOGS, file_error};
use crate::clock::{local_time, unix_now_s};
use crate::judge::log_figures::LogFigures;
use crate::matrix::Case;
use crate::results::{Exit, LogFile, Verdict};

/// What one run of `ring` left behind, before it is judged.
#[derive(Debug)]
pub(super) struct Outcome {
    /// How it ended, or why it could not be started.
    pub(super) end: Result<(Ending, Exit), String>,
    pub(super) took: Duration,
    /// What `ring --json` wrote, or why it cannot be read.
    pub(super) run: Result<RunResult, String>,
    pub(super) figures: LogFigures,
    pub(super) log: LogFile,
}

impl Executor {
    /// Runs `ring` once; `name` names its files.
    pub(super) fn run_once(
        &self,
        case: &Case,
        name: &str,
        profiling: Option<Profiling<'_>>,
    ) -> Outcome {
        let log_path = format!("{LOGS}/{name}.log");
        let json = self.path(&format!("{LOGS}/{name}.json"));
        let start = Instant::now();
        let arguments = arguments(&case.settings, &json, profiling);
        let ended = self.run_with_log(case, &arguments, &self.path(&log_path), &json);
        let took = start.elapsed();
        let (end, text) = match ended {
            Ok((ending, exit, text)) => (Ok((ending, exit)), text),
            Err(reason) => (Err(reason), String::new()),
        };
        Outcome {
            run: read_result(&json, end.is_ok()),
            figures: LogFigures::parse(&text),
            log: LogFile { path: log_path, tail: tail(&text) },
            end,
            took,
        }
    }

    fn run_with_log(
        &self,
        case: &Case,
        arguments: &[String],
        log_path: &Path,
        json: &Path,
    ) -> Result<(Ending, Exit, String), String> {
        // The result of a run before must not stand for one of this run that is missing.
        remove_if_there(json).map_err(|error| file_error("remove", json, error))?;
        let header = [
            format!("{} {}", case.id, case.name),
            format!("{} {}", self.ring.display(), arguments.join(" ")),
            format!("started {}", local_time(unix_now_s())),
        ];
        let on_log = |error: io::Error| file_error("write", log_path, error);
        let mut log = LogWriter::create(log_path, &header).map_err(on_log)?;
        let patience = Patience {
            in_all: Duration::from_secs_f64(case.settings.duration_s) + self.margin,
            to_end: self.margin,
        };
        let command = command(&self.ring, arguments, self.limits);
        let start = Instant::now();
        let (ending, exit) = process::run(command, &log, patience, &self.interrupt)
            .map_err(|error| file_error("run", &self.ring, error))?;
        let took = start.elapsed().as_secs_f64();
        log.note(&format!("ended with {} after {took:.3} s", exit_words(exit))).map_err(on_log)?;
        let text = log.read().map_err(|error| file_error("read", log_path, error))?;
        Ok((ending, exit, text))
    }
}

impl Outcome {
    /// The verdict and its reasons so far as the end alone decides; `None` if it is for the checks.
    pub(super) fn verdict_of_end(&self, patience: Duration) -> Option<(Verdict, String)> {
        let (ending, exit) = match &self.end {
            Ok(end) => *end,
            Err(reason) => return Some((Verdict::Error, reason.clone())),
        };
        Some(match ending {
            Ending::TimeUp => {
                let reason = format!("did not end within {}, and was killed", GoDuration(patience));
                (Verdict::Hung, reason)
            }
            Ending::LogTooLong => {
                (Verdict::Failed, "printed more than 64 MiB, and was killed".to_owned())
            }
            Ending::Interrupted => {
                let reason = format!("interrupted; ring ended with {}", exit_words(exit));
                (Verdict::Interrupted, reason)
            }
            Ending::ByItself if exit.code == Some(0) => return None,
            Ending::ByItself => {
                let said = self.last_line().map(|line| format!(": {line}")).unwrap_or_default();
                (Verdict::Crashed, format!("ended with {}{said}", exit_words(exit)))
            }
        })
    }

    /// The last line that `ring` itself printed.
    fn last_line(&self) -> Option<&str> {
        let lines = self.log.tail.iter().map(|line| line.trim());
        lines.rev().find(|line| !line.is_empty() && !line.starts_with('#'))
    }
}

fn read_result(json: &Path, ran: bool) -> Result<RunResult, String> {
    if !ran {
        return Err("ring did not run".to_owned());
    }
    let text = fs::read(json).map_err(|error| file_error("read", json, error))?;
    let text = String::from_utf8_lossy(&text);
    RunResult::from_json(&text).map_err(|error| file_error("understand", json, error))
}

fn exit_words(exit: Exit) -> String {
    match (exit.code, exit.signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(number)) => match Signal::try_from(number) {
            Ok(signal) => format!("signal {number} ({signal})"),
            Err(_) => format!("signal {number}"),
        },
        (None, None) => "neither an exit code nor a signal".to_owned(),
    }
}
