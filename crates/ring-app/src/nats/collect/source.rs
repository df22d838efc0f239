//! One run of a node: which of its messages have come, which are in the window, which have left.
//!
//! Messages of a run are numbered without gaps, and a message that is published again is the same
//! bit by bit. So a packet, (node, run, producer, sequence), is in one message only, and to know
//! of each message how many of its packets have left the window is to know it of each packet:
//! packets of a message go in together and leave in the window's order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::nats::message::{Content, NodePacket, RunId, RunTotals};
use crate::payload_sum::PayloadSum;

/// A run, with `T` for how a message of it is acknowledged.
#[derive(Debug)]
pub(super) struct Source<T> {
    pub(super) id: RunId,
    /// All messages before this one were taken, but for those that are `missing`.
    next: u64,
    /// Messages that came before their turn.
    held: BTreeMap<u64, (Content, T)>,
    hole_since: Option<Instant>,
    /// Messages that were not waited for any longer.
    missing: BTreeSet<u64>,
    /// Messages with packets in the window.
    open: BTreeMap<u64, Open<T>>,
    /// Messages from the first open one on that have left the window as a whole.
    gone: BTreeSet<u64>,
    /// What had left, before a restart, of messages that have not come again yet.
    left_before: BTreeMap<u64, u64>,
    /// Packets that have left the window.
    left: RunTotals,
    /// Those and the ones in the window.
    taken: RunTotals,
    /// By producer: one more than the highest number that has left; and that was taken.
    left_next: BTreeMap<u32, u64>,
    taken_next: BTreeMap<u32, u64>,
    /// What the node says that it sent, once it has.
    end: Option<RunTotals>,
    /// It ended in a collection before this one.
    pub(super) is_earlier: bool,
}

#[derive(Debug)]
struct Open<T> {
    ack: T,
    left: u64,
    inside: u64,
}

/// What became of a message that was offered.
#[derive(Debug)]
pub(super) enum Offered<T> {
    /// It waits for its turn.
    Held,
    /// It is here already.
    Repeat,
    /// It was here, and can be acknowledged (again).
    Old(T),
    /// It is to be [taken](Source::take) now.
    Now(Content, T),
}

/// All there is to know of a run after a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) next: u64,
    pub(super) gone: Vec<u64>,
    pub(super) partly_left: Vec<(u64, u64)>,
    pub(super) missing: Vec<u64>,
    pub(super) left: RunTotals,
    pub(super) left_next: Vec<(u32, u64)>,
    pub(super) end: Option<RunTotals>,
}

impl<T> Source<T> {
    pub(super) fn new(id: RunId) -> Self {
        Self::restored(id, Position::default())
    }

    pub(super) fn restored(id: RunId, position: Position) -> Self {
        let left_next: BTreeMap<_, _> = position.left_next.into_iter().collect();
        let mut source = Self {
            id,
            next: position.next,
            held: BTreeMap::new(),
            hole_since: None,
            missing: position.missing.into_iter().collect(),
            open: BTreeMap::new(),
            gone: position.gone.into_iter().collect(),
            left_before: position.partly_left.into_iter().collect(),
            left: position.left,
            taken: position.left,
            taken_next: left_next.clone(),
            left_next,
            end: position.end,
            is_earlier: false,
        };
        source.step_over_gone();
        source
    }

    /// Where it stands, as far as no message needs to come again for it: open ones do.
    pub(super) fn position(&self) -> Position {
        let open = self.open.iter().filter(|(_, open)| open.left > 0);
        let partly_left = open.map(|(number, open)| (*number, open.left));
        let still_before = self.left_before.iter().map(|(number, left)| (*number, *left));
        Position {
            next: self.floor(),
            gone: self.gone.iter().copied().collect(),
            partly_left: partly_left.chain(still_before).collect(),
            missing: self.missing.iter().copied().collect(),
            left: self.left,
            left_next: self.left_next.iter().map(|(producer, next)| (*producer, *next)).collect(),
            end: self.end,
        }
    }

    /// The first message that is not done with.
    fn floor(&self) -> u64 {
        self.open.keys().next().map_or(self.next, |first| self.next.min(*first))
    }

    /// Judges a message that was delivered. What is due goes back to the caller.
    pub(super) fn offer(
        &mut self,
        number: u64,
        content: Content,
        ack: T,
        now: Instant,
    ) -> Offered<T> {
        if let Some(open) = self.open.get_mut(&number) {
            open.ack = ack;
            return Offered::Repeat;
        }
        if let Some((_, held)) = self.held.get_mut(&number) {
            *held = ack;
            return Offered::Repeat;
        }
        if self.missing.remove(&number) {
            return Offered::Now(content, ack);
        }
        if number < self.next || self.gone.contains(&number) {
            return Offered::Old(ack);
        }
        if number > self.next {
            self.hole_since.get_or_insert(now);
            self.held.insert(number, (content, ack));
            return Offered::Held;
        }
        self.next += 1;
        self.step_over_gone();
        Offered::Now(content, ack)
    }

