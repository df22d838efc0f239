//! Random sequences of all operations against a sequential model: a queue for each shard. The
//! fuzz target `ops` (`fuzz/`) runs the same model on sequences of its own.
#![cfg(not(ring_loom))]

#[path = "../common/mod.rs"]
mod common;
mod item;
mod run;

use common::kind::{Dedicated, Kind, Shared};
use common::{in_time, times};
use item::{Number, Tracked};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use run::{Case, End, Op, ReadWay, WriteWay, run_case};

fn op() -> impl Strategy<Value = Op> {
    use Op::*;
    let writer = || prop_oneof![4 => 0..8_usize, 1 => 0..128_usize];
    let length = || prop_oneof![6 => 0..12_usize, 1 => 12..400_usize];
    let size = || prop_oneof![4 => 0..12_usize, 1 => Just(usize::MAX)];
    let write = prop_oneof![
        3 => Just(WriteWay::Try),
        1 => Just(WriteWay::Waiting),
        1 => Just(WriteWay::Timed),
        1 => Just(WriteWay::BackedOff),
        2 => Just(WriteWay::InPlace),
        1 => Just(WriteWay::Unwinding),
    ];
    let read = prop_oneof![Just(ReadWay::Try), Just(ReadWay::Waiting), Just(ReadWay::Timed)];
    let end = || prop_oneof![3 => Just(End::Properly), 1 => Just(End::Dropped), 1 => Just(End::Forgotten)];
    prop_oneof![
        40 => (writer(), write).prop_map(|(writer, way)| Write(writer, way)),
        12 => (writer(), length()).prop_map(|(writer, len)| WriteBatch(writer, len)),
        4 => (writer(), length()).prop_map(|(writer, len)| WriteBatchWaiting(writer, len)),
        12 => (writer(), 1..12_usize, 0..12_usize, end())
            .prop_map(|(writer, most, push, end)| Reserve(writer, most, push, end)),
        24 => read.prop_map(Read),
        8 => size().prop_map(ReadBatch),
        4 => size().prop_map(ReadBatchWaiting),
        6 => (size(), 0..12_usize, end()).prop_map(|(max, take, end)| Drain(max, take, end)),
        8 => (size(), size(), end()).prop_map(|(max, take, end)| Slices(max, take, end)),
        4 => size().prop_map(WaitFor),
        2 => (1..10_usize).prop_map(Quota),
        3 => Just(NewConsumer),
        3 => writer().prop_map(NewWriter),
        1 => Just(Close),
    ]
}

fn cases(shards: Vec<usize>) -> impl Strategy<Value = Case> {
    let start = prop_oneof![0..20_u64, (1 << 63) - 20..(1_u64 << 63), u64::MAX - 20..=u64::MAX];
    let per_shard = prop_oneof![6 => 1..=9_usize, 1 => 10..=300_usize];
    let shards = proptest::sample::select(shards);
    let ops = proptest::collection::vec(op(), 1..120);
    (per_shard, shards, start, any::<bool>(), ops).prop_map(
        |(per_shard, shards, start, fence, ops)| Case { per_shard, shards, start, fence, ops },
    )
}

fn holds<K: Kind, T: Number>(shards: &[usize]) {
    let shards = shards.to_vec();
    in_time(move || {
        let cases_to_run = u32::try_from(times(150)).unwrap_or(u32::MAX);
        let config = Config { cases: cases_to_run, failure_persistence: None, ..Config::default() };
        let tried = TestRunner::new(config).run(&cases(shards), |case| {
            run_case::<K, T>(&case);
            Ok(())
        });
        if let Err(failure) = tried {
            panic!("{failure}");
        }
    });
}

#[test]
fn shared_shards_of_words() {
    holds::<Shared, u64>(&[1, 2, 4, 16, 64]);
}

#[test]
fn shared_shards_of_large_items() {
    holds::<Shared, [u64; 40]>(&[1, 2, 4, 16, 64]);
}

#[test]
fn shared_shards_of_items_with_drop() {
    holds::<Shared, Tracked>(&[1, 2, 4, 16, 64]);
}

/// On one shard: they cannot tell which they came from.
#[test]
fn a_shared_shard_of_zero_sized_items() {
    holds::<Shared, ()>(&[1]);
}

#[test]
fn dedicated_shards_of_words() {
    holds::<Dedicated, u64>(&[1, 2, 3, 4, 17, 65]);
}

#[test]
fn dedicated_shards_of_large_items() {
    holds::<Dedicated, [u64; 40]>(&[1, 2, 3, 4, 17, 65]);
}

#[test]
fn dedicated_shards_of_items_with_drop() {
    holds::<Dedicated, Tracked>(&[1, 2, 3, 4, 17, 65]);
}

#[test]
fn a_dedicated_shard_of_zero_sized_items() {
    holds::<Dedicated, ()>(&[1]);
}
