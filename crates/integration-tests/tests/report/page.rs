//! What stands in the page.

use crate::pages::{hostile, large, profiled};
use crate::support::sample::sample;
use integration_tests::report::html::render;
use integration_tests::results::{Results, State, Verdict};

fn page(results: &Results) -> String {
    render(results).expect("results render")
}

/// Where `text` stands in `page`.
fn place(page: &str, text: &str) -> usize {
    page.find(text).unwrap_or_else(|| panic!("{text} is missing"))
}

/// The card of this title, as it stands in the page.
fn card<'a>(page: &'a str, title: &str) -> &'a str {
    let start = place(page, &format!("<h3>{title}</h3>"));
    page[start..].split("</li>").next().unwrap_or_default()
}

#[test]
fn the_page_is_whole_and_asks_for_nothing_else() {
    let page = page(&sample());
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    for outside in ["http:", "https:", " src=", "@import", "url("] {
        let allowed = page.matches("http://www.w3.org/2000/svg").count();
        let found = page.matches(outside).count();
        let expected = if outside == "http:" { allowed } else { 0 };
        assert_eq!(found, expected, "{outside}");
    }
}

#[test]
fn the_head_says_what_ran_where_and_when() {
    let page = page(&sample());
    for fact in [
        "<h1>ring under the set full</h1>",
        "2026-11-24 06:00 UTC",
        "the preset default",
        "58e3b35",
        "AMD EPYC-Milan Processor",
        "268.4 MB of memory",
        "integration-tests run --set full --report",
    ] {
        place(&page, fact);
    }
}

#[test]
fn the_cards_sum_up_the_figures_of_all_cases() {
    let page = page(&sample());
    let expected = [
        ("Cases passed", "3 of 7", "3 failed, 1 not run"),
        ("Mean rate error", "14.00 %", "most: −42.00 % in T128"),
        ("Packets dropped", "3,000", "and 9,000,000 where overload was asked for"),
        ("Slowest shutdown", "113.2 µs", "in T003"),
        ("CPU", "6.50 %", "of one core: 2.60 s in 40 s of runs"),
        ("Peak memory", "9.40 MB", "in T003"),
        ("Allocations", "0", "over 4 cases"),
        ("Highest latency p99", "10.05 ms", "in T003"),
    ];
    for (title, figure, note) in expected {
        let card = card(&page, title);
        assert!(card.contains(&format!(">{figure}</p>")), "{card}");
        assert!(card.contains(note), "{card}");
    }
}

#[test]
fn what_was_not_measured_is_no_zero() {
    let mut results = sample();
    for run in results.cases.iter_mut().filter_map(|case| case.run.as_mut()) {
        run.totals.shutdown_us = None;
        run.usage.steady_allocations = None;
        run.latency_ns = None;
        run.series.clear();
    }
    let page = page(&results);
    for title in ["Slowest shutdown", "Allocations", "Highest latency p99"] {
        assert!(card(&page, title).contains(">–</p>"), "{}", card(&page, title));
    }
    place(&page, "data-sort=\"\">–");
    place(&page, "The run ended before its first interval");
    place(&page, "The run left no result that can be read");
    assert!(!page.contains("NaN") && !page.contains("inf "));
}

#[test]
fn nothing_at_all_gives_a_page_too() {
    let mut results = sample();
    results.cases.clear();
    results.headlines.clear();
    results.recommendations.clear();
    results.comparison = None;
    let page = page(&results);
    assert!(card(&page, "Cases passed").contains("0 of 7"));
    for absent in ["id=\"headlines\"", "id=\"recommendations\"", "id=\"baseline\"", "<svg"] {
        assert!(!page.contains(absent), "{absent}");
    }
}

#[test]
fn failed_cases_come_first_and_open_with_reason_checks_and_log() {
    let page = page(&sample());
    let section = |id: &str| place(&page, &format!("<details class=\"case\" id=\"case-{id}\""));
    assert!(section("T128") < section("T139") && section("T139") < section("T140"));
    assert!(section("T140") < section("T003") && section("T003") < section("O001"));
    let failed = &page[section("T128")..section("T139")];
    assert!(failed.lines().next().unwrap().ends_with(" open>"));
    place(failed, "is not within 5 % of 200 Mb/s</li>");
    place(failed, "<td>at most 2s</td><td>missing</td>");
    place(failed, "Dropped:  0 (0.00%) &#60;not markup&#62;");
    assert!(!page[section("T003")..].lines().next().unwrap().contains("open"));
    place(&page[section("T139")..section("T140")], "ended by signal 9 after 25.00 s");
}

