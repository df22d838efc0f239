//! The fold of a case: its judgement, its checks, its charts, its profiles and its log.

use super::charts::{Chart, charts};
use super::frame::{Frame, frame};
use super::rows::{Mark, verdict};
use crate::figures::rate_error_percent;
use crate::report::digits::{self, number, signed_percent};
use crate::report::text::counted;
use crate::results::{CaseResult, Exit, ProfileResult, Verdict};
use askama::Template;
use run_result::RunResult;

/// A case, below the table.
#[derive(Template)]
#[template(path = "section.html")]
pub(super) struct Section<'a> {
    case: &'a CaseResult,
    verdict: Mark,
    brief: String,
    settings: String,
    ending: String,
    charts: Vec<Chart>,
    profiles: Vec<Profile<'a>>,
}

/// A profiled run of the case.
struct Profile<'a> {
    result: &'a ProfileResult,
    frame: Option<Frame>,
    total: String,
    cost: Option<String>,
    top: Vec<Top<'a>>,
}

struct Top<'a> {
    function: &'a str,
    own: String,
    cumulative: String,
}

/// The sections of all cases: those that did not pass come first, else in the order of the run.
pub(super) fn sections(cases: &[CaseResult]) -> Result<Vec<Section<'_>>, askama::Error> {
    let (passed, failed): (Vec<_>, Vec<_>) =
        cases.iter().partition(|case| case.verdict == Verdict::Passed);
    failed.into_iter().chain(passed).map(Section::of).collect()
}

impl<'a> Section<'a> {
    fn of(case: &'a CaseResult) -> Result<Self, askama::Error> {
        let run = case.run.as_ref();
        let charts = run.map(|run| charts(case, run)).transpose()?.unwrap_or_default();
        Ok(Self {
            case,
            verdict: verdict(case.verdict),
            brief: run.map(|run| brief(case, run)).unwrap_or_default(),
            settings: settings(case),
            ending: ending(case),
            charts,
            profiles: case.profiles.iter().map(|result| profile(result, run)).collect(),
        })
    }
}

/// What the folded case says of itself.
fn brief(case: &CaseResult, run: &RunResult) -> String {
    let rate = format!("{} Mb/s", number(run.totals.rate_mbps));
    match rate_error_percent(case) {
        Some(error) => format!("{rate} ({})", signed_percent(error)),
        None => rate,
    }
}

fn settings(case: &CaseResult) -> String {
    let settings = &case.settings;
    let rate = match settings.rate_mbps {
        0.0 => "unlimited".to_owned(),
        rate => format!("{} Mb/s", number(rate)),
    };
    let mut words = vec![
        format!("{} × {rate}", counted(settings.producers, "producer")),
        format!("{} B a packet", settings.packet_bytes),
        format!("a tick of {} ms", settings.tick_ms),
        counted(settings.shards, "shard"),
        format!("{} s", settings.duration_s),
    ];
    if !settings.further.is_empty() {
        words.push(settings.further.join(" "));
    }
    words.join(" · ")
}

fn ending(case: &CaseResult) -> String {
    let how = match case.exit {
        Some(Exit { code: Some(code), .. }) => format!("ended with exit code {code}"),
        Some(Exit { signal: Some(signal), .. }) => format!("ended by signal {signal}"),
        Some(Exit { code: None, signal: None }) => "ended, nobody knows how".to_owned(),
        None => return "was never started".to_owned(),
    };
    format!("{how} after {:.2} s", case.took_s)
}

fn profile<'a>(result: &'a ProfileResult, plain: Option<&RunResult>) -> Profile<'a> {
    let in_unit =
        |value, percent| format!("{} ({percent:.1} %)", digits::in_unit(value, &result.unit));
    let top = result.top.iter().map(|top| Top {
        function: &top.function,
        own: in_unit(top.own, top.own_percent),
        cumulative: in_unit(top.cumulative, top.cumulative_percent),
    });
    let cost = result.cpu_s.zip(plain).map(|(profiled, plain)| {
        let plain = crate::figures::cpu_s(plain);
        format!("{profiled:.2} s of CPU while profiled, {plain:.2} s plain")
    });
    Profile {
        result,
        frame: result.flame_graph_svg.as_deref().and_then(frame),
        total: digits::in_unit(result.total, &result.unit),
        cost,
        top: top.collect(),
    }
}
