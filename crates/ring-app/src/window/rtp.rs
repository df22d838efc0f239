use std::collections::{HashMap, VecDeque};

use crate::btree::BTree;
use crate::packet::{Packet, Payload};
use crate::rtp::{Place, RtpHeader, Tracker};
use crate::sink::WindowPlan;

/// Streams that are told apart. Packets of further ones count as of none: what is remembered must
/// not grow with what somebody sends.
pub(super) const MAX_STREAMS: usize = 1024;

/// A window in which each RTP stream (SSRC) lies in the order of its sequence numbers. Streams
/// leave it in turns, as they came: when a packet is the oldest by arrival, it is its stream's
/// lowest number that leaves. So a packet that is late finds its place as long as no later one of
/// its stream has left.
#[derive(Debug)]
pub(crate) struct RtpWindow {
    /// The index of each SSRC in `streams`.
    by_ssrc: HashMap<u32, usize>,
    streams: Vec<Stream>,
    /// Packets of no stream, by arrival.
    rest: Ordered,
    rest_arrived: u64,
    /// For each packet in the window, by arrival, the index of its stream; `None` is the rest.
    turns: VecDeque<Option<usize>>,
    max_packets: usize,
    degree: usize,
    /// Packets that are not RTP.
    other: u64,
    /// Packets of streams that are too many.
    beyond: u64,
}

#[derive(Debug)]
struct Stream {
    ssrc: u32,
    tracker: Tracker,
    packets: Ordered,
    /// Packets that came when a later one of the stream had left the window.
    late: u64,
}

/// Packets of one order.
#[derive(Debug)]
struct Ordered {
    tree: BTree<u64, Packet>,
    /// One more than the number that left last.
    next: u64,
}

impl RtpWindow {
    pub(super) fn new(plan: WindowPlan) -> Self {
        Self {
            by_ssrc: HashMap::new(),
            streams: Vec::new(),
            rest: Ordered::new(plan.degree),
            rest_arrived: 0,
            turns: VecDeque::new(),
            max_packets: plan.packets,
            degree: plan.degree,
            other: 0,
            beyond: 0,
        }
    }

    pub(super) fn max_packets(&self) -> usize {
        self.max_packets
    }

    pub(super) fn len(&self) -> usize {
        self.turns.len()
    }

    /// Puts a packet in its place, or gives its payload back: if it is there twice or comes too
    /// late.
    pub(super) fn insert(&mut self, packet: Packet) -> Option<Payload> {
        let Some(header) = RtpHeader::of(&packet) else {
            self.other += 1;
            return self.insert_rest(packet);
        };
        let Some((index, place)) = self.place(header) else {
            self.beyond += 1;
            return self.insert_rest(packet);
        };
        let stream = &mut self.streams[index];
        let number = match place {
            Place::At(number) => number,
            Place::Duplicate => return Some(packet.payload),
            Place::Stray => return self.insert_rest(packet),
        };
        if number < stream.packets.next {
            stream.late += 1;
            return Some(packet.payload);
        }
        self.turns.push_back(Some(index));
        stream.packets.tree.insert(number, packet).map(|twin| twin.payload)
    }

    fn insert_rest(&mut self, packet: Packet) -> Option<Payload> {
        self.turns.push_back(None);
        self.rest_arrived += 1;
        self.rest.tree.insert(self.rest_arrived, packet).map(|twin| twin.payload)
    }

    /// The index of the packet's stream, and its place there; `None` if there are too many.
    fn place(&mut self, header: RtpHeader) -> Option<(usize, Place)> {
        if let Some(&index) = self.by_ssrc.get(&header.ssrc) {
            return Some((index, self.streams[index].tracker.note(header.sequence)));
        }
        if self.streams.len() == MAX_STREAMS {
            return None;
        }
        let (tracker, place) = Tracker::new(header.sequence);
        let packets = Ordered::new(self.degree);
        let index = self.streams.len();
        self.streams.push(Stream { ssrc: header.ssrc, tracker, packets, late: 0 });
        self.by_ssrc.insert(header.ssrc, index);
        Some((index, place))
    }

    pub(super) fn trim_to(&mut self, keep: usize, leaving: &mut Vec<Packet>) {
        while self.turns.len() > keep {
            let Some(turn) = self.turns.pop_front() else { return };
            let packets = match turn {
                Some(index) => &mut self.streams[index].packets,
                None => &mut self.rest,
            };
            packets.let_first_go(leaving);
        }
    }

    pub(super) fn to_result(&self) -> run_result::Rtp {
        let each = self.streams.iter().map(|stream| run_result::RtpStream {
            ssrc: stream.ssrc,
            received: stream.tracker.received(),
            lost: stream.tracker.lost(),
            duplicates: stream.tracker.duplicates,
            reordered: stream.tracker.reordered,
            late: stream.late,
            strays: stream.tracker.strays,
            restarts: stream.tracker.restarts,
        });
        run_result::Rtp { streams: each.collect(), other: self.other, beyond: self.beyond }
    }
}

impl Ordered {
    fn new(degree: usize) -> Self {
        Self { tree: BTree::new(degree), next: 0 }
    }

    fn let_first_go(&mut self, leaving: &mut Vec<Packet>) {
        let keep = self.tree.len().saturating_sub(1);
        let next = &mut self.next;
        self.tree.trim_to(keep, |number, packet| {
            *next = number + 1;
            leaving.push(packet);
        });
        self.tree.shrink();
    }
}

#[cfg(test)]
#[path = "rtp_tests.rs"]
mod tests;
