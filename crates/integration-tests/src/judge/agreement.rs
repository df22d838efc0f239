//! The log and the JSON file must tell the same.

use std::fmt::Display;

use run_result::{Interval, RunResult};

use super::log_figures::{LogFigures, LogInterval};
use crate::results::{Check, CheckName};

/// The log rounds a rate to two places.
const RATE_ROUNDING_MBPS: f64 = 0.006;

/// Compares every figure that both tell.
pub(crate) fn check(run: Option<&RunResult>, log: &LogFigures) -> Check {
    let bar = "each figure of the log as in the JSON file".to_owned();
    let (value, passed) = match run.map(|run| Comparison::of(run, log)) {
        None => (None, false),
        Some(Comparison { alike, differences }) if differences.is_empty() => {
            (Some(format!("{alike} figures alike")), true)
        }
        Some(Comparison { differences, .. }) => (Some(differences.join(", ")), false),
    };
    Check { name: CheckName::Agreement, bar, value, passed }
}

#[derive(Default)]
struct Comparison {
    alike: usize,
    differences: Vec<String>,
}

impl Comparison {
    fn of(run: &RunResult, log: &LogFigures) -> Self {
        let mut comparison = Self::default();
        let totals = &run.totals;
        comparison.count("produced", log.produced, totals.produced);
        comparison.count("dropped", log.dropped, totals.dropped);
        comparison.count("consumed", log.consumed, totals.consumed);
        comparison.count("trimmed", log.trimmed, totals.trimmed);
        comparison.count("window", log.window, totals.window);
        let log_shutdown_us = log.shutdown.map(|taken| taken.as_nanos() as f64 / 1e3);
        let alike = match (log_shutdown_us, totals.shutdown_us) {
            (Some(log), Some(json)) => (log - json).abs() < 1.0,
            _ => false,
        };
        comparison.note("shutdown", alike, Shown(log_shutdown_us), Shown(totals.shutdown_us));
        let lines = log.intervals.len();
        comparison.note("intervals", lines == run.series.len(), lines, run.series.len());
        for (line, interval) in log.intervals.iter().zip(&run.series) {
            let name = format!("interval ending at {:.1} s", interval.end_s);
            comparison.note(&name, is_alike(line, interval), "one thing", "another");
        }
        comparison
    }

    fn count(&mut self, name: &str, log: Option<u64>, json: u64) {
        self.note(name, log == Some(json), Shown(log), json);
    }

    fn note(&mut self, name: &str, alike: bool, log: impl Display, json: impl Display) {
        if alike {
            self.alike += 1;
        } else {
            self.differences.push(format!("{name}: the log says {log}, the JSON file {json}"));
        }
    }
}

struct Shown<T>(Option<T>);

impl<T: Display> Display for Shown<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("nothing"),
        }
    }
}

fn is_alike(line: &LogInterval, interval: &Interval) -> bool {
    line.inserted == interval.inserted
        && line.trimmed == interval.trimmed
        && line.window == interval.window
        && line.produced == interval.produced
        && line.dropped == interval.dropped
        && (line.rate_mbps - interval.rate_mbps).abs() < RATE_ROUNDING_MBPS
}

/// What the log of `run` says.
#[cfg(test)]
pub(crate) fn log_of(run: &RunResult) -> LogFigures {
    let interval = |interval: &Interval| LogInterval {
        inserted: interval.inserted,
        trimmed: interval.trimmed,
        rate_mbps: (interval.rate_mbps * 100.0).round() / 100.0,
        window: interval.window,
        in_ring: 0,
        ring_slots: run.config.ring_slots as u64,
        produced: interval.produced,
        dropped: interval.dropped,
    };
    let totals = &run.totals;
    let shutdown = totals.shutdown_us.map(|us| std::time::Duration::from_secs_f64(us / 1e6));
    LogFigures {
        intervals: run.series.iter().map(interval).collect(),
        shutdown,
        produced: Some(totals.produced),
        dropped: Some(totals.dropped),
        consumed: Some(totals.consumed),
        trimmed: Some(totals.trimmed),
        window: Some(totals.window),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::sample;

    fn run() -> RunResult {
        sample().cases.swap_remove(0).run.unwrap()
    }

    #[test]
    fn alike_figures_pass_and_are_counted() {
        let run = run();
        let check = check(Some(&run), &log_of(&run));
        assert!(check.passed);
        assert_eq!(check.value.unwrap(), format!("{} figures alike", 7 + run.series.len()));
    }

    #[test]
    fn any_one_difference_fails_and_is_named() {
        let run = run();
        type Edit = fn(&mut LogFigures);
        let changes: [(&str, Edit); 9] = [
            ("produced", |log| log.produced = Some(1)),
            ("dropped", |log| log.dropped = Some(1)),
            ("consumed", |log| log.consumed = None),
            ("trimmed", |log| log.trimmed = Some(1)),
            ("window", |log| log.window = Some(1)),
            ("shutdown", |log| log.shutdown = Some(std::time::Duration::from_secs(1))),
            ("intervals", |log| log.intervals.truncate(5)),
            ("interval ending at 2.0 s", |log| log.intervals[1].rate_mbps += 0.02),
            ("interval ending at 3.0 s", |log| log.intervals[2].inserted += 1),
        ];
        for (name, change) in changes {
            let mut log = log_of(&run);
            change(&mut log);
            let check = check(Some(&run), &log);
            assert!(!check.passed, "{name}");
            let value = check.value.unwrap();
            assert!(value.starts_with(&format!("{name}: ")), "{name}: {value}");
        }
    }

    #[test]
    fn without_the_json_file_it_fails() {
        assert!(!check(None, &log_of(&run())).passed);
    }
}
