//! Runs `ring`: its command line, its process, its log, and what came out.

mod case;
mod command;
pub(crate) mod cores;
mod log_file;
mod outcome;
mod process;
mod profiled;
pub(crate) mod program;

use std::path::{Path, PathBuf};
use std::time::Duration;

use run_result::Mode;

use crate::interrupt::Interrupt;
use crate::judge::thresholds::Bars;
use crate::results::Limits;

/// The folders of the output, as [`Results`](crate::results::Results) names them.
pub(crate) const LOGS: &str = "logs";
pub(crate) const PROFILES: &str = "profiles";

/// What is the same for every case.
#[derive(Clone, Debug)]
pub(crate) struct Executor {
    pub(crate) ring: PathBuf,
    pub(crate) output: PathBuf,
    pub(crate) modes: Vec<Mode>,
    pub(crate) bars: Bars,
    pub(crate) limits: Limits,
    /// How much longer than its duration a run may take.
    pub(crate) margin: Duration,
    pub(crate) interrupt: Interrupt,
}

impl Executor {
    fn path(&self, relative: &str) -> PathBuf {
        self.output.join(relative)
    }
}

/// Why a file cannot be used, in one sentence.
fn file_error(doing: &str, path: &Path, error: impl std::fmt::Display) -> String {
    format!("cannot {doing} {}: {error}", path.display())
}
