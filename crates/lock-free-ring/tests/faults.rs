//! What goes wrong around a ring, each with its figure printed: `make test-faults` runs these ten
//! and more times as long (`RING_STRESS`), and the program's faults beside them.
#![cfg(not(ring_loom))]

mod common;

use common::kind::{Dedicated, Kind, Shared, Writer};
use common::{Dropped, Item, Ledger, Stalled, in_time, join, times, unwind, unwinds};
use lock_free_ring::{RingBuilder, ShardedRing, WriteRefused};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// One line for each fault; the script of `make test-faults` collects them.
fn figure(fault: &str, figure: std::fmt::Arguments<'_>) {
    println!("fault {fault}: {figure}");
}

/// What this process has in memory, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn a_stalled_closure_holds_up_its_shard_alone() {
    in_time(|| {
        let ring = ShardedRing::new(64, 4).expect("valid");
        let mut consumer = ring.consumer().expect("free");
        let stalled = Stalled::write(&ring, 0, || Item::new(0, 0));
        for seq in 1..5 {
            ring.try_write(0, Item::new(0, seq)).expect("room behind the stalled one");
        }
        let items = times(10_000);
        let mut ledger = Ledger::new(4);
        for seq in 0..items {
            for id in 1..4 {
                ring.try_write(id as u64, Item::new(id, seq)).expect("room");
                ledger.note(&consumer.try_read().expect("an item of another shard"));
            }
        }
        let stats: Vec<_> = ring.stats().map(|shard| shard.head_stalled).collect();
        assert_eq!(stats, [true, false, false, false]);
        assert!(!stalled.end());
        for _ in 0..5 {
            ledger.note(&consumer.try_read().expect("what was held up"));
        }
        figure(
            "stalled producer",
            format_args!("{} items passed it by on 3 shards, then its 5 came in order", 3 * items),
        );
    });
}

/// Never ends: its thread goes with the process.
#[test]
fn a_closure_that_never_returns_is_shown_and_confined() {
    in_time(|| {
        let ring = ShardedRing::new(8, 2).expect("valid");
        let mut consumer = ring.consumer().expect("free");
        let _never = Stalled::write(&ring, 0, || Item::new(0, 0));
        let accepted = (1..100).filter(|seq| ring.try_write(0, Item::new(0, *seq)).is_ok()).count();
        assert_eq!(accepted, 3, "its shard fills up, and then refuses");
        ring.try_write(1, Item::new(1, 0)).expect("the other shard goes on");
        ring.close();
        assert_eq!(consumer.try_read_batch(9).len(), 1);
        assert!(!consumer.is_finished(), "closed, with an item that may still come");
        assert!(ring.stats().next().expect("a shard").head_stalled);
        figure("closure that never returns", format_args!("its shard took 3 more, then refused"));
    });
}

#[test]
fn closures_that_unwind_leave_nothing_behind() {
    in_time(|| {
        let ring = ShardedRing::new(8, 2).expect("valid");
        let mut consumer = ring.consumer().expect("free");
        let (mut unwound, mut ledger) = (0, Ledger::new(2));
        for seq in 0..times(1000) {
            unwound += u64::from(unwinds(|| _ = ring.try_write_with(seq % 2, || unwind())));
            ring.try_write(1, Item::new(1, seq)).expect("room");
            ledger.note(&consumer.read().expect("open"));
        }
        assert_eq!(ring.stats().map(|shard| shard.aborted).sum::<u64>(), unwound);
        figure("closures that unwind", format_args!("{unwound} aborted, 0 lost, 0 twice"));
    });
}

