//! The report as one self-contained page.
//!
//! The page is [`render`]ed from templates that escape every text; its style and its script stand
//! in it, its charts are SVG. The parts: the cards at the top, the table of results, and for each
//! case a fold with its charts, its profiles and its log.

mod axis;
mod cards;
mod charts;
mod comparison;
mod frame;
mod line_chart;
mod rows;
mod section;
mod shard_chart;

use super::digits::{bytes, date};
use crate::results::{Headline, Limits, Recommendation, Results, Severity, State};
use askama::Template;
use cards::{Card, cards};
use comparison::{Beside, beside};
use rows::{COLUMNS, Mark, Row, row};
use section::{Section, sections};

/// Why a page could not be made.
pub type RenderError = askama::Error;

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    results: &'a Results,
    date: String,
    facts: Vec<(&'static str, String)>,
    notices: Vec<String>,
    cards: Vec<Card>,
    columns: [&'static str; COLUMNS.len()],
    rows: Vec<Row<'a>>,
    sections: Vec<Section<'a>>,
    beside: Option<Beside<'a>>,
    recommendations: Vec<&'a Recommendation>,
}

/// Renders the page. Flame graphs are shown where
/// [`ProfileResult::flame_graph_svg`](crate::results::ProfileResult::flame_graph_svg) is loaded.
///
/// # Errors
/// None that results can cause: a template writes into memory.
pub fn render(results: &Results) -> Result<String, RenderError> {
    let mut recommendations: Vec<_> = results.recommendations.iter().collect();
    recommendations.sort_by_key(|recommendation| std::cmp::Reverse(recommendation.severity));
    Page {
        results,
        date: date(results.started_unix_s),
        facts: facts(results),
        notices: notices(results),
        cards: cards(results),
        columns: COLUMNS,
        rows: results.cases.iter().map(row).collect(),
        sections: sections(&results.cases)?,
        beside: results.comparison.as_ref().map(beside),
        recommendations,
    }
    .render()
}

/// Where and with what the suite ran.
fn facts(results: &Results) -> Vec<(&'static str, String)> {
    let machine = &results.machine;
    let commit = machine.commit.clone().map(|commit| match machine.dirty {
        Some(true) => format!("{commit}, with changes"),
        _ => commit,
    });
    let memory = machine.memory_bytes.map(|memory| bytes(memory as f64));
    let facts = [
        ("commit", commit),
        ("CPU", machine.cpu.clone()),
        ("cores", Some(machine.cores.to_string())),
        ("memory", memory),
        ("kernel", machine.kernel.clone()),
        ("compiler", machine.rustc.clone()),
        ("program", results.ring.version.clone()),
        ("held to", held_to(&results.limits)),
        ("command", Some(results.command.join(" "))),
    ];
    facts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
}

fn held_to(limits: &Limits) -> Option<String> {
    let cpus = limits.cpus.map(|cpus| format!("{cpus} cores"));
    let memory = limits.memory_bytes.map(|memory| format!("{} of memory", bytes(memory as f64)));
    let all: Vec<String> = cpus.into_iter().chain(memory).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// What a reader must know before the figures.
fn notices(results: &Results) -> Vec<String> {
    let mut notices = Vec::new();
    let missing = results.missing();
    if !missing.is_empty() {
        let ids: Vec<_> = missing.iter().map(|(id, _)| id.as_str()).collect();
        let why = match results.state {
            State::Running => "was still running, or was killed, when this was written",
            State::Interrupted => "was interrupted",
            State::Complete => "left them out",
        };
        notices.push(format!("Not run, since the suite {why}: {}.", ids.join(", ")));
    }
    if results.parallel > 1 {
        let parallel = results.parallel;
        notices.push(format!(
            "{parallel} cases ran at the same time: their CPU and latency are those of a shared \
             machine."
        ));
    }
    notices
}

/// Whether a figure of the document was beaten; what is missing is not.
fn beaten(headline: &Headline) -> Mark {
    match (headline.beaten, &headline.ours) {
        (true, _) => Mark { sign: "✓", word: "reached", class: "good" },
        (false, Some(_)) => Mark { sign: "✗", word: "missed", class: "bad" },
        (false, None) => Mark { sign: "✗", word: "not measured", class: "bad" },
    }
}

fn severity(recommendation: &Recommendation) -> Mark {
    match recommendation.severity {
        Severity::Problem => Mark { sign: "✗", word: "Problem", class: "bad" },
        Severity::Advice => Mark { sign: "→", word: "Advice", class: "warn" },
        Severity::Note => Mark { sign: "i", word: "Note", class: "muted" },
    }
}
