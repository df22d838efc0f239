//! One round of one subject: threads, time, and a check of all that arrived.

mod open_loop;
mod ping_pong;
mod send;
mod stalled;
mod wake;

use crate::measure::item::Block;
use crate::measure::verify::Mismatch;
use crate::subject::{Shape, Subject};
use crate::team::Lost;
use hdrhistogram::Histogram;
use std::fmt;
use std::time::Duration;

/// What the items hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    Word,
    Bytes64,
    Bytes256,
    Bytes1450,
}

impl Payload {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Word => 8,
            Self::Bytes64 => 64,
            Self::Bytes256 => 256,
            Self::Bytes1450 => 1450,
        }
    }
}

/// What is done in a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Work {
    /// All producers send, one by one or 64 at a time, as fast as they can.
    Send { batch: bool, payload: Payload },
    /// The same, while the first producer sends nothing, or stands still in its slot.
    Stalled { stand_still: bool },
    /// One item goes there and back.
    PingPong,
    /// Now and then an item for a consumer that sleeps.
    Wake,
    /// Items at fixed times, `interval_ns` apart.
    OpenLoop { interval_ns: f64 },
}

/// A round to be run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) shape: Shape,
    /// Items or round trips; microseconds of a stalled round.
    pub(crate) amount: u64,
    /// Then it is called off.
    pub(crate) limit: Duration,
}

/// What a round gave.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) ns_per_item: f64,
    pub(crate) cpu_ns_per_item: f64,
    pub(crate) latency: Option<Histogram<u64>>,
}

impl Round {
    fn of(elapsed: Duration, cpu: Duration, items: u64) -> Self {
        let items = items.max(1) as f64;
        Self {
            ns_per_item: elapsed.as_nanos() as f64 / items,
            cpu_ns_per_item: cpu.as_nanos() as f64 / items,
            latency: None,
        }
    }
}

/// Why a round does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Wrong(Mismatch),
    Lost(Lost),
}

impl From<Mismatch> for Fault {
    fn from(mismatch: Mismatch) -> Self {
        Self::Wrong(mismatch)
    }
}

impl From<Lost> for Fault {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(mismatch) => mismatch.fmt(f),
            Self::Lost(Lost::TimeLimit) => f.write_str("not done within the time limit"),
            Self::Lost(Lost::Wedged) => f.write_str("wedged: threads had to be left behind"),
            Self::Lost(Lost::Panicked) => f.write_str("a thread panicked"),
        }
    }
}

/// None where the subject cannot be had in the job's shape.
pub(crate) type Outcome = Option<Result<Round, Fault>>;

/// Runs `job` with subject `S`.
pub(crate) fn run<S: Subject>(job: &Job) -> Outcome {
    match job.work {
        Work::Send { batch, payload: Payload::Word } => send::run::<S, u64>(job, batch),
        Work::Send { batch, payload: Payload::Bytes64 } => send::run::<S, Block<64>>(job, batch),
        Work::Send { batch, payload: Payload::Bytes256 } => send::run::<S, Block<256>>(job, batch),
        Work::Send { batch, payload: Payload::Bytes1450 } => {
            send::run::<S, Block<1450>>(job, batch)
        }
        Work::Stalled { stand_still } => stalled::run::<S>(job, stand_still),
        Work::PingPong => ping_pong::run::<S>(job),
        Work::Wake => wake::run::<S>(job),
        Work::OpenLoop { interval_ns } => open_loop::run::<S>(job, interval_ns),
    }
}

/// A histogram from a nanosecond to a minute, to three digits.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("fixed bounds that are in order")
}

#[cfg(test)]
mod tests;
