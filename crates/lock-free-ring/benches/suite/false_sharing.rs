//! What padding is worth: counters of different threads on one cache line and on lines of their
//! own. No ring is exercised.

use crate::suite::team::{cores, rounds};
use crate::suite::{COUNTERS, Case, Meter};
use std::array;
use std::sync::atomic::{AtomicU64, Ordering};

const SHARDS: usize = 8;
/// Increments of a thread in one round.
const ROUND: u64 = 1 << 16;

/// The counters of a shard, with bytes before, between and after them.
#[repr(C)]
struct Shard<const BEFORE: usize, const BETWEEN: usize, const AFTER: usize> {
    _before: [u8; BEFORE],
    write: AtomicU64,
    _between: [u8; BETWEEN],
    read: AtomicU64,
    _after: [u8; AFTER],
}

/// Shards in a row from the start of a cache line, so that every run has the same layout.
#[repr(C, align(128))]
struct Row<T, const N: usize>([T; N]);

impl<const BEFORE: usize, const BETWEEN: usize, const AFTER: usize> Shard<BEFORE, BETWEEN, AFTER> {
    fn row<const N: usize>() -> Row<Self, N> {
        Row(array::from_fn(|_| Self {
            _before: [0; BEFORE],
            write: AtomicU64::new(0),
            _between: [0; BETWEEN],
            read: AtomicU64::new(0),
            _after: [0; AFTER],
        }))
    }

    /// The threads count writes, each on shards of its own.
    fn writes(meter: &mut Meter<'_>, items: u64) {
        let row = Self::row::<SHARDS>();
        count(meter, items, row.0.each_ref().map(|shard| &shard.write));
    }

    /// One thread counts writes, another reads, on one shard.
    fn both(meter: &mut Meter<'_>, items: u64) {
        let Row([shard]) = &Self::row::<1>();
        count(meter, items, [&shard.write, &shard.read]);
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let case = |name: &str, run: fn(&mut Meter<'_>, u64)| Case::new(name, COUNTERS, run);
    vec![
        case("FalseSharing/WithoutPadding", Shard::<0, 0, 0>::writes),
        case("FalseSharing/WithPadding", Shard::<0, 56, 56>::writes),
        case("FalseSharingContention/Adjacent_NoGap", Shard::<0, 0, 0>::both),
        case("FalseSharingContention/Separated_64ByteGap", Shard::<0, 56, 0>::both),
        // The document's shard: slice, size and two positions, 48 bytes.
        case("ShardPadding/0", Shard::<32, 0, 0>::writes),
        case("ShardPadding/16", Shard::<32, 0, 16>::writes),
        case("ShardPadding/32", Shard::<32, 0, 32>::writes),
        case("ShardPadding/40", Shard::<32, 0, 40>::writes),
        case("ShardPadding/48", Shard::<32, 0, 48>::writes),
        case("ShardPadding/56", Shard::<32, 0, 56>::writes),
    ]
}

/// Deals the counters out to the threads in turn; each thread adds 1 to each of its own in turn.
fn count<const N: usize>(meter: &mut Meter<'_>, items: u64, counters: [&AtomicU64; N]) {
    let threads = cores().min(N);
    let own = |thread| counters.into_iter().skip(thread).step_by(threads).collect::<Vec<_>>();
    let add = |own: &mut Vec<&AtomicU64>, share| {
        for (_, counter) in (0..share).zip(own.iter().cycle()) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    };
    rounds(meter, (0..threads).map(own).collect(), items, ROUND, add, |_| ());
    let counted: u64 = counters.into_iter().map(|counter| counter.load(Ordering::Relaxed)).sum();
    assert_eq!(counted, items);
}
