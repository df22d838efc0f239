//! A run beside an earlier one: what got worse, and by how much more than runs differ anyway.

use crate::figures::{cores, drop_percent, mean_rate_mbps};
use crate::results::{
    CaseComparison, CaseResult, Change, Comparison, Figure, FigureChange, Machine, Results, Verdict,
};

/// How a figure is compared. A change counts when it is above both the share and the amount.
struct Rule {
    figure: Figure,
    unit: &'static str,
    more_is_better: bool,
    percent: f64,
    amount: f64,
    value: fn(&CaseResult) -> Option<f64>,
}

const MIB: f64 = (1 << 20) as f64;

const RULES: [Rule; 7] = [
    Rule {
        figure: Figure::Passed,
        unit: "",
        more_is_better: true,
        percent: 0.0,
        amount: 0.0,
        value: |case| Some(f64::from(u8::from(case.verdict == Verdict::Passed))),
    },
    Rule {
        figure: Figure::Rate,
        unit: "Mb/s",
        more_is_better: true,
        percent: 1.0,
        amount: 0.01,
        value: |case| case.run.as_ref().and_then(mean_rate_mbps),
    },
    Rule {
        figure: Figure::Drops,
        unit: "%",
        more_is_better: false,
        percent: 0.0,
        amount: 0.1,
        value: |case| case.run.as_ref().map(drop_percent),
    },
    Rule {
        figure: Figure::Cpu,
        unit: "cores",
        more_is_better: false,
        percent: 25.0,
        amount: 0.01,
        value: |case| case.run.as_ref().and_then(cores),
    },
    Rule {
        figure: Figure::LatencyP99,
        unit: "ms",
        more_is_better: false,
        percent: 25.0,
        amount: 1.0,
        value: |case| Some(case.run.as_ref()?.latency_ns?.p99 as f64 / 1e6),
    },
    Rule {
        figure: Figure::PeakRss,
        unit: "MiB",
        more_is_better: false,
        percent: 10.0,
        amount: 1.0,
        value: |case| case.run.as_ref().map(|run| run.usage.peak_rss_bytes as f64 / MIB),
    },
    Rule {
        figure: Figure::Allocations,
        unit: "",
        more_is_better: false,
        percent: 0.0,
        amount: 0.0,
        value: |case| Some(case.run.as_ref()?.usage.steady_allocations? as f64),
    },
];

/// Puts `now` beside `before`. Cases belong together that have the same id and the same name: an id
/// alone means another load in another set.
pub(crate) fn compare(before: &Results, baseline_path: &str, now: &Results) -> Comparison {
    let pair = |case: &CaseResult| {
        before.cases.iter().find(|other| other.id == case.id && other.name == case.name).cloned()
    };
    let mut cases = Vec::new();
    let mut only_here = Vec::new();
    for case in &now.cases {
        match pair(case) {
            Some(other) => cases.push(compared(&other, case)),
            None => only_here.push(case.id.clone()),
        }
    }
    let is_in_both = |id: &str| cases.iter().any(|case: &CaseComparison| case.id == id);
    let only_in_baseline = before.cases.iter().map(|case| &case.id);
    Comparison {
        baseline_path: baseline_path.to_owned(),
        baseline_commit: before.machine.commit.clone(),
        baseline_started_unix_s: before.started_unix_s,
        warnings: warnings(before, now),
        only_in_baseline: only_in_baseline.filter(|id| !is_in_both(id)).cloned().collect(),
        only_here,
        cases,
    }
}

fn compared(before: &CaseResult, now: &CaseResult) -> CaseComparison {
    let figures = RULES.iter().filter_map(|rule| rule.change(before, now)).collect();
    CaseComparison { id: now.id.clone(), name: now.name.clone(), figures }
}

impl Rule {
    /// `None` if neither run has measured it.
    fn change(&self, before: &CaseResult, now: &CaseResult) -> Option<FigureChange> {
        let (before, after) = ((self.value)(before), (self.value)(now));
        let change = match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => Change::New,
            (Some(_), None) => Change::Worse,
            (Some(before), Some(after)) => self.judge(before, after),
        };
        let unit = self.unit.to_owned();
        let threshold = self.threshold();
        Some(FigureChange { figure: self.figure, unit, before, after, threshold, change })
    }

    fn judge(&self, before: f64, after: f64) -> Change {
        let difference = after - before;
        let bar = (before.abs() * self.percent / 100.0).max(self.amount);
        if difference.abs() <= bar {
            Change::Same
        } else if (difference > 0.0) == self.more_is_better {
            Change::Better
        } else {
            Change::Worse
        }
    }

    fn threshold(&self) -> String {
        let direction = if self.more_is_better { "less" } else { "more" };
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        match (self.percent, self.amount) {
            (0.0, 0.0) => format!("any {direction}"),
            (0.0, amount) => format!("{amount}{unit} {direction}"),
            (percent, amount) => format!("{percent} % and {amount}{unit} {direction}"),
        }
    }
}

