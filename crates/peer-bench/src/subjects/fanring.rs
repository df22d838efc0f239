//! fanring's MPSC channel, received in batches; sent one by one, or deferred where the case
//! sends many.

use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::MOST_RECEIVED;
use fanring::mpsc::{Receiver, Sender, TrySendError, channel};

const BATCH: Facts = Facts {
    name: "fanring/batch",
    layout: Layout::Rings,
    send: "send",
    send_batch: None,
    receive: "recv_batch_into",
    sleeps: true,
    window: false,
};

/// A sender, and the senders of the lanes that are to idle.
pub(crate) struct SendTx<T> {
    sender: Sender<T>,
    idle: Vec<Sender<T>>,
}

/// A sender that publishes a batch at its end.
pub(crate) struct DeferTx<T>(SendTx<T>);

/// The receiver and the vector that it receives into.
pub(crate) struct BatchRx<T> {
    receiver: Receiver<T>,
    batch: Vec<T>,
}

fn open<T: Item>(shape: Shape) -> Option<Ends<SendTx<T>, BatchRx<T>>> {
    let (first, receiver) = channel(shape.lane_capacity());
    let clones = (1..shape.lanes).map(|_| first.try_clone()).collect::<Option<Vec<_>>>()?;
    let mut senders = std::iter::once(first).chain(clones);
    let tx = |sender| SendTx { sender, idle: Vec::new() };
    let mut producers: Vec<_> = senders.by_ref().take(shape.producers).map(tx).collect();
    producers.first_mut()?.idle.extend(senders);
    let batch = Vec::with_capacity(MOST_RECEIVED);
    Some(Ends { producers, consumer: BatchRx { receiver, batch } })
}

/// `send`, `recv_batch_into`.
pub(crate) struct Batch;

impl Subject for Batch {
    const FACTS: Facts = BATCH;
    type Tx<T: Item> = SendTx<T>;
    type Rx<T: Item> = BatchRx<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<SendTx<T>, BatchRx<T>>> {
        open(shape)
    }
}

/// `try_send_deferred` and `flush`, `recv_batch_into`.
pub(crate) struct Deferred;

impl Subject for Deferred {
    const FACTS: Facts =
        Facts { name: "fanring/deferred", send_batch: Some("try_send_deferred, flush"), ..BATCH };
    type Tx<T: Item> = DeferTx<T>;
    type Rx<T: Item> = BatchRx<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<DeferTx<T>, BatchRx<T>>> {
        let Ends { producers, consumer } = open(shape)?;
        Some(Ends { producers: producers.into_iter().map(DeferTx).collect(), consumer })
    }
}

impl<T: Item> Tx<T> for SendTx<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.sender.send(make()).map_err(|_| Stopped)
    }
}

impl<T: Item> Tx<T> for DeferTx<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.0.send(make)
    }

    #[inline(always)]
    fn send_batch<F: FnMut() -> T>(&mut self, count: usize, mut make: F) -> Result<(), Stopped> {
        let sender = &mut self.0.sender;
        for _ in 0..count {
            match sender.try_send_deferred(make()) {
                Ok(()) => {}
                // It has published what came before; `send` waits and publishes this one.
                Err(TrySendError::Full(item)) => sender.send(item).map_err(|_| Stopped)?,
                Err(TrySendError::Disconnected(_)) => return Err(Stopped),
            }
        }
        sender.flush();
        Ok(())
    }
}

impl<T: Item> Rx<T> for BatchRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, sink: F) -> Result<usize, Stopped> {
        let Self { receiver, batch } = self;
        let received = receiver.recv_batch_into(batch, MOST_RECEIVED).map_err(|_| Stopped)?;
        batch.iter().for_each(sink);
        batch.clear();
        Ok(received)
    }
}
