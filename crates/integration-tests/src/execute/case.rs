use std::time::Duration;

use super::Executor;
use super::outcome::Outcome;
use crate::clock::unix_now_s;
use crate::judge::checks::{Evidence, reasons};
use crate::matrix::Case;
use crate::results::{CaseResult, Verdict};

impl Executor {
    /// Runs a case: once plain, and once for each profile if that gave figures.
    pub(crate) fn run(&self, case: &Case) -> CaseResult {
        let started_unix_s = unix_now_s();
        let outcome = self.run_once(case, &case.id, None);
        let mut result = self.judged(case, outcome, started_unix_s);
        if matches!(result.verdict, Verdict::Passed | Verdict::Failed) {
            self.profile(case, &mut result);
        }
        result
    }

    fn judged(&self, case: &Case, outcome: Outcome, started_unix_s: f64) -> CaseResult {
        let thresholds = self.bars.of(&case.id);
        let patience = Duration::from_secs_f64(case.settings.duration_s) + self.margin;
        let (verdict, reasons, checks) = match outcome.verdict_of_end(patience) {
            Some((verdict, reason)) => (verdict, vec![reason], Vec::new()),
            None => {
                let evidence = Evidence {
                    settings: &case.settings,
                    goal: case.goal,
                    thresholds,
                    run: outcome.run.as_ref().ok(),
                    log: &outcome.figures,
                };
                let checks = evidence.checks();
                let mut reasons = reasons(&checks);
                reasons.splice(0..0, outcome.run.as_ref().err().cloned());
                let verdict = if reasons.is_empty() { Verdict::Passed } else { Verdict::Failed };
                (verdict, reasons, checks)
            }
        };
        CaseResult {
            id: case.id.clone(),
            name: case.name.clone(),
            settings: case.settings.clone(),
            goal: case.goal,
            thresholds,
            verdict,
            reasons,
            checks,
            started_unix_s,
            took_s: outcome.took.as_secs_f64(),
            exit: outcome.end.as_ref().ok().map(|(_, exit)| *exit),
            run: outcome.run.ok(),
            log: outcome.log,
            profiles: Vec::new(),
        }
    }
}
