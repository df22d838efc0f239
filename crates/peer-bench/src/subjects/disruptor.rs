//! disruptor-rs with an event poller, its way for those who run their own threads: the single
//! producer for one, the multi producer for several. Its waits are loops of its `try_` calls;
//! these are the same loops, with an end.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use disruptor::{
    BusySpin, EventPoller, MultiProducer, MultiProducerBarrier, Polling, Producer,
    SingleConsumerBarrier, SingleProducer, SingleProducerBarrier,
};

/// `EventPoller`.
pub(crate) struct Poller;

enum Publisher<T> {
    Single(SingleProducer<T, SingleConsumerBarrier>),
    Multi(MultiProducer<T, SingleConsumerBarrier>),
}

/// A publisher that waits by polling.
pub(crate) struct PublishTx<T> {
    publisher: Publisher<T>,
    patience: Patience,
}

enum Events<T> {
    Single(EventPoller<T, SingleProducerBarrier>),
    Multi(EventPoller<T, MultiProducerBarrier>),
}

/// A poller that waits by polling.
pub(crate) struct PollRx<T> {
    events: Events<T>,
    patience: Patience,
}

impl Subject for Poller {
    const FACTS: Facts = Facts {
        name: "disruptor/poller",
        layout: Layout::Queue,
        send: "try_publish, polling",
        send_batch: Some("try_batch_publish, polling"),
        receive: "poll, polling",
        sleeps: false,
        window: true,
    };
    type Tx<T: Item> = PublishTx<T>;
    type Rx<T: Item> = PollRx<T>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<PublishTx<T>, PollRx<T>>> {
        if !shape.capacity.is_power_of_two() {
            return None;
        }
        let patience = Patience::new(stop);
        let (publishers, events) = if shape.producers == 1 {
            let builder = disruptor::build_single_producer(shape.capacity, T::default, BusySpin);
            let (poller, builder) = builder.new_event_poller();
            (vec![Publisher::Single(builder.build())], Events::Single(poller))
        } else {
            let builder = disruptor::build_multi_producer(shape.capacity, T::default, BusySpin);
            let (poller, builder) = builder.new_event_poller();
            let publisher = builder.build();
            let clones = (0..shape.producers).map(|_| Publisher::Multi(publisher.clone()));
            (clones.collect(), Events::Multi(poller))
        };
        let tx = |publisher| PublishTx { publisher, patience: patience.clone() };
        let producers = publishers.into_iter().map(tx).collect();
        Some(Ends { producers, consumer: PollRx { events, patience } })
    }
}

impl<T: Item> Tx<T> for PublishTx<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        let Self { publisher, patience } = self;
        let update = |slot: &mut T| *slot = make();
        patience.until(|| match publisher {
            Publisher::Single(producer) => producer.try_publish(update).ok(),
            Publisher::Multi(producer) => producer.try_publish(update).ok(),
        })?;
        Ok(())
    }

    #[inline(always)]
    fn send_batch<F: FnMut() -> T>(&mut self, count: usize, mut make: F) -> Result<(), Stopped> {
        let Self { publisher, patience } = self;
        patience.until(|| {
            let make = &mut make;
            match publisher {
                Publisher::Single(producer) => producer
                    .try_batch_publish(count, |slots| slots.for_each(|slot| *slot = make()))
                    .ok(),
                Publisher::Multi(producer) => producer
                    .try_batch_publish(count, |slots| slots.for_each(|slot| *slot = make()))
                    .ok(),
            }
        })?;
        Ok(())
    }

    fn send_around<F: FnOnce()>(&mut self, item: T, inside: F) -> bool {
        let update = |slot: &mut T| {
            inside();
            *slot = item;
        };
        match &mut self.publisher {
            Publisher::Single(producer) => producer.try_publish(update).is_ok(),
            Publisher::Multi(producer) => producer.try_publish(update).is_ok(),
        }
    }
}

impl<T: Item> Rx<T> for PollRx<T> {
    #[inline(always)]
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        let Self { events, patience } = self;
        patience.until(|| {
            let polled = match events {
                Events::Single(poller) => {
                    poller.poll().map(|mut events| read(&mut events, &mut sink))
                }
                Events::Multi(poller) => {
                    poller.poll().map(|mut events| read(&mut events, &mut sink))
                }
            };
            match polled {
                Ok(received) => Some(Ok(received)),
                Err(Polling::NoEvents) => None,
                Err(Polling::Shutdown) => Some(Err(Stopped)),
            }
        })?
    }
}

#[inline(always)]
fn read<'a, T: 'a>(
    events: impl ExactSizeIterator<Item = &'a T>,
    sink: &mut impl FnMut(&T),
) -> usize {
    let received = events.len();
    events.for_each(sink);
    received
}
