//! The report as plain text, for a terminal and `report.txt`.

use std::fmt::Write as _;
use std::time::Duration;

use go_duration::GoDuration;

use super::digits::in_unit;
use super::table::{Align, Table};
use crate::clock::local_time;
use crate::figures::{cpu_s, drop_percent, mean_rate_mbps, rate_error_percent};
use crate::results::{
    CaseResult, Change, CheckName, Comparison, ProfileResult, Results, Severity, State, Verdict,
};

/// The whole report.
#[must_use]
pub(crate) fn render(results: &Results) -> String {
    let mut text = head(results);
    section(&mut text, "Cases", cases(results).to_string());
    section(&mut text, "What did not pass", not_passed(results));
    section(&mut text, "Beside the document", headlines(results));
    section(&mut text, "Profiles", profiles(results));
    if let Some(comparison) = &results.comparison {
        section(&mut text, "Beside the baseline", render_comparison(comparison));
    }
    section(&mut text, "Recommendations", recommendations(results));
    text.push('\n');
    text.push_str(&summary(results));
    text
}

fn section(text: &mut String, title: &str, body: String) {
    if !body.is_empty() {
        let _ = write!(text, "\n{title}\n{}\n{body}", "-".repeat(title.len()));
    }
}

fn head(results: &Results) -> String {
    let machine = &results.machine;
    let or_unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let mut text = format!("Integration tests: set {}, {} preset\n", results.set, results.preset);
    let _ = writeln!(text, "started  {}", local_time(results.started_unix_s));
    let _ = writeln!(
        text,
        "machine  {}, {} cores, {}, {}",
        or_unknown(&machine.cpu),
        machine.cores,
        or_unknown(&machine.kernel),
        or_unknown(&machine.rustc)
    );
    let dirty = if machine.dirty == Some(true) { ", with changes" } else { "" };
    let _ = writeln!(text, "commit   {}{dirty}", or_unknown(&machine.commit));
    let _ =
        writeln!(text, "ring     {} ({})", results.ring.path, or_unknown(&results.ring.version));
    if let Some(cpus) = results.limits.cpus {
        let _ = writeln!(text, "limit    {cpus} cores");
    }
    if let Some(bytes) = results.limits.memory_bytes {
        let _ = writeln!(text, "limit    {} MiB of address space", bytes >> 20);
    }
    text
}

fn cases(results: &Results) -> Table {
    use Align::{Left, Right};
    let mut table = Table::new(&[
        ("id", Left),
        ("name", Left),
        ("verdict", Left),
        ("Mb/s", Right),
        ("error %", Right),
        ("drops %", Right),
        ("shutdown", Right),
        ("CPU s", Right),
        ("p99 ms", Right),
        ("peak MB", Right),
        ("allocs", Right),
    ]);
    for case in &results.cases {
        table.row(case_row(case));
    }
    for (id, name) in results.missing() {
        table.row(vec![id.clone(), name.clone(), "not run".to_owned()]);
    }
    table
}

fn case_row(case: &CaseResult) -> Vec<String> {
    let mut row = vec![case.id.clone(), case.name.clone(), case.verdict.words().to_owned()];
    let Some(run) = &case.run else { return row };
    let shown = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let rate_mbps = mean_rate_mbps(run);
    row.push(shown(rate_mbps.map(|rate| format!("{rate:.2}"))));
    row.push(shown(rate_error_percent(case).map(|error| format!("{error:+.3}"))));
    row.push(format!("{:.3}", drop_percent(run)));
    let shutdown_us = run.totals.shutdown_us.map(|us| Duration::from_secs_f64(us.max(0.0) / 1e6));
    row.push(shown(shutdown_us.map(|taken| GoDuration(taken).to_string())));
    row.push(format!("{:.2}", cpu_s(run)));
    row.push(shown(run.latency_ns.map(|latency| format!("{:.2}", latency.p99 as f64 / 1e6))));
    row.push(format!("{:.1}", run.usage.peak_rss_bytes as f64 / 1e6));
    row.push(shown(run.usage.steady_allocations.map(|count| count.to_string())));
    row
}