fn replace_consumers<K: Kind>(replacements: usize, name: &str) {
    let ring = K::ring::<Item>(24, 4);
    let each = 200 * replacements as u64;
    let producers: Vec<_> = (0..4)
        .map(|id| {
            let mut writer = K::writer(&ring, id);
            thread::spawn(move || {
                (0..each).for_each(|seq| writer.write(Item::new(id, seq)).expect("open"));
            })
        })
        .collect();
    let mut ledger = Ledger::new(4);
    for _ in 0..replacements {
        let mut consumer = K::consumer(&ring);
        let mut noted = 0;
        let died = unwinds(|| {
            while noted < 97 {
                consumer.drain(5).for_each(|item| {
                    ledger.note(&item);
                    noted += 1;
                });
            }
            // In the middle of a drain, if there is anything.
            let mut drain = consumer.drain(7);
            if let Some(item) = drain.next() {
                ledger.note(&item);
            }
            unwind();
        });
        assert!(died);
    }
    let mut last = K::consumer(&ring);
    while ledger.arrived() < 4 * each {
        ledger.note(&last.read().expect("open"));
    }
    producers.into_iter().for_each(join);
    ledger.assert_complete(each);
    figure(
        &format!("consumer replaced after a panic, {name}"),
        format_args!("{replacements} times under load, {} items, 0 lost, 0 twice", 4 * each),
    );
}

#[test]
fn a_consumer_that_panics_is_replaced_under_load() {
    in_time(|| {
        replace_consumers::<Shared>(times(20) as usize, "shared");
        replace_consumers::<Dedicated>(times(20) as usize, "dedicated");
    });
}

fn drop_full<K: Kind>(capacity: usize) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let ring = K::ring::<Dropped>(capacity, 4);
    let mut writers: Vec<_> = (0..4).map(|id| K::writer(&ring, id)).collect();
    for writer in &mut writers {
        while writer.try_write_with(|| Dropped::new(&count)).is_ok() {}
    }
    assert_eq!((ring.len(), count.load(Ordering::Relaxed)), (capacity, 0));
    drop((writers, ring));
    count.load(Ordering::Relaxed)
}

#[test]
fn a_ring_that_goes_while_it_is_full_drops_each_item_once() {
    in_time(|| {
        let capacity = 4096;
        assert_eq!(drop_full::<Shared>(capacity), capacity);
        assert_eq!(drop_full::<Dedicated>(capacity), capacity);
        figure("ring dropped full", format_args!("{capacity} of {capacity} dropped, once each"));
    });
}

#[test]
fn a_slow_consumer_costs_refusals_and_no_memory() {
    in_time(|| {
        let ring = RingBuilder::new(1024, 4).shared().expect("valid");
        let mut consumer = ring.consumer().expect("free");
        let offers = times(20_000);
        let produce = |id: usize| {
            let ring = ring.clone();
            thread::spawn(move || {
                let written = |seq| match ring.try_write(id as u64, Item::new(id, seq)) {
                    Ok(()) => true,
                    Err(WriteRefused::Full(_)) => false,
                    Err(WriteRefused::Closed(_)) => panic!("nobody closed it"),
                };
                (0..offers).filter(|seq| written(*seq)).count() as u64
            })
        };
        let before_kib = resident_kib();
        let producers: Vec<_> = (0..4).map(produce).collect();
        let mut read = 0;
        while producers.iter().any(|thread| !thread.is_finished()) {
            read += consumer.try_read_batch(16).len() as u64;
            thread::sleep(Duration::from_millis(1));
        }
        let accepted: u64 = producers.into_iter().map(join).sum();
        read += consumer.try_read_batch(usize::MAX).len() as u64;
        let refused: u64 = ring.stats().map(|shard| shard.refused).sum();
        assert_eq!((accepted, accepted + refused), (read, 4 * offers));
        let grown_kib = resident_kib().saturating_sub(before_kib);
        assert!(grown_kib < 64 << 10, "grew by {grown_kib} KiB");
        figure(
            "slow consumer",
            format_args!(
                "{accepted} accepted + {refused} refused = {} offered, grew by {grown_kib} KiB",
                4 * offers
            ),
        );
    });
}

