use std::time::Duration;

use go_duration::GoDuration;
use run_result::{End, RunResult};

use super::agreement;
use super::log_figures::LogFigures;
use crate::figures::{drop_percent, mean_rate_mbps};
use crate::results::{Check, CheckName, Goal, Settings, Thresholds};

/// A run may be this much shorter than asked for: clocks are read before and after threads start.
const LEAST_PART_OF_DURATION: f64 = 0.99;

/// What a run left behind, and what was asked of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) goal: Goal,
    pub(crate) thresholds: Thresholds,
    /// `None` if there is no JSON file that can be read.
    pub(crate) run: Option<&'a RunResult>,
    pub(crate) log: &'a LogFigures,
}

/// What must hold, what was found, and whether it holds; the found is `None` if it is missing.
struct Finding {
    bar: String,
    found: Option<(String, bool)>,
}

impl Finding {
    fn named(self, name: CheckName) -> Check {
        let (value, passed) = self.found.map_or((None, false), |(text, holds)| (Some(text), holds));
        Check { name, bar: self.bar, value, passed }
    }
}

impl Evidence<'_> {
    /// Every check that the goal asks for.
    pub(crate) fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        if self.goal == Goal::Rate {
            checks.push(self.rate().named(CheckName::Rate));
        }
        checks.extend([
            self.drops().named(CheckName::Drops),
            self.shutdown().named(CheckName::Shutdown),
            self.conservation().named(CheckName::Conservation),
            self.order().named(CheckName::Order),
            self.duration().named(CheckName::Duration),
            agreement::check(self.run, self.log),
        ]);
        checks
    }

    fn rate(&self) -> Finding {
        let goal_mbps = self.settings.total_rate_mbps();
        let tolerance = self.thresholds.tolerance_percent;
        let found = self.run.and_then(mean_rate_mbps).map(|rate_mbps| {
            let error_percent = (rate_mbps / goal_mbps - 1.0) * 100.0;
            let text = format!("{rate_mbps:.2} Mb/s ({error_percent:+.3} %)");
            (text, error_percent.abs() <= tolerance)
        });
        Finding { bar: format!("within {tolerance} % of {goal_mbps} Mb/s"), found }
    }

    fn drops(&self) -> Finding {
        let most = self.thresholds.max_drop_percent;
        let judged = self.goal == Goal::Rate;
        let bar = if judged { format!("at most {most} %") } else { "counted, not judged".into() };
        let found = self.run.map(|run| {
            let percent = drop_percent(run);
            let text = format!("{percent:.3} % ({} packets)", run.totals.dropped);
            (text, !judged || percent <= most)
        });
        Finding { bar, found }
    }

    fn shutdown(&self) -> Finding {
        let most = Duration::from_secs_f64(self.thresholds.max_shutdown_s);
        let taken_us = self.run.and_then(|run| run.totals.shutdown_us);
        let found = taken_us.filter(|us| us.is_finite() && *us >= 0.0).map(|us| {
            let taken = Duration::from_secs_f64(us / 1e6);
            (GoDuration(taken).to_string(), taken <= most)
        });
        Finding { bar: format!("at most {}", GoDuration(most)), found }
    }

    fn conservation(&self) -> Finding {
        let found = self.run.map(|run| {
            let totals = &run.totals;
            let lost = i128::from(totals.produced)
                - i128::from(totals.consumed)
                - i128::from(totals.in_ring);
            let astray = i128::from(totals.consumed)
                - i128::from(totals.trimmed)
                - i128::from(totals.window);
            let text = format!(
                "{} produced, {lost} of them lost, {astray} beside the window",
                totals.produced
            );
            (text, lost == 0 && astray == 0 && totals.consumed > 0)
        });
        let bar = "produced = consumed + in the ring, consumed = trimmed + window, and not 0";
        Finding { bar: bar.to_owned(), found }
    }

    fn order(&self) -> Finding {
        let found = self.run.map(|run| {
            let out_of_order = run.totals.out_of_order;
            (format!("{out_of_order} out of order"), out_of_order == 0)
        });
        Finding { bar: "each producer's packets in their order".to_owned(), found }
    }

    fn duration(&self) -> Finding {
        let least_s = self.settings.duration_s * LEAST_PART_OF_DURATION;
        let found = self.run.map(|run| {
            let elapsed_s = run.totals.elapsed_s;
            let ended_by = match run.end {
                End::Duration => "its duration",
                End::Source => "the end of its source",
                End::Signal => "a signal",
                End::Failure => "a failure",
            };
            let text = format!("{elapsed_s:.3} s, ended by {ended_by}");
            (text, elapsed_s >= least_s && run.end == End::Duration)
        });
        Finding { bar: format!("at least {least_s:.3} s, ended by its duration"), found }
    }
}

