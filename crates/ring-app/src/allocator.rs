//! The program's allocator: the system's, which counts, and takes stacks when a profile wants them.

use rpprof::alloc::AllocProfiler;
use stats_alloc::StatsAlloc;

// The unit tests have one of their own, which counts by thread.
#[cfg_attr(not(test), global_allocator)]
static ALLOCATOR: StatsAlloc<AllocProfiler> = StatsAlloc::new(AllocProfiler::system());

/// Allocations of all threads since the process began. One that is made larger or smaller counts
/// again.
pub(crate) fn allocations() -> u64 {
    let stats = ALLOCATOR.stats();
    (stats.allocations + stats.reallocations) as u64
}

/// Bytes allocated and not given back yet.
pub(crate) fn bytes_in_use() -> usize {
    let stats = ALLOCATOR.stats();
    // Two counters, read one after the other while others go on.
    stats.bytes_allocated.saturating_sub(stats.bytes_deallocated)
}
