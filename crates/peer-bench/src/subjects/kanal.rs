//! kanal's bounded channel. Version 0.1.1 has a batch receive and no batch send.

use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::wording::send_by_sending;
use kanal::{Receiver, Sender};

/// `bounded`, received as the docs of `drain_into` show: drain, and `recv` when that gave none.
pub(crate) struct Bounded;

/// The receiver and the vector that it drains into.
pub(crate) struct DrainRx<T> {
    receiver: Receiver<T>,
    batch: Vec<T>,
}

impl Subject for Bounded {
    const FACTS: Facts = Facts {
        name: "kanal/bounded",
        layout: Layout::Queue,
        send: "send",
        send_batch: None,
        receive: "drain_into, recv",
        sleeps: true,
        window: false,
    };
    type Tx<T: Item> = Sender<T>;
    type Rx<T: Item> = DrainRx<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<Sender<T>, DrainRx<T>>> {
        let (sender, receiver) = kanal::bounded(shape.capacity);
        let consumer = DrainRx { receiver, batch: Vec::with_capacity(shape.capacity) };
        Some(Ends { producers: vec![sender; shape.producers], consumer })
    }
}

send_by_sending!(Sender);

impl<T: Item> Rx<T> for DrainRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        let drained = self.receiver.drain_into(&mut self.batch).map_err(|_| Stopped)?;
        if drained == 0 {
            sink(&self.receiver.recv().map_err(|_| Stopped)?);
            return Ok(1);
        }
        self.batch.iter().for_each(sink);
        self.batch.clear();
        Ok(drained)
    }
}