/// One sentence for each check that does not hold.
pub(crate) fn reasons(checks: &[Check]) -> Vec<String> {
    let failed = checks.iter().filter(|check| !check.passed);
    failed
        .map(|check| {
            let found = check.value.as_deref().unwrap_or("no figure: ring did not tell it");
            format!("{}: {found}; must be: {}", check.name.words(), check.bar)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::thresholds::Preset;
    use crate::sample::sample;

    struct Scene {
        settings: Settings,
        goal: Goal,
        run: Option<RunResult>,
        log: LogFigures,
    }

    /// A run of 4 × 50 Mb/s at which nothing is wrong.
    fn good() -> Scene {
        let case = sample().cases.swap_remove(0);
        let run = case.run.unwrap();
        let log = agreement::log_of(&run);
        Scene { settings: case.settings, goal: Goal::Rate, run: Some(run), log }
    }

    impl Scene {
        fn change(mut self, change: impl FnOnce(&mut RunResult)) -> Self {
            let run = self.run.as_mut().unwrap();
            change(run);
            self.log = agreement::log_of(run);
            self
        }

        fn failed(&self, preset: Preset) -> Vec<CheckName> {
            let evidence = Evidence {
                settings: &self.settings,
                goal: self.goal,
                thresholds: preset.thresholds(),
                run: self.run.as_ref(),
                log: &self.log,
            };
            let failed = evidence.checks().into_iter().filter(|check| !check.passed);
            failed.map(|check| check.name).collect()
        }
    }

    #[test]
    fn a_good_run_passes_every_check() {
        assert_eq!(good().failed(Preset::Strict), []);
    }

    #[test]
    fn the_rate_is_judged_to_both_sides_by_each_preset() {
        for factor in [0.97, 1.03] {
            let scene = good().change(|run| run.totals.bytes = (250e6 * factor) as u64);
            assert_eq!(scene.failed(Preset::Strict), [CheckName::Rate]);
            assert_eq!(scene.failed(Preset::Default), []);
        }
        let scene = good().change(|run| run.totals.bytes = 230_000_000);
        assert_eq!(scene.failed(Preset::Default), [CheckName::Rate]);
        assert_eq!(scene.failed(Preset::Relaxed), []);
    }

    #[test]
    fn drops_are_judged_by_their_share() {
        let scene = good().change(|run| run.totals.dropped = run.totals.produced / 200);
        assert_eq!(scene.failed(Preset::Strict), [CheckName::Drops]);
        assert_eq!(scene.failed(Preset::Default), []);
    }

    #[test]
    fn a_slow_or_unclean_shutdown_fails() {
        let slow = good().change(|run| run.totals.shutdown_us = Some(1.5e6));
        assert_eq!(slow.failed(Preset::Strict), [CheckName::Shutdown]);
        assert_eq!(slow.failed(Preset::Default), []);
        let unclean = good().change(|run| run.totals.shutdown_us = None);
        assert_eq!(unclean.failed(Preset::Relaxed), [CheckName::Shutdown, CheckName::Agreement]);
    }

    #[test]
    fn one_packet_lost_between_any_two_counts_fails() {
        let changes: [fn(&mut RunResult); 4] = [
            |run| run.totals.produced += 1,
            |run| run.totals.in_ring += 1,
            |run| run.totals.trimmed -= 1,
            |run| run.totals.window -= 1,
        ];
        for change in changes {
            assert_eq!(good().change(change).failed(Preset::Relaxed), [CheckName::Conservation]);
        }
    }

    #[test]
    fn one_packet_out_of_order_fails() {
        let scene = good().change(|run| run.totals.out_of_order = 1);
        assert_eq!(scene.failed(Preset::Relaxed), [CheckName::Order]);
    }

    #[test]
    fn a_run_that_ended_early_fails() {
        let signalled = good().change(|run| run.end = End::Signal);
        assert_eq!(signalled.failed(Preset::Relaxed), [CheckName::Duration]);
        let short = good().change(|run| {
            run.totals.elapsed_s /= 2.0;
            run.totals.bytes /= 2;
        });
        assert_eq!(short.failed(Preset::Relaxed), [CheckName::Duration]);
    }

    #[test]
    fn without_a_result_every_check_fails() {
        let scene = Scene { run: None, ..good() };
        assert_eq!(scene.failed(Preset::Relaxed).len(), 7);
    }

    #[test]
    fn no_elapsed_time_is_a_missing_rate() {
        let scene = good().change(|run| {
            run.totals.elapsed_s = 0.0;
            run.totals.bytes = 0;
        });
        assert_eq!(scene.failed(Preset::Relaxed), [CheckName::Rate, CheckName::Duration]);
    }

    #[test]
    fn an_overload_is_judged_by_conservation_and_order_not_by_rate_and_drops() {
        let overload = |change: fn(&mut RunResult)| {
            let scene = good().change(change);
            Scene { goal: Goal::Overload, ..scene }.failed(Preset::Strict)
        };
        let dropping = overload(|run| {
            run.totals.dropped = run.totals.produced;
            run.totals.bytes /= 2;
        });
        assert_eq!(dropping, []);
        assert_eq!(overload(|run| run.totals.produced += 1), [CheckName::Conservation]);
        let nothing = overload(|run| {
            let totals = &mut run.totals;
            (totals.produced, totals.consumed, totals.trimmed, totals.window) = (0, 0, 0, 0);
            run.series.clear();
        });
        assert_eq!(nothing, [CheckName::Conservation]);
    }

    #[test]
    fn reasons_name_the_figure_and_the_bar() {
        let checks = [
            Check {
                name: CheckName::Rate,
                bar: "within 5 % of 200 Mb/s".to_owned(),
                value: None,
                passed: false,
            },
            Check {
                name: CheckName::Drops,
                bar: "at most 1 %".to_owned(),
                value: Some("2.000 %".to_owned()),
                passed: false,
            },
        ];
        assert_eq!(
            reasons(&checks),
            [
                "rate: no figure: ring did not tell it; must be: within 5 % of 200 Mb/s",
                "drops: 2.000 %; must be: at most 1 %"
            ]
        );
    }
}
