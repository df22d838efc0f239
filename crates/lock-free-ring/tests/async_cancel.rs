//! Reads and writes that are dropped before they are ready, thousands of them: nothing is lost,
//! nothing comes twice, each producer's order is kept.
#![cfg(all(feature = "async", not(ring_loom)))]

mod bare;
mod common;

use bare::Bell;
use common::kind::{Kind, for_both_kinds};
use common::{Item, Ledger, stress};
use futures_util::future::{Either, select};
use futures_util::{SinkExt, StreamExt};
use lock_free_ring::{AsyncConsumer, AsyncProducer};
use std::pin::{Pin, pin};
use std::task::Context;
use std::thread::{self, JoinHandle};
use std::time::Duration;

const PRODUCERS: usize = 3;

for_both_kinds! {
    tokio_time_limits_lose_nothing,
    smol_races_lose_nothing,
    futures_dropped_after_each_poll_lose_nothing,
    a_sink_whose_sends_are_dropped_loses_nothing,
}

fn each() -> u64 {
    1000 * stress()
}

/// Gives `seqs` of its producer; an item that comes back goes again.
struct Source {
    id: usize,
    next: u64,
    back: Option<Item>,
}

impl Source {
    fn new(id: usize) -> Self {
        Self { id, next: 0, back: None }
    }

    fn item(&mut self) -> Option<Item> {
        if self.back.is_none() && self.next < each() {
            self.back = Some(Item::new(self.id, self.next));
            self.next += 1;
        }
        self.back.take()
    }

    fn give_back(&mut self, item: Option<Item>) {
        self.back = item;
    }
}

/// Reads with a limit of hardly any time, to the end of the ring.
async fn read_with_limits(mut consumer: AsyncConsumer<Item>) {
    let mut ledger = Ledger::new(PRODUCERS);
    let mut batch = Vec::new();
    for round in 0_u64.. {
        let limit = Duration::from_micros(round % 3 * 20);
        let closed = if round.is_multiple_of(2) {
            match tokio::time::timeout(limit, consumer.read()).await {
                Ok(Ok(item)) => {
                    ledger.note(&item);
                    false
                }
                Ok(Err(_)) => true,
                Err(_) => false,
            }
        } else {
            let read = consumer.read_batch_into(&mut batch, 3);
            let read = tokio::time::timeout(limit, read).await;
            batch.drain(..).for_each(|item| ledger.note(&item));
            matches!(read, Ok(Err(_)))
        };
        if closed {
            break;
        }
    }
    ledger.assert_complete(each());
}

async fn write_with_limits(mut producer: AsyncProducer<Item>, mut source: Source) {
    while let Some(item) = source.item() {
        let mut write = producer.write(item);
        let limit = Duration::from_micros(source.next % 3 * 20);
        match tokio::time::timeout(limit, &mut write).await {
            Ok(written) => written.expect("open"),
            Err(_) => source.give_back(write.into_item()),
        }
    }
}

fn tokio_time_limits_lose_nothing<K: Kind>() {
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_time().build();
    tokio.expect("a runtime").block_on(async {
        let ring = K::ring::<Item>(4, 4);
        let mut consumer = K::consumer(&ring).into_async();
        // Under load it depends on the machine how many are dropped; this one is for certain.
        assert!(tokio::time::timeout(Duration::ZERO, consumer.read()).await.is_err());
        let reading = tokio::spawn(read_with_limits(consumer));
        let writing: Vec<_> = (0..PRODUCERS)
            .map(|id| write_with_limits(K::async_producer(&ring, id), Source::new(id)))
            .map(tokio::spawn)
            .collect();
        drop(ring);
        for writer in writing {
            writer.await.expect("a task that does not panic");
        }
        reading.await.expect("a task that does not panic");
    });
}

/// The consumer of a small ring, and a thread for each of its producers that does `produce`.
fn producers<K: Kind>(
    produce: fn(usize, AsyncProducer<Item>),
) -> (AsyncConsumer<Item>, Vec<JoinHandle<()>>) {
    let ring = K::ring::<Item>(4, 4);
    let consumer = K::consumer(&ring).into_async();
    let start = |id| {
        let producer = K::async_producer(&ring, id);
        thread::spawn(move || produce(id, producer))
    };
    (consumer, (0..PRODUCERS).map(start).collect())
}

/// Each operation races with one that is ready after some turns of the executor.
fn smol_races_lose_nothing<K: Kind>() {
    let (mut consumer, threads) = producers::<K>(|id, mut producer| {
        let mut source = Source::new(id);
        smol::block_on(async {
            while let Some(item) = source.item() {
                let mut write = producer.write(item);
                let lost = match select(&mut write, pin!(turns(source.next % 4))).await {
                    Either::Left((written, _)) => {
                        written.expect("open");
                        false
                    }
                    Either::Right(_) => true,
                };
                if lost {
                    source.give_back(write.into_item());
                }
            }
        });
    });
    let mut ledger = Ledger::new(PRODUCERS);
    smol::block_on(async {
        for round in 0.. {
            match select(pin!(consumer.read()), pin!(turns(round % 4))).await {
                Either::Left((Ok(item), _)) => ledger.note(&item),
                Either::Left((Err(_), _)) => break,
                Either::Right(_) => {}
            }
        }
    });
    ledger.assert_complete(each());
    threads.into_iter().for_each(common::join);
}

async fn turns(turns: u64) {
    for _ in 0..turns {
        smol::future::yield_now().await;
    }
}

/// The hardest case for whoever wakes: every future is polled once and dropped at once.
fn futures_dropped_after_each_poll_lose_nothing<K: Kind>() {
    let (mut consumer, threads) = producers::<K>(|id, mut producer| {
        let (bell, waker) = Bell::new();
        let mut cx = Context::from_waker(&waker);
        let mut source = Source::new(id);
        while let Some(item) = source.item() {
            let mut write = producer.write(item);
            if Pin::new(&mut write).poll(&mut cx).is_pending() {
                source.give_back(write.into_item());
                thread::yield_now();
            }
        }
        drop(producer);
        // A reader may be about to ring it, and to let go of it.
        common::eventually(|| bell.wakers() == 1);
    });
    let (bell, waker) = Bell::new();
    let mut cx = Context::from_waker(&waker);
    let mut ledger = Ledger::new(PRODUCERS);
    loop {
        match pin!(consumer.read()).poll(&mut cx) {
            std::task::Poll::Ready(Ok(item)) => ledger.note(&item),
            std::task::Poll::Ready(Err(_)) => break,
            std::task::Poll::Pending => thread::yield_now(),
        }
    }
    ledger.assert_complete(each());
    threads.into_iter().for_each(common::join);
    common::eventually(|| bell.wakers() == 1);
}

/// A send that was dropped after the sink took its item is done by the next one, or by a flush.
fn a_sink_whose_sends_are_dropped_loses_nothing<K: Kind>() {
    let (consumer, threads) = producers::<K>(|id, mut sink| {
        smol::block_on(async {
            for seq in 0..each() {
                sink.feed(Item::new(id, seq)).await.expect("open");
                let flush = pin!(sink.flush());
                select(flush, pin!(turns(seq % 3))).await;
            }
            sink.close().await.expect("open");
        });
    });
    let mut ledger = Ledger::new(PRODUCERS);
    smol::block_on(consumer.for_each(|item| {
        ledger.note(&item);
        std::future::ready(())
    }));
    ledger.assert_complete(each());
    threads.into_iter().for_each(common::join);
}
