//! What all modes with stacks give, and the two forms in which it is written.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use run_result::Mode;
use run_result::pprof::{Function, Label, Line, Location, Mapping, Profile, Sample, ValueType};

use super::stacks::Frame;

/// What a value is, and its unit, as pprof calls them.
pub(super) type Kind = (&'static str, &'static str);

#[derive(Debug)]
pub(super) struct StackProfile {
    pub(super) mode: Mode,
    /// Of every sample's values.
    pub(super) kinds: Vec<Kind>,
    /// The index of the value to show first, and in the flame graph.
    pub(super) shown: usize,
    /// What lies between two samples.
    pub(super) period: (Kind, i64),
    pub(super) covers: Duration,
    /// For whoever looks at the profile.
    pub(super) comment: &'static str,
    pub(super) samples: Vec<StackSample>,
}

#[derive(Debug)]
pub(super) struct StackSample {
    /// The innermost call first.
    pub(super) frames: Vec<Frame>,
    pub(super) values: Vec<i64>,
    pub(super) thread: Option<String>,
}

impl StackProfile {
    /// As pprof has it.
    pub(super) fn to_pprof(&self) -> Profile {
        let mut tables = Tables::default();
        tables.string("");
        let sample = self.samples.iter().map(|sample| tables.sample(sample)).collect();
        let sample_type = self.kinds.iter().map(|kind| tables.kind(*kind)).collect();
        let program = std::env::current_exe().unwrap_or_default();
        let mapping = Mapping {
            id: MAPPING_ID,
            filename: tables.string(&program.to_string_lossy()),
            has_functions: true,
            has_filenames: true,
            has_line_numbers: true,
            has_inline_frames: true,
        };
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let comment = tables.string(self.comment);
        Profile {
            sample_type,
            sample,
            mapping: vec![mapping],
            time_nanos: whole_ns(since_1970.unwrap_or_default()),
            duration_nanos: whole_ns(self.covers),
            period_type: Some(tables.kind(self.period.0)),
            period: self.period.1,
            comment: vec![comment],
            default_sample_type: tables.string(self.kinds[self.shown].0),
            location: tables.locations,
            function: tables.functions,
            string_table: tables.strings,
        }
    }
}

pub(super) fn whole_ns(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

const MAPPING_ID: u64 = 1;

/// Each string, function and place once, with the number that it goes by.
#[derive(Default)]
struct Tables {
    strings: Vec<String>,
    string_numbers: HashMap<String, i64>,
    functions: Vec<Function>,
    function_ids: HashMap<(i64, i64), u64>,
    locations: Vec<Location>,
    location_ids: HashMap<(u64, u32), u64>,
}

impl Tables {
    fn string(&mut self, text: &str) -> i64 {
        if let Some(number) = self.string_numbers.get(text) {
            return *number;
        }
        let number = self.strings.len() as i64;
        self.strings.push(text.to_owned());
        self.string_numbers.insert(text.to_owned(), number);
        number
    }

    fn kind(&mut self, (name, unit): Kind) -> ValueType {
        ValueType { r#type: self.string(name), unit: self.string(unit) }
    }

    fn sample(&mut self, sample: &StackSample) -> Sample {
        let location_id = sample.frames.iter().map(|frame| self.location(frame)).collect();
        let label = sample
            .thread
            .iter()
            .map(|thread| Label { key: self.string("thread"), str: self.string(thread) });
        Sample { location_id, value: sample.values.clone(), label: label.collect() }
    }

    fn location(&mut self, frame: &Frame) -> u64 {
        let function_id = self.function(frame);
        let next = self.locations.len() as u64 + 1;
        let id = *self.location_ids.entry((function_id, frame.line)).or_insert(next);
        if id == next {
            let line = vec![Line { function_id, line: i64::from(frame.line) }];
            self.locations.push(Location { id, mapping_id: MAPPING_ID, line });
        }
        id
    }

    fn function(&mut self, frame: &Frame) -> u64 {
        let (name, filename) = (self.string(&frame.function), self.string(&frame.file));
        let next = self.functions.len() as u64 + 1;
        let id = *self.function_ids.entry((name, filename)).or_insert(next);
        if id == next {
            self.functions.push(Function { id, name, system_name: name, filename });
        }
        id
    }
}

#[cfg(test)]
pub(super) fn example() -> StackProfile {
    let sample = |functions: &[&str], values: [i64; 2]| StackSample {
        frames: functions.iter().copied().map(Frame::label).collect(),
        values: values.into(),
        thread: Some("worker".to_owned()),
    };
    StackProfile {
        mode: Mode::Cpu,
        kinds: vec![("samples", "count"), ("cpu", "nanoseconds")],
        shown: 1,
        period: (("cpu", "nanoseconds"), 4_000_000),
        covers: Duration::from_secs(2),
        comment: "an example",
        samples: vec![
            sample(&["leaf<T>", "middle", "root"], [3, 12_000_000]),
            sample(&["middle", "root"], [1, 4_000_000]),
            sample(&["other", "root"], [1, 4_000_000]),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pprof_has_each_stack_with_its_values() {
        let profile = example().to_pprof();
        let stacks: Vec<Vec<&str>> =
            profile.sample.iter().map(|sample| profile.stack(sample).collect()).collect();
        assert_eq!(
            stacks,
            [&["leaf<T>", "middle", "root"][..], &["middle", "root"], &["other", "root"]]
        );
        assert_eq!(profile.sample[0].value, [3, 12_000_000]);
        assert_eq!(profile.string(profile.sample[0].label[0].str), "worker");
        assert_eq!((profile.function.len(), profile.location.len()), (4, 4));
        assert_eq!(profile.string(profile.default_sample_type), "cpu");
        assert_eq!(profile.string(profile.sample_type[1].unit), "nanoseconds");
        assert_eq!((profile.string(0), profile.string(profile.comment[0])), ("", "an example"));
        assert_eq!((profile.period, profile.duration_nanos), (4_000_000, 2_000_000_000));
    }
}