#[test]
fn no_shard_starves_among_32_producers() {
    in_time(|| {
        let (producers, each) = (32, times(300));
        let ring = RingBuilder::new(32 * 64, 32).dedicated().expect("valid");
        let mut consumer = ring.consumer().expect("free");
        let epoch = Instant::now();
        let produce = |id: usize| {
            let mut producer = ring.producer().expect("a free shard");
            thread::spawn(move || {
                for seq in 0..each {
                    let item = (id, seq, epoch.elapsed());
                    producer.write(item).expect("open");
                }
            })
        };
        let threads: Vec<_> = (0..producers).map(produce).collect();
        drop(ring);
        let (mut ledger, mut worst) = (Ledger::new(producers), Duration::ZERO);
        while let Ok((id, seq, written)) = consumer.read() {
            ledger.check(id, seq).expect("in turn");
            worst = worst.max(epoch.elapsed().saturating_sub(written));
        }
        threads.into_iter().for_each(join);
        ledger.assert_complete(each);
        let items = producers as u64 * each;
        figure("32 producers", format_args!("{items} items, worst wait of a shard {worst:.1?}"));
    });
}

/// `RING_SOAK_SECONDS` long; the seed is printed, and `RING_SOAK_SEED` sets it.
#[test]
#[ignore = "as long as it is told: make test-soak"]
fn soak() {
    let setting = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = setting("RING_SOAK_SECONDS").unwrap_or(10);
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = setting("RING_SOAK_SEED").unwrap_or(clock.map_or(1, |now| now.as_secs()));
    println!("soak: seed {seed}, {seconds} s");
    soaking::run(seed, Duration::from_secs(seconds));
}

mod soaking {
    use super::*;
    use common::ways::{Read, Write};

    /// xorshift64*: small, and the same on each machine.
    pub(super) struct Random(u64);

    impl Random {
        fn below(&mut self, limit: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
        }
    }

    /// About a second of random ways to write and to read on a random ring: all must arrive.
    fn round<K: Kind>(random: &mut Random, end: Instant) -> u64 {
        let (shards, per_shard) = (1 << random.below(4), 1 + random.below(40));
        let ring = K::ring::<Item>(shards * per_shard, shards);
        let writers = if K::DEDICATED { shards } else { 1 + random.below(6) };
        let produce = |id| {
            let (mut writer, mut random) =
                (K::writer(&ring, id), Random(random.0 ^ (id as u64 + 1)));
            thread::spawn(move || {
                let mut next = 0;
                while Instant::now() < end {
                    let way = Write::ALL[random.below(Write::ALL.len())];
                    let until = next + 1 + random.below(50) as u64;
                    next = way.run(id, &mut writer, next..until);
                }
                next
            })
        };
        let threads: Vec<_> = (0..writers).map(produce).collect();
        let mut ledger = Ledger::new(writers);
        let mut consumer = K::consumer(&ring);
        drop(ring);
        loop {
            let way = Read::ALL[random.below(Read::ALL.len())];
            if !way.step(&mut consumer, &mut |item| ledger.note(item)) {
                break;
            }
        }
        let written: u64 = threads.into_iter().map(join).sum();
        assert_eq!(ledger.arrived(), written, "written against read");
        written
    }

    pub(super) fn run(seed: u64, limit: Duration) {
        let (mut random, start) = (Random(seed.max(1)), Instant::now());
        let (mut items, mut rounds, mut settled_kib) = (0, 0_u64, 0);
        while start.elapsed() < limit {
            let end = Instant::now() + Duration::from_secs(1);
            items += match random.below(2) {
                0 => round::<Shared>(&mut random, end),
                _ => round::<Dedicated>(&mut random, end),
            };
            rounds += 1;
            let now_kib = resident_kib();
            // What the first rounds need is not growth.
            if rounds <= 5 {
                settled_kib = now_kib.max(settled_kib);
            }
            assert!(now_kib < settled_kib + (16 << 10), "memory grew to {now_kib} KiB");
            if rounds.is_multiple_of(60) {
                println!("soak: {rounds} s, {items} items, {now_kib} KiB");
            }
        }
        let now_kib = resident_kib();
        println!(
            "soak: {rounds} checks, {items} items, 0 lost, 0 twice, memory {settled_kib} → {now_kib} KiB"
        );
    }
}
