//! concurrent-queue's bounded queue.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use concurrent_queue::ConcurrentQueue;
use std::sync::Arc;

/// `bounded`: waiting is left to the user.
pub(crate) struct Bounded;

/// One end; both are the same.
pub(crate) struct End<T> {
    queue: Arc<ConcurrentQueue<T>>,
    patience: Patience,
}

impl Subject for Bounded {
    const FACTS: Facts = Facts {
        name: "concurrent-queue/bounded",
        layout: Layout::Queue,
        send: "push",
        send_batch: None,
        receive: "pop",
        sleeps: false,
        window: false,
    };
    type Tx<T: Item> = End<T>;
    type Rx<T: Item> = End<T>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<End<T>, End<T>>> {
        let queue = Arc::new(ConcurrentQueue::bounded(shape.capacity));
        let end = || End { queue: queue.clone(), patience: Patience::new(stop) };
        Some(Ends { producers: (0..shape.producers).map(|_| end()).collect(), consumer: end() })
    }
}

impl<T: Item> Tx<T> for End<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.patience.until(|| self.queue.push(make()).ok())
    }
}

impl<T: Item> Rx<T> for End<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        sink(&self.patience.until(|| self.queue.pop().ok())?);
        Ok(1)
    }
}
