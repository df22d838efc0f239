//! The packets' buffers, which go round: a producer takes them, the consumer brings them back.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where buffers lie that are in no packet. What came back first goes out first: by then the
/// consumer's core has let go of it, where a buffer that it has just read would have to be
/// fetched out of its cache, which takes longer than all else that is done to a packet.
///
/// Behind a lock, which is held for one copy of a few words for each buffer. Whoever is busy
/// moves many at a time: then a packet costs a fraction of a nanosecond here, where a counted
/// reference in each packet would cost a cache line that the cores pass to and fro.
#[derive(Debug)]
pub(crate) struct Depot {
    shelf: Mutex<VecDeque<Vec<u8>>>,
    capacity: usize,
    buffer_bytes: usize,
}

impl Depot {
    /// One that keeps up to `capacity` buffers, all made now.
    pub(crate) fn new(capacity: usize, buffer_bytes: usize) -> Self {
        let shelf = (0..capacity).map(|_| vec![0; buffer_bytes]).collect();
        Self { shelf: Mutex::new(shelf), capacity, buffer_bytes }
    }

    pub(crate) fn take(&self) -> Vec<u8> {
        let buffer = self.lock().pop_front();
        buffer.unwrap_or_else(|| self.make())
    }

    /// Takes buffers until `hand` holds `wanted`. Those that are missing here are made.
    pub(crate) fn take_into(&self, hand: &mut Vec<Vec<u8>>, wanted: usize) {
        let missing = wanted.saturating_sub(hand.len());
        let mut shelf = self.lock();
        let there = missing.min(shelf.len());
        hand.extend(shelf.drain(..there));
        drop(shelf);
        while hand.len() < wanted {
            hand.push(self.make());
        }
    }

    /// Takes all of `spent` back, up to the capacity; what is more, because it had to be made,
    /// is given up.
    pub(crate) fn take_back(&self, spent: &mut Vec<Vec<u8>>) {
        let mut shelf = self.lock();
        let room = self.capacity.saturating_sub(shelf.len());
        shelf.extend(spent.drain(..room.min(spent.len())));
        drop(shelf);
        spent.clear();
    }

    fn make(&self) -> Vec<u8> {
        vec![0; self.buffer_bytes]
    }

    /// Poisoned or not: nothing that runs under the lock leaves the shelf half done.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_back_first_goes_out_first() {
        let depot = Depot::new(3, 1);
        let mut hand = Vec::new();
        depot.take_into(&mut hand, 3);
        for (number, buffer) in hand.iter_mut().enumerate() {
            buffer[0] = number as u8;
        }
        depot.take_back(&mut hand);
        assert_eq!(depot.take(), [0]);
        depot.take_into(&mut hand, 2);
        assert_eq!(hand, [[1], [2]]);
    }

    #[test]
    fn what_is_missing_is_made_and_what_is_too_much_given_up() {
        let depot = Depot::new(2, 10);
        let mut hand = Vec::new();
        depot.take_into(&mut hand, 5);
        assert!(hand.iter().all(|buffer| buffer.len() == 10));
        assert_eq!((hand.len(), depot.take().len()), (5, 10));
        depot.take_back(&mut hand);
        assert_eq!((hand.len(), depot.lock().len()), (0, 2));
    }

    #[test]
    fn a_hand_that_holds_enough_gets_no_more() {
        let depot = Depot::new(4, 1);
        let mut hand = vec![vec![0]; 3];
        depot.take_into(&mut hand, 2);
        assert_eq!((hand.len(), depot.lock().len()), (3, 4));
    }

    #[test]
    fn going_round_allocates_nothing() {
        let depot = Depot::new(8, 100);
        let mut hand = Vec::with_capacity(8);
        let counted = allocation_counter::measure(|| {
            for wanted in (1..=8).cycle().take(100) {
                depot.take_into(&mut hand, wanted);
                depot.take_back(&mut hand);
            }
        });
        assert_eq!(counted.count_total, 0);
    }
}
