//! The operations, and one run of them on the ring and on its model.

use crate::common::kind::{Kind, Writer, without_item};
use crate::common::{forget, unwind, unwinds};
use crate::item::{LIVE, Number};
use lock_free_ring::{
    Consumer, Producer, ReadRefused, RingBuilder, ShardStats, WriteConfig, WriteRefused,
};
use std::any::Any;
use std::collections::VecDeque;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(crate) enum WriteWay {
    Try,
    Waiting,
    Timed,
    BackedOff,
    InPlace,
    Unwinding,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum ReadWay {
    Try,
    Waiting,
    Timed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Properly,
    Dropped,
    Forgotten,
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Write(usize, WriteWay),
    WriteBatch(usize, usize),
    WriteBatchWaiting(usize, usize),
    Reserve(usize, usize, usize, End),
    Read(ReadWay),
    ReadBatch(usize),
    ReadBatchWaiting(usize),
    Drain(usize, usize, End),
    Slices(usize, usize, End),
    WaitFor(usize),
    Quota(usize),
    NewConsumer,
    NewWriter(usize),
    Close,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) per_shard: usize,
    pub(crate) shards: usize,
    pub(crate) start: u64,
    pub(crate) fence: bool,
    pub(crate) ops: Vec<Op>,
}

/// What a slot of the model holds. On a shared ring a closure that unwound left `Aborted`; the
/// consumer steps over it when it comes by, and the model leaves open when that is. So a shard's
/// leading aborted slots may be gone already.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slot {
    Item(u64),
    Aborted,
}

#[derive(Debug, Default)]
struct ShardModel {
    slots: VecDeque<Slot>,
    stats: ShardStats,
    /// Items of other shards that were taken while an item waited here.
    passed_by: usize,
}

impl ShardModel {
    fn items(&self) -> usize {
        self.slots.iter().filter(|slot| **slot != Slot::Aborted).count()
    }

    /// Slots that are taken for sure, and slots that may be.
    fn taken(&self) -> (usize, usize) {
        let leading = self.slots.iter().take_while(|slot| **slot == Slot::Aborted).count();
        (self.slots.len() - leading, self.slots.len())
    }

    /// `len` more slots were won in a shard of `capacity`.
    fn win(&mut self, capacity: usize, slots: impl ExactSizeIterator<Item = Slot>) {
        while self.slots.len() + slots.len() > capacity {
            let front = self.slots.pop_front();
            assert_eq!(front, Some(Slot::Aborted), "more was accepted than there is room for");
        }
        for slot in slots {
            match slot {
                Slot::Item(_) => self.stats.written += 1,
                Slot::Aborted => self.stats.aborted += 1,
            }
            self.slots.push_back(slot);
        }
    }

    /// The oldest item, if `number` is its number or cannot be told.
    fn is_next(&self, number: Option<u64>) -> bool {
        let oldest = self.slots.iter().find(|slot| **slot != Slot::Aborted);
        oldest.is_some_and(|oldest| number.is_none_or(|number| *oldest == Slot::Item(number)))
    }
}

/// The ring under test, and beside it what it must be like.
struct Run<K: Kind, T: Number> {
    capacity: usize,
    ring: K::Handle<T>,
    writers: Vec<K::Writer<T>>,
    consumer: Option<Consumer<T>>,
    shards: Vec<ShardModel>,
    closed: bool,
    /// Dedicated: which writers have not yet seen the close.
    unaware: Vec<bool>,
    largest_quota: usize,
    next: u64,
    leaked: usize,
}

impl<K: Kind, T: Number> Run<K, T> {
    fn new(case: &Case) -> Self {
        let builder = RingBuilder::new(case.per_shard * case.shards, case.shards)
            .start_count(case.start)
            .fence(case.fence)
            .spin(Duration::ZERO);
        let ring = K::build(&builder).expect("valid");
        let writers = if K::DEDICATED { case.shards } else { 2 * case.shards };
        Self {
            capacity: case.per_shard,
            writers: (0..writers).map(|id| K::writer(&ring, id)).collect(),
            consumer: Some(K::consumer(&ring)),
            shards: (0..case.shards).map(|_| ShardModel::default()).collect(),
            closed: false,
            unaware: vec![K::DEDICATED; writers],
            largest_quota: 256,
            next: 0,
            leaked: 0,
            ring,
        }
    }

    fn consumer(&mut self) -> &mut Consumer<T> {
        self.consumer.as_mut().expect("there is one between operations")
    }

    fn producer(&mut self, writer: usize) -> Option<&mut Producer<T>> {
        (&mut self.writers[writer] as &mut dyn Any).downcast_mut()
    }

