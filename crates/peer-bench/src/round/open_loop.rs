//! Latency under load: items are due at fixed times, whether or not the queue keeps up, and
//! their time counts from when they were due.

use crate::measure::cpu::process_time;
use crate::measure::item::{sequence_of, tag};
use crate::measure::verify::{Mismatch, Verifier};
use crate::round::{Job, Outcome, Round, histogram};
use crate::subject::{Ends, Rx, Stop, Subject, Tx};
use crate::team::{Lost, Team};
use hdrhistogram::Histogram;
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Items that may share one look at the clock, where one receive gives many.
const CLOCK_EVERY: u32 = 16;

struct Received {
    ended: Instant,
    cpu: Duration,
    latency: Histogram<u64>,
    verdict: Result<(), Mismatch>,
}

pub(super) fn run<S: Subject>(job: &Job, interval_ns: f64) -> Outcome {
    let (stop, items) = (Stop::default(), job.amount);
    let Ends { producers, consumer } = S::open::<u64>(job.shape, &stop)?;
    let start = Arc::new(OnceLock::new());
    let mut team = Team::new();
    let consumer_start = start.clone();
    team.spawn(move || Some(consume(consumer, items, interval_ns, &consumer_start)));
    for tx in producers.into_iter().take(1) {
        let (start, stop) = (start.clone(), stop.clone());
        team.spawn(move || {
            produce(tx, items, interval_ns, &start, &stop);
            None
        });
    }
    let parts = team.finish(&stop, job.limit);
    Some(parts.map_err(Into::into).and_then(|parts| {
        let received = parts.into_iter().flatten().next().ok_or(Lost::Panicked)?;
        received.verdict?;
        let began = *start.get().ok_or(Lost::Panicked)?;
        let round = Round::of(received.ended - began, received.cpu, items);
        Ok(Round { latency: Some(received.latency), ..round })
    }))
}

fn produce(
    mut tx: impl Tx<u64>,
    items: u64,
    interval_ns: f64,
    start: &OnceLock<Instant>,
    stop: &Stop,
) {
    let began = *start.get_or_init(Instant::now);
    let mut sequence = 0;
    while sequence < items && !stop.is_set() {
        let due = if interval_ns > 0.0 {
            (began.elapsed().as_nanos() as f64 / interval_ns) as u64 + 1
        } else {
            sequence + u64::from(CLOCK_EVERY)
        };
        if due <= sequence {
            spin_loop();
        }
        while sequence < due.min(items) {
            if tx.send(|| tag(0, sequence)).is_err() {
                return;
            }
            sequence += 1;
        }
    }
}

fn consume(
    mut rx: impl Rx<u64>,
    items: u64,
    interval_ns: f64,
    start: &OnceLock<Instant>,
) -> Received {
    let mut latency = histogram();
    let mut verifier = Verifier::new();
    let cpu = process_time();
    let mut received = 0;
    while received < items {
        let mut age = 0;
        let mut now = 0;
        let more = rx.receive(|item: &u64| {
            if age == 0 {
                // Set before the first item was sent.
                now = start.get().map_or(0, |start| start.elapsed().as_nanos() as u64);
                age = CLOCK_EVERY;
            }
            age -= 1;
            verifier.read(item);
            let due = (sequence_of(*item) as f64 * interval_ns) as u64;
            latency.saturating_record(now.saturating_sub(due));
        });
        match more {
            Ok(more) => received += more as u64,
            Err(_) => break,
        }
    }
    let (ended, cpu) = (Instant::now(), process_time() - cpu);
    Received { ended, cpu, latency, verdict: verifier.finish::<u64>(&[items]) }
}
