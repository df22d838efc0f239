//! `results.json` keeps what it was given, and says what is wrong with a bad one.

mod support;

use integration_tests::results::{self, Results, Verdict};
use support::sample::sample;

#[test]
fn json_keeps_everything_but_the_loaded_flame_graphs() {
    let mut expected = sample();
    let json = expected.to_json().unwrap();
    for profile in expected.cases.iter_mut().flat_map(|case| &mut case.profiles) {
        profile.flame_graph_svg = None;
    }
    assert!(Results::from_json(&json).unwrap() == expected, "{json}");
    assert!(!json.contains("<svg"));
}

#[test]
fn what_was_planned_and_did_not_run_is_told() {
    let results = sample();
    assert_eq!(results.missing(), [&("T175".to_owned(), "8p_50Mb_std_slow".to_owned())]);
    assert_eq!(results.count(Verdict::Passed), 3);
}

#[test]
fn another_schema_is_refused_with_its_number() {
    let mut other = sample();
    other.schema = results::SCHEMA + 1;
    let error = Results::from_json(&other.to_json().unwrap()).unwrap_err().to_string();
    assert!(error.contains(&format!("schema {}", other.schema)), "{error}");
}

#[test]
fn an_unknown_or_missing_field_is_named() {
    let json = sample().to_json().unwrap();
    let unknown = json.replacen("\"preset\"", "\"presett\"", 1);
    let error = Results::from_json(&unknown).unwrap_err().to_string();
    assert!(error.contains("presett"), "{error}");
    assert!(Results::from_json("{}").unwrap_err().to_string().contains("schema"));
}

/// A page can be developed on this: `target/tmp/sample/results.json`.
#[test]
fn the_sample_is_written_for_who_works_on_the_report() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sample");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("results.json");
    std::fs::write(&path, sample().to_json().unwrap()).unwrap();
    assert!(Results::from_json(&std::fs::read_to_string(path).unwrap()).is_ok());
}
