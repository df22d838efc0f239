//! Rules on profiles.

use run_result::RunResult;

use super::{CaseRule, Finding};
use crate::figures::{cores, cpu_s};
use crate::results::{CaseResult, ProfileResult, Severity};

/// Of the samples, in one function itself.
const DOMINATING_PERCENT: f64 = 50.0;
/// Of the run, over all threads.
const MUCH_CONTENTION: f64 = 0.01;
const COSTLY: f64 = 2.0;
/// Less is noise.
const COSTLY_AT_LEAST_S: f64 = 0.2;
/// Who spins keeps a good part of a core busy; a share of little is little.
const SPINNING_CORES: f64 = 0.3;
/// What the CPU profile has in place of a function of the program's: the kernel, or no sample.
const NO_FUNCTION: [&str; 2] = ["syscall", "[no sample]"];
const SPINNING: [&str; 4] = ["spin", "Instant::now", "clock_gettime", "yield"];

pub(super) const RULES: [CaseRule; 4] = [
    CaseRule {
        name: "busy-waiting",
        severity: Severity::Problem,
        advice: "Time goes into waiting awake: sleep on a schedule instead.",
        finds: |case, run| {
            let busy = cores(run)? > SPINNING_CORES;
            let cpu = profile(case, "cpu").filter(|_| busy)?;
            let spinning = |name: &str| SPINNING.iter().any(|word| name.contains(word));
            let percent: f64 = cpu
                .top
                .iter()
                .filter(|top| spinning(&top.function))
                .map(|top| top.own_percent)
                .sum();
            (percent > DOMINATING_PERCENT / 2.0)
                .then(|| format!("{percent:.1} % of the CPU profile is waiting awake"))
        },
    },
    CaseRule {
        name: "one-function-dominates",
        severity: Severity::Note,
        advice: "What makes it quicker makes the whole quicker.",
        finds: |case, _| {
            let top = profile(case, "cpu")?.top.first()?;
            let is_function = !NO_FUNCTION.contains(&top.function.as_str());
            (is_function && top.own_percent > DOMINATING_PERCENT)
                .then(|| format!("{:.1} % of the CPU is in {}", top.own_percent, top.function))
        },
    },
    CaseRule {
        name: "contention",
        severity: Severity::Problem,
        advice: "Threads wait for each other: the place should hold no lock.",
        finds: contention,
    },
    CaseRule {
        name: "profiling-costs",
        severity: Severity::Note,
        advice: "Read that profile's shares, not its times.",
        finds: profiling_costs,
    },
];

fn profile<'a>(case: &'a CaseResult, mode: &str) -> Option<&'a ProfileResult> {
    case.profiles.iter().find(|profile| profile.mode == mode)
}

fn contention(case: &CaseResult, run: &RunResult) -> Finding {
    let mutex = profile(case, "mutex").filter(|profile| profile.unit == "nanoseconds")?;
    let waited_s = mutex.total as f64 / 1e9;
    let place = mutex.top.first().map_or("an unknown place", |top| top.function.as_str());
    (waited_s > run.totals.elapsed_s * MUCH_CONTENTION)
        .then(|| format!("{waited_s:.3} s waited for locks, most of it in {place}"))
}

fn profiling_costs(case: &CaseResult, run: &RunResult) -> Finding {
    let plain_s = cpu_s(run);
    let costly = case.profiles.iter().find_map(|profile| {
        let profiled_s = profile.cpu_s?;
        let costly = profiled_s > plain_s * COSTLY && profiled_s > plain_s + COSTLY_AT_LEAST_S;
        costly.then_some((profile, profiled_s))
    });
    let (profile, profiled_s) = costly?;
    let mode = &profile.mode;
    Some(format!("{profiled_s:.2} s of CPU with the {mode} profile, {plain_s:.2} s without"))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::rules_after;
    use crate::results::ProfileResult;

    fn after(mode: &str, edit: impl FnOnce(&mut ProfileResult)) -> Vec<String> {
        rules_after(|case| {
            let profile = case.profiles.iter_mut().find(|profile| profile.mode == mode);
            edit(profile.unwrap());
        })
    }

    #[test]
    fn busy_waiting_is_a_quarter_of_the_samples_awake() {
        let spinning = |own_percent, cpu_user_s| {
            rules_after(|case| {
                let top = &mut case.profiles[0].top[1];
                top.function = "core::hint::spin_loop".to_owned();
                top.own_percent = own_percent;
                case.run.as_mut().unwrap().usage.cpu_user_s = cpu_user_s;
            })
        };
        let speaks = |own_percent, cpu_user_s| {
            spinning(own_percent, cpu_user_s).contains(&"busy-waiting".to_owned())
        };
        assert!(speaks(30.0, 5.0));
        assert!(!speaks(20.0, 5.0), "a small share");
        assert!(!speaks(30.0, 0.5), "a share of little");
    }

    #[test]
    fn one_function_dominates_from_half() {
        assert_eq!(after("cpu", |cpu| cpu.top[0].own_percent = 51.0), ["one-function-dominates"]);
        assert!(after("cpu", |cpu| cpu.top[0].own_percent = 49.0).is_empty());
        for name in super::NO_FUNCTION {
            let dominates = |cpu: &mut crate::results::ProfileResult| {
                cpu.top[0].own_percent = 51.0;
                cpu.top[0].function = name.to_owned();
            };
            assert!(after("cpu", dominates).is_empty(), "{name} is no function");
        }
    }

    #[test]
    fn contention_is_a_hundredth_of_the_run() {
        assert_eq!(after("mutex", |mutex| mutex.total = 110_000_000), ["contention"]);
        assert!(after("mutex", |mutex| mutex.total = 90_000_000).is_empty());
    }

    #[test]
    fn profiling_costs_from_twice() {
        assert_eq!(after("heap", |heap| heap.cpu_s = Some(1.4)), ["profiling-costs"]);
        assert!(after("heap", |heap| heap.cpu_s = Some(1.2)).is_empty());
    }
}
