//! The standard library's bounded channel.

use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::MOST_RECEIVED;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// `sync_channel`.
pub(crate) struct SyncChannel;

impl Subject for SyncChannel {
    const FACTS: Facts = Facts {
        name: "std/sync_channel",
        layout: Layout::Queue,
        send: "send",
        send_batch: None,
        receive: "recv, try_iter",
        sleeps: true,
        window: false,
    };
    type Tx<T: Item> = SyncSender<T>;
    type Rx<T: Item> = Receiver<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<SyncSender<T>, Receiver<T>>> {
        let (sender, consumer) = sync_channel(shape.capacity);
        Some(Ends { producers: vec![sender; shape.producers], consumer })
    }
}

impl<T: Item> Tx<T> for SyncSender<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        SyncSender::send(self, make()).map_err(|_| Stopped)
    }
}

impl<T: Item> Rx<T> for Receiver<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        sink(&self.recv().map_err(|_| Stopped)?);
        let more = self.try_iter().take(MOST_RECEIVED - 1);
        Ok(1 + more.map(|item| sink(&item)).count())
    }
}
