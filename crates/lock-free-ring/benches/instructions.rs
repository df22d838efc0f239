//! What `proofs/instructions.py` runs under callgrind, to count the instructions inside one of
//! the functions `write_shared`, `write_dedicated`, … here: what else fills and empties the
//! rings is not counted.

use lock_free_ring::{Consumer, DedicatedRing, Producer, ShardedRing};

const LAPS: usize = 8;
/// Items that are written, and then read, in a lap.
const LAP: usize = 512;
const BATCH: usize = 64;
/// No multiple of a lap: some laps wrap around.
const CAPACITY: usize = 1000;

#[inline(never)]
fn write_shared(ring: &ShardedRing<u64>, item: u64) -> bool {
    ring.try_write(0, item).is_ok()
}

#[inline(never)]
fn write_batch_shared(ring: &ShardedRing<u64>, items: &mut Vec<u64>) -> bool {
    ring.try_write_batch(0, items) == Ok(BATCH)
}

#[inline(never)]
fn write_dedicated(producer: &mut Producer<u64>, item: u64) -> bool {
    producer.try_write(item).is_ok()
}

#[inline(never)]
fn write_batch_dedicated(producer: &mut Producer<u64>, items: &mut Vec<u64>) -> bool {
    producer.try_write_batch(items) == Ok(BATCH)
}

#[inline(never)]
fn read(consumer: &mut Consumer<u64>) -> Option<u64> {
    consumer.try_read()
}

#[inline(never)]
fn read_batch(consumer: &mut Consumer<u64>, buf: &mut Vec<u64>) -> usize {
    consumer.try_read_batch_into(buf, BATCH)
}

fn main() {
    let shared = ShardedRing::new(CAPACITY, 1).expect("valid");
    let dedicated = DedicatedRing::new(CAPACITY, 1).expect("valid");
    match std::env::args().nth(1).as_deref() {
        Some("shared") => laps(
            shared.consumer().expect("the first"),
            shared,
            |ring, item| write_shared(ring, item),
            |ring, items| write_batch_shared(ring, items),
        ),
        Some("dedicated") => laps(
            dedicated.consumer().expect("the first"),
            dedicated.producer().expect("a free shard"),
            write_dedicated,
            write_batch_dedicated,
        ),
        // `cargo test` and `cargo bench` call it as well.
        _ => println!("run it by proofs/instructions.py"),
    }
}

/// Writes and reads one by one, then in batches.
fn laps<W>(
    mut consumer: Consumer<u64>,
    mut writer: W,
    write: impl Fn(&mut W, u64) -> bool,
    write_batch: impl Fn(&mut W, &mut Vec<u64>) -> bool,
) {
    let mut items = Vec::with_capacity(BATCH);
    for _ in 0..LAPS {
        for item in 0..LAP as u64 {
            assert!(write(&mut writer, item));
        }
        for item in 0..LAP as u64 {
            assert_eq!(read(&mut consumer), Some(item));
        }
        for _ in 0..LAP / BATCH {
            items.extend(0..BATCH as u64);
            assert!(write_batch(&mut writer, &mut items));
        }
        for _ in 0..LAP / BATCH {
            assert_eq!(read_batch(&mut consumer, &mut items), BATCH);
            items.clear();
        }
    }
}
