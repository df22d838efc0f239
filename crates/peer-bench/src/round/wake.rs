//! From sleep to receipt: an item each millisecond for a consumer that has gone to sleep.

use crate::measure::cpu::process_time;
use crate::measure::item::{sequence_of, tag};
use crate::measure::verify::{Mismatch, Verifier};
use crate::round::{Job, Outcome, Round, histogram};
use crate::subject::{Ends, Rx, Stop, Subject, Tx};
use crate::team::{Lost, Team};
use hdrhistogram::Histogram;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// 1,000 items a second.
const PERIOD: Duration = Duration::from_millis(1);

struct Woken {
    elapsed: Duration,
    cpu: Duration,
    latency: Histogram<u64>,
    verdict: Result<(), Mismatch>,
}

/// When each item was sent, in nanoseconds since the round's epoch.
type SentAt = Arc<[AtomicU64]>;

pub(super) fn run<S: Subject>(job: &Job) -> Outcome {
    let (stop, items) = (Stop::default(), job.amount);
    let Ends { producers, consumer } = S::open::<u64>(job.shape, &stop)?;
    let sent_at: SentAt = (0..items).map(|_| AtomicU64::new(0)).collect();
    let epoch = Instant::now();
    let mut team = Team::new();
    let consumer_sent_at = sent_at.clone();
    team.spawn(move || Some(consume(consumer, &consumer_sent_at, epoch)));
    for tx in producers.into_iter().take(1) {
        let (sent_at, stop) = (sent_at.clone(), stop.clone());
        team.spawn(move || {
            produce(tx, &sent_at, epoch, &stop);
            None
        });
    }
    Some(team.finish(&stop, job.limit).map_err(Into::into).and_then(|woken| {
        let woken = woken.into_iter().flatten().next().ok_or(Lost::Panicked)?;
        woken.verdict?;
        let round = Round::of(woken.elapsed, woken.cpu, items);
        Ok(Round { latency: Some(woken.latency), ..round })
    }))
}

fn produce(mut tx: impl Tx<u64>, sent_at: &[AtomicU64], epoch: Instant, stop: &Stop) {
    let mut due = Instant::now();
    for (sequence, sent_at) in sent_at.iter().enumerate() {
        due += PERIOD;
        sleep(due.saturating_duration_since(Instant::now()));
        // Relaxed: the item that follows orders it.
        sent_at.store(epoch.elapsed().as_nanos() as u64, Ordering::Relaxed);
        if stop.is_set() || tx.send(|| tag(0, sequence as u64)).is_err() {
            return;
        }
    }
}

fn consume(mut rx: impl Rx<u64>, sent_at: &[AtomicU64], epoch: Instant) -> Woken {
    let items = sent_at.len() as u64;
    let mut latency = histogram();
    let mut verifier = Verifier::new();
    let (began, cpu) = (Instant::now(), process_time());
    let mut received = 0;
    while received < items {
        let more = rx.receive(|item: &u64| {
            let now = epoch.elapsed().as_nanos() as u64;
            verifier.read(item);
            if let Some(sent_at) = sent_at.get(sequence_of(*item) as usize) {
                let sent_at = sent_at.load(Ordering::Relaxed);
                latency.saturating_record(now.saturating_sub(sent_at));
            }
        });
        match more {
            Ok(more) => received += more as u64,
            Err(_) => break,
        }
    }
    let (elapsed, cpu) = (began.elapsed(), process_time() - cpu);
    Woken { elapsed, cpu, latency, verdict: verifier.finish::<u64>(&[items]) }
}
