//! Runs the program as a user does, with minimal rounds.
#![forbid(unsafe_code)]

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn peer_bench(line: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_peer-bench");
    Command::new(program).args(line.split(' ')).output().expect("it was built for this test")
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn a_minimal_run_gives_verified_rows_and_a_page() {
    let (json, html) = (file("smoke.json"), file("smoke.html"));
    let output = peer_bench(&format!(
        "--quick --case idle --subject lock-free-ring/shared --subject gil/guard --rounds 1 \
         --json {} --html {}",
        json.display(),
        html.display()
    ));
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "no bar where there is no terminal: {output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("gil/guard"));

    let json: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 6, "two subjects with 1, 64 and 1024 shards");
    assert!(rows.iter().all(|row| row["verified"] == true), "{rows:#?}");
    assert!(json["machine"]["wire_ns"]["1"].as_f64().unwrap() > 0.0);
    assert!(fs::read_to_string(html).unwrap().contains("<svg"));
}

#[test]
fn wrong_command_lines_end_with_code_2_and_say_why() {
    for (line, named) in [
        ("--case singel", "--case"),
        ("--subject nobody", "--subject"),
        ("--rounds 0", "--rounds"),
        ("--case contended --subject rtrb --rounds 1", "subjects"),
    ] {
        let output = peer_bench(line);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(named), "{line}: {output:?}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let output = peer_bench("--case pingpong --subject rtrb/one --rounds 1 --json /nowhere/x.json");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/x.json"));
}