#[test]
fn every_verdict_has_its_word_and_only_passed_counts_as_such() {
    let mut results = sample();
    let words = ["failed", "crashed", "hung", "error", "interrupted"];
    let verdicts =
        [Verdict::Failed, Verdict::Crashed, Verdict::Hung, Verdict::Error, Verdict::Interrupted];
    for (case, verdict) in results.cases.iter_mut().zip(verdicts) {
        case.verdict = verdict;
    }
    let page = page(&results);
    let table = &page[place(&page, "<table id=\"results\"")..place(&page, "id=\"headlines\"")];
    for word in words {
        place(table, &format!("data-sort=\"{word}\""));
    }
    assert_eq!(table.matches("data-verdict=\"failed\"").count(), 5);
    assert_eq!(table.matches("data-verdict=\"passed\"").count(), 1);
}

#[test]
fn what_did_not_run_is_told_with_the_reason() {
    let mut results = sample();
    place(&page(&results), "Not run, since the suite was interrupted: T175.");
    results.state = State::Running;
    place(&page(&results), "was killed, when this was written: T175.");
    results.planned.pop();
    assert!(!page(&results).contains("Not run"));
    results.parallel = 2;
    place(&page(&results), "2 cases ran at the same time");
}

#[test]
fn the_documents_figures_stand_beside_ours() {
    let page = page(&sample());
    let table = &page[place(&page, "id=\"headlines\"")..place(&page, "id=\"recommendations\"")];
    place(table, "<td>79.54 s</td><td>at most 1 s</td><td>0.65 s</td>");
    assert_eq!(table.matches("reached</span>").count(), 3);
    place(
        table,
        "<td>–</td><td><span class=\"mark bad\"><span aria-hidden=\"true\">✗</span> not measured",
    );
}

#[test]
fn the_gravest_recommendation_comes_first() {
    let mut results = sample();
    results.recommendations.reverse();
    let page = page(&results);
    assert!(place(&page, "consumer-too-slow") < place(&page, "tick-dominates-latency"));
}

#[test]
fn regressions_come_first_and_are_marked() {
    let page = page(&sample());
    let part = &page[place(&page, "id=\"baseline\"")..place(&page, "id=\"cases\"")];
    place(part, "1 regressed</span>, 1 better, 1 within");
    let [cpu, latency, rate] = ["<td>CPU</td>", "<td>latency p99</td>", "<td>mean rate</td>"];
    assert!(place(part, cpu) < place(part, latency) && place(part, latency) < place(part, rate));
    let row = part[place(part, cpu)..].lines().next().unwrap();
    assert!(row.contains("+27.45 %") && row.contains("✗</span> regression"), "{row}");
    place(part, "another machine: 4 cores before, 2 now");
    place(part, "Only in the baseline: T212.");
}

#[test]
fn profiles_have_their_functions_and_a_frame_for_the_graph() {
    let page = page(&profiled());
    place(&page, "data_generator::pattern::fill</th><td class=\"number\">140.8 ms (22.0 %)</td>");
    place(&page, "1.80 MB (22.0 %)");
    place(&page, "No profile: profiles/T004/block.pb.gz: not a gzip file");
    place(&page, "0.71 s of CPU while profiled, 0.65 s plain");
    assert_eq!(page.matches("<iframe sandbox=\"allow-scripts allow-modals\"").count(), 5);
    assert!(!page.contains("onload=\"init"), "a graph stands in its frame alone");
}

#[test]
fn hostile_texts_stay_texts() {
    let page = page(&hostile());
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(!page.contains("<img") && !page.contains("\" onclick="));
    place(&page, "&#60;img src=x onerror=&#34;");
}

#[test]
fn a_large_set_stays_small_enough_to_send() {
    let [full, all] = [68, 240].map(|cases| page(&large(cases)).len());
    assert!(full < 1_000_000, "68 cases: {full} bytes");
    assert!(all < 3_000_000, "240 cases: {all} bytes");
}
