//! rtrb, for one producer: one by one and in chunks. Waiting is left to the user.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use rtrb::chunks::ChunkError;
use rtrb::{Consumer, Producer, RingBuffer};

const ONE: Facts = Facts {
    name: "rtrb/one",
    layout: Layout::Pair,
    send: "push, polling",
    send_batch: None,
    receive: "pop, polling",
    sleeps: false,
    window: false,
};

/// The writing end: `push` and `write_chunk_uninit`.
pub(crate) struct PushTx<T> {
    producer: Producer<T>,
    patience: Patience,
}

impl<T: Item> Tx<T> for PushTx<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.patience.until(|| self.producer.push(make()).ok())
    }

    #[inline(always)]
    fn send_batch<F: FnMut() -> T>(&mut self, count: usize, mut make: F) -> Result<(), Stopped> {
        let Self { producer, patience } = self;
        let mut left = count;
        while left > 0 {
            left -= patience.until(|| {
                let slots = match producer.write_chunk_uninit(left) {
                    Ok(chunk) => return Some(chunk.fill_from_iter((0..left).map(|_| make()))),
                    Err(ChunkError::TooFewSlots(slots)) => slots,
                };
                let chunk = producer.write_chunk_uninit(slots).ok().filter(|_| slots > 0)?;
                Some(chunk.fill_from_iter((0..slots).map(|_| make())))
            })?;
        }
        Ok(())
    }
}

fn open<T: Item, C>(
    shape: Shape,
    stop: &Stop,
    consumer: impl FnOnce(Consumer<T>, Patience) -> C,
) -> Option<Ends<PushTx<T>, C>> {
    let (producer, end) = RingBuffer::new(shape.capacity);
    let patience = Patience::new(stop);
    let producers = vec![PushTx { producer, patience: patience.clone() }];
    Some(Ends { producers, consumer: consumer(end, patience) })
}

/// `push`, `pop`.
pub(crate) struct One;

/// Reads with `pop`.
pub(crate) struct PopRx<T> {
    consumer: Consumer<T>,
    patience: Patience,
}

impl Subject for One {
    const FACTS: Facts = ONE;
    type Tx<T: Item> = PushTx<T>;
    type Rx<T: Item> = PopRx<T>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<PushTx<T>, PopRx<T>>> {
        open(shape, stop, |consumer, patience| PopRx { consumer, patience })
    }
}

impl<T: Item> Rx<T> for PopRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        let Self { consumer, patience } = self;
        sink(&patience.until(|| consumer.pop().ok())?);
        Ok(1)
    }
}

/// Chunks: read in place, and written from an iterator where the case writes many.
pub(crate) struct Chunks;

/// Reads with `read_chunk`.
pub(crate) struct ChunkRx<T> {
    consumer: Consumer<T>,
    patience: Patience,
}

impl Subject for Chunks {
    const FACTS: Facts = Facts {
        name: "rtrb/chunks",
        send_batch: Some("write_chunk_uninit, polling"),
        receive: "read_chunk, polling",
        ..ONE
    };
    type Tx<T: Item> = PushTx<T>;
    type Rx<T: Item> = ChunkRx<T>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<PushTx<T>, ChunkRx<T>>> {
        open(shape, stop, |consumer, patience| ChunkRx { consumer, patience })
    }
}

impl<T: Item> Rx<T> for ChunkRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        let Self { consumer, patience } = self;
        patience.until(|| {
            let slots = consumer.slots();
            let chunk = consumer.read_chunk(slots).ok().filter(|_| slots > 0)?;
            let (first, second) = chunk.as_slices();
            first.iter().chain(second).for_each(&mut sink);
            chunk.commit_all();
            Some(slots)
        })
    }
}
