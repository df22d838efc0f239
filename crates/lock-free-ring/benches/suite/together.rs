//! Cases of several threads: many write, one reads.

use crate::suite::subject::{Read, Subject, Write};
use crate::suite::team::{Gate, cores, rounds};
use crate::suite::{Case, Meter};
use std::hint::black_box;
use std::thread;

const SHARDS: usize = 8;
/// Items of each producer in one round: the ring has room for all of them.
const ROUND: usize = 8192;
/// Slots of each shard where the consumer keeps up with the producers.
const PER_SHARD: usize = 1024;
const BATCH: usize = 256;

pub(crate) fn cases<S: Subject>() -> Vec<Case> {
    let mut cases: Vec<_> = [1, 2, 4, 8]
        .into_iter()
        .map(|producers| {
            let run =
                move |meter: &mut Meter<'_>, items| write::<S>(meter, items, producers, SHARDS);
            Case::new(format!("ConcurrentWrite/{producers}"), S::NAME, run)
        })
        .collect();
    cases.extend([
        Case::new("WriteContention", S::NAME, |meter, items| write::<S>(meter, items, cores(), 1)),
        Case::new("WriteNoContention", S::NAME, |meter, items| {
            write::<S>(meter, items, cores(), 64);
        }),
        Case::new("Throughput", S::NAME, throughput::<S>),
    ]);
    cases
}

/// All producers write at the same time, and are never refused: between rounds, when nothing
/// is measured, the consumer takes all.
fn write<S: Subject>(meter: &mut Meter<'_>, items: u64, producers: usize, shards: usize) {
    let per_shard = ROUND * producers.div_ceil(shards);
    let (mut writers, mut reader) = S::open(shards, per_shard, producers);
    let mut drain = |items| {
        let taken = (0..items).filter(|_| black_box(reader.try_read()).is_some()).count();
        assert_eq!(taken as u64, items, "all that was accepted is there");
    };
    let write = |writer: &mut S::Writer, share: u64| {
        let accepted = (0..share).filter(|&item| writer.try_write(item)).count();
        assert_eq!(accepted as u64, share, "there is room for all");
    };
    // Once before, so that all memory has been touched.
    for writer in &mut writers {
        write(writer, ROUND as u64);
    }
    drain((ROUND * producers) as u64);
    rounds(meter, writers, items, ROUND as u64, write, drain);
}

/// Producers and the consumer at the same time, each waiting in its own way; from the start to
/// the last item received.
fn throughput<S: Subject>(meter: &mut Meter<'_>, items: u64) {
    let producers = cores();
    let (writers, mut reader) = S::open(SHARDS, PER_SHARD, producers);
    let gate = Gate::new(producers + 1);
    let mut buf = Vec::with_capacity(BATCH);
    thread::scope(|scope| {
        for (number, mut writer) in writers.into_iter().enumerate() {
            let gate = &gate;
            let share =
                items / producers as u64 + u64::from((number as u64) < items % producers as u64);
            scope.spawn(move || {
                gate.meet();
                (0..share).for_each(|item| writer.write(item));
            });
        }
        gate.meet();
        meter.time(|| {
            let mut left = items;
            while left > 0 {
                left -= reader.wait_batch_into(&mut buf, BATCH) as u64;
                black_box(&buf);
                buf.clear();
            }
        });
    });
}
