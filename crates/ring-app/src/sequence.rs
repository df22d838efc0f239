//! Packet numbers: one series for all producers, without gaps but for unused rests of blocks.

use std::sync::atomic::{AtomicU64, Ordering};

/// Where producers get their numbers from.
#[derive(Debug, Default)]
pub(crate) struct SequenceSource {
    next: AtomicU64,
}

impl SequenceSource {
    fn take_block(&self, numbers: u64) -> u64 {
        // Relaxed: each number goes out once, and nothing else depends on it.
        self.next.fetch_add(numbers, Ordering::Relaxed)
    }
}

/// One producer's numbers, taken a few at a time.
///
/// Blocks spare contended increments and cost order: packets of different producers are
/// numbered out of their order in time by up to a block each. A producer that rests holds old
/// numbers back, so only producers that never rest take more than one.
#[derive(Debug)]
pub(crate) struct Sequences<'a> {
    source: &'a SequenceSource,
    block: u64,
    next: u64,
    end: u64,
}

impl<'a> Sequences<'a> {
    pub(crate) fn new(source: &'a SequenceSource, block: u64) -> Self {
        Self { source, block, next: 0, end: 0 }
    }

    /// Whether the next number begins a block.
    pub(crate) fn at_block_start(&self) -> bool {
        self.next == self.end
    }

    /// The number of the next packet; the same until it is [used](Self::advance).
    pub(crate) fn current(&mut self) -> u64 {
        if self.at_block_start() {
            self.next = self.source.take_block(self.block);
            self.end = self.next + self.block;
        }
        self.next
    }

    /// Marks the current number as used.
    pub(crate) fn advance(&mut self) {
        self.next += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_goes_out_once() {
        for block in [1, 8] {
            let source = SequenceSource::default();
            let mut producers = [(); 3].map(|()| Sequences::new(&source, block));
            let mut numbers = Vec::new();
            for turn in 0..24 * 3 {
                let producer = &mut producers[turn % 3];
                numbers.push(producer.current());
                producer.advance();
            }
            numbers.sort_unstable();
            assert!(numbers.into_iter().eq(0..72));
        }
    }

    #[test]
    fn an_unused_number_is_used_next() {
        let source = SequenceSource::default();
        let mut sequences = Sequences::new(&source, 4);
        assert_eq!((sequences.current(), sequences.current()), (0, 0));
        sequences.advance();
        assert_eq!(sequences.current(), 1);
    }
}
