//! What every subject offers to the rounds: ends that send and receive, each through the
//! subject's own best way, waiting as its authors mean it.

use crate::measure::item::Item;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A round was called off, or the other side is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped;

/// Calls a round off; looked at wherever a subject waits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn set(&self) {
        // Relaxed, like the load: it orders nothing.
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self) -> Result<(), Stopped> {
        if self.is_set() { Err(Stopped) } else { Ok(()) }
    }
}

/// How many producers meet what room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) producers: usize,
    /// Rings or shards under the one consumer, where a subject has such; at least one for each
    /// producer, or a single one that all share.
    pub(crate) lanes: usize,
    /// Slots in all.
    pub(crate) capacity: usize,
}

impl Shape {
    pub(crate) fn lane_capacity(&self) -> usize {
        self.capacity / self.lanes
    }

    /// Slots for each producer, or for each lane where most of them idle.
    pub(crate) fn capacity_per_producer(&self) -> usize {
        self.capacity / self.producers.max(self.lanes)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} producers, {} slots in {} lanes", self.producers, self.capacity, self.lanes)
    }
}

/// How a subject lays out its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One queue that all producers share.
    Queue,
    /// Shards that any number of producers may share.
    Shards,
    /// A ring of its own for each producer.
    Rings,
    /// One producer and no more.
    Pair,
}

/// What a row says of a subject, and what decides in which cases it takes part.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) name: &'static str,
    pub(crate) layout: Layout,
    /// What the producer calls for one item.
    pub(crate) send: &'static str,
    /// What it calls for many, if there is such a thing.
    pub(crate) send_batch: Option<&'static str>,
    pub(crate) receive: &'static str,
    /// Whether a consumer with nothing to do gives up its core.
    pub(crate) sleeps: bool,
    /// Whether user code can run between claim and publish.
    pub(crate) window: bool,
}

/// The sending end, one for each producer.
pub(crate) trait Tx<T: Item>: Send + 'static {
    /// Sends what `make` returns, and waits as long as there is no room.
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped>;

    /// Sends `count` items, at once where the subject can.
    fn send_batch<F: FnMut() -> T>(&mut self, count: usize, mut make: F) -> Result<(), Stopped> {
        (0..count).try_for_each(|_| {
            let item = make();
            self.send(|| item)
        })
    }

    /// Claims a slot, runs `inside`, then publishes `item`. Answers whether it could.
    fn send_around<F: FnOnce()>(&mut self, item: T, inside: F) -> bool {
        let _ = (item, inside);
        false
    }
}

/// The one receiving end.
pub(crate) trait Rx<T: Item>: Send + 'static {
    /// Waits until there is at least one item, then shows to `sink` what one call of the
    /// subject's best receive gives. Answers how many that was.
    fn receive<F: FnMut(&T)>(&mut self, sink: F) -> Result<usize, Stopped>;
}

/// A queue under test.
pub(crate) trait Subject: 'static {
    const FACTS: Facts;

    type Tx<T: Item>: Tx<T>;
    type Rx<T: Item>: Rx<T>;

    /// The ends, one `Tx` for each producer; none if this subject cannot be had in that shape.
    /// When all `Tx` are dropped, or `stop` is set, `receive` ends once nothing is left.
    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<Self::Tx<T>, Self::Rx<T>>>;
}

/// The ends of one opened queue.
pub(crate) struct Ends<P, C> {
    pub(crate) producers: Vec<P>,
    pub(crate) consumer: C,
}
