//! Throughput: producers send as fast as they can, the consumer reads as fast as it can.

use crate::measure::cpu::process_time;
use crate::measure::item::{Item, TAG_STEP, tag};
use crate::measure::verify::{Mismatch, Verifier};
use crate::round::{Fault, Job, Outcome, Round};
use crate::subject::{Ends, Rx, Stop, Subject, Tx};
use crate::team::Team;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

/// Items sent at a time in the batched cases.
const BATCH: u64 = 64;

/// Items between two looks at whether the round was called off; a multiple of `BATCH`.
const STRETCH: u64 = 1024;

enum Part {
    Sent { began: Instant },
    Received(Received),
}

struct Received {
    began: Instant,
    ended: Instant,
    cpu: Duration,
    verdict: Result<(), Mismatch>,
}

pub(super) fn run<S: Subject, T: Item>(job: &Job, batch: bool) -> Outcome {
    let stop = Stop::default();
    let ends = S::open::<T>(job.shape, &stop)?;
    Some(run_with::<T, _, _>(job, batch, ends, &stop))
}

fn run_with<T: Item, P: Tx<T>, C: Rx<T>>(
    job: &Job,
    batch: bool,
    ends: Ends<P, C>,
    stop: &Stop,
) -> Result<Round, Fault> {
    let producers = ends.producers.len();
    let each = job.amount.div_ceil(producers as u64).next_multiple_of(BATCH);
    let start = Arc::new(Barrier::new(producers + 1));
    let mut team = Team::new();
    for (id, tx) in ends.producers.into_iter().enumerate() {
        let (start, stop) = (start.clone(), stop.clone());
        team.spawn(move || {
            start.wait();
            let began = Instant::now();
            produce(tx, id, each, batch, &stop);
            Part::Sent { began }
        });
    }
    let sent = vec![each; producers];
    team.spawn(move || Part::Received(consume(ends.consumer, &sent, &start)));
    finish(team.finish(stop, job.limit)?, each * producers as u64)
}

fn produce<T: Item, P: Tx<T>>(mut tx: P, id: usize, items: u64, batch: bool, stop: &Stop) {
    let mut next = tag(id, 0);
    let mut left = items;
    while left > 0 && !stop.is_set() {
        let stretch = left.min(STRETCH);
        let sent = if batch {
            (0..stretch / BATCH).try_for_each(|_| {
                tx.send_batch(BATCH as usize, || {
                    let item = T::tagged(next);
                    next += TAG_STEP;
                    item
                })
            })
        } else {
            (0..stretch).try_for_each(|_| {
                tx.send(|| T::tagged(next))?;
                next += TAG_STEP;
                Ok(())
            })
        };
        if sent.is_err() {
            return;
        }
        left -= stretch;
    }
}

fn consume<T: Item, C: Rx<T>>(mut rx: C, sent: &[u64], start: &Barrier) -> Received {
    let total: u64 = sent.iter().sum();
    let mut verifier = Verifier::new();
    let mut received = 0;
    let cpu = process_time();
    start.wait();
    let began = Instant::now();
    while received < total {
        match rx.receive(|item: &T| verifier.read(item)) {
            Ok(more) => received += more as u64,
            Err(_) => break,
        }
    }
    let (ended, cpu) = (Instant::now(), process_time() - cpu);
    Received { began, ended, cpu, verdict: verifier.finish::<T>(sent) }
}

fn finish(parts: Vec<Part>, items: u64) -> Result<Round, Fault> {
    let mut first = None;
    let mut consumer = None;
    for part in parts {
        let began = match part {
            Part::Sent { began } => began,
            Part::Received(received) => consumer.insert(received).began,
        };
        first = Some(first.map_or(began, |first: Instant| first.min(began)));
    }
    let (Some(first), Some(consumer)) = (first, consumer) else {
        unreachable!("a team's parts are complete");
    };
    consumer.verdict?;
    Ok(Round::of(consumer.ended - first, consumer.cpu, items))
}
