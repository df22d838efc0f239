//! What goes through the ring under test: of various sizes, known by its number.

use std::cell::Cell;

/// An item.
pub(crate) trait Number: Send + Sized + 'static {
    fn of(number: u64) -> Self;
    /// None where an item has no room for its number.
    fn number(&self) -> Option<u64>;
    /// How many there are, if the type counts that.
    fn live() -> Option<usize> {
        None
    }
}

impl Number for u64 {
    fn of(number: u64) -> Self {
        number
    }
    fn number(&self) -> Option<u64> {
        Some(*self)
    }
}

impl Number for () {
    fn of(_number: u64) -> Self {}
    fn number(&self) -> Option<u64> {
        None
    }
}

impl Number for [u64; 40] {
    fn of(number: u64) -> Self {
        [number; 40]
    }
    fn number(&self) -> Option<u64> {
        assert!(self.iter().all(|part| *part == self[0]), "a torn item");
        Some(self[0])
    }
}

thread_local! {
    pub(crate) static LIVE: Cell<usize> = const { Cell::new(0) };
}

/// Counts how many of it there are, and has a box that knows of a second drop.
pub(crate) struct Tracked(Box<u64>);

impl Number for Tracked {
    fn of(number: u64) -> Self {
        LIVE.set(LIVE.get() + 1);
        Self(Box::new(number))
    }
    fn number(&self) -> Option<u64> {
        Some(*self.0)
    }
    fn live() -> Option<usize> {
        Some(LIVE.get())
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}