fn not_passed(results: &Results) -> String {
    let mut text = String::new();
    for case in results.cases.iter().filter(|case| case.verdict != Verdict::Passed) {
        let _ = writeln!(text, "{} {}: {}", case.id, case.name, case.verdict.words());
        for reason in &case.reasons {
            let _ = writeln!(text, "  {reason}");
        }
        let _ = writeln!(text, "  log: {}", case.log.path);
        const SHOWN: usize = 5;
        let tail = &case.log.tail;
        for line in &tail[tail.len().saturating_sub(SHOWN)..] {
            let _ = writeln!(text, "  | {line}");
        }
    }
    text
}

fn headlines(results: &Results) -> String {
    use Align::Left;
    if results.headlines.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        ("case", Left),
        ("figure", Left),
        ("document", Left),
        ("goal", Left),
        ("ours", Left),
        ("", Left),
    ]);
    for headline in &results.headlines {
        table.row(vec![
            headline.case.clone(),
            headline.figure.clone(),
            headline.document.clone(),
            headline.goal.clone(),
            headline.ours.clone().unwrap_or_else(|| "not measured".to_owned()),
            if headline.beaten { "reached" } else { "NOT REACHED" }.to_owned(),
        ]);
    }
    table.to_string()
}

fn profiles(results: &Results) -> String {
    let mut text = String::new();
    for case in &results.cases {
        for profile in &case.profiles {
            let _ = writeln!(text, "{} {}", case.id, profile_text(profile));
        }
    }
    text
}

fn profile_text(profile: &ProfileResult) -> String {
    use Align::{Left, Right};
    let mode = &profile.mode;
    if let Some(error) = &profile.error {
        return format!("{mode}: {error}");
    }
    if let Some(path) = &profile.trace_path {
        return format!("{mode}: {path}");
    }
    let unit = &profile.unit;
    let mut text =
        format!("{mode} ({}): {} in all\n", profile.measure, in_unit(profile.total, unit));
    let mut table = Table::new(&[
        ("", Right),
        ("own", Right),
        ("%", Right),
        ("with calls", Right),
        ("%", Right),
        ("function", Left),
    ]);
    for (index, top) in profile.top.iter().enumerate() {
        table.row(vec![
            (index + 1).to_string(),
            in_unit(top.own, unit),
            format!("{:.1}", top.own_percent),
            in_unit(top.cumulative, unit),
            format!("{:.1}", top.cumulative_percent),
            top.function.clone(),
        ]);
    }
    text.push_str(&table.to_string());
    text
}

fn recommendations(results: &Results) -> String {
    let mut text = String::new();
    for recommendation in &results.recommendations {
        let severity = match recommendation.severity {
            Severity::Problem => "problem",
            Severity::Advice => "advice ",
            Severity::Note => "note   ",
        };
        let _ = write!(text, "{severity}  {}", recommendation.text);
        if recommendation.cases.len() > 1 {
            let _ = write!(text, " ({})", recommendation.cases.join(", "));
        }
        text.push('\n');
    }
    text
}

/// What `compare` prints.
#[must_use]
pub(crate) fn render_comparison(comparison: &Comparison) -> String {
    use Align::{Left, Right};
    let commit = comparison.baseline_commit.as_deref().unwrap_or("an unknown commit");
    let mut text = format!(
        "{}: {commit}, {}\n",
        comparison.baseline_path,
        local_time(comparison.baseline_started_unix_s)
    );
    for warning in &comparison.warnings {
        let _ = writeln!(text, "caution: {warning}");
    }
    let mut table = Table::new(&[
        ("id", Left),
        ("figure", Left),
        ("before", Right),
        ("now", Right),
        ("", Left),
        ("counts from", Left),
    ]);
    for case in &comparison.cases {
        for figure in case.figures.iter().filter(|figure| figure.change != Change::Same) {
            let value = |value: Option<f64>| {
                value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3} {}", figure.unit))
            };
            let change = match figure.change {
                Change::Worse => "WORSE",
                Change::Better => "better",
                Change::New => "new",
                Change::Same => "same",
            };
            table.row(vec![
                case.id.clone(),
                figure.figure.words().to_owned(),
                value(figure.before),
                value(figure.after),
                change.to_owned(),
                figure.threshold.clone(),
            ]);
        }
    }
    text.push_str(&table.to_string());
    let same = comparison.cases.iter().flat_map(|case| &case.figures);
    let same = same.filter(|figure| figure.change == Change::Same).count();
    let (same, cases) = (counted(same, "figure"), counted(comparison.cases.len(), "case"));
    let _ = writeln!(text, "{same} of {cases} as before");
    for (title, ids) in
        [("only now", &comparison.only_here), ("only before", &comparison.only_in_baseline)]
    {
        if !ids.is_empty() {
            let _ = writeln!(text, "{title}: {}", ids.join(", "));
        }
    }
    text
}

