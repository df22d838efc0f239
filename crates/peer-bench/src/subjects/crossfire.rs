//! crossfire's bounded MPSC channel, blocking at both ends. `main` calls its
//! `detect_backoff_cfg`, as its README asks.

use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx as ReceiveEnd, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::MOST_RECEIVED;
use crate::subjects::wording::show;
use crossfire::mpsc::{Array, bounded_blocking};
use crossfire::{MTx, Rx};

/// `mpsc::bounded_blocking`.
pub(crate) struct Mpsc;

impl Subject for Mpsc {
    const FACTS: Facts = Facts {
        name: "crossfire/mpsc",
        layout: Layout::Queue,
        send: "send",
        send_batch: None,
        receive: "recv, try_recv",
        sleeps: true,
        window: false,
    };
    type Tx<T: Item> = MTx<Array<T>>;
    type Rx<T: Item> = Rx<Array<T>>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<MTx<Array<T>>, Rx<Array<T>>>> {
        let (sender, consumer) = bounded_blocking(shape.capacity);
        let mut producers: Vec<_> = (1..shape.producers).map(|_| sender.clone()).collect();
        producers.push(sender);
        Some(Ends { producers, consumer })
    }
}

impl<T: Item> Tx<T> for MTx<Array<T>> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        crossfire::Tx::send(self, make()).map_err(|_| Stopped)
    }
}

impl<T: Item> ReceiveEnd<T> for Rx<Array<T>> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, sink: F) -> Result<usize, Stopped> {
        let first = self.recv().map_err(|_| Stopped)?;
        let more = std::iter::from_fn(|| self.try_recv().ok());
        Ok(show(first, more.take(MOST_RECEIVED - 1), sink))
    }
}
