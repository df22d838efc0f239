use std::fs;

use integration_tests::results::Change;

use crate::suite::{Suite, program};

#[test]
fn the_text_is_on_the_terminal_and_in_its_file() {
    let suite = Suite::with("4x50=slow");
    let ended = suite.run("--set quick");
    assert_eq!(fs::read_to_string(suite.path("report.txt")).unwrap(), ended.stdout);
    for part in ["T003  4p_50Mb_std_normal  failed", "Beside the document", "79.54 s"] {
        assert!(ended.stdout.contains(part), "no {part:?} in\n{}", ended.stdout);
    }
}

#[test]
fn list_shows_a_set_plainly_and_as_json() {
    let plain = program(&["list", "--set", "full"]);
    assert_eq!(plain.code, Some(0));
    assert!(plain.stdout.ends_with("68 cases\n"), "{}", plain.stdout);
    assert!(plain.stdout.contains("T212  16p_10Mb_std_veryslow"), "{}", plain.stdout);
    let json = program(&["list", "--set", "full", "--json"]);
    let cases: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(cases.as_array().unwrap().len(), 68);
    assert_eq!(cases[0]["id"], "T005");
    assert_eq!(cases[0]["settings"]["tick_ms"], 5);
}

#[test]
fn a_regression_against_the_baseline_has_an_exit_code_of_its_own() {
    let before = Suite::with("");
    assert_eq!(before.run("--set quick").code, Some(0));
    let baseline = before.path("results.json");
    let baseline = baseline.to_str().unwrap();

    let same = Suite::with("");
    assert_eq!(same.run(&format!("--set quick --baseline {baseline}")).code, Some(0));

    let worse = Suite::with("4x50=costly");
    let ended = worse.run(&format!("--set quick --baseline {baseline}"));
    assert_eq!(ended.code, Some(4), "{}", ended.stdout);
    let comparison = worse.results().comparison.unwrap();
    let regressions: Vec<_> = comparison.regressions().map(|(id, _)| id.to_owned()).collect();
    assert_eq!(regressions, ["T003"]);
    assert!(ended.stdout.contains("WORSE"), "{}", ended.stdout);
    assert!(ended.stdout.contains("1 regression"), "{}", ended.stdout);

    let after = worse.path("results.json");
    let compared = program(&["compare", baseline, after.to_str().unwrap()]);
    assert_eq!(compared.code, Some(4));
    assert!(compared.stdout.ends_with("1 regression\n"), "{}", compared.stdout);
    let backwards = program(&["compare", after.to_str().unwrap(), baseline]);
    assert_eq!(backwards.code, Some(0), "{}", backwards.stdout);
    let better =
        |figure: &&integration_tests::results::FigureChange| figure.change == Change::Better;
    assert_eq!(comparison.cases.iter().flat_map(|case| &case.figures).filter(better).count(), 0);
}

#[test]
fn a_case_that_fails_weighs_more_than_a_regression() {
    let before = Suite::with("");
    assert_eq!(before.run("--set smoke").code, Some(0));
    let baseline = before.path("results.json");
    let worse = Suite::with("*=slow");
    let ended = worse.run(&format!("--set smoke --baseline {}", baseline.display()));
    assert_eq!(ended.code, Some(1));
}

#[test]
fn files_that_are_missing_or_rubbish_are_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let rubbish = folder.path().join("results.json");
    fs::write(&rubbish, "rubbish").unwrap();
    let (folder, rubbish) = (folder.path().to_str().unwrap(), rubbish.to_str().unwrap());
    for args in [
        &["report", "--from", "/no/such/folder"][..],
        &["report", "--from", folder],
        &["compare", rubbish, rubbish],
        &["run", "--baseline", rubbish],
        &["run", "--set", "tiny"],
        &[],
    ] {
        let ended = program(args);
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("integration-tests: "), "{}", ended.stderr);
    }
}
