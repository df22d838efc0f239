//! Results of which the browser is shown the page.

use crate::results::{CaseResult, Results};
use crate::support::sample::sample;

/// A real one, made by inferno 0.12: it zooms by a script of its own.
const FLAME_GRAPH: &str = include_str!("flame.svg");

/// Each with the name of its page.
pub(crate) fn all() -> [(&'static str, Results); 4] {
    [("sample", profiled()), ("full", large(68)), ("all", large(240)), ("hostile", hostile())]
}

/// The sample, with real flame graphs in place of its token ones.
pub(crate) fn profiled() -> Results {
    let mut results = sample();
    let profiles = results.cases.iter_mut().flat_map(|case| &mut case.profiles);
    for graph in profiles.filter_map(|profile| profile.flame_graph_svg.as_mut()) {
        *graph = FLAME_GRAPH.to_owned();
    }
    results
}

/// As many cases as a large set has, the profiled one among them.
pub(crate) fn large(count: usize) -> Results {
    let mut results = profiled();
    let kinds = results.cases.clone();
    results.cases = (0..count)
        .map(|place| {
            // The first of each kind, and then only those that pass.
            let kind = if place < kinds.len() { place } else { 0 };
            CaseResult { id: format!("T{:03}", place + 1), ..kinds[kind].clone() }
        })
        .collect();
    results.planned =
        results.cases.iter().map(|case| (case.id.clone(), case.name.clone())).collect();
    results
}

/// What would break a page that did not escape: markup, quotes and scripts in every text.
pub(crate) fn hostile() -> Results {
    let attack = "</script></title><script>document.title='broken'</script><img src=x \
                  onerror=\"document.title='broken'\">\"'`{{7*7}}&amp;\u{202e}";
    let mut results = sample();
    results.set = attack.to_owned();
    results.preset = attack.to_owned();
    results.command = vec![attack.to_owned()];
    results.machine.cpu = Some(attack.to_owned());
    for case in &mut results.cases {
        case.name = attack.to_owned();
        case.reasons.iter_mut().for_each(|reason| *reason = attack.to_owned());
        case.log.tail = vec![attack.to_owned()];
        case.log.path = attack.to_owned();
        case.settings.further = vec![attack.to_owned()];
        for check in &mut case.checks {
            check.bar = attack.to_owned();
            check.value = Some(attack.to_owned());
        }
        for profile in &mut case.profiles {
            profile.mode = attack.to_owned();
            profile.error = profile.error.as_ref().map(|_| attack.to_owned());
            profile.top.iter_mut().for_each(|top| top.function = attack.to_owned());
        }
    }
    results.cases[0].id = "x\" onclick=\"document.title='broken'".to_owned();
    for recommendation in &mut results.recommendations {
        recommendation.text = attack.to_owned();
        recommendation.cases = vec![attack.to_owned()];
    }
    for headline in &mut results.headlines {
        headline.figure = attack.to_owned();
        headline.ours = Some(attack.to_owned());
    }
    if let Some(comparison) = &mut results.comparison {
        comparison.baseline_path = attack.to_owned();
        comparison.warnings = vec![attack.to_owned()];
        comparison.only_here = vec![attack.to_owned()];
    }
    results
}
