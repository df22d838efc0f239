//! Every way to write identified items, and every way to read them, for tests that pair them.

use super::kind::{Kind, Writer};
use super::{Item, Ledger, join, unwind, unwinds};
use lock_free_ring::{Closed, Consumer, ReadRefused, RingBuilder, WriteConfig, WriteRefused};
use std::ops::Range;
use std::thread::{self, JoinHandle};
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Write {
    OneByOne,
    Waiting,
    Timed,
    BackedOff,
    Batches,
    WaitingBatches,
    /// In the slot itself; now and then the closure unwinds.
    InPlace,
}

impl Write {
    pub(crate) const ALL: [Self; 7] = [
        Self::OneByOne,
        Self::Waiting,
        Self::Timed,
        Self::BackedOff,
        Self::Batches,
        Self::WaitingBatches,
        Self::InPlace,
    ];

    /// Writes the items `seqs` of producer `id`, each of them sooner or later; on a closed
    /// ring it stops. Answers the number of the first item that was not accepted.
    pub(crate) fn run<W: Writer<Item>>(self, id: usize, writer: &mut W, seqs: Range<u64>) -> u64 {
        match self {
            Self::Batches | Self::WaitingBatches => self.run_batches(id, writer, seqs),
            _ => {
                let accepted = seqs.clone().take_while(|seq| self.run_one(id, writer, *seq));
                seqs.start + accepted.count() as u64
            }
        }
    }

    fn run_one<W: Writer<Item>>(self, id: usize, writer: &mut W, seq: u64) -> bool {
        if matches!(self, Self::InPlace) && seq.is_multiple_of(5) {
            unwinds(|| _ = writer.try_write_with(|| unwind()));
        }
        let mut item = Item::new(id, seq);
        loop {
            let written = match self {
                Self::Waiting => {
                    writer.write(item).map_err(|Closed(item)| WriteRefused::Closed(item))
                }
                Self::Timed => writer.write_timeout(item, Duration::from_micros(200)),
                Self::BackedOff => writer.write_with_backoff(item, &WriteConfig::default()),
                Self::InPlace => match writer.try_write_with(|| Item::new(id, seq)) {
                    Err(WriteRefused::Full(())) => Err(WriteRefused::Full(item)),
                    Err(WriteRefused::Closed(())) => Err(WriteRefused::Closed(item)),
                    Ok(()) => Ok(()),
                },
                _ => writer.try_write(item),
            };
            match written {
                Ok(()) => return true,
                Err(WriteRefused::Closed(_)) => return false,
                Err(WriteRefused::Full(same)) => {
                    assert_eq!((same.producer, *same.seq), (id, seq), "another item came back");
                    item = same;
                }
            }
            thread::yield_now();
        }
    }

    fn run_batches<W: Writer<Item>>(self, id: usize, writer: &mut W, seqs: Range<u64>) -> u64 {
        let mut next = seqs.start;
        let mut batch = Vec::new();
        while next < seqs.end || !batch.is_empty() {
            // Of growing length: smaller than, as large as, and larger than the shard.
            let until = seqs.end.min(next + 1 + next % 9);
            batch.extend((next..until).map(|seq| Item::new(id, seq)));
            next = until;
            let written = match self {
                Self::WaitingBatches => writer.write_batch(&mut batch),
                _ => writer.try_write_batch(&mut batch).map(|_| ()),
            };
            if written.is_err() {
                break;
            }
            if !batch.is_empty() {
                thread::yield_now();
            }
        }
        next - batch.len() as u64
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Read {
    OneByOne,
    Waiting,
    Timed,
    Batches,
    WaitingBatches,
    AfterWaitFor,
    Drained,
    InPlace,
}

impl Read {
    pub(crate) const ALL: [Self; 8] = [
        Self::OneByOne,
        Self::Waiting,
        Self::Timed,
        Self::Batches,
        Self::WaitingBatches,
        Self::AfterWaitFor,
        Self::Drained,
        Self::InPlace,
    ];

    /// Reads until the ring is finished.
    pub(crate) fn run(self, consumer: &mut Consumer<Item>, ledger: &mut Ledger) {
        while self.step(consumer, &mut |item| ledger.note(item)) {}
    }

    /// One call, or a few; hands on what came. Answers whether more can come.
    pub(crate) fn step(self, consumer: &mut Consumer<Item>, note: &mut dyn FnMut(&Item)) -> bool {
        match self {
            Self::Waiting => return consumer.read().map(|item| note(&item)).is_ok(),
            Self::Timed => match consumer.read_timeout(Duration::from_micros(200)) {
                Ok(item) => note(&item),
                Err(ReadRefused::Empty) => {}
                Err(ReadRefused::Closed) => return false,
            },
            Self::WaitingBatches => {
                let mut items = Vec::new();
                let read = consumer.read_batch_into(&mut items, 7);
                assert_eq!(read, if items.is_empty() { Err(Closed(())) } else { Ok(items.len()) });
                items.iter().for_each(note);
                return read.is_ok();
            }
            Self::AfterWaitFor => {
                let waited = consumer.wait_for(3, Duration::from_micros(200));
                consumer.try_read_batch(9).iter().for_each(note);
                return waited != Err(ReadRefused::Closed);
            }
            Self::OneByOne => return or_finished(consumer.try_read().map(|i| note(&i)), consumer),
            Self::Batches => {
                let items = consumer.try_read_batch(7);
                items.iter().for_each(note);
                return or_finished((!items.is_empty()).then_some(()), consumer);
            }
            Self::Drained => {
                let any = consumer.drain(5).map(|item| note(&item)).last();
                return or_finished(any, consumer);
            }
            Self::InPlace => {
                let any = read_slices(consumer, note);
                return or_finished(any, consumer);
            }
        }
        true
    }
}

fn or_finished(any: Option<()>, consumer: &mut Consumer<Item>) -> bool {
    if any.is_none() {
        thread::yield_now();
    }
    any.is_some() || !consumer.is_finished()
}

/// Looks at up to 6 items and releases about half of them.
fn read_slices(consumer: &mut Consumer<Item>, note: &mut dyn FnMut(&Item)) -> Option<()> {
    let mut items = consumer.try_read_slices(6)?;
    let len = items.len();
    let released = len.div_ceil(2);
    let (first, second) = items.slices();
    assert_eq!(first.len() + second.len(), len);
    first.iter().chain(&*second).take(released).for_each(note);
    items.release(released);
    Some(())
}

/// `producers` threads, each of which writes `each` items.
pub(crate) fn produce<K: Kind>(
    ring: &K::Handle<Item>,
    producers: usize,
    each: u64,
    way: impl Fn(usize) -> Write,
) -> Vec<JoinHandle<()>> {
    let spawn = |id| {
        let (mut writer, way) = (K::writer(ring, id), way(id));
        thread::spawn(move || assert_eq!(way.run(id, &mut writer, 0..each), each))
    };
    (0..producers).map(spawn).collect()
}

/// Producers that write `each` items, and this thread as the consumer: all must arrive.
pub(crate) fn run<K: Kind>(
    builder: &RingBuilder,
    producers: usize,
    each: u64,
    write: impl Fn(usize) -> Write,
    read: Read,
) {
    let ring = K::build(builder).expect("valid");
    let mut consumer = K::consumer(&ring);
    let threads = produce::<K>(&ring, producers, each, write);
    drop(ring);
    let mut ledger = Ledger::new(producers);
    read.run(&mut consumer, &mut ledger);
    ledger.assert_complete(each);
    assert!(consumer.is_finished() && consumer.is_empty());
    threads.into_iter().for_each(join);
}
