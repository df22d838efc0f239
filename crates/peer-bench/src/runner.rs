//! Runs a plan: finds out how many items fill a round, then runs the rounds, each with the
//! subjects in another order.

use crate::cases::Group;
use crate::catalogue::Entry;
use crate::plan::{Heat, Plan, WAKES};
use crate::progress::Progress;
use crate::round::{Fault, Job, Round, Work};
use crate::team::Lost;
use hdrhistogram::Histogram;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// The rounds that every subject gets however late it is.
const FEWEST_ROUNDS: usize = 2;

/// Tries at finding out how many items fill a round.
const CALIBRATIONS: usize = 6;

/// What the rounds of one subject in one group gave.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) group: Group,
    pub(crate) entry: &'static Entry,
    pub(crate) ns_per_item: Vec<f64>,
    pub(crate) cpu_ns_per_item: Vec<f64>,
    pub(crate) latency: Option<Histogram<u64>>,
    /// Why it failed, if it did; it is then run no more in this group.
    pub(crate) fault: Option<Fault>,
    work: Work,
    amount: u64,
}

/// Runs all of it. `start` is when the program began.
pub(crate) fn run(plan: &Plan, start: Instant, progress: &Progress) -> Vec<Series> {
    let mut wedged = HashSet::new();
    let planned: Duration = plan.heats.iter().map(|heat| plan.cost(heat)).sum();
    let left = plan.budget.saturating_sub(start.elapsed());
    let began = Instant::now();
    let mut before = Duration::ZERO;
    let mut results = Vec::new();
    for heat in &plan.heats {
        before += plan.cost(heat);
        // Each heat must be done by its share of the time.
        let share = before.as_secs_f64() / planned.as_secs_f64().max(f64::MIN_POSITIVE);
        let deadline = began + left.mul_f64(share);
        progress.say(format!("{}: {}", heat.group.case.name(), heat.group.title()));
        let series = run_heat(heat, plan, deadline, &mut wedged);
        series.iter().filter_map(failure).for_each(|line| progress.note(&line));
        results.extend(series);
        progress.done(plan.cost(heat));
    }
    results
}

fn failure(series: &Series) -> Option<String> {
    let (name, group) = (series.entry.facts.name, &series.group);
    let fault = series.fault.as_ref()?;
    Some(format!("FAILED {} {name} ({}): {fault}", group.case.name(), group.title()))
}

fn run_heat(
    heat: &Heat,
    plan: &Plan,
    deadline: Instant,
    wedged: &mut HashSet<&'static str>,
) -> Vec<Series> {
    let begin = |entry: &&'static Entry| Series::begin(heat.group, entry, plan.round, wedged);
    let mut all: Vec<Series> = heat.entries.iter().filter_map(begin).collect();
    let count = all.len();
    for round in 0..plan.rounds {
        if round >= FEWEST_ROUNDS && Instant::now() > deadline {
            break;
        }
        for turn in 0..count {
            all[(round + turn) % count].round(plan.round);
        }
    }
    let lost = all.iter().filter(|series| series.fault == Some(Fault::Lost(Lost::Wedged)));
    wedged.extend(lost.map(|series| series.entry.facts.name));
    all
}

impl Series {
    /// Finds out how many items fill a round; none if the subject cannot be had in this shape.
    fn begin(
        group: Group,
        entry: &'static Entry,
        round: Duration,
        wedged: &HashSet<&'static str>,
    ) -> Option<Self> {
        let mut series = Self {
            group,
            entry,
            ns_per_item: Vec::new(),
            cpu_ns_per_item: Vec::new(),
            latency: None,
            fault: None,
            work: group.work,
            amount: match group.work {
                Work::Wake => WAKES,
                Work::Stalled { .. } => round.as_micros() as u64,
                Work::PingPong => 100,
                Work::Send { .. } | Work::OpenLoop { .. } => 4096,
            },
        };
        if wedged.contains(entry.facts.name) {
            // Its threads of before may still run.
            series.fault = Some(Fault::Lost(Lost::Wedged));
            return Some(series);
        }
        match series.calibrate(round)? {
            Ok(()) => {}
            Err(fault) => series.fault = Some(fault),
        }
        Some(series)
    }

    fn calibrate(&mut self, round: Duration) -> Option<Result<(), Fault>> {
        let target = round.as_nanos() as f64;
        let mut ns_per_item = f64::INFINITY;
        for _ in 0..CALIBRATIONS {
            let tried = match self.run(round)? {
                Ok(tried) => tried,
                Err(fault) => return Some(Err(fault)),
            };
            if matches!(self.work, Work::Wake | Work::Stalled { .. }) {
                return Some(Ok(()));
            }
            ns_per_item = tried.ns_per_item;
            let filled = ns_per_item * self.amount as f64 / target;
            self.amount = (self.amount as f64 / filled.clamp(1.0 / 16.0, 16.0)).ceil() as u64;
            if filled > 0.3 {
                break;
            }
        }
        if let (Work::OpenLoop { .. }, Some(load)) = (self.work, self.group.load) {
            let interval_ns = ns_per_item * 100.0 / f64::from(load);
            self.work = Work::OpenLoop { interval_ns };
            self.amount = (target / interval_ns).ceil() as u64;
        }
        if let Work::Send { .. } = self.work {
            // A few laps through the ring, also through one that a round would not fill.
            self.amount = self.amount.max(2 * self.group.shape.capacity_per_producer() as u64);
        }
        Some(Ok(()))
    }

    fn run(&self, round: Duration) -> Option<Result<Round, Fault>> {
        let limit = Duration::from_secs(2) + 20 * round;
        let job = Job { work: self.work, shape: self.group.shape, amount: self.amount, limit };
        (self.entry.run)(&job)
    }

    fn round(&mut self, round: Duration) {
        if self.fault.is_some() {
            return;
        }
        match self.run(round) {
            Some(Ok(round)) => self.keep(round),
            Some(Err(fault)) => self.fault = Some(fault),
            None => {}
        }
    }

    fn keep(&mut self, round: Round) {
        self.ns_per_item.push(round.ns_per_item);
        self.cpu_ns_per_item.push(round.cpu_ns_per_item);
        match (&mut self.latency, round.latency) {
            // Histograms of the same bounds always add.
            (Some(all), Some(more)) => drop(all.add(&more)),
            (none, more) => *none = more,
        }
    }
}
