//! Producers and consumer at work at once, with nothing but `spawn` and `join` between them, no
//! sleep, and a ring that outlives them all. ThreadSanitizer sees the library's own accesses
//! here; what std does inside (the last drop of an `Arc`, a contended `Mutex`) it would take for
//! races, since std is not instrumented.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Kind, for_both_kinds};
use common::ways::{Read, Write, produce};
use common::{Item, Ledger, join, times};
use lock_free_ring::RingBuilder;
use std::time::Duration;

const PRODUCERS: usize = 3;

/// Ways that never sleep.
const WRITES: [Write; 3] = [Write::OneByOne, Write::Batches, Write::InPlace];
const READS: [Read; 4] = [Read::OneByOne, Read::Batches, Read::Drained, Read::InPlace];

fn run<K: Kind>(per_shard: usize, shards: usize, each: u64, write: Write, read: Read) {
    let builder = RingBuilder::new(per_shard * shards, shards).spin(Duration::ZERO);
    let ring = K::build::<Item>(&builder).expect("valid");
    let mut consumer = K::consumer(&ring);
    let producers = produce::<K>(&ring, PRODUCERS, each, |_| write);
    let mut ledger = Ledger::new(PRODUCERS);
    while ledger.arrived() < PRODUCERS as u64 * each {
        read.step(&mut consumer, &mut |item| ledger.note(item));
    }
    producers.into_iter().for_each(join);
    ledger.assert_complete(each);
    assert!(consumer.is_empty());
}

fn all_arrive_by_every_way_that_does_not_sleep<K: Kind>() {
    let shards: &[usize] = if K::DEDICATED { &[4] } else { &[1, 2] };
    for (write, read) in WRITES.iter().flat_map(|write| READS.map(|read| (*write, read))) {
        for shards in shards {
            for per_shard in [1, 3] {
                run::<K>(per_shard, *shards, times(30), write, read);
            }
        }
    }
}

for_both_kinds!(all_arrive_by_every_way_that_does_not_sleep);
