//! The run beside an earlier one.

use super::rows::Mark;
use crate::report::digits::{self, count, date, number, or_missing, signed_percent};
use crate::results::{Change, Comparison, Figure, FigureChange};

/// The earlier run, and every figure that both have.
pub(super) struct Beside<'a> {
    pub(super) comparison: &'a Comparison,
    pub(super) baseline_date: String,
    /// Regressions first, then what got better, then what is new.
    pub(super) changed: Vec<Changed<'a>>,
    /// Figures within their threshold.
    pub(super) same: Vec<Changed<'a>>,
    pub(super) regressions: usize,
    pub(super) better: usize,
}

/// A figure then and now.
pub(super) struct Changed<'a> {
    pub(super) id: &'a str,
    pub(super) figure: &'static str,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) change: String,
    pub(super) threshold: &'a str,
    pub(super) mark: Mark,
}

/// What the page says of a comparison.
pub(super) fn beside(comparison: &Comparison) -> Beside<'_> {
    let figures = comparison.cases.iter().flat_map(|case| {
        case.figures.iter().map(|figure| (figure.change, changed(&case.id, figure)))
    });
    let (mut changes, same): (Vec<_>, Vec<_>) =
        figures.partition(|(change, _)| *change != Change::Same);
    changes.sort_by_key(|(change, _)| match change {
        Change::Worse => 0,
        Change::Better => 1,
        Change::New | Change::Same => 2,
    });
    let number_of = |wanted| changes.iter().filter(|(change, _)| *change == wanted).count();
    Beside {
        comparison,
        baseline_date: date(comparison.baseline_started_unix_s),
        regressions: number_of(Change::Worse),
        better: number_of(Change::Better),
        changed: changes.into_iter().map(|(_, figure)| figure).collect(),
        same: same.into_iter().map(|(_, figure)| figure).collect(),
    }
}

fn changed<'a>(id: &'a str, figure: &'a FigureChange) -> Changed<'a> {
    let in_unit = |value| value_in(figure, value);
    let change = figure.before.zip(figure.after).filter(|(before, _)| *before != 0.0);
    Changed {
        id,
        figure: figure.figure.words(),
        before: or_missing(figure.before, in_unit),
        after: or_missing(figure.after, in_unit),
        change: or_missing(change, |(before, after)| {
            signed_percent(100.0 * (after - before) / before.abs())
        }),
        threshold: &figure.threshold,
        mark: mark(figure.change),
    }
}

fn value_in(figure: &FigureChange, value: f64) -> String {
    match (figure.figure, figure.unit.as_str()) {
        (Figure::Passed, _) => if value > 0.0 { "passed" } else { "failed" }.to_owned(),
        (Figure::Allocations, _) => count(value as u64),
        (_, "bytes") => digits::bytes(value),
        (_, unit) => format!("{} {unit}", number(value)),
    }
}

fn mark(change: Change) -> Mark {
    match change {
        Change::Worse => Mark { sign: "✗", word: "regression", class: "bad" },
        Change::Better => Mark { sign: "✓", word: "better", class: "good" },
        Change::Same => Mark { sign: "=", word: "same", class: "muted" },
        Change::New => Mark { sign: "+", word: "new", class: "muted" },
    }
}
