//! The charts of a case, from the intervals of its run.

use super::line_chart::{Line, Lines, Scale, Target, short};
use super::shard_chart::Shards;
use crate::figures::target_mbps;
use crate::report::digits::{nanoseconds, number};
use crate::results::CaseResult;
use run_result::{Interval, Latency, RunResult};

/// A chart with what stands above it.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) title: &'static str,
    pub(super) unit: String,
    /// The names of its lines, in their order; a chart of one thing needs none.
    pub(super) keys: Vec<&'static str>,
    /// Whether a dotted line shows a target.
    pub(super) target: Option<String>,
    pub(super) svg: String,
}

/// The charts that the run has figures for.
pub(super) fn charts(case: &CaseResult, run: &RunResult) -> Result<Vec<Chart>, askama::Error> {
    let charts = [rate(case, run)?, latency(run)?, shards(run)?, cpu(run)?];
    Ok(charts.into_iter().flatten().collect())
}

fn rate(case: &CaseResult, run: &RunResult) -> Result<Option<Chart>, askama::Error> {
    let allowed = case.thresholds.tolerance_percent / 100.0;
    let target = target_mbps(case).map(|value| Target { value, allowed: value * allowed });
    let lines = Lines {
        label: spoken(
            "Rate",
            run,
            |interval| Some(interval.rate_mbps),
            |v| format!("{} Mb/s", number(v)),
        ),
        seconds: seconds(run),
        lines: vec![line("rate", run, |interval| Some(interval.rate_mbps))],
        target,
        scale: if target.is_some() { Scale::AroundTarget } else { Scale::FromZero },
        text: short,
    };
    let text = target.map(|target| {
        let percent = case.thresholds.tolerance_percent;
        format!("target {} Mb/s, shaded: ± {percent} %", number(target.value))
    });
    chart("Rate", "Mb/s, all producers".to_owned(), &lines, text)
}

fn latency(run: &RunResult) -> Result<Option<Chart>, askama::Error> {
    let of = |pick: fn(&Latency) -> u64| {
        move |interval: &Interval| interval.latency_ns.as_ref().map(|l| pick(l) as f64)
    };
    let p99 = |interval: &Interval| interval.latency_ns.map(|latency| latency.p99 as f64);
    let lines = Lines {
        label: spoken("Latency p99", run, p99, nanoseconds),
        seconds: seconds(run),
        lines: vec![
            line("p50", run, of(|latency| latency.p50)),
            line("p99", run, of(|latency| latency.p99)),
            line("p99.9", run, of(|latency| latency.p999)),
            line("max", run, of(|latency| latency.max)),
        ],
        target: None,
        scale: Scale::Logarithmic,
        text: |nanoseconds, _| power_of_time(nanoseconds),
    };
    chart("Time in the ring", "from write to drain, logarithmic".to_owned(), &lines, None)
}

fn cpu(run: &RunResult) -> Result<Option<Chart>, askama::Error> {
    let percent = |interval: &Interval| {
        (interval.length_s > 0.0).then(|| 100.0 * interval.cpu_s / interval.length_s)
    };
    let lines = Lines {
        label: spoken("CPU", run, percent, |v| format!("{} % of one core", number(v))),
        seconds: seconds(run),
        lines: vec![line("cpu", run, percent)],
        target: None,
        scale: Scale::FromZero,
        text: short,
    };
    chart("CPU", "% of one core".to_owned(), &lines, None)
}

fn shards(run: &RunResult) -> Result<Option<Chart>, askama::Error> {
    let shards = Shards {
        peaks: run.series.iter().map(|interval| interval.peak_in_shard.as_slice()).collect(),
        capacities: run.shards.iter().map(|shard| shard.capacity).collect(),
        seconds: run.series.last().map_or(0.0, |interval| interval.end_s),
    };
    let unit = match shards.intervals_of_a_bar() {
        1 => "peak of each interval; a full row is a full shard".to_owned(),
        several => format!("a bar is the peak of {several} intervals; a full row is a full shard"),
    };
    let chart =
        |svg| Chart { title: "Fill of each shard", unit, keys: Vec::new(), target: None, svg };
    Ok(shards.draw()?.map(chart))
}

fn chart(
    title: &'static str,
    unit: String,
    lines: &Lines,
    target: Option<String>,
) -> Result<Option<Chart>, askama::Error> {
    let several = lines.lines.len() > 1;
    let keys = lines.lines.iter().filter(|_| several).map(|line| line.name).collect();
    Ok(lines.draw()?.map(|svg| Chart { title, unit, keys, target, svg }))
}

/// A power of ten of nanoseconds needs no digits behind the point.
fn power_of_time(nanoseconds: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let fits = units.into_iter().find(|(factor, _)| nanoseconds >= *factor);
    let (factor, unit) = fits.unwrap_or((1.0, "ns"));
    format!("{:.0} {unit}", nanoseconds / factor)
}

fn seconds(run: &RunResult) -> Vec<f64> {
    run.series.iter().map(|interval| interval.end_s).collect()
}

fn line(name: &'static str, run: &RunResult, value: impl Fn(&Interval) -> Option<f64>) -> Line {
    Line { name, values: run.series.iter().map(value).collect() }
}

/// What a chart says to those who do not see it.
fn spoken(
    what: &str,
    run: &RunResult,
    value: impl Fn(&Interval) -> Option<f64>,
    text: impl Fn(f64) -> String,
) -> String {
    let values: Vec<f64> = run.series.iter().filter_map(value).collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{what} over {} intervals: from {} to {}", values.len(), text(least), text(most))
}
