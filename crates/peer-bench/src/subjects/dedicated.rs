//! Ours: dedicated shards, in the ways in which one may use them.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Ends, Facts, Layout, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::reading::{InPlaceRx, OneByOneRx, PollingRx, WaitingRx};
use lock_free_ring::{Consumer, DedicatedRing, Producer};

const FACTS: Facts = Facts {
    name: "lock-free-ring/dedicated",
    layout: Layout::Rings,
    send: "write",
    send_batch: Some("write_batch"),
    receive: "read_batch_into",
    sleeps: true,
    window: false,
};

fn open<T: Item, P, C>(
    shape: Shape,
    producer: impl Fn(Producer<T>) -> P,
    consumer: impl FnOnce(Consumer<T>) -> C,
) -> Option<Ends<P, C>> {
    let ring = DedicatedRing::new(shape.capacity, shape.lanes).ok()?;
    let producers = (0..shape.producers).map(|_| ring.producer().ok().map(&producer));
    Some(Ends {
        producers: producers.collect::<Option<_>>()?,
        consumer: consumer(ring.consumer().ok()?),
    })
}

/// Writes with `write` and `write_batch`.
pub(crate) struct WaitingTx<T> {
    producer: Producer<T>,
    batch: Vec<T>,
}

impl<T> WaitingTx<T> {
    fn new(producer: Producer<T>) -> Self {
        Self { producer, batch: Vec::new() }
    }
}

impl<T: Item> Tx<T> for WaitingTx<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.producer.write(make()).map_err(|_| Stopped)
    }

    #[inline(always)]
    fn send_batch<F: FnMut() -> T>(&mut self, count: usize, mut make: F) -> Result<(), Stopped> {
        self.batch.extend((0..count).map(|_| make()));
        self.producer.write_batch(&mut self.batch).map_err(|_| Stopped)
    }
}

/// Writes into reserved slots, and waits by polling: a reservation does not wait by itself.
pub(crate) struct InPlaceTx<T> {
    producer: Producer<T>,
    patience: Patience,
}

impl<T: Item> Tx<T> for InPlaceTx<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.send_batch(1, make)
    }

    #[inline(always)]
    fn send_batch<F: FnMut() -> T>(&mut self, count: usize, mut make: F) -> Result<(), Stopped> {
        let Self { producer, patience } = self;
        let mut left = count;
        while left > 0 {
            left -= patience.until(|| {
                let mut reservation = producer.try_reserve(left).ok()?;
                while reservation.push_with(&mut make).is_ok() {}
                Some(reservation.publish())
            })?;
        }
        Ok(())
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
        Facts { name: "lock-free-ring/dedicated/one-by-one", receive: "read", ..FACTS };
    type Tx<T: Item> = WaitingTx<T>;
    type Rx<T: Item> = OneByOneRx<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<WaitingTx<T>, OneByOneRx<T>>> {
        open(shape, WaitingTx::new, OneByOneRx::new)
    }
}

/// Reservations and slices: no copy on either side.
pub(crate) struct InPlace;

impl Subject for InPlace {
    const FACTS: Facts = Facts {
        name: "lock-free-ring/dedicated/in-place",
        send: "try_reserve(1)",
        send_batch: Some("try_reserve"),
        receive: "try_read_slices, polling",
        sleeps: false,
        ..FACTS
    };
    type Tx<T: Item> = InPlaceTx<T>;
    type Rx<T: Item> = InPlaceRx<T>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<InPlaceTx<T>, InPlaceRx<T>>> {
        let patience = Patience::new(stop);
        let tx = |producer| InPlaceTx { producer, patience: patience.clone() };
        open(shape, tx, |consumer| InPlaceRx::new(consumer, stop))
    }
}

/// Batch reads by a consumer that never sleeps.
pub(crate) struct Polling;

impl Subject for Polling {
    const FACTS: Facts = Facts {
        name: "lock-free-ring/dedicated/polling",
        receive: "try_read_batch_into, polling",
        sleeps: false,
        ..FACTS
    };
    type Tx<T: Item> = WaitingTx<T>;
    type Rx<T: Item> = PollingRx<T>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<WaitingTx<T>, PollingRx<T>>> {
        open(shape, WaitingTx::new, |consumer| PollingRx::new(consumer, stop))
    }
}