/// Why a difference may not be the program's.
fn warnings(before: &Results, now: &Results) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut differ = |what: &str, before: String, now: String| {
        if before != now {
            warnings.push(format!("another {what}: {before} before, {now} now"));
        }
    };
    let cpu = |machine: &Machine| machine.cpu.clone().unwrap_or_else(|| "unknown".to_owned());
    differ("processor", cpu(&before.machine), cpu(&now.machine));
    let cores = |machine: &Machine| format!("{} cores", machine.cores);
    differ("machine", cores(&before.machine), cores(&now.machine));
    let at_once = |results: &Results| format!("{} at once", results.parallel);
    differ("number of cases", at_once(before), at_once(now));
    let limits = |results: &Results| {
        let Results { limits, .. } = results;
        let cpus = limits.cpus.map_or("all cores".to_owned(), |cpus| format!("{cpus} cores"));
        let memory = limits.memory_bytes.map(|bytes| format!("{} MiB", bytes >> 20));
        format!("{cpus} and {}", memory.unwrap_or_else(|| "all memory".to_owned()))
    };
    differ("limit", limits(before), limits(now));
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::sample;

    type Edit = fn(&mut CaseResult);

    fn changes(edit: Edit) -> Vec<(Figure, Change)> {
        let before = sample();
        let mut now = sample();
        edit(&mut now.cases[0]);
        let comparison = compare(&before, "before.json", &now);
        let figures = &comparison.cases[0].figures;
        let changed = figures.iter().filter(|figure| figure.change != Change::Same);
        changed.map(|figure| (figure.figure, figure.change)).collect()
    }

    fn run(case: &mut CaseResult) -> &mut run_result::RunResult {
        case.run.as_mut().unwrap()
    }

    #[test]
    fn a_run_beside_itself_has_no_change() {
        let comparison = compare(&sample(), "same.json", &sample());
        assert_eq!(comparison.regressions().count(), 0);
        assert_eq!(comparison.cases.len(), sample().cases.len());
        assert!(comparison.warnings.is_empty());
    }

    #[test]
    fn each_figure_can_get_worse() {
        let worse: [(Figure, Edit); 7] = [
            (Figure::Passed, |case| case.verdict = Verdict::Failed),
            (Figure::Rate, |case| run(case).totals.bytes -= run(case).totals.bytes / 50),
            (Figure::Drops, |case| run(case).totals.dropped = 1000),
            (Figure::Cpu, |case| run(case).usage.cpu_user_s *= 2.0),
            (Figure::LatencyP99, |case| {
                run(case).latency_ns.as_mut().unwrap().p99 *= 2;
            }),
            (Figure::PeakRss, |case| run(case).usage.peak_rss_bytes *= 2),
            (Figure::Allocations, |case| run(case).usage.steady_allocations = Some(1)),
        ];
        for (figure, edit) in worse {
            assert_eq!(changes(edit), [(figure, Change::Worse)]);
        }
    }

    #[test]
    fn what_is_within_its_threshold_is_the_same() {
        let within: [Edit; 5] = [
            |case| run(case).totals.bytes -= run(case).totals.bytes / 200,
            |case| run(case).totals.dropped = 100,
            |case| run(case).usage.cpu_user_s += 0.05,
            |case| run(case).latency_ns.as_mut().unwrap().p99 += 900_000,
            |case| run(case).usage.peak_rss_bytes += 500_000,
        ];
        for edit in within {
            assert_eq!(changes(edit), []);
        }
    }

    #[test]
    fn better_is_no_regression_and_no_longer_measured_is_one() {
        assert_eq!(
            changes(|case| run(case).usage.cpu_user_s = 0.0),
            [(Figure::Cpu, Change::Better)]
        );
        assert_eq!(
            changes(|case| run(case).usage.steady_allocations = None),
            [(Figure::Allocations, Change::Worse)]
        );
    }

    #[test]
    fn the_same_id_of_another_set_is_another_case() {
        let before = sample();
        let mut now = sample();
        now.cases[0].name = "1p_10Mb_std_normal".to_owned();
        let comparison = compare(&before, "before.json", &now);
        assert_eq!(comparison.only_here, ["T003"]);
        assert_eq!(comparison.only_in_baseline, ["T003"]);
    }

    #[test]
    fn another_machine_is_told() {
        let mut now = sample();
        now.machine.cores = 64;
        now.parallel = 4;
        let warnings = compare(&sample(), "before.json", &now).warnings;
        assert_eq!(
            warnings,
            [
                "another machine: 2 cores before, 64 cores now",
                "another number of cases: 1 at once before, 4 at once now"
            ]
        );
    }

    #[test]
    fn thresholds_are_stated() {
        let thresholds: Vec<_> = RULES.iter().map(Rule::threshold).collect();
        assert_eq!(
            thresholds,
            [
                "any less",
                "1 % and 0.01 Mb/s less",
                "0.1 % more",
                "25 % and 0.01 cores more",
                "25 % and 1 ms more",
                "10 % and 1 MiB more",
                "any more"
            ]
        );
    }
}
