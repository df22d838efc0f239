use std::fs;
use std::process::Child;

use integration_tests::results::{State, Verdict};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::suite::{Suite, program, until};

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

/// The first case has passed, and the second is at it and waits for a signal.
fn half_way() -> (Suite, Child) {
    let suite = Suite::with("4x10=wait");
    let child = suite.start("--set quick --margin 10m");
    let log = suite.path("logs/T002.log");
    until(|| fs::read_to_string(&log).is_ok_and(|text| text.contains("waiting")));
    until(|| suite.path("results.json").exists() && suite.results().cases.len() == 1);
    (suite, child)
}

#[test]
fn a_run_that_is_killed_leaves_the_finished_cases_readable() {
    let (suite, mut child) = half_way();
    send(&child, Signal::SIGKILL);
    child.wait().unwrap();
    assert_eq!(suite.verdicts(), [("T001".to_owned(), Verdict::Passed)]);
    assert_eq!(suite.results().state, State::Running);
    let output = suite.output();
    let report = program(&["report", "--from", output.to_str().unwrap()]);
    let expected = "1 of 4 cases passed, 3 not run";
    assert!(report.stdout.contains(expected), "{}", report.stdout);
    assert!(report.stdout.contains("(still running, or killed)"), "{}", report.stdout);
    assert_eq!(report.code, Some(1), "{}", report.stderr);
}

#[test]
fn sigint_ends_the_running_ring_cleanly_and_writes_the_results() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let (suite, mut child) = half_way();
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        let expected =
            [("T001".to_owned(), Verdict::Passed), ("T002".to_owned(), Verdict::Interrupted)];
        assert_eq!(suite.verdicts(), expected);
        assert_eq!(suite.results().state, State::Interrupted);
        let log = fs::read_to_string(suite.path("logs/T002.log")).unwrap();
        assert!(log.contains("Shutdown signal received"), "{log}");
        assert!(log.contains("# ended with exit code 0"), "{log}");
        let report = fs::read_to_string(suite.path("report.txt")).unwrap();
        assert!(report.contains("1 of 4 cases passed, 1 interrupted, 2 not run"), "{report}");
    }
}
