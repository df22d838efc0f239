//! The figures of a case that checks, comparison and reports share.

use crate::results::{CaseResult, Goal};
use run_result::RunResult;

/// The target of a case that has one: an unlimited case has none, and an overload misses its own
/// by design.
pub(crate) fn target_mbps(case: &CaseResult) -> Option<f64> {
    let total = case.settings.total_rate_mbps();
    (case.goal == Goal::Rate && total > 0.0).then_some(total)
}

/// How far the mean rate is from the target.
pub(crate) fn rate_error_percent(case: &CaseResult) -> Option<f64> {
    let (rate, target) = (mean_rate_mbps(case.run.as_ref()?)?, target_mbps(case)?);
    Some(100.0 * (rate - target) / target)
}

/// Of the packets offered. Nothing offered, nothing dropped.
pub(crate) fn drop_percent(run: &RunResult) -> f64 {
    let offered = run.totals.produced + run.totals.dropped;
    100.0 * run.totals.dropped as f64 / offered.max(1) as f64
}

/// User and system, all threads.
pub(crate) fn cpu_s(run: &RunResult) -> f64 {
    run.usage.cpu_user_s + run.usage.cpu_system_s
}

/// Cores that were busy, over the run.
pub(crate) fn cores(run: &RunResult) -> Option<f64> {
    (run.totals.elapsed_s > 0.0).then(|| cpu_s(run) / run.totals.elapsed_s)
}

/// Of one core, over the run.
pub(crate) fn cpu_percent(run: &RunResult) -> Option<f64> {
    cores(run).map(|cores| 100.0 * cores)
}

/// Over the whole run; computed from bytes and time, not taken from where the program says it.
/// `None` if no time has passed.
pub(crate) fn mean_rate_mbps(run: &RunResult) -> Option<f64> {
    let totals = &run.totals;
    (totals.elapsed_s > 0.0).then(|| totals.bytes as f64 * 8.0 / 1e6 / totals.elapsed_s)
}
