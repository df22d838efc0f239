//! Which groups are run, with whom, and how long a round may take for the whole to end in time.

use crate::cases::{CASES, Case, Group, QUICK};
use crate::catalogue::{ALL, Entry, Scope};
use crate::round::Work;
use std::time::Duration;

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) quick: bool,
    /// All of them if none is named.
    pub(crate) cases: Vec<Case>,
    /// Likewise; a name also stands for its flavours.
    pub(crate) subjects: Vec<String>,
    pub(crate) rounds: Option<usize>,
}

/// A group and those that take part in it.
#[derive(Debug)]
pub(crate) struct Heat {
    pub(crate) group: Group,
    pub(crate) entries: Vec<&'static Entry>,
}

/// What is to be run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) heats: Vec<Heat>,
    pub(crate) rounds: usize,
    /// How long a round is to last.
    pub(crate) round: Duration,
    /// When all is to be done.
    pub(crate) budget: Duration,
}

const QUICK_ROUNDS: usize = 3;
const ROUNDS: usize = 9;
const QUICK_BUDGET: Duration = Duration::from_secs(52);
const BUDGET: Duration = Duration::from_secs(24 * 60);
const SHORTEST: Duration = Duration::from_millis(3);
const LONGEST: Duration = Duration::from_millis(60);

/// What finding out how many items fill a round costs, in rounds.
const CALIBRATION: usize = 2;

/// The share of the budget that is planned for; the rest is for what takes longer.
const PLANNED: f64 = 0.8;

/// Items, and so milliseconds, of a round of `wake`.
pub(crate) const WAKES: u64 = 200;

impl Plan {
    pub(crate) fn new(wish: &Wish) -> Self {
        let rounds = wish.rounds.unwrap_or(if wish.quick { QUICK_ROUNDS } else { ROUNDS });
        let budget = if wish.quick { QUICK_BUDGET } else { BUDGET };
        let mut plan = Self { heats: heats(wish), rounds, round: SHORTEST, budget };
        let shortest = plan.heats.iter().map(|heat| plan.cost(heat)).sum::<Duration>();
        let flexible: usize = plan.heats.iter().map(|heat| plan.rounds_of(heat)).sum();
        let spare = budget.mul_f64(PLANNED).saturating_sub(shortest);
        plan.round = (SHORTEST + spare / flexible.max(1) as u32).min(LONGEST);
        plan
    }

    fn rounds_of(&self, heat: &Heat) -> usize {
        heat.entries.len() * (self.rounds + CALIBRATION)
    }

    /// How long a heat takes, about.
    pub(crate) fn cost(&self, heat: &Heat) -> Duration {
        let threads = heat.group.shape.producers as u32 + 1;
        let set_up = Duration::from_micros(300) + threads * Duration::from_micros(60);
        let round = match heat.group.work {
            Work::Wake => Duration::from_millis(WAKES),
            _ => self.round,
        };
        (round + set_up) * self.rounds_of(heat) as u32
    }
}

fn heats(wish: &Wish) -> Vec<Heat> {
    let default = if wish.quick { &QUICK[..] } else { &CASES[..] };
    let cases = if wish.cases.is_empty() { default } else { &wish.cases[..] };
    let groups = cases.iter().flat_map(|case| case.groups());
    let heats = groups.map(|group| {
        let entries = ALL.iter().filter(|entry| wish.admits(entry) && group.admits(entry));
        Heat { group, entries: entries.collect() }
    });
    heats.filter(|heat| !heat.entries.is_empty()).collect()
}

impl Wish {
    fn admits(&self, entry: &Entry) -> bool {
        if self.subjects.is_empty() {
            return !self.quick || entry.scope == Scope::Quick;
        }
        self.subjects.iter().any(|wanted| names(wanted, entry.facts.name))
    }
}

/// Whether `wanted` is `name` or stands before a slash of it.
pub(crate) fn names(wanted: &str, name: &str) -> bool {
    name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(quick: bool) -> Wish {
        Wish { quick, cases: Vec::new(), subjects: Vec::new(), rounds: None }
    }

    #[test]
    fn both_runs_are_planned_to_end_in_time() {
        for (quick, minutes) in [(true, 1), (false, 40)] {
            let plan = Plan::new(&wish(quick));
            let cost: Duration = plan.heats.iter().map(|heat| plan.cost(heat)).sum();
            assert!(cost < Duration::from_secs(60 * minutes), "{quick}: {cost:?}");
            assert!(plan.round >= Duration::from_millis(if quick { 8 } else { 30 }), "{plan:?}");
        }
    }

    #[test]
    fn a_name_stands_for_its_flavours() {
        assert!(names("gil", "gil/sharded") && names("gil/sharded", "gil/sharded"));
        assert!(!names("gil/sharded", "gil/sharded_parking") && !names("g", "gil/sharded"));
    }

    #[test]
    fn wishes_are_heeded() {
        let subjects = vec!["rtrb".to_owned(), "lock-free-ring/shared".to_owned()];
        let wish = Wish { cases: vec![Case::Scale], subjects, ..wish(false) };
        let plan = Plan::new(&wish);
        assert!(plan.heats.iter().all(|heat| heat.group.case == Case::Scale));
        let names: Vec<_> = plan.heats[0].entries.iter().map(|entry| entry.facts.name).collect();
        assert_eq!(names, ["lock-free-ring/shared", "rtrb/one", "rtrb/chunks"]);
    }
}
