use run_result::RunResult;
use serde::{Deserialize, Serialize};

use super::ProfileResult;

/// One case that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseResult {
    /// `T001` … in the numbering of its set.
    pub id: String,
    /// `4p_50Mb_std_normal` and so on.
    pub name: String,
    /// What `ring` was asked for.
    pub settings: Settings,
    /// By what it is judged.
    pub goal: Goal,
    /// The bars of this case.
    pub thresholds: Thresholds,
    /// The judgement.
    pub verdict: Verdict,
    /// Why it did not pass, one sentence each; empty if it did.
    pub reasons: Vec<String>,
    /// Every check with its bar and its value; empty if the run gave nothing to check.
    pub checks: Vec<Check>,
    /// Seconds since 1970 at its start.
    pub started_unix_s: f64,
    /// From start to end of the process.
    pub took_s: f64,
    /// How the process ended; `null` if it was never started.
    pub exit: Option<Exit>,
    /// What `ring --json` wrote; `null` if that is missing or cannot be read.
    pub run: Option<RunResult>,
    /// What it printed.
    pub log: LogFile,
    /// One entry for each profiled run.
    pub profiles: Vec<ProfileResult>,
}

/// What `ring` was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Threads that write.
    pub producers: usize,
    /// Of each producer; 0 is unlimited.
    pub rate_mbps: f64,
    /// Payload of a packet.
    pub packet_bytes: usize,
    /// Between two ticks of the consumer.
    pub tick_ms: u64,
    /// Parts of the ring.
    pub shards: usize,
    /// Length of the run.
    pub duration_s: f64,
    /// Further flags, as they stand on the command line.
    pub further: Vec<String>,
}

/// By what a case is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// It must carry the asked rate: rate, drops, shutdown, conservation, order.
    Rate,
    /// It is asked for more than the machine carries: drops are counted, not judged; it must not
    /// hang, lose an accepted packet or change an order.
    Overload,
}

/// The bars of a case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Of the mean rate over the whole run, to either side.
    pub tolerance_percent: f64,
    /// Of the packets offered.
    pub max_drop_percent: f64,
    /// From the stop to the last thread's end.
    pub max_shutdown_s: f64,
}

/// The judgement of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every check holds.
    Passed,
    /// It ended, but a check does not hold.
    Failed,
    /// It ended by a signal or with an exit code other than 0.
    Crashed,
    /// It did not end in time, and was killed.
    Hung,
    /// It could not be started, or its files could not be written.
    Error,
    /// It was ended by SIGINT or SIGTERM to the suite.
    Interrupted,
}

/// One check of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Which one.
    pub name: CheckName,
    /// What must hold, in words with its numbers, such as `within 5 % of 200 Mb/s`.
    pub bar: String,
    /// What was found, with its unit, such as `200.01 Mb/s (+0.005 %)`; `null` if it is missing.
    pub value: Option<String>,
    /// Whether it holds. A missing value never does.
    pub passed: bool,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// Mean rate over the whole run.
    Rate,
    /// Share of the offered packets that the ring refused for good.
    Drops,
    /// Time from the stop to the end.
    Shutdown,
    /// `produced = consumed + in the ring`, and `consumed = trimmed + window`.
    Conservation,
    /// Each producer's packets come in their order.
    Order,
    /// It ran as long as it was asked to.
    Duration,
    /// The log and the JSON file tell the same.
    Agreement,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// `null` if a signal ended it.
    pub code: Option<i32>,
    /// `null` if it ended by itself.
    pub signal: Option<i32>,
}

/// What a run printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFile {
    /// In the output folder.
    pub path: String,
    /// Its last lines.
    pub tail: Vec<String>,
}

impl Settings {
    /// All producers together.
    #[must_use]
    pub fn total_rate_mbps(&self) -> f64 {
        self.rate_mbps * self.producers as f64
    }
}

impl CheckName {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Drops => "drops",
            Self::Shutdown => "shutdown",
            Self::Conservation => "conservation",
            Self::Order => "order",
            Self::Duration => "duration",
            Self::Agreement => "agreement",
        }
    }
}

impl Verdict {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Crashed => "crashed",
            Self::Hung => "hung",
            Self::Error => "error",
            Self::Interrupted => "interrupted",
        }
    }
}
