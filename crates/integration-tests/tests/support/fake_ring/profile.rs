use std::fs;
use std::path::Path;

use run_result::pprof::{Function, Line, Location, Profile, Sample, ValueType};

/// Writes what `ring --profile MODE --profilepath FOLDER` writes, or a broken kind of it.
pub(super) fn write(folder: &Path, mode: &str, how: &str) {
    if how == "none" {
        return;
    }
    if mode == "trace" {
        fs::write(folder.join("trace.json"), "{\"traceEvents\":[]}").expect("a trace");
        return;
    }
    let good = || pprof().to_gzip().expect("memory");
    let profile = if how == "rubbish" { b"rubbish".to_vec() } else { good() };
    fs::write(folder.join(format!("{mode}.pb.gz")), profile).expect("a profile");
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><title>flames</title></svg>";
    fs::write(folder.join(format!("{mode}.svg")), svg).expect("a flame graph");
}

/// `drain` called by `main`: 70 in itself, 30 in `main`.
fn pprof() -> Profile {
    let sample = |stack: &[u64], ns| Sample {
        location_id: stack.to_vec(),
        value: vec![ns],
        label: Vec::new(),
    };
    let location =
        |id| Location { id, mapping_id: 0, line: vec![Line { function_id: id, line: 0 }] };
    let function = |id, name| Function { id, name, ..Function::default() };
    Profile {
        sample_type: vec![ValueType { r#type: 1, unit: 2 }],
        sample: vec![sample(&[1, 2], 70), sample(&[2], 30)],
        location: vec![location(1), location(2)],
        function: vec![function(1, 3), function(2, 4)],
        string_table: ["", "cpu", "nanoseconds", "drain", "main"].map(String::from).into(),
        ..Profile::default()
    }
}
