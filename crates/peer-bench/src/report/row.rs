//! The rows, and the JSON in which scripts read them.

use crate::cases::Group;
use crate::machine::Machine;
use crate::measure::stats::{Spread, median};
use crate::runner::Series;
use hdrhistogram::Histogram;
use serde::Serialize;

/// Everything, as it is written to JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) commit: String,
    pub(crate) rows: Vec<Row>,
}

/// One subject in one group.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) case: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) api: String,
    pub(crate) producers: usize,
    pub(crate) capacity_per_producer: usize,
    pub(crate) capacity_total: usize,
    pub(crate) payload_bytes: usize,
    /// Those that gave a figure.
    pub(crate) rounds: usize,
    /// Nulls inside if no round gave a figure.
    pub(crate) ns_per_item: Spread,
    pub(crate) cpu_ns_per_item: f64,
    pub(crate) latency_ns: Option<Latency>,
    /// Whether everything arrived, once and in order, in each round.
    pub(crate) verified: bool,
    /// For the table and the charts.
    #[serde(skip)]
    pub(crate) group: Group,
}

/// Over all rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50: u64,
    pub(crate) p99: u64,
    pub(crate) p999: u64,
    pub(crate) max: u64,
}

const NO_FIGURE: Spread = Spread { min: f64::NAN, median: f64::NAN, mad: f64::NAN };

impl From<&Series> for Row {
    fn from(series: &Series) -> Self {
        let Series { group, entry, .. } = series;
        Self {
            case: group.case.name(),
            subject: entry.facts.name,
            api: group.api(entry),
            producers: group.shape.producers,
            capacity_per_producer: group.shape.capacity_per_producer(),
            capacity_total: group.shape.capacity,
            payload_bytes: group.payload().bytes(),
            rounds: series.ns_per_item.len(),
            ns_per_item: Spread::of(&series.ns_per_item).unwrap_or(NO_FIGURE),
            cpu_ns_per_item: median(&series.cpu_ns_per_item).unwrap_or(f64::NAN),
            latency_ns: series.latency.as_ref().map(Latency::of),
            verified: series.fault.is_none() && !series.ns_per_item.is_empty(),
            group: *group,
        }
    }
}

impl Latency {
    fn of(histogram: &Histogram<u64>) -> Self {
        Self {
            p50: histogram.value_at_quantile(0.5),
            p99: histogram.value_at_quantile(0.99),
            p999: histogram.value_at_quantile(0.999),
            max: histogram.max(),
        }
    }
}

impl Row {
    /// What is compared: the middle latency where latency is measured, else time per item.
    pub(crate) fn value_ns(&self) -> f64 {
        self.latency_ns.map_or(self.ns_per_item.median, |latency| latency.p50 as f64)
    }
}

impl Report {
    /// The rows group by group, as they were run.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &[Row]> {
        self.rows.chunk_by(|a, b| {
            let key = |row: &Row| (row.case, row.group.title());
            key(a) == key(b)
        })
    }
}

/// Ours in a group: on dedicated shards if they take part.
pub(crate) fn ours(rows: &[Row]) -> Option<&Row> {
    let find = |name| rows.iter().find(|row| row.subject == name && row.verified);
    find("lock-free-ring/dedicated").or_else(|| find("lock-free-ring/shared"))
}

/// Those of a group, the fastest first, those that failed last.
pub(crate) fn ranked(rows: &[Row]) -> Vec<&Row> {
    let mut ranked: Vec<&Row> = rows.iter().collect();
    ranked.sort_by(|a, b| b.verified.cmp(&a.verified).then(a.value_ns().total_cmp(&b.value_ns())));
    ranked
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cases::Case;
    use serde_json::Value;
    use std::collections::BTreeMap;

    pub(crate) fn report() -> Report {
        let machine = Machine {
            cpu: "a CPU".into(),
            cores: 2,
            kernel: "Linux".into(),
            rustc: "rustc".into(),
            date: "2026-11-23".into(),
            line_one_way_ns: 50.0,
            wire_ns: BTreeMap::from([(1, 1.0)]),
            wire_1450_ns: BTreeMap::new(),
            fetch_add_ns: 10.0,
            copy_1450_ns: 40.0,
        };
        let row = |subject, median, verified| Row {
            case: "single",
            subject,
            api: "send | recv <1>".into(),
            producers: 1,
            capacity_per_producer: 1024,
            capacity_total: 1024,
            payload_bytes: 8,
            rounds: 9,
            ns_per_item: Spread { min: median, median, mad: 0.1 },
            cpu_ns_per_item: 2.0 * median,
            latency_ns: None,
            verified,
            group: Case::Single.groups()[0],
        };
        let failed = Row { ns_per_item: NO_FIGURE, rounds: 0, ..row("document", 0.0, false) };
        let rows = vec![
            row("gil/guard", 3.0, true),
            failed,
            Row {
                latency_ns: Some(Latency { p50: 2, p99: 3, p999: 4, max: 5 }),
                ..row("lock-free-ring/dedicated", 2.0, true)
            },
        ];
        Report { machine, commit: "0123".into(), rows }
    }

    fn keys(value: &Value) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn the_json_has_exactly_the_keys_that_scripts_read() {
        let text = serde_json::to_string(&report()).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let sorted = |keys: &str| {
            let mut keys: Vec<_> = keys.split(' ').map(str::to_owned).collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(&json), sorted("machine commit rows"));
        let [good, failed, with_latency] = &json["rows"].as_array().unwrap()[..] else { panic!() };
        for row in [good, failed, with_latency] {
            assert_eq!(
                keys(row),
                sorted(
                    "case subject api producers capacity_per_producer capacity_total \
                     payload_bytes rounds ns_per_item cpu_ns_per_item latency_ns verified"
                )
            );
            assert_eq!(keys(&row["ns_per_item"]), sorted("min median mad"));
        }
        assert_eq!(keys(&with_latency["latency_ns"]), sorted("p50 p99 p999 max"));
        assert_eq!((&good["latency_ns"], &good["verified"]), (&Value::Null, &Value::Bool(true)));
        assert_eq!(failed["ns_per_item"]["median"], Value::Null);
        assert_eq!(failed["verified"], Value::Bool(false));
    }

    #[test]
    fn the_fastest_comes_first_and_the_failed_last() {
        let report = report();
        let names: Vec<_> = ranked(&report.rows).iter().map(|row| row.subject).collect();
        assert_eq!(names, ["lock-free-ring/dedicated", "gil/guard", "document"]);
        assert_eq!(ours(&report.rows).unwrap().subject, "lock-free-ring/dedicated");
        assert_eq!(report.groups().count(), 1);
    }
}
