use std::fs;

use integration_tests::results::Verdict;

use crate::suite::Suite;

#[test]
fn all_is_one_run_for_each_of_six_profiles_with_a_table_and_a_flame_graph() {
    let suite = Suite::with("");
    let ended = suite.run("--set smoke --profile all");
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let case = suite.case("T001");
    let modes: Vec<_> = case.profiles.iter().map(|profile| profile.mode.as_str()).collect();
    assert_eq!(modes, ["cpu", "mem", "allocs", "heap", "mutex", "block"]);
    for profile in &case.profiles {
        let mode = &profile.mode;
        assert_eq!(profile.error, None);
        assert_eq!((profile.total, profile.unit.as_str()), (100, "nanoseconds"));
        let top: Vec<_> = profile
            .top
            .iter()
            .map(|top| (top.function.as_str(), top.own, top.cumulative))
            .collect();
        assert_eq!(top, [("drain", 70, 70), ("main", 30, 100)]);
        assert_eq!(profile.pprof_path, Some(format!("profiles/T001/{mode}.pb.gz")));
        assert_eq!(profile.flame_graph_path, Some(format!("profiles/T001/{mode}.svg")));
        assert!(suite.path(&profile.log_path).exists());
        assert!(suite.path(profile.pprof_path.as_ref().unwrap()).exists());
        assert_eq!(profile.cpu_s, Some(0.02));
    }
    assert!(ended.stdout.contains("T001 cpu (cpu): 100 ns in all"), "{}", ended.stdout);
}

#[test]
fn a_trace_has_a_file_and_no_table() {
    let suite = Suite::with("");
    assert_eq!(suite.run("--set smoke --profile trace").code, Some(0));
    let profile = suite.case("T001").profiles.swap_remove(0);
    assert_eq!(profile.trace_path.as_deref(), Some("profiles/T001/trace.json"));
    assert_eq!((profile.top.len(), profile.pprof_path), (0, None));
}

#[test]
fn a_profile_that_is_missing_or_rubbish_fails_the_case_and_the_others_stay() {
    for (how, part) in [("none", "cannot read "), ("rubbish", "is not a pprof profile")] {
        let suite = Suite::with("").and("FAKE_PROFILE", how);
        assert_eq!(suite.run("--set smoke --profile cpu,trace").code, Some(1), "{how}");
        let case = suite.case("T001");
        assert_eq!(case.verdict, Verdict::Failed);
        assert!(case.reasons[0].starts_with("profile cpu: "), "{:?}", case.reasons);
        assert!(case.profiles[0].error.as_ref().unwrap().contains(part), "{:?}", case.profiles);
        assert_eq!(case.profiles.len(), 2);
        assert!(case.run.is_some());
    }
}

#[test]
fn a_profile_without_a_sample_fails_the_case_unless_there_may_be_none() {
    let suite = Suite::with("").and("FAKE_PROFILE", "empty");
    assert_eq!(suite.run("--set smoke --profile mutex").code, Some(0));
    for mode in ["cpu", "heap"] {
        assert_eq!(suite.run(&format!("--set smoke --profile {mode},mutex")).code, Some(1));
        let reasons = suite.case("T001").reasons;
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert!(reasons[0].ends_with(&format!("{mode}.pb.gz: has no sample")), "{reasons:?}");
    }
}

#[test]
fn the_profile_of_a_run_before_does_not_stand_for_a_missing_one() {
    let good = Suite::with("");
    assert_eq!(good.run("--set smoke --profile cpu,trace").code, Some(0));
    let bad = Suite::with("").and("FAKE_PROFILE", "none");
    assert_eq!(bad.run_into(&good.output(), "--set smoke --profile cpu,trace").code, Some(1));
    let profiles = good.case("T001").profiles;
    assert!(profiles.iter().all(|profile| profile.error.is_some()), "{profiles:?}");
}

#[test]
fn what_crashes_is_not_profiled() {
    let suite = Suite::with("*=crash");
    assert_eq!(suite.run("--set smoke --profile cpu").code, Some(1));
    assert!(suite.case("T001").profiles.is_empty());
    assert!(fs::metadata(suite.path("logs/T001-cpu.log")).is_err());
}
