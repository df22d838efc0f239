//! The collector's heart, without a server: what is delivered goes in, the window over all nodes
//! is kept, and what has left it comes out to be acknowledged.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::source::{Offered, Position, Source};
use crate::btree::BTree;
use crate::nats::message::{Content, Message, NodePacket, RunId, RunTotals};
use crate::payload_sum::PayloadSum;
use crate::sink::WindowPlan;

/// Runs that are over and are still known, so that a late repeat of theirs is one. Only runs that
/// a later one of their node has followed are ever forgotten, or those of earlier collections.
const KNOWN_RUNS: usize = 1000;

#[derive(Debug)]
pub(super) struct Ledger<T> {
    window: BTree<Key, Inside>,
    max_packets: usize,
    sources: Vec<Source<T>>,
    index: HashMap<RunId, usize>,
    /// Of messages that have left: to be acknowledged once that is on record.
    done: Vec<T>,
    counts: Counts,
    /// Packets of runs that are not known any more.
    forgotten: RunTotals,
    /// Something has changed that a checkpoint has to tell.
    is_changed: bool,
}

/// The window's order: by time, and packets of one producer always as it wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    written_unix_ns: u64,
    source: usize,
    sequence: u64,
}

/// A packet in the window.
#[derive(Debug)]
struct Inside {
    message: u64,
    producer: u32,
    sum: PayloadSum,
    /// What the window is for: the newest packets themselves.
    payload: Bytes,
}

/// Since this process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) inserted: u64,
    pub(super) trimmed: u64,
    pub(super) bytes: u64,
    /// Packets that came again.
    pub(super) repeats: u64,
    /// Packets that came after a later one of their producer, since a hole was not waited for.
    pub(super) out_of_order: u64,
    /// Messages that were not waited for any longer.
    pub(super) skipped: u64,
}

/// What a restart needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// The collection is over: all nodes had ended.
    pub(super) is_closed: bool,
    pub(super) forgotten: RunTotals,
    pub(super) runs: Vec<(RunId, bool, Position)>,
}

impl<T> Ledger<T> {
    /// Goes on where the record says.
    pub(super) fn new(plan: WindowPlan, record: Record) -> Self {
        let mut ledger = Self {
            window: BTree::new(plan.degree),
            max_packets: plan.packets,
            sources: Vec::new(),
            index: HashMap::new(),
            done: Vec::new(),
            counts: Counts::default(),
            forgotten: if record.is_closed { RunTotals::default() } else { record.forgotten },
            is_changed: true,
        };
        for (id, was_earlier, position) in record.runs {
            let mut source = Source::restored(id, position);
            source.is_earlier = was_earlier || record.is_closed;
            ledger.add(source);
        }
        ledger
    }

    fn add(&mut self, source: Source<T>) -> usize {
        let at = self.sources.len();
        self.index.insert(source.id.clone(), at);
        self.sources.push(source);
        at
    }

    /// Takes a message that was delivered. Answers the number of packets that had come before.
    pub(super) fn offer(&mut self, message: Message, ack: T, now: Instant) -> u64 {
        let Message { from, number, content } = message;
        let packets = match &content {
            Content::Packets(packets) => packets.len() as u64,
            Content::End(_) => 0,
        };
        let at = match self.index.get(&from) {
            Some(&at) => at,
            None => self.add(Source::new(from)),
        };
        let repeats = match self.sources[at].offer(number, content, ack, now) {
            Offered::Held => 0,
            Offered::Repeat => packets,
            Offered::Old(ack) => {
                self.done.push(ack);
                packets
            }
            Offered::Now(content, ack) => {
                self.take(at, number, content, ack);
                self.take_due(at, now);
                0
            }
        };
        self.counts.repeats += repeats;
        repeats
    }

    fn take_due(&mut self, at: usize, now: Instant) {
        while let Some((number, content, ack)) = self.sources[at].due(now) {
            self.take(at, number, content, ack);
        }
    }

    fn take(&mut self, at: usize, number: u64, content: Content, ack: T) {
        self.is_changed = true;
        match content {
            Content::End(totals) => {
                self.sources[at].end(number, totals);
                self.done.push(ack);
            }
            Content::Packets(packets) => {
                let taken = self.sources[at].take(number, packets, ack);
                self.counts.out_of_order += taken.out_of_order;
                self.done.extend(taken.done);
                taken.packets.into_iter().for_each(|packet| self.insert(at, number, packet));
                self.trim();
            }
        }
    }

    fn insert(&mut self, at: usize, message: u64, packet: NodePacket) {
        let NodePacket { producer, sequence, written_unix_ns, payload } = packet;
        let sum = PayloadSum::of(&payload);
        self.counts.inserted += 1;
        self.counts.bytes += payload.len() as u64;
        self.sources[at].count_in(sum);
        let key = Key { written_unix_ns, source: at, sequence };
        let inside = Inside { message, producer, sum, payload };
        // No node of ours sends a number twice; of one that does, the first leaves here.
        if let Some(same) = self.window.insert(key, inside) {
            self.leave(key, &same);
        }
    }

    fn trim(&mut self) {
        let mut leaving = Vec::new();
        self.window.trim_to(self.max_packets, |key, inside| leaving.push((key, inside)));
        leaving.iter().for_each(|(key, inside)| self.leave(*key, inside));
    }

    fn leave(&mut self, key: Key, inside: &Inside) {
        self.counts.trimmed += 1;
        let source = &mut self.sources[key.source];
        let done = source.leave(inside.message, inside.producer, key.sequence, inside.sum);
        self.done.extend(done);
        self.is_changed = true;
    }

