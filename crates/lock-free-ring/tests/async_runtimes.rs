//! Threads and tasks on either side of a ring, under tokio (one thread, several), smol, and an
//! executor of a few lines: everything arrives, once, in each producer's order.
#![cfg(all(feature = "async", not(ring_loom)))]

mod bare;
mod common;

use common::kind::{Kind, for_both_kinds};
use common::{Item, Ledger, join, stress, ways};
use futures_util::{SinkExt, StreamExt};
use lock_free_ring::{AsyncConsumer, AsyncProducer, Consumer};
use std::pin::Pin;
use std::thread;

const PRODUCERS: usize = 3;

for_both_kinds! {
    tokio_on_one_thread,
    tokio_on_several_threads,
    smol_on_several_threads,
    a_thread_for_each_task,
}

fn tokio_on_one_thread<K: Kind>() {
    let tokio = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    all_ways::<K>(&|tasks| tokio.block_on(run_on_tokio(tasks)));
}

fn tokio_on_several_threads<K: Kind>() {
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(3).build();
    let tokio = tokio.expect("a runtime");
    all_ways::<K>(&|tasks| tokio.block_on(run_on_tokio(tasks)));
}

async fn run_on_tokio(tasks: Vec<Task>) {
    let handles: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    for handle in handles {
        handle.await.expect("a task that does not panic");
    }
}

fn smol_on_several_threads<K: Kind>() {
    all_ways::<K>(&|tasks| {
        let executor = smol::Executor::new();
        let handles: Vec<_> = tasks.into_iter().map(|task| executor.spawn(task)).collect();
        let all = async {
            for handle in handles {
                handle.await;
            }
        };
        let (stop, stopped) = smol::channel::unbounded::<()>();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| smol::block_on(executor.run(stopped.recv())));
            }
            smol::block_on(executor.run(all));
            drop(stop);
        });
    });
}

fn a_thread_for_each_task<K: Kind>() {
    all_ways::<K>(&|tasks| {
        let spawn = |task| thread::spawn(move || bare::block_on(task));
        let threads: Vec<_> = tasks.into_iter().map(spawn).collect();
        threads.into_iter().for_each(join);
    });
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;
/// Runs tasks to their end.
type Run<'a> = &'a dyn Fn(Vec<Task>);

#[derive(Clone, Copy, Debug)]
enum Write {
    OneByOne,
    Batches,
    Sink,
    ByThread(ways::Write),
}

#[derive(Clone, Copy, Debug)]
enum Read {
    OneByOne,
    Batches,
    Stream,
    ByThread(ways::Read),
}

fn all_ways<K: Kind>(run: Run<'_>) {
    use ways::{Read as Reads, Write as Writes};
    let threads = Write::ByThread(Writes::Waiting);
    for write in [Write::OneByOne, Write::Batches, Write::Sink, threads] {
        for read in [Read::OneByOne, Read::Batches, Read::Stream] {
            carry::<K>(run, write, read);
        }
        if !matches!(write, Write::ByThread(_)) {
            carry::<K>(run, write, Read::ByThread(Reads::WaitingBatches));
        }
    }
    carry::<K>(run, Write::ByThread(Writes::WaitingBatches), Read::OneByOne);
    carry::<K>(run, Write::OneByOne, Read::ByThread(Reads::Waiting));
}

/// Carries items from all producers to the consumer through little room.
fn carry<K: Kind>(run: Run<'_>, write: Write, read: Read) {
    let each = 200 * stress();
    let ring = K::ring::<Item>(8, 4);
    let consumer = K::consumer(&ring);
    let mut tasks: Vec<Task> = Vec::new();
    let mut threads = Vec::new();
    for id in 0..PRODUCERS {
        if let Write::ByThread(way) = write {
            let mut writer = K::writer(&ring, id);
            threads.push(thread::spawn(move || {
                assert_eq!(way.run(id, &mut writer, 0..each), each);
            }));
        } else {
            tasks.push(Box::pin(write_all(K::async_producer(&ring, id), id, each, write)));
        }
    }
    drop(ring);
    if let Read::ByThread(way) = read {
        threads.push(thread::spawn(move || read_by_thread(consumer, way, each)));
    } else {
        tasks.push(Box::pin(read_all(consumer.into_async(), read, each)));
    }
    run(tasks);
    threads.into_iter().for_each(join);
}

async fn write_all(mut producer: AsyncProducer<Item>, id: usize, each: u64, way: Write) {
    let items = (0..each).map(|seq| Item::new(id, seq));
    match way {
        Write::Batches => {
            let mut items: Vec<Item> = items.collect();
            while !items.is_empty() {
                let rest = items.split_off(items.len().min(5));
                producer.write_batch(&mut items).await.expect("open");
                items = rest;
            }
        }
        Write::Sink => {
            let mut items = futures_util::stream::iter(items.map(Ok));
            producer.send_all(&mut items).await.expect("open");
        }
        _ => {
            for item in items {
                producer.write(item).await.expect("open");
            }
        }
    }
}

async fn read_all(mut consumer: AsyncConsumer<Item>, way: Read, each: u64) {
    let mut ledger = Ledger::new(PRODUCERS);
    match way {
        Read::Batches => {
            let mut batch = Vec::new();
            while consumer.read_batch_into(&mut batch, 3).await.is_ok() {
                batch.drain(..).for_each(|item| ledger.note(&item));
            }
        }
        Read::Stream => {
            while let Some(item) = consumer.next().await {
                ledger.note(&item);
            }
        }
        _ => {
            while let Ok(item) = consumer.read().await {
                ledger.note(&item);
            }
        }
    }
    ledger.assert_complete(each);
}

fn read_by_thread(mut consumer: Consumer<Item>, way: ways::Read, each: u64) {
    let mut ledger = Ledger::new(PRODUCERS);
    way.run(&mut consumer, &mut ledger);
    ledger.assert_complete(each);
}
