//! Latency of a hand-over to a thread that waits for it: there and back, halved.

use crate::measure::cpu::process_time;
use crate::measure::item::tag;
use crate::measure::verify::{Mismatch, Verifier};
use crate::round::{Job, Outcome, Round, histogram};
use crate::subject::{Ends, Rx, Stop, Stopped, Subject, Tx};
use crate::team::{Lost, Team};
use hdrhistogram::Histogram;
use std::time::{Duration, Instant};

struct Played {
    elapsed: Duration,
    cpu: Duration,
    latency: Histogram<u64>,
    verdict: Result<(), Mismatch>,
}

pub(super) fn run<S: Subject>(job: &Job) -> Outcome {
    let (stop, trips) = (Stop::default(), job.amount);
    let there = single(S::open::<u64>(job.shape, &stop)?)?;
    let back = single(S::open::<u64>(job.shape, &stop)?)?;
    let mut team = Team::new();
    team.spawn(move || {
        // It ends early when the player does.
        let _ = reply(there.1, back.0, trips);
        None
    });
    team.spawn(move || Some(play(there.0, back.1, trips)));
    Some(team.finish(&stop, job.limit).map_err(Into::into).and_then(|played| {
        let played = played.into_iter().flatten().next().ok_or(Lost::Panicked)?;
        played.verdict?;
        let round = Round::of(played.elapsed / 2, played.cpu / 2, trips);
        Ok(Round { latency: Some(played.latency), ..round })
    }))
}

fn single<P, C>(ends: Ends<P, C>) -> Option<(P, C)> {
    Some((ends.producers.into_iter().next()?, ends.consumer))
}

fn reply(mut rx: impl Rx<u64>, mut tx: impl Tx<u64>, trips: u64) -> Result<(), Stopped> {
    for _ in 0..trips {
        let item = one(&mut rx)?;
        tx.send(|| item)?;
    }
    Ok(())
}

#[inline(always)]
fn one(rx: &mut impl Rx<u64>) -> Result<u64, Stopped> {
    let mut received = 0;
    rx.receive(|item| received = *item)?;
    Ok(received)
}

fn play(mut tx: impl Tx<u64>, mut rx: impl Rx<u64>, trips: u64) -> Played {
    let mut latency = histogram();
    let mut verifier = Verifier::new();
    let (began, cpu) = (Instant::now(), process_time());
    let mut last = began;
    for trip in 0..trips {
        if tx.send(|| tag(0, trip)).is_err() {
            break;
        }
        let Ok(item) = one(&mut rx) else { break };
        verifier.read(&item);
        let now = Instant::now();
        latency.saturating_record((now - last).as_nanos() as u64 / 2);
        last = now;
    }
    let (elapsed, cpu) = (began.elapsed(), process_time() - cpu);
    Played { elapsed, cpu, latency, verdict: verifier.finish::<u64>(&[trips]) }
}
