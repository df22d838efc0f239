use serde::{Deserialize, Serialize};

/// A run beside an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The file of the earlier run.
    pub baseline_path: String,
    /// Its commit.
    pub baseline_commit: Option<String>,
    /// Seconds since 1970 at its start.
    pub baseline_started_unix_s: f64,
    /// Why the two may not be comparable, such as another machine.
    pub warnings: Vec<String>,
    /// Cases that are in both, in this run's order.
    pub cases: Vec<CaseComparison>,
    /// Ids that only this run has.
    pub only_here: Vec<String>,
    /// Ids that only the baseline has.
    pub only_in_baseline: Vec<String>,
}

/// One case in both runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseComparison {
    /// In both.
    pub id: String,
    /// In this run.
    pub name: String,
    /// One entry for each figure.
    pub figures: Vec<FigureChange>,
}

/// A figure then and now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureChange {
    /// Which one.
    pub figure: Figure,
    /// Of both values.
    pub unit: String,
    /// In the baseline; `null` if it was not measured.
    pub before: Option<f64>,
    /// In this run; `null` if it was not measured.
    pub after: Option<f64>,
    /// From where on a change is a regression, in words with its numbers.
    pub threshold: String,
    /// What it means.
    pub change: Change,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Passed or not, as 1 or 0.
    Passed,
    /// Mean over the run.
    Rate,
    /// Share of the offered packets.
    Drops,
    /// User and system, per second of the run.
    Cpu,
    /// 99th percentile of the time in the ring.
    LatencyP99,
    /// Peak resident memory.
    PeakRss,
    /// In steady state.
    Allocations,
}

/// What a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Better by more than the threshold.
    Better,
    /// Within the threshold.
    Same,
    /// A regression: worse by more than the threshold, or no longer measured.
    Worse,
    /// Not measured in the baseline.
    New,
}

impl Comparison {
    /// Figures that got worse, with the ids of their cases.
    pub fn regressions(&self) -> impl Iterator<Item = (&str, &FigureChange)> {
        self.cases.iter().flat_map(|case| {
            let worse = case.figures.iter().filter(|figure| figure.change == Change::Worse);
            worse.map(|figure| (case.id.as_str(), figure))
        })
    }
}

impl Figure {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "verdict",
            Self::Rate => "mean rate",
            Self::Drops => "drops",
            Self::Cpu => "CPU",
            Self::LatencyP99 => "latency p99",
            Self::PeakRss => "peak memory",
            Self::Allocations => "steady allocations",
        }
    }
}