    /// Takes what waits behind a hole that is older than `limit`. Answers the run of each, and how
    /// many of its messages were not waited for.
    pub(super) fn skip_old_holes(&mut self, limit: Duration, now: Instant) -> Vec<(RunId, u64)> {
        let mut skipped = Vec::new();
        for at in 0..self.sources.len() {
            let messages = self.sources[at].skip_old_hole(limit, now);
            if messages > 0 {
                self.counts.skipped += messages;
                skipped.push((self.sources[at].id.clone(), messages));
                self.take_due(at, now);
            }
        }
        skipped
    }

    /// Starts the time anew after which holes are not waited for: while there is no connection
    /// nothing can fill them.
    pub(super) fn wait_anew(&mut self, now: Instant) {
        self.sources.iter_mut().for_each(|source| source.wait_anew(now));
    }

    /// Whether there is something that a checkpoint has to tell.
    pub(super) fn is_changed(&self) -> bool {
        self.is_changed || !self.done.is_empty()
    }

    /// What is to be on record before anything of [`take_done`](Self::take_done) is acknowledged.
    pub(super) fn record(&mut self, is_closed: bool) -> Record {
        self.forget_old_runs();
        self.is_changed = false;
        let run = |source: &Source<T>| (source.id.clone(), source.is_earlier, source.position());
        Record {
            is_closed,
            forgotten: self.forgotten,
            runs: self.sources.iter().map(run).collect(),
        }
    }

    /// The record could not be kept.
    pub(super) fn not_recorded(&mut self) {
        self.is_changed = true;
    }

    /// What may be acknowledged, once the record that was made last is kept.
    pub(super) fn take_done(&mut self) -> Vec<T> {
        std::mem::take(&mut self.done)
    }

    fn forget_old_runs(&mut self) {
        let newest = self.newest_runs();
        let may_go = |source: &Source<T>| {
            let is_last = newest.get(&source.id.node).is_some_and(|run| *run == source.id.run);
            source.is_over() && (source.is_earlier || !is_last)
        };
        let candidates: Vec<_> =
            (0..self.sources.len()).filter(|at| may_go(&self.sources[*at])).collect();
        let excess = candidates.len().saturating_sub(KNOWN_RUNS);
        // A source that is over has no packet in the window, but the keys there know the others
        // by their places: so the places stay, and the rare removal builds them anew.
        if excess == 0 {
            return;
        }
        let gone: Vec<_> = candidates[..excess].to_vec();
        self.remove(&gone);
    }

    fn remove(&mut self, places: &[usize]) {
        let mut moved = HashMap::new();
        let old = std::mem::take(&mut self.sources);
        self.index.clear();
        for (at, source) in old.into_iter().enumerate() {
            if places.contains(&at) {
                if !source.is_earlier {
                    self.forgotten.packets += source.left().packets;
                    self.forgotten.payload.add(source.left().payload);
                }
            } else {
                moved.insert(at, self.add(source));
            }
        }
        let mut packets = Vec::with_capacity(self.window.len());
        self.window.trim_to(0, |key, inside| packets.push((key, inside)));
        for (key, inside) in packets {
            self.window.insert(Key { source: moved[&key.source], ..key }, inside);
        }
    }

    /// By node: the run of this collection that began last.
    fn newest_runs(&self) -> BTreeMap<String, u64> {
        let mut newest = BTreeMap::new();
        for source in self.sources.iter().filter(|source| !source.is_earlier) {
            let run = newest.entry(source.id.node.clone()).or_insert(source.id.run);
            *run = source.id.run.max(*run);
        }
        newest
    }

    /// Nodes of this collection, and how many of them have ended: their last runs have.
    pub(super) fn nodes(&self) -> Nodes {
        let newest = self.newest_runs();
        let ended = newest.iter().filter(|(node, run)| {
            let id = RunId { node: (*node).clone(), run: **run };
            self.index.get(&id).is_some_and(|at| self.sources[*at].has_ended())
        });
        Nodes { seen: newest.len(), ended: ended.count() }
    }

    /// The runs of this collection.
    pub(super) fn runs(&self) -> impl Iterator<Item = &Source<T>> {
        self.sources.iter().filter(|source| !source.is_earlier)
    }

    /// Packets of this collection, those that came before a restart included, each once.
    pub(super) fn received(&self) -> RunTotals {
        self.sum(Source::taken)
    }

    /// Those of them that have left the window.
    pub(super) fn left(&self) -> RunTotals {
        self.sum(Source::left)
    }

    fn sum(&self, of: impl Fn(&Source<T>) -> RunTotals) -> RunTotals {
        self.runs().fold(self.forgotten, |mut sum, source| {
            sum.packets += of(source).packets;
            sum.payload.add(of(source).payload);
            sum
        })
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// Packets in the window.
    pub(super) fn len(&self) -> usize {
        self.window.len()
    }

    /// Bytes of payload in the window.
    pub(super) fn window_bytes(&self) -> u64 {
        self.window.iter().map(|(_, inside)| inside.payload.len() as u64).sum()
    }

    /// Messages that wait for earlier ones.
    pub(super) fn held(&self) -> usize {
        self.sources.iter().map(Source::held).sum()
    }

    /// Messages that have not come and are not waited for.
    pub(super) fn missing(&self) -> usize {
        self.sources.iter().map(Source::missing).sum()
    }

    /// Each message that is here and not acknowledged.
    pub(super) fn unacknowledged(&mut self) -> impl Iterator<Item = &mut T> {
        self.sources.iter_mut().flat_map(Source::unacknowledged)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nodes {
    pub(super) seen: usize,
    pub(super) ended: usize,
}

#[cfg(test)]
mod tests;