/// The last line.
#[must_use]
pub(crate) fn summary(results: &Results) -> String {
    let took = Duration::from_secs_f64((results.written_unix_s - results.started_unix_s).max(0.0));
    let took = GoDuration(Duration::from_secs(took.as_secs()));
    let mut parts = vec![format!(
        "{} of {} cases passed",
        results.count(Verdict::Passed),
        results.planned.len()
    )];
    for verdict in
        [Verdict::Failed, Verdict::Hung, Verdict::Crashed, Verdict::Error, Verdict::Interrupted]
    {
        let count = results.count(verdict);
        if count > 0 {
            parts.push(format!("{count} {}", verdict.words()));
        }
    }
    let missing = results.missing().len();
    if missing > 0 {
        parts.push(format!("{missing} not run"));
    }
    let regressions = results.comparison.as_ref().map_or(0, |c| c.regressions().count());
    if regressions > 0 {
        parts.push(counted(regressions, "regression"));
    }
    let state = match results.state {
        State::Complete => "",
        State::Running => " (still running, or killed)",
        State::Interrupted => " (interrupted)",
    };
    format!("{} in {took}{state}\n", parts.join(", "))
}

/// `1 regression`, `2 regressions`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// One line of a case that has just ended.
#[must_use]
pub(crate) fn case_line(case: &CaseResult) -> String {
    let value = |name| {
        let check = case.checks.iter().find(|check| check.name == name);
        check.and_then(|check| check.value.as_deref())
    };
    let mut line = format!("{}  {:<24} {:<8}", case.id, case.name, case.verdict.words());
    if let Some(rate) = value(CheckName::Rate) {
        let _ = write!(line, " {rate}");
    }
    if let Some(drops) = value(CheckName::Drops) {
        let _ = write!(line, "  drops {drops}");
    }
    if let Some(run) = &case.run {
        let _ = write!(line, "  CPU {:.2} s", cpu_s(run));
    }
    if let Some(reason) = case.reasons.first() {
        let _ = write!(line, "  {reason}");
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::sample;

    #[test]
    fn every_part_is_there() {
        let text = render(&sample());
        for part in [
            "set full, default preset",
            "AMD EPYC-Milan Processor, 2 cores",
            "256 MiB of address space",
            "T004  8p_50Mb_std_normal",
            "T175  8p_50Mb_std_slow       not run",
            "T139 4p_100Mb_std_slow: hung",
            "did not end within 25s, and was killed",
            "| 2026/11/24 16:00:10 === Final Statistics ===",
            "CPU for 10 s at 400 Mb/s",
            "79.54 s",
            "NOT REACHED",
            "T004 cpu (cpu): 640.0 ms in all",
            "clock_nanosleep",
            "T004 block: profiles/T004/block.pb.gz: not a gzip file",
            "caution: another machine: 4 cores before, 2 now",
            "WORSE",
            "problem  The rate stayed",
            "3 of 7 cases passed, 1 failed, 1 hung, 1 crashed, 1 not run, 1 regression in 1m15s \
             (interrupted)",
        ] {
            assert!(text.contains(part), "no {part:?} in\n{text}");
        }
    }

    #[test]
    fn parts_without_content_are_left_out() {
        let mut results = sample();
        results.cases.truncate(1);
        results.headlines.clear();
        results.recommendations.clear();
        results.comparison = None;
        let text = render(&results);
        for part in ["What did not pass", "Profiles", "Beside", "Recommendations"] {
            assert!(!text.contains(part), "{part:?} in\n{text}");
        }
    }

    #[test]
    fn a_case_in_one_line() {
        let cases = sample().cases;
        let line = case_line(&cases[2]);
        assert!(line.starts_with("T128  4p_50Mb_std_veryslow     failed"), "{line}");
        assert!(line.contains("116.00 Mb/s (-42.000 %)"), "{line}");
        assert_eq!(
            case_line(&cases[3]),
            "T139  4p_100Mb_std_slow        hung      did not end within 25s, and was killed"
        );
    }
}