    /// A held message whose turn has come.
    pub(super) fn due(&mut self, now: Instant) -> Option<(u64, Content, T)> {
        let number = self.next;
        let (content, ack) = self.held.remove(&number)?;
        self.next += 1;
        self.step_over_gone();
        self.hole_since = (!self.held.is_empty()).then_some(now);
        Some((number, content, ack))
    }

    /// After a restart only: what was done with before need not come again.
    fn step_over_gone(&mut self) {
        while self.gone.contains(&self.next) {
            self.next += 1;
        }
    }

    /// Stops waiting for messages that others have waited for as long as `limit`: notes them as
    /// missing. Answers how many these are.
    pub(super) fn skip_old_hole(&mut self, limit: Duration, now: Instant) -> u64 {
        let is_old =
            self.hole_since.is_some_and(|since| now.saturating_duration_since(since) >= limit);
        let Some(&first) = self.held.keys().next().filter(|_| is_old) else { return 0 };
        let skipped = (self.next..first).filter(|number| !self.gone.contains(number));
        let before = self.missing.len();
        self.missing.extend(skipped);
        self.next = first;
        (self.missing.len() - before) as u64
    }

    /// Starts the time anew after which holes are not waited for.
    pub(super) fn wait_anew(&mut self, now: Instant) {
        self.hole_since = self.hole_since.map(|_| now);
    }

    /// Notes that packets of a message go into the window, and answers which of them: those that
    /// have not left it before. `ack` comes back if none is left.
    pub(super) fn take(&mut self, number: u64, mut packets: Vec<NodePacket>, ack: T) -> Taken<T> {
        let left = self.left_before.remove(&number).unwrap_or(0);
        if left > 0 {
            packets.sort_unstable_by_key(|packet| (packet.written_unix_ns, packet.sequence));
            packets.drain(..usize::try_from(left).unwrap_or(usize::MAX).min(packets.len()));
        }
        let mut out_of_order = 0;
        for packet in &packets {
            let next = self.taken_next.entry(packet.producer).or_default();
            out_of_order += u64::from(packet.sequence < *next);
            *next = packet.sequence.saturating_add(1).max(*next);
        }
        let mut done = None;
        if packets.is_empty() {
            self.leave_as_a_whole(number);
            done = Some(ack);
        } else {
            self.open.insert(number, Open { ack, left, inside: packets.len() as u64 });
        }
        Taken { packets, out_of_order, done }
    }

    /// Counts a packet that goes into the window.
    pub(super) fn count_in(&mut self, sum: PayloadSum) {
        self.taken.packets += 1;
        self.taken.payload.add(sum);
    }

    /// Notes that a packet has left the window. Answers how its message is acknowledged if that
    /// has left as a whole.
    pub(super) fn leave(
        &mut self,
        number: u64,
        producer: u32,
        sequence: u64,
        sum: PayloadSum,
    ) -> Option<T> {
        self.left.packets += 1;
        self.left.payload.add(sum);
        let next = self.left_next.entry(producer).or_default();
        *next = sequence.saturating_add(1).max(*next);
        let open = self.open.get_mut(&number)?;
        open.inside -= 1;
        open.left += 1;
        if open.inside > 0 {
            return None;
        }
        let open = self.open.remove(&number)?;
        self.leave_as_a_whole(number);
        Some(open.ack)
    }

    fn leave_as_a_whole(&mut self, number: u64) {
        self.gone.insert(number);
        self.gone = self.gone.split_off(&self.floor());
    }

    /// Notes what the node says that it sent.
    pub(super) fn end(&mut self, number: u64, totals: RunTotals) {
        self.end = Some(totals);
        self.leave_as_a_whole(number);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Whether nothing of it is in the window or waits.
    pub(super) fn is_over(&self) -> bool {
        self.has_ended()
            && self.open.is_empty()
            && self.held.is_empty()
            && self.left_before.is_empty()
    }

    /// Whether all that was sent is here, each byte once; `None` while it has not ended.
    pub(super) fn is_complete(&self) -> Option<bool> {
        self.end.map(|sent| self.missing.is_empty() && sent == self.taken)
    }

    pub(super) fn taken(&self) -> RunTotals {
        self.taken
    }

    pub(super) fn left(&self) -> RunTotals {
        self.left
    }

    pub(super) fn sent(&self) -> Option<RunTotals> {
        self.end
    }

    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    pub(super) fn missing(&self) -> usize {
        self.missing.len()
    }

    /// Each message that is here and not acknowledged.
    pub(super) fn unacknowledged(&mut self) -> impl Iterator<Item = &mut T> {
        let open = self.open.values_mut().map(|open| &mut open.ack);
        open.chain(self.held.values_mut().map(|(_, ack)| ack))
    }
}

/// What [`Source::take`] lets into the window.
#[derive(Debug)]
pub(super) struct Taken<T> {
    pub(super) packets: Vec<NodePacket>,
    pub(super) out_of_order: u64,
    pub(super) done: Option<T>,
}
