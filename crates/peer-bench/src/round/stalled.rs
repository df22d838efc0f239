//! What is left of the others' throughput while one producer stands still between claim and
//! publish.

use crate::measure::cpu::process_time;
use crate::measure::item::{TAG_STEP, tag};
use crate::measure::verify::Verifier;
use crate::round::{Job, Outcome, Round};
use crate::subject::{Ends, Rx, Stop, Subject, Tx};
use crate::team::{Lost, Team};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Items between two looks at whether it is enough.
const STRETCH: u64 = 64;

enum Part {
    Sent { producer: usize, items: u64 },
    Received(Box<Verifier>),
}

/// The round lasts `job.amount` microseconds; only items that arrive in that time count.
pub(super) fn run<S: Subject>(job: &Job, stand_still: bool) -> Outcome {
    if stand_still && !S::FACTS.window {
        return None;
    }
    let (stop, enough) = (Stop::default(), Stop::default());
    let Ends { producers, consumer } = S::open::<u64>(job.shape, &stop)?;
    let start = Arc::new(Barrier::new(producers.len() + 1));
    let received = Arc::new(AtomicU64::new(0));
    let (release, released) = channel();
    let mut sent = vec![0; producers.len()];
    let mut team = Team::new();
    let mut producers = producers.into_iter().enumerate();
    if let Some((_, tx)) = producers.next() {
        let start = start.clone();
        team.spawn(move || first(tx, stand_still, &start, &released));
    }
    for (producer, tx) in producers {
        let (start, stop, enough) = (start.clone(), stop.clone(), enough.clone());
        team.spawn(move || {
            start.wait();
            Part::Sent { producer, items: produce(tx, producer, &[&stop, &enough]) }
        });
    }
    let counter = received.clone();
    team.spawn(move || Part::Received(Box::new(consume(consumer, &counter))));
    start.wait();
    let round = observe(Duration::from_micros(job.amount), &received);
    enough.set();
    drop(release);
    Some(team.finish(&stop, job.limit).map_err(Into::into).and_then(|parts| {
        let mut verifier = Err(Lost::Panicked);
        for part in parts {
            match part {
                Part::Sent { producer, items } => sent[producer] = items,
                Part::Received(read) => verifier = Ok(read),
            }
        }
        verifier?.finish::<u64>(&sent)?;
        Ok(round)
    }))
}

/// The first producer: sends one item and stands still in its slot, or sends nothing.
fn first<P: Tx<u64>>(
    mut tx: P,
    stand_still: bool,
    start: &Barrier,
    released: &Receiver<()>,
) -> Part {
    let wait = || {
        start.wait();
        // Ends when the other side is dropped.
        let _ = released.recv();
    };
    let sent = if stand_still {
        tx.send_around(tag(0, 0), wait)
    } else {
        wait();
        false
    };
    Part::Sent { producer: 0, items: u64::from(sent) }
}

fn produce<P: Tx<u64>>(mut tx: P, id: usize, stops: &[&Stop]) -> u64 {
    let mut next = tag(id, 0);
    let mut items = 0;
    while !stops.iter().any(|stop| stop.is_set()) {
        for _ in 0..STRETCH {
            if tx.send(|| next).is_err() {
                return items;
            }
            next += TAG_STEP;
            items += 1;
        }
    }
    items
}

/// Reads until all producers are gone.
fn consume<C: Rx<u64>>(mut rx: C, received: &AtomicU64) -> Verifier {
    let mut verifier = Verifier::new();
    let mut total = 0;
    while let Ok(more) = rx.receive(|item: &u64| verifier.read(item)) {
        total += more as u64;
        received.store(total, Ordering::Relaxed);
    }
    verifier
}

/// Counts what arrives in the later part of `time`.
fn observe(time: Duration, received: &AtomicU64) -> Round {
    sleep(time / 4);
    let (before, began, cpu) = (received.load(Ordering::Relaxed), Instant::now(), process_time());
    sleep(time);
    let items = received.load(Ordering::Relaxed) - before;
    Round::of(began.elapsed(), process_time() - cpu, items)
}
