//! tokio's bounded MPSC channel between threads: its non-blocking calls first, since its
//! blocking ones enter an executor even when there is room.

use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::MOST_RECEIVED;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// `mpsc::channel`, blocking.
pub(crate) struct Blocking;

/// The receiver and the vector that it receives into.
pub(crate) struct ManyRx<T> {
    receiver: Receiver<T>,
    batch: Vec<T>,
}

impl Subject for Blocking {
    const FACTS: Facts = Facts {
        name: "tokio/blocking",
        layout: Layout::Queue,
        send: "try_send, blocking_send",
        send_batch: Some("try_reserve_many, blocking_send"),
        receive: "blocking_recv_many",
        sleeps: true,
        window: false,
    };
    type Tx<T: Item> = Sender<T>;
    type Rx<T: Item> = ManyRx<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<Sender<T>, ManyRx<T>>> {
        let (sender, receiver) = channel(shape.capacity);
        let consumer = ManyRx { receiver, batch: Vec::with_capacity(MOST_RECEIVED) };
        Some(Ends { producers: vec![sender; shape.producers], consumer })
    }
}

impl<T: Item> Tx<T> for Sender<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        match self.try_send(make()) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(item)) => self.blocking_send(item).map_err(|_| Stopped),
            Err(TrySendError::Closed(_)) => Err(Stopped),
        }
    }

    #[inline(always)]
    fn send_batch<F: FnMut() -> T>(&mut self, count: usize, mut make: F) -> Result<(), Stopped> {
        let mut left = count;
        while left > 0 {
            match self.try_reserve_many(left) {
                Ok(permits) => {
                    permits.for_each(|permit| permit.send(make()));
                    return Ok(());
                }
                Err(TrySendError::Full(())) => {
                    self.blocking_send(make()).map_err(|_| Stopped)?;
                    left -= 1;
                }
                Err(TrySendError::Closed(())) => return Err(Stopped),
            }
        }
        Ok(())
    }
}

impl<T: Item> Rx<T> for ManyRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, sink: F) -> Result<usize, Stopped> {
        let received = self.receiver.blocking_recv_many(&mut self.batch, MOST_RECEIVED);
        if received == 0 {
            return Err(Stopped);
        }
        self.batch.iter().for_each(sink);
        self.batch.clear();
        Ok(received)
    }
}
