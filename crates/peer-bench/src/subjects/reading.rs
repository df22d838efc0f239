//! Ours: the ways of reading, alike for both kinds of shards.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Rx, Stop, Stopped};
use lock_free_ring::Consumer;

/// Items asked for in one call.
const BATCH: usize = 1024;

/// `read_batch_into`.
pub(crate) struct WaitingRx<T> {
    consumer: Consumer<T>,
    batch: Vec<T>,
}

impl<T> WaitingRx<T> {
    pub(crate) fn new(consumer: Consumer<T>) -> Self {
        Self { consumer, batch: Vec::with_capacity(BATCH) }
    }
}

impl<T: Item> Rx<T> for WaitingRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, sink: F) -> Result<usize, Stopped> {
        let read = self.consumer.read_batch_into(&mut self.batch, BATCH).map_err(|_| Stopped)?;
        self.batch.iter().for_each(sink);
        self.batch.clear();
        Ok(read)
    }
}

/// `read`.
pub(crate) struct OneByOneRx<T>(Consumer<T>);

impl<T> OneByOneRx<T> {
    pub(crate) fn new(consumer: Consumer<T>) -> Self {
        Self(consumer)
    }
}

impl<T: Item> Rx<T> for OneByOneRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        sink(&self.0.read().map_err(|_| Stopped)?);
        Ok(1)
    }
}

/// `try_read_batch_into`, polling.
pub(crate) struct PollingRx<T> {
    consumer: Consumer<T>,
    batch: Vec<T>,
    patience: Patience,
}

impl<T> PollingRx<T> {
    pub(crate) fn new(consumer: Consumer<T>, stop: &Stop) -> Self {
        Self { consumer, batch: Vec::with_capacity(BATCH), patience: Patience::new(stop) }
    }
}

impl<T: Item> Rx<T> for PollingRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, sink: F) -> Result<usize, Stopped> {
        let Self { consumer, batch, patience } = self;
        let read = patience.until(|| {
            let read = consumer.try_read_batch_into(batch, BATCH);
            (read > 0).then_some(read)
        })?;
        batch.iter().for_each(sink);
        batch.clear();
        Ok(read)
    }
}

/// `try_read_slices`, polling.
pub(crate) struct InPlaceRx<T> {
    consumer: Consumer<T>,
    patience: Patience,
}

impl<T> InPlaceRx<T> {
    pub(crate) fn new(consumer: Consumer<T>, stop: &Stop) -> Self {
        Self { consumer, patience: Patience::new(stop) }
    }
}

impl<T: Item> Rx<T> for InPlaceRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        let Self { consumer, patience } = self;
        patience.until(|| {
            let mut items = consumer.try_read_slices(BATCH)?;
            let len = items.len();
            let (first, second) = items.slices();
            first.iter().chain(&*second).for_each(&mut sink);
            items.release(len);
            Some(len)
        })
    }
}
