//! flume's bounded channel.

use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::wording::{send_by_sending, show};
use flume::{Receiver, Sender};

/// `bounded`.
pub(crate) struct Bounded;

impl Subject for Bounded {
    const FACTS: Facts = Facts {
        name: "flume/bounded",
        layout: Layout::Queue,
        send: "send",
        send_batch: None,
        receive: "recv, drain",
        sleeps: true,
        window: false,
    };
    type Tx<T: Item> = Sender<T>;
    type Rx<T: Item> = Receiver<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<Sender<T>, Receiver<T>>> {
        let (sender, consumer) = flume::bounded(shape.capacity);
        Some(Ends { producers: vec![sender; shape.producers], consumer })
    }
}

send_by_sending!(Sender);

impl<T: Item> Rx<T> for Receiver<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, sink: F) -> Result<usize, Stopped> {
        let first = self.recv().map_err(|_| Stopped)?;
        Ok(show(first, self.drain(), sink))
    }
}
