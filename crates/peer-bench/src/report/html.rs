//! The page: all charts and all rows, in one file that asks for no other.

use crate::cases::Case;
use crate::report::chart::{bars, curves, escape};
use crate::report::figure;
use crate::report::row::{Report, Row, ours, ranked};
use std::fmt::Write;

const STYLE: &str = "
:root { color-scheme: light dark; --text: #1c1c1c; --back: #fdfdfc; --soft: #8884;
  --own: #0a7d4f; --peer: #7a8aa0; --failed: #c22; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6e3; --back: #16181b;
  --own: #3cc98b; --peer: #6d7f98; --failed: #f66; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--back);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; font: 12px system-ui, sans-serif; } svg text { fill: var(--text); }
.own { fill: var(--own); } .peer { fill: var(--peer); } .failed { fill: var(--failed); }
.grid { stroke: var(--soft); } .line polyline { fill: none; stroke-width: 1.5; }
.line.own polyline { stroke-width: 4; } .line.own text { font-weight: bold; }
table { border-collapse: collapse; font-size: 13px; width: 100%; }
td, th { padding: .15rem .5rem; border-bottom: 1px solid var(--soft); text-align: right; }
td:first-child, th:first-child, td:last-child, th:last-child { text-align: left; }
summary { cursor: pointer; }";

/// The whole page.
pub(crate) fn html(report: &Report) -> String {
    let machine = &report.machine;
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>lock-free-ring beside its peers</title><style>{STYLE}</style>\
         <h1>lock-free-ring beside its peers</h1>\
         <p>{}, {} cores, {}; {}; commit {}; {}. Less is better everywhere.</p>\
         <p>One line one way {} ns; wire of one producer {} ns an item; contended fetch-add {} ns; \
         copy of 1450 B, read {} ns.</p>",
        escape(&machine.cpu),
        machine.cores,
        escape(&machine.kernel),
        escape(&machine.rustc),
        escape(&report.commit),
        machine.date,
        figure(machine.line_one_way_ns),
        figure(machine.wire_ns.get(&1).copied().unwrap_or(f64::NAN)),
        figure(machine.fetch_add_ns),
        figure(machine.copy_1450_ns),
    );
    let mut case = None;
    for rows in report.groups() {
        let now = rows[0].group.case;
        if case != Some(now) {
            case = Some(now);
            let _ = write!(page, "<h2>{}</h2><p>{}.</p>", now.name(), escape(now.what()));
            scaling(&mut page, report, now);
        }
        group(&mut page, report, rows);
    }
    page.push_str("</html>\n");
    page
}

/// The curves of a case that has several numbers of producers.
fn scaling(page: &mut String, report: &Report, case: Case) {
    if !matches!(case, Case::Single | Case::Batch64 | Case::Contended) {
        return;
    }
    let mut draw = |title, belongs: fn(&Row) -> bool| {
        let rows = report.rows.iter().filter(|row| row.group.case == case && belongs(row));
        let svg = curves(&rows.collect::<Vec<_>>());
        if !svg.is_empty() {
            let _ = write!(page, "<h3>ns an item over producers, {title}</h3>{svg}");
        }
    };
    if case != Case::Contended {
        draw("1024 slots for each producer", |row| row.capacity_per_producer == 1024);
    }
    draw("4096 slots in all", |row| row.capacity_total == 4096);
}

fn group(page: &mut String, report: &Report, rows: &[Row]) {
    let (bound, bound_ns) = report.machine.bound(&rows[0].group);
    let own = ours(rows).map_or(f64::NAN, Row::value_ns);
    let _ = write!(
        page,
        "<h3>{}</h3>{}<details><summary>Figures</summary><table><tr><th>subject<th>median ns\
         <th>MAD<th>CPU ns<th>× ours<th>of {bound}<th>p50<th>p99<th>p99.9<th>rounds<th>api",
        escape(&rows[0].group.title()),
        bars(rows),
    );
    for row in ranked(rows) {
        let latency = row.latency_ns.map(|l| [l.p50, l.p99, l.p999].map(|ns| ns.to_string()));
        let failed = if row.verified { "" } else { "failed: " };
        let _ = write!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{failed}{}",
            escape(row.subject),
            figure(row.ns_per_item.median),
            figure(row.ns_per_item.mad),
            figure(row.cpu_ns_per_item),
            figure(row.value_ns() / own),
            figure(bound_ns / row.value_ns()),
            latency.unwrap_or_default().join("<td>"),
            row.rounds,
            escape(&row.api),
        );
    }
    page.push_str("</table></details>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::row::tests::report;

    #[test]
    fn the_page_is_whole_and_asks_for_nothing_else() {
        let page = html(&report());
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
        assert!(page.contains("<svg") && page.contains("prefers-color-scheme: dark"));
        assert!(page.contains("recv &lt;1&gt;"), "names are escaped");
        assert!(page.contains("failed"));
        for outside in ["http:", "https:", "src=", "href=", "@import", "<script"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
