//! Ours: shared shards, in the ways in which one may use them.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Ends, Facts, Layout, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::reading::{InPlaceRx, OneByOneRx, PollingRx, WaitingRx};
use lock_free_ring::{Consumer, ShardedRing};

const FACTS: Facts = Facts {
    name: "lock-free-ring/shared",
    layout: Layout::Shards,
    send: "write",
    send_batch: Some("write_batch"),
    receive: "read_batch_into",
    sleeps: true,
    window: true,
};

fn open<T: Item, P, C>(
    shape: Shape,
    producer: impl Fn(ShardedRing<T>, u64) -> P,
    consumer: impl FnOnce(Consumer<T>) -> C,
) -> Option<Ends<P, C>> {
    let ring = ShardedRing::new(shape.capacity, shape.lanes).ok()?;
    let consumer = consumer(ring.consumer().ok()?);
    let producers = (0..shape.producers).map(|id| producer(ring.clone(), id as u64));
    Some(Ends { producers: producers.collect(), consumer })
}

/// Writes with `write` and `write_batch`.
pub(crate) struct WaitingTx<T> {
    ring: ShardedRing<T>,
    id: u64,
    batch: Vec<T>,
}

impl<T> WaitingTx<T> {
    fn new(ring: ShardedRing<T>, id: u64) -> Self {
        Self { ring, id, batch: Vec::new() }
    }
}

impl<T: Item> Tx<T> for WaitingTx<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.ring.write(self.id, make()).map_err(|_| Stopped)
    }

    #[inline(always)]
    fn send_batch<F: FnMut() -> T>(&mut self, count: usize, mut make: F) -> Result<(), Stopped> {
        self.batch.extend((0..count).map(|_| make()));
        self.ring.write_batch(self.id, &mut self.batch).map_err(|_| Stopped)
    }

    fn send_around<F: FnOnce()>(&mut self, item: T, inside: F) -> bool {
        let make = || {
            inside();
            item
        };
        self.ring.try_write_with(self.id, make).is_ok()
    }
}

/// Writes what a closure makes in its slot, and waits by polling.
pub(crate) struct InPlaceTx<T> {
    ring: ShardedRing<T>,
    id: u64,
    patience: Patience,
}

impl<T: Item> Tx<T> for InPlaceTx<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.patience.until(|| self.ring.try_write_with(self.id, &make).ok())
    }
}

/// Waiting batch reads: what most users should use.
pub(crate) struct Batch;

impl Subject for Batch {
    const FACTS: Facts = FACTS;
    type Tx<T: Item> = WaitingTx<T>;
    type Rx<T: Item> = WaitingRx<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<WaitingTx<T>, WaitingRx<T>>> {
        open(shape, WaitingTx::new, WaitingRx::new)
    }
}

/// `read`, one item a call.
pub(crate) struct OneByOne;

impl Subject for OneByOne {
    const FACTS: Facts =
        Facts { name: "lock-free-ring/shared/one-by-one", receive: "read", ..FACTS };
    type Tx<T: Item> = WaitingTx<T>;
    type Rx<T: Item> = OneByOneRx<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<WaitingTx<T>, OneByOneRx<T>>> {
        open(shape, WaitingTx::new, OneByOneRx::new)
    }
}

/// A closure that builds in the slot, and slices: no copy on either side.
pub(crate) struct InPlace;

impl Subject for InPlace {
    const FACTS: Facts = Facts {
        name: "lock-free-ring/shared/in-place",
        send: "try_write_with",
        send_batch: None,
        receive: "try_read_slices, polling",
        sleeps: false,
        window: false,
        ..FACTS
    };
    type Tx<T: Item> = InPlaceTx<T>;
    type Rx<T: Item> = InPlaceRx<T>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<InPlaceTx<T>, InPlaceRx<T>>> {
        let patience = Patience::new(stop);
        let tx = |ring, id| InPlaceTx { ring, id, patience: patience.clone() };
        open(shape, tx, |consumer| InPlaceRx::new(consumer, stop))
    }
}

/// Batch reads by a consumer that never sleeps.
pub(crate) struct Polling;

impl Subject for Polling {
    const FACTS: Facts = Facts {
        name: "lock-free-ring/shared/polling",
        receive: "try_read_batch_into, polling",
        sleeps: false,
        window: false,
        ..FACTS
    };
    type Tx<T: Item> = WaitingTx<T>;
    type Rx<T: Item> = PollingRx<T>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<WaitingTx<T>, PollingRx<T>>> {
        open(shape, WaitingTx::new, |consumer| PollingRx::new(consumer, stop))
    }
}
