//! Rules on the run of the suite itself.

use crate::results::{Recommendation, Results, Severity, Verdict};

/// What the run as a whole suggests.
pub(super) fn recommendations(results: &Results) -> Vec<Recommendation> {
    [hung_or_crashed(results), shared_machine(results), regressions(results)]
        .into_iter()
        .flatten()
        .collect()
}

fn recommendation(
    rule: &str,
    severity: Severity,
    text: String,
    cases: Vec<String>,
) -> Recommendation {
    Recommendation { rule: rule.to_owned(), severity, text, cases }
}

fn hung_or_crashed(results: &Results) -> Option<Recommendation> {
    let broken = results
        .cases
        .iter()
        .filter(|case| matches!(case.verdict, Verdict::Hung | Verdict::Crashed));
    let cases: Vec<_> = broken.map(|case| case.id.clone()).collect();
    let count = cases.len();
    (count > 0).then(|| {
        let text = format!(
            "{count} of {} runs hung or crashed: that is a fault of the program, whatever its \
             load. Their logs tell how far they came.",
            results.cases.len()
        );
        recommendation("hung-or-crashed", Severity::Problem, text, cases)
    })
}

fn shared_machine(results: &Results) -> Option<Recommendation> {
    let (parallel, cores) = (results.parallel, results.machine.cores);
    (parallel > 1).then(|| {
        let text = format!(
            "{parallel} cases ran at once on {cores} cores: compare neither CPU nor latency with \
             a run of one at a time, and take no profile from it."
        );
        recommendation("shared-machine", Severity::Note, text, Vec::new())
    })
}

fn regressions(results: &Results) -> Option<Recommendation> {
    let comparison = results.comparison.as_ref()?;
    let mut cases: Vec<_> = comparison.regressions().map(|(id, _)| id.to_owned()).collect();
    let count = cases.len();
    cases.dedup();
    (count > 0).then(|| {
        let against = comparison.baseline_commit.as_deref().unwrap_or(&comparison.baseline_path);
        let what =
            if count == 1 { "1 figure is".to_owned() } else { format!("{count} figures are") };
        let text = format!(
            "{what} worse than at {against}: run these cases again, alone, before you look for \
             the change that did it."
        );
        recommendation("regressions", Severity::Problem, text, cases)
    })
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{quiet, rules};
    use crate::results::Verdict;
    use crate::sample::sample;

    #[test]
    fn hung_or_crashed_but_not_failed() {
        for verdict in [Verdict::Hung, Verdict::Crashed] {
            let mut results = quiet();
            results.cases[0].verdict = verdict;
            assert_eq!(rules(&results), ["hung-or-crashed"]);
        }
        let mut results = quiet();
        results.cases[0].verdict = Verdict::Failed;
        assert!(rules(&results).is_empty());
    }

    #[test]
    fn shared_machine_from_two_at_once() {
        let mut results = quiet();
        results.parallel = 2;
        assert_eq!(rules(&results), ["shared-machine"]);
        results.parallel = 1;
        assert!(rules(&results).is_empty());
    }

    #[test]
    fn regressions_of_the_comparison() {
        let mut results = quiet();
        results.comparison = sample().comparison;
        assert_eq!(rules(&results), ["regressions"]);
        for case in &mut results.comparison.as_mut().unwrap().cases {
            case.figures.retain(|figure| figure.change != crate::results::Change::Worse);
        }
        assert!(rules(&results).is_empty());
    }
}
