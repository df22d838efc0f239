//! The standard library's bounded channel.

use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::wording::{receive_by_iterating, send_by_sending};
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

send_by_sending!(SyncSender);
receive_by_iterating!(Receiver);
