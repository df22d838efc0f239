//! The table of results: a row for each case, each cell with the key by which it is sorted.

use crate::figures::{cpu_percent, drop_percent, rate_error_percent};
use crate::report::digits::{
    bytes, count, nanoseconds, number, or_missing, percent, signed_percent,
};
use crate::results::{CaseResult, Verdict};

/// Columns after the case, its name and its verdict: their headings.
pub(super) const COLUMNS: [&str; 8] = [
    "Rate, Mb/s",
    "Rate error",
    "Drops",
    "Shutdown",
    "CPU of a core",
    "Memory",
    "Allocations",
    "Latency p99",
];

/// A case in the table.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) case: &'a CaseResult,
    pub(super) verdict: Mark,
    /// One for each of [`COLUMNS`].
    pub(super) cells: [Cell; COLUMNS.len()],
}

/// A figure and the number by which it is sorted: empty if it is missing.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) key: String,
}

/// A judgement in a word, with a sign beside it so that the colour is not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) sign: &'static str,
    pub(super) word: &'static str,
    pub(super) class: &'static str,
}

impl Mark {
    /// What the filter knows: everything that did not pass has failed.
    pub(super) fn group(&self) -> &'static str {
        if self.class == "good" { "passed" } else { "failed" }
    }
}

/// The judgement of a case.
pub(super) fn verdict(verdict: Verdict) -> Mark {
    let (sign, class) = if verdict == Verdict::Passed { ("✓", "good") } else { ("✗", "bad") };
    Mark { sign, word: verdict.words(), class }
}

/// The row of a case.
pub(super) fn row(case: &CaseResult) -> Row<'_> {
    let run = case.run.as_ref();
    let latency = run.and_then(|run| run.latency_ns);
    let shutdown_us = run.and_then(|run| run.totals.shutdown_us);
    let steady = run.and_then(|run| run.usage.steady_allocations);
    Row {
        case,
        verdict: verdict(case.verdict),
        cells: [
            cell(run.map(|run| run.totals.rate_mbps), number),
            cell(rate_error_percent(case), signed_percent),
            cell(run.map(drop_percent), percent),
            cell(shutdown_us.map(|us| us * 1e3), nanoseconds),
            cell(run.and_then(cpu_percent), percent),
            cell(run.map(|run| run.usage.peak_rss_bytes as f64), bytes),
            cell(steady.map(|steady| steady as f64), |steady| count(steady as u64)),
            cell(latency.map(|latency| latency.p99 as f64), nanoseconds),
        ],
    }
}

fn cell(value: Option<f64>, text: impl FnOnce(f64) -> String) -> Cell {
    let value = value.filter(|value| value.is_finite());
    Cell {
        key: value.map(|value| value.to_string()).unwrap_or_default(),
        text: or_missing(value, text),
    }
}
