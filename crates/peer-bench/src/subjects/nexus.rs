//! nexus-queue's two queues to one consumer. Its README waits with `spin_loop`; ours also
//! yields after a while, which it needs once threads outnumber cores.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use nexus_queue::{mpsc, spsc};

const MPSC: Facts = Facts {
    name: "nexus-queue/mpsc",
    layout: Layout::Queue,
    send: "push, polling",
    send_batch: None,
    receive: "pop, polling",
    sleeps: false,
    window: false,
};

/// An end and how it waits.
pub(crate) struct End<E> {
    end: E,
    patience: Patience,
}

/// `mpsc::ring_buffer`.
pub(crate) struct Mpsc;

impl Subject for Mpsc {
    const FACTS: Facts = MPSC;
    type Tx<T: Item> = End<mpsc::Producer<T>>;
    type Rx<T: Item> = End<mpsc::Consumer<T>>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<Self::Tx<T>, Self::Rx<T>>> {
        let (producer, consumer) = mpsc::ring_buffer(shape.capacity);
        let patience = Patience::new(stop);
        let tx = |_| End { end: producer.clone(), patience: patience.clone() };
        let producers = (0..shape.producers).map(tx).collect();
        Some(Ends { producers, consumer: End { end: consumer, patience } })
    }
}

impl<T: Item> Tx<T> for End<mpsc::Producer<T>> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.patience.until(|| self.end.push(make()).ok())
    }
}

impl<T: Item> Rx<T> for End<mpsc::Consumer<T>> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        sink(&self.patience.until(|| self.end.pop())?);
        Ok(1)
    }
}

/// `spsc::ring_buffer`.
pub(crate) struct Spsc;

impl Subject for Spsc {
    const FACTS: Facts = Facts { name: "nexus-queue/spsc", layout: Layout::Pair, ..MPSC };
    type Tx<T: Item> = End<spsc::Producer<T>>;
    type Rx<T: Item> = End<spsc::Consumer<T>>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<Self::Tx<T>, Self::Rx<T>>> {
        let (producer, consumer) = spsc::ring_buffer(shape.capacity);
        let patience = Patience::new(stop);
        let producers = vec![End { end: producer, patience: patience.clone() }];
        Some(Ends { producers, consumer: End { end: consumer, patience } })
    }
}

impl<T: Item> Tx<T> for End<spsc::Producer<T>> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.patience.until(|| self.end.push(make()).ok())
    }
}

impl<T: Item> Rx<T> for End<spsc::Consumer<T>> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        sink(&self.patience.until(|| self.end.pop())?);
        Ok(1)
    }
}
