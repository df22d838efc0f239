//! Where threads wait, how often and how long.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use run_result::Mode;

use super::stack_profile::{StackProfile, StackSample, whole_ns};
use super::stacks::{Addresses, Frame, Symbols};

/// Everything that a thread of this program waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The consumer's tick, or a shard's high-water mark.
    Tick,
    /// The time at which the next packet is due.
    Due,
    /// A datagram.
    Datagram,
    /// Room in a shard, however long it takes.
    Room,
    /// Room in a shard, between two rounds of tries.
    Backoff,
    /// A packet of the dealer's.
    Dealt,
    /// Room in the sink.
    Sink,
    /// The depot's lock, which is held while a buffer is taken.
    Depot,
    /// The log's lock, which is held while a line is written.
    Log,
    /// The end of the run.
    End,
    /// The last of a thread.
    Join,
}

impl Place {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tick => "wait for the tick",
            Self::Due => "wait until a packet is due",
            Self::Datagram => "wait for a datagram",
            Self::Room => "wait for room",
            Self::Backoff => "back off",
            Self::Dealt => "wait for a dealt packet",
            Self::Sink => "wait for the sink",
            Self::Depot => "wait for the depot's lock",
            Self::Log => "wait for the log's lock",
            Self::End => "wait for the end of the run",
            Self::Join => "wait for a thread's end",
        }
    }

    /// Whether who comes here has found already that there is something to wait for.
    pub(super) fn is_certain(self) -> bool {
        self == Self::Room
    }

    fn is_lock(self) -> bool {
        matches!(self, Self::Depot | Self::Log)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Waits {
    by_place: Mutex<BTreeMap<Place, HashMap<Vec<usize>, Waited>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Waited {
    times: i64,
    in_all: Duration,
}

impl Waits {
    /// Notes that the calling thread has waited at `place`.
    pub(super) fn record(&self, place: Place, waited: Duration) {
        let stack = Addresses::here();
        let mut by_place = self.by_place.lock().unwrap_or_else(PoisonError::into_inner);
        let by_stack = by_place.entry(place).or_default();
        // A stack that is known costs no allocation.
        if !by_stack.contains_key(stack.as_slice()) {
            by_stack.insert(stack.as_slice().to_vec(), Waited::default());
        }
        if let Some(known) = by_stack.get_mut(stack.as_slice()) {
            known.times += 1;
            known.in_all += waited;
        }
    }

    /// Takes a lock, and notes the wait if another thread holds it.
    pub(crate) fn lock<'a, T>(&self, place: Place, mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
        match mutex.try_lock() {
            Ok(held) => return held,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {}
        }
        let began = Instant::now();
        let held = mutex.lock().unwrap_or_else(PoisonError::into_inner);
        self.record(place, began.elapsed());
        held
    }

    /// The waits for locks alone, or all.
    pub(super) fn profile(&self, mode: Mode, covers: Duration) -> StackProfile {
        let by_place = self.by_place.lock().unwrap_or_else(PoisonError::into_inner);
        let mut symbols = Symbols::default();
        let mut samples = Vec::new();
        let wanted = by_place.iter().filter(|(place, _)| mode == Mode::Block || place.is_lock());
        for (place, by_stack) in wanted {
            for (stack, waited) in by_stack {
                let mut frames = vec![Frame::label(place.name())];
                frames.extend(symbols.frames(stack));
                let values = vec![waited.times, whole_ns(waited.in_all)];
                samples.push(StackSample { frames, values, thread: None });
            }
        }
        StackProfile {
            mode,
            kinds: vec![("contentions", "count"), ("delay", "nanoseconds")],
            shown: 1,
            period: (("contentions", "count"), 1),
            covers,
            comment: match mode {
                Mode::Mutex => "time waited for locks that another thread held, by place and stack",
                _ => "time waited, by place and stack; every wait counts",
            },
            samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const COVERS: Duration = Duration::from_secs(1);

    #[test]
    fn waits_of_one_stack_add_up_and_locks_are_told_apart() {
        let waits = Waits::default();
        for _ in 0..3 {
            waits.record(Place::Tick, Duration::from_millis(2));
        }
        waits.record(Place::Depot, Duration::from_millis(1));

        let block = waits.profile(Mode::Block, COVERS);
        let values: Vec<_> = block.samples.iter().map(|sample| sample.values.clone()).collect();
        assert_eq!(values, [[3, 6_000_000], [1, 1_000_000]]);
        assert_eq!(block.samples[0].frames[0].function, "wait for the tick");
        let test = |frame: &Frame| frame.function.contains("thread_start");
        assert!(block.samples[0].frames.iter().any(test), "{:?}", block.samples[0].frames);

        let mutex = waits.profile(Mode::Mutex, COVERS);
        assert_eq!(mutex.samples.len(), 1);
        assert_eq!(mutex.samples[0].frames[0].function, "wait for the depot's lock");
    }

    #[test]
    fn only_a_lock_that_is_held_is_waited_for() {
        let (waits, mutex) = (Waits::default(), Mutex::new(()));
        drop(waits.lock(Place::Log, &mutex));
        assert!(waits.profile(Mode::Mutex, COVERS).samples.is_empty());

        let held = mutex.lock().unwrap();
        let while_held = Duration::from_millis(50);
        thread::scope(|scope| {
            scope.spawn(|| drop(waits.lock(Place::Log, &mutex)));
            thread::sleep(while_held);
            drop(held);
        });
        // Should the thread have come late, there was nothing to wait for.
        let samples = waits.profile(Mode::Mutex, COVERS).samples;
        assert!(samples.len() <= 1 && samples.iter().all(|sample| sample.values[1] > 0));
    }
}
