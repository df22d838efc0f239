//! The figures of the whole run, at a glance.

use crate::figures::{cpu_s, rate_error_percent};
use crate::report::digits::{
    MISSING, bytes, count, nanoseconds, or_missing, percent, signed_percent,
};
use crate::report::text::counted;
use crate::results::{CaseResult, Goal, Results, Verdict};
use run_result::RunResult;

/// One figure of the whole run.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) title: &'static str,
    pub(super) figure: String,
    pub(super) note: String,
    /// `good`, `bad` or nothing.
    pub(super) class: &'static str,
}

/// A case that ran, and what it gave.
type Ran<'a> = (&'a CaseResult, &'a RunResult);

/// All cards, the verdict first.
pub(super) fn cards(results: &Results) -> Vec<Card> {
    let ran: Vec<Ran<'_>> =
        results.cases.iter().filter_map(|case| Some((case, case.run.as_ref()?))).collect();
    vec![
        verdicts(results),
        rate_error(&results.cases),
        drops(&ran),
        shutdown(&ran),
        cpu(&ran),
        memory(&ran),
        allocations(&ran),
        latency(&ran),
    ]
}

fn card(title: &'static str, figure: String, note: String) -> Card {
    Card { title, figure, note, class: "" }
}

fn verdicts(results: &Results) -> Card {
    let (passed, planned) = (results.count(Verdict::Passed), results.planned.len());
    let (failed, missing) = (results.cases.len() - passed, results.missing().len());
    let not_run = if missing > 0 { format!(", {missing} not run") } else { String::new() };
    Card {
        title: "Cases passed",
        figure: format!("{passed} of {planned}"),
        note: format!("{failed} failed{not_run}"),
        class: if passed == planned { "good" } else { "bad" },
    }
}

fn rate_error(cases: &[CaseResult]) -> Card {
    let errors: Vec<_> =
        cases.iter().filter_map(|case| Some((case, rate_error_percent(case)?))).collect();
    let sum: f64 = errors.iter().map(|(_, error)| error.abs()).sum();
    let mean = (!errors.is_empty()).then(|| sum / errors.len() as f64);
    let worst = errors.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    card(
        "Mean rate error",
        or_missing(mean, percent),
        match worst {
            Some((case, error)) => format!("most: {} in {}", signed_percent(*error), case.id),
            None => "no case with a target gave a rate".to_owned(),
        },
    )
}

/// Overload cases must drop: theirs are counted apart.
fn drops(ran: &[Ran<'_>]) -> Card {
    let sum = |goal| {
        let of_goal = ran.iter().filter(|(case, _)| case.goal == goal);
        of_goal.map(|(_, run)| run.totals.dropped).sum::<u64>()
    };
    let overloaded = ran.iter().any(|(case, _)| case.goal == Goal::Overload);
    let note = match overloaded {
        true => format!("and {} where overload was asked for", count(sum(Goal::Overload))),
        false => format!("packets, over {}", counted(ran.len(), "case")),
    };
    let figure = if ran.is_empty() { MISSING.to_owned() } else { count(sum(Goal::Rate)) };
    card("Packets dropped", figure, note)
}

fn shutdown(ran: &[Ran<'_>]) -> Card {
    let nanoseconds_of = |run: &RunResult| run.totals.shutdown_us.map(|us| us * 1e3);
    worst("Slowest shutdown", ran, nanoseconds_of, nanoseconds)
}

fn cpu(ran: &[Ran<'_>]) -> Card {
    let spent: f64 = ran.iter().map(|(_, run)| cpu_s(run)).sum();
    let elapsed: f64 = ran.iter().map(|(_, run)| run.totals.elapsed_s).sum();
    card(
        "CPU",
        or_missing((elapsed > 0.0).then(|| 100.0 * spent / elapsed), percent),
        format!("of one core: {spent:.2} s in {elapsed:.0} s of runs"),
    )
}

fn memory(ran: &[Ran<'_>]) -> Card {
    worst("Peak memory", ran, |run| Some(run.usage.peak_rss_bytes as f64), bytes)
}

fn allocations(ran: &[Ran<'_>]) -> Card {
    let known: Vec<u64> = ran.iter().filter_map(|(_, run)| run.usage.steady_allocations).collect();
    let unknown = ran.len() - known.len();
    let figure = if known.is_empty() { MISSING.to_owned() } else { count(known.iter().sum()) };
    let note = match unknown {
        0 => format!("after the first second, over {}", counted(known.len(), "case")),
        _ => format!("after the first second; not known of {}", counted(unknown, "case")),
    };
    card("Allocations", figure, note)
}

fn latency(ran: &[Ran<'_>]) -> Card {
    let p99 = |run: &RunResult| run.latency_ns.map(|latency| latency.p99 as f64);
    worst("Highest latency p99", ran, p99, nanoseconds)
}

/// The largest of a figure, and whose it is.
fn worst(
    title: &'static str,
    ran: &[Ran<'_>],
    figure: impl Fn(&RunResult) -> Option<f64>,
    text: impl Fn(f64) -> String,
) -> Card {
    let known = ran.iter().filter_map(|(case, run)| Some((case, figure(run)?)));
    // The first of equals.
    match known.reduce(|most, next| if next.1 > most.1 { next } else { most }) {
        Some((case, value)) => card(title, text(value), format!("in {} {}", case.id, case.name)),
        None => card(title, MISSING.to_owned(), "no case gave it".to_owned()),
    }
}
