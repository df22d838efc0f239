//! thingbuf's blocking MPSC channel, through references to its slots.

use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::MOST_RECEIVED;
use thingbuf::mpsc::blocking::{Receiver, Sender, with_recycle};
use thingbuf::recycling::Recycle;

/// `mpsc::blocking`.
pub(crate) struct Blocking;

/// Leaves a slot as it is: every send overwrites all of it.
#[derive(Debug)]
pub(crate) struct Keep;

impl<T: Default> Recycle<T> for Keep {
    fn new_element(&self) -> T {
        T::default()
    }

    fn recycle(&self, _: &mut T) {}
}

impl Subject for Blocking {
    const FACTS: Facts = Facts {
        name: "thingbuf/blocking",
        layout: Layout::Queue,
        send: "send_ref",
        send_batch: None,
        receive: "recv_ref, try_recv_ref",
        sleeps: true,
        window: true,
    };
    type Tx<T: Item> = Sender<T, Keep>;
    type Rx<T: Item> = Receiver<T, Keep>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<Sender<T, Keep>, Receiver<T, Keep>>> {
        let (sender, consumer) = with_recycle(shape.capacity, Keep);
        let mut producers: Vec<_> = (1..shape.producers).map(|_| sender.clone()).collect();
        producers.push(sender);
        Some(Ends { producers, consumer })
    }
}

impl<T: Item> Tx<T> for Sender<T, Keep> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        *self.send_ref().map_err(|_| Stopped)? = make();
        Ok(())
    }

    fn send_around<F: FnOnce()>(&mut self, item: T, inside: F) -> bool {
        let Ok(mut slot) = self.send_ref() else { return false };
        inside();
        *slot = item;
        true
    }
}

impl<T: Item> Rx<T> for Receiver<T, Keep> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        sink(&*self.recv_ref().ok_or(Stopped)?);
        let mut received = 1;
        while received < MOST_RECEIVED {
            let Ok(item) = self.try_recv_ref() else { break };
            sink(&*item);
            received += 1;
        }
        Ok(received)
    }
}
