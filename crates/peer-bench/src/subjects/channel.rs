//! Ours, in the words of std's and crossbeam's channels.

use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use crate::subjects::wording::send_by_sending;
use lock_free_ring::RingBuilder;
use lock_free_ring::channel::{Receiver, Sender};

/// `sharded`, with a shard for each sender; `bounded` where all share one.
pub(crate) struct Channel;

impl Subject for Channel {
    const FACTS: Facts = Facts {
        name: "lock-free-ring/channel",
        layout: Layout::Shards,
        send: "send",
        send_batch: None,
        receive: "recv",
        sleeps: true,
        window: false,
    };
    type Tx<T: Item> = Sender<T>;
    type Rx<T: Item> = Receiver<T>;

    fn open<T: Item>(shape: Shape, _: &Stop) -> Option<Ends<Sender<T>, Receiver<T>>> {
        let (sender, consumer) = RingBuilder::new(shape.capacity, shape.lanes).channel().ok()?;
        // Each clone sends to the next shard.
        Some(Ends { producers: vec![sender; shape.producers], consumer })
    }
}

send_by_sending!(Sender);

/// As `for item in &rx`. A waiting read lets batches form; `try_iter` never waits, and so does not.
impl<T: Item> Rx<T> for Receiver<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        sink(&self.recv().map_err(|_| Stopped)?);
        Ok(1)
    }
}
