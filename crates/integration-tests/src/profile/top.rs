//! The functions of a profile that matter most.

use std::collections::BTreeMap;

use run_result::Mode;
use run_result::pprof::Profile;

use super::measure;
use crate::results::TopFunction;

const TOP: usize = 5;

/// A profile in a few lines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Analysis {
    pub(crate) measure: String,
    pub(crate) unit: String,
    pub(crate) total: i64,
    pub(crate) top: Vec<TopFunction>,
}

/// Reads a pprof file, compressed as pprof writes it, or says why that cannot be done.
pub(crate) fn analyze(file: &[u8], mode: Mode) -> Result<Analysis, String> {
    let profile =
        Profile::from_gzip(file).map_err(|error| format!("is not a pprof profile: {error}"))?;
    let value_index = chosen_value(&profile, mode)?;
    Ok(summed(&profile, value_index))
}

/// Which of the values of a sample answers the mode's question.
fn chosen_value(profile: &Profile, mode: Mode) -> Result<usize, String> {
    let named = |name: &str| {
        profile.sample_type.iter().position(|value_type| profile.string(value_type.r#type) == name)
    };
    let preferred = measure(mode).and_then(named);
    let default = || match profile.string(profile.default_sample_type) {
        "" => None,
        name => named(name),
    };
    let last = || profile.sample_type.len().checked_sub(1);
    preferred.or_else(default).or_else(last).ok_or_else(|| "has no type of sample".to_owned())
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    own: i64,
    cumulative: i64,
}

fn summed(profile: &Profile, value_index: usize) -> Analysis {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    let mut total: i64 = 0;
    for sample in &profile.sample {
        let value = sample.value.get(value_index).copied().unwrap_or(0);
        total = total.saturating_add(value);
        let mut stack: Vec<&str> = profile.stack(sample).map(name_or_unknown).collect();
        if let Some(innermost) = stack.first() {
            let sum = sums.entry(innermost).or_default();
            sum.own = sum.own.saturating_add(value);
        }
        // A function that calls itself is in this sample once.
        stack.sort_unstable();
        stack.dedup();
        for name in stack {
            let sum = sums.entry(name).or_default();
            sum.cumulative = sum.cumulative.saturating_add(value);
        }
    }
    let value_type = &profile.sample_type[value_index];
    Analysis {
        measure: profile.string(value_type.r#type).to_owned(),
        unit: profile.string(value_type.unit).to_owned(),
        total,
        top: top_of(sums, total),
    }
}

fn name_or_unknown(name: &str) -> &str {
    if name.is_empty() { "unknown" } else { name }
}

fn top_of(sums: BTreeMap<&str, Sum>, total: i64) -> Vec<TopFunction> {
    let percent = |value: i64| if total == 0 { 0.0 } else { value as f64 * 100.0 / total as f64 };
    let mut all: Vec<_> = sums.into_iter().collect();
    // Names decide between equals, so that two runs that measure the same show the same.
    all.sort_by_key(|(name, sum)| (std::cmp::Reverse((sum.own, sum.cumulative)), *name));
    all.into_iter()
        .take(TOP)
        .map(|(name, sum)| TopFunction {
            function: name.to_owned(),
            own: sum.own,
            own_percent: percent(sum.own),
            cumulative: sum.cumulative,
            cumulative_percent: percent(sum.cumulative),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use run_result::pprof::{Function, Line, Location, Sample, ValueType};

    use super::*;

    const STRINGS: [&str; 12] = [
        "",
        "samples",
        "count",
        "cpu",
        "nanoseconds",
        "main",
        "write",
        "copy",
        "drain",
        "sleep",
        "wake",
        "spin",
    ];

    fn index(text: &str) -> i64 {
        STRINGS.iter().position(|known| *known == text).unwrap() as i64
    }

    /// Location and function `n` are those of string `n`.
    fn profile(samples: &[(&[&str], i64)]) -> Profile {
        let ids = 1..STRINGS.len() as u64;
        let sample = |(stack, ns): &(&[&str], i64)| Sample {
            location_id: stack.iter().map(|name| index(name) as u64).collect(),
            value: vec![1, *ns],
            label: Vec::new(),
        };
        let function = |id| Function { id, name: id as i64, ..Function::default() };
        Profile {
            sample_type: vec![
                ValueType { r#type: index("samples"), unit: index("count") },
                ValueType { r#type: index("cpu"), unit: index("nanoseconds") },
            ],
            sample: samples.iter().map(sample).collect(),
            location: ids.clone().map(|id| location(id, &[id])).collect(),
            function: ids.map(function).collect(),
            string_table: STRINGS.map(String::from).into(),
            ..Profile::default()
        }
    }

    fn location(id: u64, functions: &[u64]) -> Location {
        let line = |&function_id| Line { function_id, line: 0 };
        Location { id, mapping_id: 0, line: functions.iter().map(line).collect() }
    }

    fn packed(profile: &Profile) -> Vec<u8> {
        profile.to_gzip().unwrap()
    }

    fn rows(analysis: &Analysis) -> Vec<(&str, i64, i64)> {
        let row = |top: &'_ TopFunction| (top.own, top.cumulative);
        analysis.top.iter().map(|top| (top.function.as_str(), row(top).0, row(top).1)).collect()
    }

    #[test]
    fn own_is_the_innermost_s_and_cumulative_is_everyone_s_once() {
        let profile = profile(&[
            (&["copy", "write", "main"], 60),
            (&["write", "main"], 30),
            (&["write", "write", "main"], 10),
        ]);
        let analysis = analyze(&packed(&profile), Mode::Cpu).unwrap();
        assert_eq!((analysis.measure.as_str(), analysis.unit.as_str()), ("cpu", "nanoseconds"));
        assert_eq!(analysis.total, 100);
        assert_eq!(rows(&analysis), [("copy", 60, 60), ("write", 40, 100), ("main", 0, 100)]);
        assert_eq!(analysis.top[1].own_percent, 40.0);
        assert_eq!(analysis.top[1].cumulative_percent, 100.0);
    }

    #[test]
    fn five_functions_at_most() {
        let names = ["main", "write", "copy", "drain", "sleep", "wake", "spin"];
        let stacks: Vec<[&str; 1]> = names.map(|name| [name]).into();
        let samples: Vec<_> =
            stacks.iter().enumerate().map(|(n, stack)| (&stack[..], n as i64 + 1)).collect();
        let analysis = analyze(&packed(&profile(&samples)), Mode::Cpu).unwrap();
        assert_eq!(analysis.top.len(), 5);
        assert_eq!(analysis.top[0].function, "spin");
    }

    #[test]
    fn inlined_calls_are_calls() {
        let mut profile = profile(&[(&["write", "main"], 10)]);
        let (write, copy) = (index("write") as u64, index("copy") as u64);
        profile.location[write as usize - 1] = location(write, &[copy, write]);
        let analysis = analyze(&packed(&profile), Mode::Cpu).unwrap();
        assert_eq!(rows(&analysis), [("copy", 10, 10), ("main", 0, 10), ("write", 0, 10)]);
    }

    #[test]
    fn the_mode_chooses_the_value() {
        let mut profile = profile(&[(&["main"], 10)]);
        assert_eq!(analyze(&packed(&profile), Mode::Block).unwrap().measure, "cpu", "the last");
        profile.default_sample_type = index("samples");
        assert_eq!(analyze(&packed(&profile), Mode::Block).unwrap().total, 1, "the default");
        assert_eq!(analyze(&packed(&profile), Mode::Cpu).unwrap().total, 10, "the mode's own");
    }

    #[test]
    fn a_function_without_a_name_is_unknown() {
        let mut profile = profile(&[(&["main"], 10)]);
        profile.function[index("main") as usize - 1].name = 0;
        let analysis = analyze(&packed(&profile), Mode::Cpu).unwrap();
        assert_eq!(analysis.top[0].function, "unknown");
    }

    #[test]
    fn an_empty_profile_is_a_profile() {
        let analysis = analyze(&packed(&profile(&[])), Mode::Cpu).unwrap();
        assert_eq!((analysis.total, analysis.top.len()), (0, 0));
    }

    #[test]
    fn what_is_no_profile_is_refused_with_the_reason() {
        let reason = |file: &[u8]| analyze(file, Mode::Cpu).unwrap_err();
        assert!(reason(b"plain").starts_with("is not a pprof profile"));
        let mut cut = packed(&profile(&[(&["main"], 10)]));
        cut.truncate(cut.len() / 2);
        assert!(reason(&cut).starts_with("is not a pprof profile"));
        assert_eq!(reason(&packed(&Profile::default())), "has no type of sample");
    }
}
