//! The figures of a case that the cards, the table and the charts share.

use crate::results::{CaseResult, Goal};
use run_result::RunResult;

/// The target of a case that has one: an unlimited case has none, and an overload misses its own
/// by design.
pub(super) fn target_mbps(case: &CaseResult) -> Option<f64> {
    let total = case.settings.total_rate_mbps();
    (case.goal == Goal::Rate && total > 0.0).then_some(total)
}

/// How far the mean rate is from the target.
pub(super) fn rate_error_percent(case: &CaseResult) -> Option<f64> {
    let (run, target) = (case.run.as_ref()?, target_mbps(case)?);
    Some(100.0 * (run.totals.rate_mbps - target) / target)
}

/// Of the packets offered. Nothing offered, nothing dropped.
pub(super) fn drop_percent(run: &RunResult) -> f64 {
    let offered = run.totals.produced + run.totals.dropped;
    100.0 * run.totals.dropped as f64 / offered.max(1) as f64
}

/// User and system, all threads.
pub(super) fn cpu_s(run: &RunResult) -> f64 {
    run.usage.cpu_user_s + run.usage.cpu_system_s
}

/// Of one core, over the run.
pub(super) fn cpu_percent(run: &RunResult) -> Option<f64> {
    (run.totals.elapsed_s > 0.0).then(|| 100.0 * cpu_s(run) / run.totals.elapsed_s)
}
