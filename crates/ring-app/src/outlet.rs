use std::time::Instant;

use lock_free_ring::{WriteConfig, WriteRefused};

use crate::capture::Captured;
use crate::config::WhenFull;
use crate::counters::Counters;
use crate::packet::{Packet, Payload, WriteTime};
use crate::payload_sum::PayloadSum;
use crate::profile::{Place, Probe};
use crate::ring_handle::RingWriter;
use crate::sequence::Sequences;

/// What a producer puts its packets into: numbers them, notes when, writes them and counts them.
#[derive(Debug)]
pub(crate) struct Outlet<'a> {
    producer: u16,
    start: Instant,
    writer: RingWriter,
    sequences: Sequences<'a>,
    counters: &'a Counters,
    /// `None` waits for room.
    backoff: Option<WriteConfig>,
    batch: Vec<Packet>,
    batch_sum: PayloadSum,
    accepted_sum: PayloadSum,
    /// Of the thread that sends through it.
    pub(crate) probe: Probe<'a>,
}

/// Which producer an outlet is for, and since when the run counts its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) producer: usize,
    pub(crate) start: Instant,
}

/// What a producer makes a packet of.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) payload: Payload,
    /// Of what the payload was filled with.
    pub(crate) sum: PayloadSum,
    pub(crate) captured: Option<Captured>,
}

impl Filled {
    /// Of bytes that come from no capture file.
    pub(crate) fn new(payload: Payload, sum: PayloadSum) -> Self {
        Self { payload, sum, captured: None }
    }
}

/// What became of a packet.
#[derive(Debug)]
pub(crate) enum Sent {
    Accepted,
    /// There was no room, or the backoff was cancelled.
    Refused(Filled),
    /// The ring was closed, as it is when the consumer has failed.
    Closed,
}

impl<'a> Outlet<'a> {
    pub(crate) fn new(
        origin: Origin,
        writer: RingWriter,
        sequences: Sequences<'a>,
        counters: &'a Counters,
        when_full: WhenFull,
        cancel: lock_free_ring::Cancel,
        probe: Probe<'a>,
    ) -> Self {
        let backoff = match when_full {
            WhenFull::Wait => None,
            WhenFull::BackOff { backoff, max_retries, max_backoffs } => {
                Some(WriteConfig { backoff, max_retries, max_backoffs, cancel: Some(cancel) })
            }
        };
        Self {
            producer: u16::try_from(origin.producer).expect("at most 1024 producers"),
            start: origin.start,
            writer,
            sequences,
            counters,
            backoff,
            batch: Vec::new(),
            batch_sum: PayloadSum::default(),
            accepted_sum: PayloadSum::default(),
            probe,
        }
    }

    /// Sends a packet, and while its shard is full does as the run's settings say. A refused
    /// packet's number goes to the next one.
    pub(crate) fn send(&mut self, filled: Filled) -> Sent {
        let sum = filled.sum;
        let packet = self.packet(filled, WriteTime::now(self.start));
        let Some(config) = &self.backoff else {
            return self.write(packet, sum);
        };
        let writer = &mut self.writer;
        let write = || writer.write_with_backoff(packet, config);
        match self.probe.wait(Place::Backoff, write) {
            Ok(()) => self.accepted(sum),
            Err(WriteRefused::Full(Packet { payload, captured, .. })) => {
                Sent::Refused(Filled { payload, sum, captured })
            }
            Err(WriteRefused::Closed(_)) => Sent::Closed,
        }
    }

    /// Sends a packet, and waits while its shard is full.
    pub(crate) fn send_waiting(&mut self, filled: Filled) -> Sent {
        let sum = filled.sum;
        let packet = self.packet(filled, WriteTime::now(self.start));
        self.write(packet, sum)
    }

    /// Counts a packet that is given up.
    pub(crate) fn count_dropped(&mut self) {
        self.counters.add_dropped();
        self.probe.instant("drop a packet");
    }

    /// Keeps a packet for [`send_batch`](Self::send_batch), which gives it its time.
    pub(crate) fn add_to_batch(&mut self, filled: Filled) {
        self.batch_sum.add(filled.sum);
        let packet = self.packet(filled, WriteTime::default());
        self.batch.push(packet);
        self.sequences.advance();
    }

    /// Sends the packets that were kept, and waits while there is no room for them. The clock is
    /// read once for all: a look at it would cost a packet as much as its write. So a wait for
    /// room counts as time in the ring.
    pub(crate) fn send_batch(&mut self) -> Sent {
        let packets = self.batch.len() as u64;
        let batch_sum = std::mem::take(&mut self.batch_sum);
        let now = WriteTime::now(self.start);
        self.batch.iter_mut().for_each(|packet| packet.written = now);
        let (writer, batch) = (&mut self.writer, &mut self.batch);
        if self.probe.wait(Place::Room, || writer.write_batch(batch)).is_err() {
            return Sent::Closed;
        }
        self.counters.add_produced(packets);
        self.accepted_sum.add(batch_sum);
        Sent::Accepted
    }

    /// The sum of all packets that the ring has accepted.
    pub(crate) fn accepted_sum(&self) -> PayloadSum {
        self.accepted_sum
    }

    fn packet(&mut self, filled: Filled, written: WriteTime) -> Packet {
        let Filled { payload, captured, .. } = filled;
        let sequence = self.sequences.current();
        Packet { sequence, written, producer: self.producer, captured, payload }
    }

    fn write(&mut self, packet: Packet, sum: PayloadSum) -> Sent {
        let writer = &mut self.writer;
        match self.probe.wait(Place::Room, || writer.write(packet)) {
            Ok(()) => self.accepted(sum),
            Err(_) => Sent::Closed,
        }
    }

    fn accepted(&mut self, sum: PayloadSum) -> Sent {
        self.sequences.advance();
        self.counters.add_produced(1);
        self.accepted_sum.add(sum);
        Sent::Accepted
    }
}
