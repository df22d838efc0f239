use std::fs;
use std::path::Path;
use std::process::Command;

use integration_tests::results::Verdict;

use crate::suite::{Suite, read};

#[test]
fn the_log_has_a_header_what_was_printed_and_how_it_ended() {
    let suite = Suite::with("");
    assert_eq!(suite.run("--set smoke").code, Some(0));
    let log = fs::read_to_string(suite.path("logs/T001.log")).unwrap();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines[0], "# T001 4p_10Mb_std_normal");
    assert!(lines[1].starts_with("# /") && lines[1].contains("--producers=4"), "{log}");
    assert!(lines[2].starts_with("# started "), "{log}");
    assert!(lines[3].contains("[stats] inserted="), "{log}");
    assert!(lines.last().unwrap().starts_with("# ended with exit code 0 after "), "{log}");
}

#[test]
fn an_output_folder_that_cannot_be_made_is_told_before_anything_runs() {
    let suite = Suite::with("");
    let file = suite.output();
    fs::write(&file, "a file").unwrap();
    let ended = suite.run("--set smoke");
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.starts_with("integration-tests: cannot make "), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1);
    assert_eq!(fs::read_to_string(&file).unwrap(), "a file");
}

#[test]
fn results_that_cannot_be_written_at_the_start_are_told_before_anything_runs() {
    let suite = Suite::with("");
    fs::create_dir_all(suite.path("results.json.part")).unwrap();
    let ended = suite.run("--set smoke");
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("cannot write ") && ended.stderr.contains("results.json"));
    assert!(!suite.path("logs/T001.log").exists());
}

#[test]
fn a_log_that_cannot_be_written_is_an_error_of_its_case() {
    let suite = Suite::with("");
    fs::create_dir_all(suite.path("logs/T002.log")).unwrap();
    assert_eq!(suite.run("--set quick").code, Some(1));
    let case = suite.case("T002");
    assert_eq!(case.verdict, Verdict::Error);
    assert!(case.reasons[0].contains("logs/T002.log"), "{:?}", case.reasons);
    assert_eq!(case.exit, None);
    assert_eq!(suite.results().count(Verdict::Passed), 3);
}

/// `/dev/full` stands for the disk: a write finds no room.
#[test]
fn results_that_find_no_room_end_the_run_and_those_before_stay() {
    let suite = Suite::with("4x50=full-results");
    let ended = suite.run("--set quick");
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    let last = ended.stderr.lines().last().unwrap();
    assert!(last.contains("results.json: No space left on device"), "{last}");
    let expected = [("T001".to_owned(), Verdict::Passed), ("T002".to_owned(), Verdict::Passed)];
    assert_eq!(suite.verdicts(), expected);
}

/// A file system of its own, taken away with the value.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(folder: &'a Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(folder);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_ends_the_run_and_the_results_before_stay() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(folder.path()) else {
        println!("skipped: mounting a tmpfs needs root");
        return;
    };
    let suite = Suite::with("4x50=full-disk");
    let ended = suite.run_into(folder.path(), "--set quick");
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    let last = ended.stderr.lines().last().unwrap();
    assert!(last.contains("No space left on device"), "{last}");
    let results = read(&folder.path().join("results.json"));
    let passed: Vec<_> =
        results.cases.iter().map(|case| (case.id.as_str(), case.verdict)).collect();
    assert_eq!(passed, [("T001", Verdict::Passed), ("T002", Verdict::Passed)]);
    assert!(!folder.path().join("results.json.part").exists());
}

#[test]
fn a_ring_that_is_not_there_is_wrong_usage() {
    let suite = Suite::with("");
    let ended = suite.run("--set smoke --ring /no/such/ring");
    // Given twice: the program of the test, and this one.
    assert_eq!(ended.code, Some(2));
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}
