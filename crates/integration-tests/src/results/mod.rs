//! `results.json`: everything that a report needs, written again after every case.
//!
//! Paths in it are relative to the output folder, so that the folder can be moved or archived.

mod case;
mod comparison;
mod machine;
mod profile;

use serde::{Deserialize, Serialize};

pub use case::{CaseResult, Check, CheckName, Exit, Goal, LogFile, Settings, Thresholds, Verdict};
pub use comparison::{CaseComparison, Change, Comparison, Figure, FigureChange};
pub use machine::{Limits, Machine, Program};
pub use profile::{ProfileResult, TopFunction};

/// The version of this format. It grows when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// One run of the suite, whole or as far as it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// [`SCHEMA`] of the program that wrote it.
    pub schema: u32,
    /// Seconds since 1970 at the start.
    pub started_unix_s: f64,
    /// Seconds since 1970 at the last writing.
    pub written_unix_s: f64,
    /// How far it came.
    pub state: State,
    /// The command line of the suite, program name included.
    pub command: Vec<String>,
    /// Where it ran.
    pub machine: Machine,
    /// The program that was judged.
    pub ring: Program,
    /// `smoke`, `quick`, …
    pub set: String,
    /// `strict`, `default` or `relaxed`.
    pub preset: String,
    /// Cases that ran at the same time: above 1, CPU and latency are those of a shared machine.
    pub parallel: usize,
    /// What `ring` was held to.
    pub limits: Limits,
    /// Every case that was to run, in order, as `(id, name)`.
    pub planned: Vec<(String, String)>,
    /// Cases that have ended, in the order of [`planned`](Self::planned).
    pub cases: Vec<CaseResult>,
    /// The described program's figures beside ours; empty if no case measures one of them.
    pub headlines: Vec<Headline>,
    /// What the figures suggest.
    pub recommendations: Vec<Recommendation>,
    /// Beside an earlier run; `null` if none was named.
    pub comparison: Option<Comparison>,
}

/// How far a run of the suite came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Still running, or killed: the cases that are there have ended.
    Running,
    /// Every planned case has ended.
    Complete,
    /// Ended early by SIGINT or SIGTERM.
    Interrupted,
}

/// A figure of the described program beside ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headline {
    /// The case that measured ours.
    pub case: String,
    /// What it is, such as `CPU for 10 s at 400 Mb/s`.
    pub figure: String,
    /// As the document prints it.
    pub document: String,
    /// What ours has to reach.
    pub goal: String,
    /// Ours, with its unit; `null` if the run did not measure it.
    pub ours: Option<String>,
    /// Whether ours reached the goal.
    pub beaten: bool,
}

/// What the figures suggest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// The rule that spoke, in kebab-case.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// One or two sentences with the figures in them.
    pub text: String,
    /// Ids of the cases that it is drawn from.
    pub cases: Vec<String>,
}

/// How much a recommendation matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Could be better.
    Advice,
    /// Is wrong.
    Problem,
}

impl Results {
    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// Says what is missing or wrong, and where.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let results: Self = serde_json::from_str(text)?;
        if results.schema != SCHEMA {
            let schema = results.schema;
            let text = format!("schema {schema} is not the {SCHEMA} that this program knows");
            return Err(serde::de::Error::custom(text));
        }
        Ok(results)
    }

    /// The results as a file holds them.
    ///
    /// # Errors
    /// None that results of plain numbers can cause.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// Cases that ended with `verdict`.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases.iter().filter(|case| case.verdict == verdict).count()
    }

    /// Planned cases that have not ended.
    #[must_use]
    pub fn missing(&self) -> Vec<&(String, String)> {
        let ended = |id: &String| self.cases.iter().any(|case| case.id == *id);
        self.planned.iter().filter(|(id, _)| !ended(id)).collect()
    }
}
