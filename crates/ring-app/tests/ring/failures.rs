//! Runs that the machine does not allow.

use std::process::Command;

/// Runs the program with no more address space than so many KiB; returns its code and its log.
fn ring_within(kib: u32, args: &str) -> (Option<i32>, String) {
    let script = format!("ulimit -v {kib}; exec \"$0\" {args}");
    let output =
        Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_ring")]).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn memory_that_cannot_be_had_is_an_error_and_no_abort() {
    let (code, log) = ring_within(100_000, "--unlimited --ring-size 1048576 --duration 1s");
    assert_eq!(code, Some(1), "{log}");
    assert!(log.starts_with("ring: no memory for up to "), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn a_thread_that_cannot_be_had_ends_those_that_could() {
    let (code, log) = ring_within(300_000, "-producers=500 -rate=1 -duration=1m -debugLevel=1");
    assert_eq!(code, Some(1), "{log}");
    assert!(log.starts_with("ring: cannot start producer "), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}
