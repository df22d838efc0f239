//! What the figures suggest: one rule, one recommendation, with the figures in it.

mod cost;
mod flow;
mod profiles;
mod suite;

use run_result::RunResult;

use crate::results::{CaseResult, Recommendation, Results, Severity};

/// What a rule finds in one case: the figures of it, in a few words.
type Finding = Option<String>;

/// A rule that looks at one case at a time.
struct CaseRule {
    name: &'static str,
    severity: Severity,
    /// What to do about it.
    advice: &'static str,
    finds: fn(&CaseResult, &RunResult) -> Finding,
}

/// Everything that the rules find, what is wrong first.
pub(crate) fn recommendations(results: &Results) -> Vec<Recommendation> {
    let rules = flow::RULES.iter().chain(&cost::RULES).chain(&profiles::RULES);
    let mut found: Vec<_> = rules.filter_map(|rule| rule.apply(results)).collect();
    found.extend(suite::recommendations(results));
    found.sort_by_key(|recommendation| std::cmp::Reverse(recommendation.severity));
    found
}

impl CaseRule {
    /// One recommendation for all cases in which the rule finds something; the figures are those
    /// of the first of them.
    fn apply(&self, results: &Results) -> Option<Recommendation> {
        let with_runs = results.cases.iter().filter_map(|case| Some((case, case.run.as_ref()?)));
        let found: Vec<_> =
            with_runs.filter_map(|(case, run)| Some((case, (self.finds)(case, run)?))).collect();
        let (first, figures) = found.first()?;
        Some(Recommendation {
            rule: self.name.to_owned(),
            severity: self.severity,
            text: format!("{}: {figures}. {}", first.id, self.advice),
            cases: found.iter().map(|(case, _)| case.id.clone()).collect(),
        })
    }
}

#[cfg(test)]
mod test_support {
    use super::*;
    use crate::sample::sample;

    /// A run of 8 × 50 Mb/s at which no rule speaks, and the rules that speak once it is edited.
    pub(super) fn rules_after(edit: impl FnOnce(&mut CaseResult)) -> Vec<String> {
        let mut results = quiet();
        edit(&mut results.cases[0]);
        rules(&results)
    }

    pub(super) fn rules(results: &Results) -> Vec<String> {
        recommendations(results).into_iter().map(|recommendation| recommendation.rule).collect()
    }

    pub(super) fn quiet() -> Results {
        let mut results = sample();
        results.cases.drain(2..);
        results.cases.remove(0);
        results.planned = results.cases.iter().map(|c| (c.id.clone(), c.name.clone())).collect();
        results.comparison = None;
        results.cases[0].profiles.retain(|profile| profile.error.is_none());
        results
    }

    pub(super) fn run(case: &mut CaseResult) -> &mut RunResult {
        case.run.as_mut().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::test_support::{quiet, rules, rules_after, run};
    use super::*;

    #[test]
    fn a_good_run_needs_no_advice() {
        assert_eq!(rules(&quiet()), [""; 0]);
    }

    #[test]
    fn the_text_has_the_figures_and_every_case_is_named() {
        let mut results = quiet();
        let mut other = results.cases[0].clone();
        other.id = "T005".to_owned();
        results.cases.push(other);
        for case in &mut results.cases {
            run(case).usage.steady_allocations = Some(12);
        }
        let found = recommendations(&results);
        assert_eq!(found.len(), 1);
        assert!(found[0].text.starts_with("T004: 12 allocations"), "{}", found[0].text);
        assert_eq!(found[0].cases, ["T004", "T005"]);
    }

    #[test]
    fn what_is_wrong_comes_first() {
        let found = rules_after(|case| {
            run(case).usage.steady_allocations = Some(1);
            run(case).totals.dropped = 5;
            for shard in &mut run(case).shards {
                shard.high_water = 1;
            }
        });
        assert_eq!(found, ["drops", "allocations", "ring-too-large"]);
    }

    #[test]
    fn without_a_result_no_rule_speaks() {
        assert_eq!(rules_after(|case| case.run = None), [""; 0]);
    }
}
