//! The program's allocator: the system's, which counts.

use std::alloc::System;

use stats_alloc::StatsAlloc;

// The unit tests have one of their own, which counts by thread.
#[cfg_attr(not(test), global_allocator)]
static ALLOCATOR: StatsAlloc<System> = StatsAlloc::system();

/// Allocations of all threads since the process began. One that is made larger or smaller counts
/// again.
pub(crate) fn allocations() -> u64 {
    let stats = ALLOCATOR.stats();
    (stats.allocations + stats.reallocations) as u64
}
