//! What one sees while the matrix runs.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use go_duration::GoDuration;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::matrix::Case;
use crate::report::text::case_line;
use crate::results::{CaseResult, Verdict};

/// A bar with the time left when stderr is a terminal; one line for each case in any event.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    left: TimeLeft,
    not_passed: usize,
}

/// Planned time that is not over, spread over the cases that run at once.
#[derive(Debug)]
struct TimeLeft {
    planned: Duration,
    at_once: u32,
    since: Instant,
}

impl TimeLeft {
    fn now(&self, now: Instant) -> Duration {
        let running = now.saturating_duration_since(self.since);
        (self.planned / self.at_once).saturating_sub(running)
    }
}

/// What a case is planned to take: one plain run, and one for each profile.
fn planned(case: &Case, runs: usize) -> Duration {
    Duration::from_secs_f64(case.settings.duration_s * runs as f64)
}

impl Progress {
    pub(crate) fn start(cases: &[Case], runs_each: usize, at_once: usize) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let target = ProgressDrawTarget::stderr();
            let bar = ProgressBar::with_draw_target(Some(cases.len() as u64), target);
            let template = "{bar:30} {pos}/{len} cases, {msg}";
            // The template is right, and the plain bar would do if it were not.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        let planned = cases.iter().map(|case| planned(case, runs_each)).sum();
        let at_once = u32::try_from(at_once).unwrap_or(1).max(1);
        let left = TimeLeft { planned, at_once, since: Instant::now() };
        let progress = Self { bar, left, not_passed: 0 };
        progress.tick();
        progress
    }

    /// Shows the time left anew.
    pub(crate) fn tick(&self) {
        if let Some(bar) = &self.bar {
            let left = self.left.now(Instant::now()).as_secs_f64().round();
            let left = GoDuration(Duration::from_secs(left as u64));
            let failed = match self.not_passed {
                0 => String::new(),
                count => format!("{count} did not pass, "),
            };
            bar.set_message(format!("{failed}{left} left"));
        }
    }

    /// `result` has come.
    pub(crate) fn ended(&mut self, case: &Case, runs: usize, result: &CaseResult) {
        self.left.planned = self.left.planned.saturating_sub(planned(case, runs));
        self.left.since = Instant::now();
        self.not_passed += usize::from(result.verdict != Verdict::Passed);
        let line = case_line(result);
        match &self.bar {
            Some(bar) => {
                bar.println(line);
                bar.inc(1);
                self.tick();
            }
            // Whoever has closed stderr does not want to know.
            None => drop(writeln!(io::stderr(), "{line}")),
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Set;

    #[test]
    fn the_time_left_is_the_planned_time_over_those_at_once() {
        let cases = Set::Quick.cases();
        let since = Instant::now();
        let all = cases.iter().map(|case| planned(case, 3)).sum();
        let left = TimeLeft { planned: all, at_once: 2, since };
        assert_eq!(left.now(since), Duration::from_secs(30));
        assert_eq!(left.now(since + Duration::from_secs(10)), Duration::from_secs(20));
        assert_eq!(left.now(since + Duration::from_secs(90)), Duration::ZERO);
    }
}
