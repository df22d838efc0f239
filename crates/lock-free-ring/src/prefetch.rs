//! A hint to the processor: lines that will be written soon.
//!
//! A producer writes to lines that the consumer has read since, so each costs a trip to the
//! other core. A store waits in the store buffer meanwhile, but few stores fit there, and none
//! passes a locked instruction: so the lines are asked for some way ahead, many at a time.

use core::mem::size_of;

/// How far ahead of a write a line is asked for.
const AHEAD_BYTES: usize = 1024;
/// What one hint fetches.
const LINE_BYTES: usize = 64;

/// The same distance in items. Items of no size have no lines.
pub(crate) const fn ahead<T>() -> usize {
    if size_of::<T>() == 0 { 0 } else { AHEAD_BYTES.div_ceil(size_of::<T>()) }
}

/// Whether the item at `index` is the first of a line: the one whose write asks for another.
#[inline(always)]
pub(crate) fn begins_line<T>(index: usize) -> bool {
    let items_a_line = const { if size_of::<T>() == 0 { 0 } else { LINE_BYTES / size_of::<T>() } };
    size_of::<T>() != 0 && (items_a_line < 2 || index.is_multiple_of(items_a_line))
}

/// Hints that what lies at `address` is about to be written. Nothing comes of it on processors
/// other than x86-64, or where the address is not ours.
#[inline(always)]
pub(crate) fn prefetch_to_write<T>(address: *const T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    for line in 0..size_of::<T>().div_ceil(LINE_BYTES) {
        let line = address.cast::<u8>().wrapping_add(line * LINE_BYTES);
        // SAFETY: a hint. It reads and writes no memory, and cannot fault whatever the address;
        // processors that do not know it do nothing.
        unsafe {
            core::arch::asm!("prefetchw [{}]", in(reg) line, options(nostack, preserves_flags, readonly));
        }
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = address;
}