    fn shard_of(&mut self, writer: usize) -> usize {
        match self.producer(writer) {
            Some(producer) => producer.shard(),
            None => writer % self.shards.len(),
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn items(&self) -> usize {
        self.shards.iter().map(ShardModel::items).sum()
    }

    fn must_have_room(&self, shard: usize) -> bool {
        self.closed || self.shards[shard].taken().1 < self.capacity
    }

    /// Checks why a write was refused.
    fn was_refused(&mut self, writer: usize, refused: WriteRefused<()>) {
        let shard = self.shard_of(writer);
        match refused {
            WriteRefused::Full(()) => {
                assert!(!self.must_have_room(shard), "refused by a shard that has room");
                self.shards[shard].stats.refused += 1;
            }
            WriteRefused::Closed(()) => {
                assert!(self.closed, "refused by a ring that is open");
                self.unaware[writer] = false;
            }
        }
    }

    fn write(&mut self, writer: usize, way: WriteWay) {
        let (shard, number, capacity) = (self.shard_of(writer), self.number(), self.capacity);
        let patient = self.must_have_room(shard);
        let (mut unwound, to) = (false, &mut self.writers[writer]);
        let few = WriteConfig { max_backoffs: NonZeroU32::new(1), ..WriteConfig::default() };
        let written = match way {
            WriteWay::Waiting if patient => {
                to.write(T::of(number)).map_err(|closed| WriteRefused::Closed(closed.0))
            }
            WriteWay::Timed => to.write_timeout(T::of(number), Duration::ZERO),
            WriteWay::BackedOff => to.write_with_backoff(T::of(number), &few),
            WriteWay::Try | WriteWay::Waiting => to.try_write(T::of(number)),
            WriteWay::InPlace => to
                .try_write_with(|| T::of(number))
                .map_err(|refused| map_refused(refused, || T::of(number))),
            WriteWay::Unwinding => {
                let mut written = Ok(());
                unwound = unwinds(|| written = to.try_write_with(|| unwind()));
                written.map_err(|refused| map_refused(refused, || T::of(number)))
            }
        };
        match written {
            Ok(()) if !unwound => {
                self.shards[shard].win(capacity, [Slot::Item(number)].into_iter())
            }
            Ok(()) if !K::DEDICATED => {
                self.shards[shard].win(capacity, [Slot::Aborted].into_iter())
            }
            Ok(()) => assert!(!self.closed),
            Err(refused) => {
                let (WriteRefused::Full(item) | WriteRefused::Closed(item)) = &refused;
                assert!(item.number().is_none_or(|back| back == number));
                self.was_refused(writer, without_item(refused));
            }
        }
    }

    fn write_batch(&mut self, writer: usize, len: usize, waiting: bool) {
        if len == 0 && self.closed {
            return; // the two kinds do not agree on this one
        }
        let (shard, first) = (self.shard_of(writer), self.next + 1);
        let mut items: Vec<T> = (0..len).map(|_| T::of(self.number())).collect();
        let (least, most) = self.shards[shard].taken();
        // Waiting is for what fits.
        let waiting = waiting && (self.closed || most + len <= self.capacity);
        let written = if waiting {
            self.writers[writer].write_batch(&mut items).map(|()| len)
        } else {
            self.writers[writer].try_write_batch(&mut items)
        };
        let Ok(written) = written else {
            assert_eq!(items.len(), len);
            return self.was_refused(writer, WriteRefused::Closed(()));
        };
        assert!(!self.closed);
        assert!(written >= len.min(self.capacity - most), "it had room for more");
        assert!(written <= len.min(self.capacity - least), "it had no room for so many");
        let left = (first + written as u64..).zip(&items);
        assert_eq!(items.len(), len - written);
        assert!(left.into_iter().all(|(due, item)| item.number().is_none_or(|n| n == due)));
        if written == 0 && len > 0 {
            self.shards[shard].stats.refused += 1;
        }
        let slots = (0..written).map(|step| Slot::Item(first + step as u64));
        self.shards[shard].win(self.capacity, slots);
    }

    fn reserve(&mut self, writer: usize, most: usize, push: usize, end: End) {
        let (shard, first, capacity) = (self.shard_of(writer), self.next + 1, self.capacity);
        let room = most.min(capacity - self.shards[shard].slots.len());
        let Some(producer) = self.producer(writer) else { return };
        let pushed = room.min(push);
        let published = match reserve_on(producer, most, room, first..first + push as u64, end) {
            Ok(published) => published,
            Err(refused) => return self.was_refused(writer, refused),
        };
        assert!(!self.closed && published == if end == End::Properly { pushed } else { 0 });
        self.next += push as u64;
        self.leaked += if end == End::Forgotten { pushed } else { 0 };
        self.shards[shard].win(capacity, (0..published).map(|i| Slot::Item(first + i as u64)));
    }

    /// `item` was taken: it must be the oldest of some shard, and no shard waits for ever.
    fn took(&mut self, number: Option<u64>) {
        let from = self.shards.iter().position(|shard| shard.is_next(number));
        let from = from.expect("an item that is the oldest of no shard");
        let most = (self.shards.len() - 1) * self.largest_quota;
        let taken = &mut self.shards[from];
        while taken.slots.pop_front() == Some(Slot::Aborted) {}
        taken.stats.read += 1;
        taken.passed_by = 0;
        for (number, shard) in self.shards.iter_mut().enumerate() {
            shard.passed_by += usize::from(number != from);
            shard.passed_by *= usize::from(shard.items() > 0);
            assert!(shard.passed_by <= most, "shard {number} was passed by for over a sweep");
        }
    }

    fn is_finished(&self) -> bool {
        self.closed && self.items() == 0 && !self.unaware.contains(&true)
    }

    fn read(&mut self, way: ReadWay) {
        let (items, finished) = (self.items(), self.is_finished());
        let consumer = self.consumer();
        let read = match way {
            ReadWay::Try => consumer.try_read(),
            ReadWay::Waiting if items > 0 || finished => consumer.read().ok(),
            ReadWay::Timed | ReadWay::Waiting => match consumer.read_timeout(Duration::ZERO) {
                Err(refused) => {
                    assert_eq!(refused == ReadRefused::Closed, finished);
                    None
                }
                read => read.ok(),
            },
        };
        assert_eq!(read.is_some(), items > 0);
        if let Some(item) = read {
            self.took(item.number());
        }
    }

    fn read_batch(&mut self, max: usize, waiting: bool) {
        let (items, finished) = (self.items(), self.is_finished());
        let mut buf = vec![T::of(0)];
        let read = if waiting && (items > 0 || finished) {
            let read = self.consumer().read_batch_into(&mut buf, max);
            assert_eq!(read.is_err(), finished && max > 0);
            read.unwrap_or(0)
        } else {
            self.consumer().try_read_batch_into(&mut buf, max)
        };
        assert_eq!((read, buf.len()), (items.min(max), read + 1));
        buf.drain(1..).for_each(|item| self.took(item.number()));
    }

    fn drain(&mut self, max: usize, take: usize, end: End) {
        let items = self.items();
        let mut drain = self.consumer().drain(max);
        let wanted = if matches!(end, End::Properly) { usize::MAX } else { take };
        let numbers: Vec<_> = drain.by_ref().take(wanted).map(|item| item.number()).collect();
        if matches!(end, End::Forgotten) {
            forget(drain);
        }
        assert_eq!(numbers.len(), items.min(max).min(wanted));
        numbers.into_iter().for_each(|number| self.took(number));
    }

    fn slices(&mut self, max: usize, take: usize, end: End) {
        let items = self.items();
        let Some(mut seen) = self.consumer().try_read_slices(max) else {
            return assert!(max == 0 || items == 0);
        };
        let len = seen.len();
        assert!(len > 0 && len <= max);
        let (first, second) = seen.slices();
        let numbers: Vec<_> = first.iter().chain(&*second).map(T::number).collect();
        match end {
            End::Properly => seen.release(take),
            End::Dropped => drop(seen),
            End::Forgotten => forget(seen),
        }
        assert_eq!(numbers.len(), len);
        let released = if matches!(end, End::Properly) { take.min(len) } else { 0 };
        // What was seen and not released must lie there in a row, too.
        let from = self.shards.iter().position(|shard| shard.is_next(numbers[0]));
        let slots = &self.shards[from.expect("the oldest of some shard")].slots;
        let row = slots.iter().skip_while(|slot| **slot == Slot::Aborted);
        let seen = numbers.iter().zip(row);
        assert!(seen.into_iter().all(|(n, slot)| n.is_none_or(|n| *slot == Slot::Item(n))));
        numbers.into_iter().take(released).for_each(|number| self.took(number));
    }

    fn wait_for(&mut self, items: usize) {
        let mark = items.clamp(1, self.capacity);
        let least = self.shards.iter().map(ShardModel::items).max().unwrap_or(0);
        let most = self.shards.iter().map(|shard| shard.taken().1).max().unwrap_or(0);
        // A shard full of slots of which some were aborted holds fewer items, and no more can come.
        let enough = self.closed || most == self.capacity;
        let (closed, finished) = (self.closed, self.is_finished());
        match self.consumer().wait_for(items, Duration::ZERO) {
            Ok(fullest) => {
                assert!(least <= fullest && fullest <= most);
                assert!(fullest >= mark || enough);
            }
            Err(ReadRefused::Empty) => assert!(least < mark && !(closed && least > 0)),
            Err(ReadRefused::Closed) => assert!(finished),
        }
    }

    fn new_writer(&mut self, writer: usize) {
        if K::DEDICATED && self.closed {
            return;
        }
        drop(self.writers.remove(writer));
        let new = K::writer(&self.ring, writer);
        self.writers.insert(writer, new);
    }

    fn step(&mut self, op: &Op) {
        let writers = self.writers.len();
        match *op {
            Op::Write(writer, way) => self.write(writer % writers, way),
            Op::WriteBatch(writer, len) => self.write_batch(writer % writers, len, false),
            Op::WriteBatchWaiting(writer, len) => self.write_batch(writer % writers, len, true),
            Op::Reserve(writer, most, push, end) => self.reserve(writer % writers, most, push, end),
            Op::Read(way) => self.read(way),
            Op::ReadBatch(max) => self.read_batch(max, false),
            Op::ReadBatchWaiting(max) => self.read_batch(max, true),
            Op::Drain(max, take, end) => self.drain(max, take, end),
            Op::Slices(max, take, end) => self.slices(max, take, end),
            Op::WaitFor(items) => self.wait_for(items),
            Op::Quota(quota) => {
                let quota = NonZeroUsize::new(quota).expect("not zero");
                self.consumer().set_quota(quota);
            }
            Op::NewConsumer => {
                self.consumer = None;
                self.consumer = Some(K::consumer(&self.ring));
                self.shards.iter_mut().for_each(|shard| shard.passed_by = 0);
            }
            Op::NewWriter(writer) => self.new_writer(writer % writers),
            Op::Close => {
                self.ring.close();
                self.closed = true;
            }
        }
    }

    /// What must hold between any two operations.
    fn check(&mut self) {
        let most = self.shards.iter().map(|shard| shard.slots.len()).sum();
        let (items, len) = (self.items(), self.ring.len());
        assert!(items <= len && len <= most, "len {len} of {items} items, {most} slots");
        assert_eq!(self.ring.is_empty(), len == 0);
        assert_eq!(self.ring.is_closed(), self.closed);
        for (model, stats) in self.shards.iter().zip(self.ring.stats()) {
            let ours = (model.stats.written, model.stats.read, model.stats.refused);
            assert_eq!((stats.written, stats.read, stats.refused), ours);
            assert_eq!(stats.aborted, model.stats.aborted);
            assert!(!stats.head_stalled && stats.high_water <= self.capacity as u64);
        }
        if self.closed {
            let finished = self.is_finished();
            assert_eq!(self.consumer().is_finished(), finished);
        }
        if let Some(live) = T::live() {
            assert_eq!(live, items + self.leaked, "items alive, in the ring or leaked");
        }
    }
}

/// Pushes `numbers` into a reservation of `most` that must have `room`, and ends it. Answers how
/// many items were published.
fn reserve_on<T: Number>(
    producer: &mut Producer<T>,
    most: usize,
    room: usize,
    numbers: std::ops::Range<u64>,
    end: End,
) -> Result<usize, WriteRefused<()>> {
    let mut reservation = producer.try_reserve(most)?;
    assert_eq!(reservation.room(), room);
    for (step, number) in numbers.enumerate() {
        assert_eq!(reservation.push(T::of(number)).is_ok(), step < room);
    }
    match end {
        End::Properly => return Ok(reservation.publish()),
        End::Dropped => drop(reservation),
        End::Forgotten => forget(reservation),
    }
    Ok(0)
}

fn map_refused<T>(refused: WriteRefused<()>, make: impl FnOnce() -> T) -> WriteRefused<T> {
    match refused {
        WriteRefused::Full(()) => WriteRefused::Full(make()),
        WriteRefused::Closed(()) => WriteRefused::Closed(make()),
    }
}

pub(crate) fn run_case<K: Kind, T: Number>(case: &Case) {
    LIVE.set(0);
    let mut run = Run::<K, T>::new(case);
    for op in &case.ops {
        run.step(op);
        run.check();
    }
    let leaked = run.leaked;
    drop(run);
    if let Some(live) = T::live() {
        assert_eq!(live, leaked, "items alive after the ring");
    }
}
