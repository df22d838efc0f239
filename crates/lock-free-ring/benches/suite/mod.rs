//! The cases, as data: what each is called, whom it exercises, and how it is run.

mod alone;
mod false_sharing;
pub(crate) mod meter;
mod publication;
mod subject;
mod subjects;
mod team;
mod together;

use meter::{Edge, Meter};
use std::time::Duration;
use subject::Subject;
use subjects::{Dedicated, Document, Shared};

/// The subject of cases that compare layouts of counters, and exercise no ring.
pub(crate) const COUNTERS: &str = "counters";

/// Runs a number of iterations.
type Run = dyn Fn(&mut Meter<'_>, u64);

/// One figure.
pub(crate) struct Case {
    /// As in the document.
    pub(crate) name: String,
    /// Who is exercised.
    pub(crate) subject: &'static str,
    /// Items of one iteration: 1, but for batches.
    pub(crate) items: u64,
    run: Box<Run>,
}

impl Case {
    fn new(
        name: impl Into<String>,
        subject: &'static str,
        run: impl Fn(&mut Meter<'_>, u64) + 'static,
    ) -> Self {
        Self { name: name.into(), subject, items: 1, run: Box::new(run) }
    }

    /// Says how many items an iteration has.
    fn of_items(mut self, items: usize) -> Self {
        self.items = items as u64;
        self
    }

    /// The time that `iterations` of it take. `watch` learns of the ends of each stretch that is
    /// measured: in between, what the name says happens, and nothing else.
    pub(crate) fn run(&self, iterations: u64, watch: &mut dyn FnMut(Edge)) -> Duration {
        let mut meter = Meter::new(watch);
        (self.run)(&mut meter, iterations);
        meter.elapsed()
    }
}

/// Every case of every subject. Of those with the same name the first is what the others are
/// compared with.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    add_cases_of::<Document>(&mut cases);
    add_cases_of::<Shared>(&mut cases);
    add_cases_of::<Dedicated>(&mut cases);
    cases.extend(false_sharing::cases());
    cases.extend(publication::cases());
    cases
}

fn add_cases_of<S: Subject>(cases: &mut Vec<Case>) {
    cases.extend(alone::cases::<S>());
    cases.extend(together::cases::<S>());
}
