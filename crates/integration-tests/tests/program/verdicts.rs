use integration_tests::results::{CheckName, State, Verdict};

use crate::suite::Suite;

#[test]
fn a_set_at_which_nothing_is_wrong_passes() {
    let suite = Suite::with("");
    let ended = suite.run("--set quick --preset strict");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let results = suite.results();
    assert_eq!(results.state, State::Complete);
    assert_eq!(results.count(Verdict::Passed), 4);
    assert_eq!(results.ring.version.as_deref(), Some("ring 9.9.9-fake"));
    assert!(ended.stdout.contains("4 of 4 cases passed"), "{}", ended.stdout);
    assert_eq!(ended.stderr.lines().count(), 4, "a line for each case: {}", ended.stderr);
}

#[test]
fn the_whole_matrix_and_the_published_part_pass() {
    for (set, count) in [("full", 68), ("all", 240)] {
        let suite = Suite::with("");
        let ended = suite.run(&format!("--set {set} --parallel 2"));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let results = suite.results();
        assert_eq!(results.count(Verdict::Passed), count);
        let in_order: Vec<_> = results.cases.iter().map(|case| case.id.clone()).collect();
        let planned: Vec<_> = results.planned.iter().map(|(id, _)| id.clone()).collect();
        assert_eq!(in_order, planned);
    }
}

/// Each way to go wrong fails the one case that went so, with the check that tells it.
#[test]
fn what_goes_wrong_fails_its_case_alone() {
    for (behaviour, check, part) in [
        ("slow", CheckName::Rate, "(-50.0"),
        ("drop", CheckName::Drops, "9.090 %"),
        ("lost", CheckName::Conservation, "1 of them lost"),
        ("unordered", CheckName::Order, "1 out of order"),
        ("lie", CheckName::Agreement, "consumed: the log says 86208, the JSON file 86207"),
        ("silent", CheckName::Agreement, "produced: the log says nothing"),
    ] {
        let suite = Suite::with(&format!("4x50={behaviour}"));
        let ended = suite.run("--set quick");
        assert_eq!(ended.code, Some(1), "{behaviour}");
        assert_eq!(suite.results().count(Verdict::Passed), 3, "{behaviour}");
        let case = suite.case("T003");
        assert_eq!(case.verdict, Verdict::Failed);
        let failed: Vec<_> = case.checks.iter().filter(|check| !check.passed).collect();
        assert_eq!(failed.len(), 1, "{behaviour}: {failed:?}");
        assert_eq!(failed[0].name, check);
        assert!(failed[0].value.as_ref().unwrap().contains(part), "{behaviour}: {failed:?}");
        assert!(ended.stdout.contains(&case.reasons[0]), "{}", ended.stdout);
    }
}

#[test]
fn a_result_that_is_missing_or_rubbish_fails_every_check() {
    for (behaviour, part) in [("no-json", "cannot read"), ("rubbish", "cannot understand")] {
        let suite = Suite::with(&format!("4x10={behaviour}"));
        assert_eq!(suite.run("--set smoke").code, Some(1));
        let case = suite.case("T001");
        assert_eq!(case.verdict, Verdict::Failed);
        assert!(case.reasons[0].contains(part), "{:?}", case.reasons);
        assert!(case.checks.iter().all(|check| !check.passed && check.value.is_none()));
        assert!(case.run.is_none());
    }
}

#[test]
fn the_result_of_a_run_before_does_not_stand_for_a_missing_one() {
    let good = Suite::with("");
    assert_eq!(good.run("--set smoke").code, Some(0));
    let bad = Suite::with("*=no-json");
    assert_eq!(bad.run_into(&good.output(), "--set smoke").code, Some(1));
    assert_eq!(good.case("T001").run, None);
}

#[test]
fn a_crash_and_an_exit_code_are_told_with_what_was_said_last() {
    let suite = Suite::with("1x10=crash,4x10=exit3");
    assert_eq!(suite.run("--set quick").code, Some(1));
    let crashed = suite.case("T001");
    assert_eq!(crashed.verdict, Verdict::Crashed);
    assert_eq!(crashed.exit.unwrap().signal, Some(6));
    assert!(crashed.reasons[0].starts_with("ended with signal 6 (SIGABRT)"), "{crashed:?}");
    let exited = suite.case("T002");
    assert_eq!(exited.verdict, Verdict::Crashed);
    assert_eq!(exited.reasons, ["ended with exit code 3: ring: out of luck"]);
    assert_eq!(suite.case("T003").verdict, Verdict::Passed);
}

#[test]
fn a_run_that_hangs_is_killed_and_the_next_one_runs() {
    let suite = Suite::with("4x10=hang");
    // Only the one that hangs is to meet the short margin: on a busy machine a good one could.
    assert_eq!(suite.run("--set quick --id T002 --duration 100ms --margin 100ms").code, Some(1));
    let case = suite.case("T002");
    assert_eq!(case.verdict, Verdict::Hung);
    assert_eq!(case.exit.unwrap().signal, Some(9));
    assert_eq!(case.reasons, ["did not end within 200ms, and was killed"]);
    assert!(case.log.tail.iter().any(|line| line.ends_with("waiting")), "{:?}", case.log);
}

#[test]
fn a_run_that_prints_without_end_is_killed() {
    let suite = Suite::with("4x10=loud");
    assert_eq!(suite.run("--set smoke --margin 10m").code, Some(1));
    let case = suite.case("T001");
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(case.reasons, ["printed more than 64 MiB, and was killed"]);
}

#[test]
fn bars_of_one_case_go_before_those_of_all() {
    let suite = Suite::with("4x50=drop,8x50=drop");
    assert_eq!(suite.run("--set quick --threshold T003:max-drop=20").code, Some(1));
    assert_eq!(suite.case("T003").verdict, Verdict::Passed);
    assert_eq!(suite.case("T003").thresholds.max_drop_percent, 20.0);
    assert_eq!(suite.case("T004").verdict, Verdict::Failed);
    assert_eq!(suite.run("--set quick --max-drop 20").code, Some(0));
}

#[test]
fn an_overload_passes_with_drops_and_fails_with_a_loss() {
    for (behaviour, code) in [("drop", 0), ("slow", 0), ("lost", 1), ("unordered", 1)] {
        let suite = Suite::with(&format!("8x20000={behaviour}"));
        let ended = suite.run("--set overload --id O002");
        assert_eq!(ended.code, Some(code), "{behaviour}: {}", ended.stdout);
    }
}

#[test]
fn limits_reach_the_program() {
    let suite = Suite::with("");
    let ended = suite.run("--set smoke --cpus 1 --memory 512");
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let limits = suite.results().limits;
    assert_eq!((limits.cpus, limits.memory_bytes), (Some(1), Some(512 << 20)));
}
