//! crossbeam-channel's bounded channel and crossbeam-queue's `ArrayQueue`.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::wording::{receive_by_iterating, send_by_sending};
use crossbeam_channel::{Receiver, Sender};
use crossbeam_queue::ArrayQueue;
use std::sync::Arc;

/// `bounded`: waits by itself.
pub(crate) struct Channel;

impl Subject for Channel {
    const FACTS: Facts = Facts {
        name: "crossbeam-channel/bounded",
        layout: Layout::Queue,
        send: "send",
        send_batch: None,
        receive: "recv, try_iter",
        sleeps: true,
        window: false,
    };
    type Tx<T: Item> = Sender<T>;
    type Rx<T: Item> = Receiver<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<Sender<T>, Receiver<T>>> {
        let (sender, consumer) = crossbeam_channel::bounded(shape.capacity);
        Some(Ends { producers: vec![sender; shape.producers], consumer })
    }
}

send_by_sending!(Sender);
receive_by_iterating!(Receiver);

/// `ArrayQueue`: waiting is left to the user.
pub(crate) struct Array;

/// One end of an `ArrayQueue`; both are the same.
pub(crate) struct ArrayEnd<T> {
    queue: Arc<ArrayQueue<T>>,
    patience: Patience,
}

impl Subject for Array {
    const FACTS: Facts = Facts {
        name: "crossbeam-queue/array_queue",
        layout: Layout::Queue,
        send: "push",
        send_batch: None,
        receive: "pop",
        sleeps: false,
        window: false,
    };
    type Tx<T: Item> = ArrayEnd<T>;
    type Rx<T: Item> = ArrayEnd<T>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<ArrayEnd<T>, ArrayEnd<T>>> {
        let queue = Arc::new(ArrayQueue::new(shape.capacity));
        let end = || ArrayEnd { queue: queue.clone(), patience: Patience::new(stop) };
        Some(Ends { producers: (0..shape.producers).map(|_| end()).collect(), consumer: end() })
    }
}

impl<T: Item> Tx<T> for ArrayEnd<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.patience.until(|| self.queue.push(make()).ok())
    }
}

impl<T: Item> Rx<T> for ArrayEnd<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        sink(&self.patience.until(|| self.queue.pop())?);
        Ok(1)
    }
}
