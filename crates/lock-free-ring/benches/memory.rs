//! What the cases allocate: for each, blocks and bytes of an iteration, of the measured
//! stretches only; and a profile of all allocations for DHAT's viewer.
//! `cargo bench -p lock-free-ring --bench memory -- [PATTERN]…`

mod suite;

use std::env;
use suite::Case;
use suite::meter::Edge;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// Enough that what is allocated once does not count.
const ITERATIONS: u64 = 100_000;

fn main() {
    let args: Vec<_> = env::args().skip(1).collect();
    let measured = args.iter().any(|arg| arg == "--bench");
    let patterns: Vec<_> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    let asked =
        |case: &Case| patterns.is_empty() || patterns.iter().any(|part| case.name.contains(*part));
    // `cargo test` runs benches too, and means: does it work?
    let iterations = if measured { ITERATIONS } else { 1 };

    let profiler = dhat::Profiler::builder().file_name(PROFILE).build();
    println!("{:<40} {:<10} {:>12} {:>12}", "case", "subject", "allocs/op", "B/op");
    // The others are no code of ours, and one of them may take milliseconds for each item.
    let ours = |case: &Case| matches!(case.subject, "shared" | "dedicated");
    for case in suite::all().into_iter().filter(|case| ours(case) && asked(case)) {
        let mut heap = Heap::default();
        case.run(iterations, &mut |edge| heap.watch(edge));
        let per_op = |sum: u64| sum as f64 / iterations as f64;
        let (blocks, bytes) = (per_op(heap.blocks), per_op(heap.bytes));
        println!("{:<40} {:<10} {blocks:>12.3} {bytes:>12.1}", case.name, case.subject);
    }
    drop(profiler);
}

const PROFILE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/bench-mem.json");

/// What was allocated in the measured stretches, by all threads.
#[derive(Default)]
struct Heap {
    blocks: u64,
    bytes: u64,
}

impl Heap {
    /// Totals only grow: what they are at the end, less what they were at the begin.
    fn watch(&mut self, edge: Edge) {
        let now = dhat::HeapStats::get();
        let (blocks, bytes) = (now.total_blocks, now.total_bytes);
        (self.blocks, self.bytes) = match edge {
            Edge::Begin => (self.blocks.wrapping_sub(blocks), self.bytes.wrapping_sub(bytes)),
            Edge::End => (self.blocks.wrapping_add(blocks), self.bytes.wrapping_add(bytes)),
        };
    }
}
