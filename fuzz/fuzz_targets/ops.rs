//! Sequences of all operations on rings of all sizes, against the model of the library's own tests.

#![no_main]

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/lock-free-ring/tests/common/mod.rs"]
mod common;
#[path = "../../crates/lock-free-ring/tests/model/item.rs"]
mod item;
#[path = "../../crates/lock-free-ring/tests/model/run.rs"]
mod run;

use common::kind::{Dedicated, Shared};
use item::Tracked;
use run::{Case, End, Op, ReadWay, WriteWay, run_case};

const MOST_OPS: usize = 200;

fn end(input: &mut Unstructured<'_>) -> Result<End> {
    Ok(*input.choose(&[End::Properly, End::Dropped, End::Forgotten])?)
}

fn write_way(input: &mut Unstructured<'_>) -> Result<WriteWay> {
    use WriteWay::*;
    Ok(*input.choose(&[Try, Waiting, Timed, BackedOff, InPlace, Unwinding])?)
}

/// A length or a limit: mostly small, sometimes larger than any ring here.
fn size(input: &mut Unstructured<'_>) -> Result<usize> {
    let size = input.int_in_range(0..=15_usize)?;
    Ok(if size == 15 { usize::MAX } else { size })
}

fn op(input: &mut Unstructured<'_>) -> Result<Op> {
    let writer = usize::from(input.arbitrary::<u8>()?);
    Ok(match input.int_in_range(0..=13_u8)? {
        0 => Op::Write(writer, write_way(input)?),
        1 => Op::WriteBatch(writer, input.int_in_range(0..=40)?),
        2 => Op::WriteBatchWaiting(writer, input.int_in_range(0..=40)?),
        3 => {
            let (most, push) = (input.int_in_range(1..=12)?, input.int_in_range(0..=12)?);
            Op::Reserve(writer, most, push, end(input)?)
        }
        4 => Op::Read(*input.choose(&[ReadWay::Try, ReadWay::Waiting, ReadWay::Timed])?),
        5 => Op::ReadBatch(size(input)?),
        6 => Op::ReadBatchWaiting(size(input)?),
        7 => Op::Drain(size(input)?, size(input)?, end(input)?),
        8 => Op::Slices(size(input)?, size(input)?, end(input)?),
        9 => Op::WaitFor(size(input)?),
        10 => Op::Quota(input.int_in_range(1..=10)?),
        11 => Op::NewConsumer,
        12 => Op::NewWriter(writer),
        _ => Op::Close,
    })
}

fn case(input: &mut Unstructured<'_>, shards: usize) -> Result<Case> {
    let per_shard = input.int_in_range(1..=70)?;
    let near_the_end = input.arbitrary::<bool>()?;
    let offset = u64::from(input.arbitrary::<u8>()?);
    let start = if near_the_end { (1 << 63) - offset } else { offset };
    let fence = input.arbitrary()?;
    let mut ops = Vec::new();
    while !input.is_empty() && ops.len() < MOST_OPS {
        ops.push(op(input)?);
    }
    Ok(Case { per_shard, shards, start, fence, ops })
}

fn run(input: &mut Unstructured<'_>) -> Result<()> {
    match input.int_in_range(0..=6_u8)? {
        0 => run_case::<Shared, u64>(&case(input, 4)?),
        1 => run_case::<Shared, Tracked>(&case(input, 2)?),
        2 => run_case::<Shared, [u64; 40]>(&case(input, 16)?),
        3 => run_case::<Shared, ()>(&case(input, 1)?),
        4 => run_case::<Dedicated, u64>(&case(input, 20)?),
        5 => run_case::<Dedicated, Tracked>(&case(input, 3)?),
        _ => run_case::<Dedicated, ()>(&case(input, 1)?),
    }
    Ok(())
}

fuzz_target!(|data: &[u8]| {
    // Input that is too short for what it began is no case.
    let _ = run(&mut Unstructured::new(data));
});
