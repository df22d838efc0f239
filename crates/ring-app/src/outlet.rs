use std::time::Instant;

use lock_free_ring::{WriteConfig, WriteRefused};

use crate::config::WhenFull;
use crate::counters::Counters;
use crate::packet::{Packet, Payload, WriteTime};
use crate::profile::{Place, Probe};
use crate::ring_handle::RingWriter;
use crate::sequence::Sequences;

/// What a producer puts its packets into: numbers them, notes when, writes them and counts them.
#[derive(Debug)]
pub(crate) struct Outlet<'a> {
    producer: u32,
    start: Instant,
    writer: RingWriter,
    sequences: Sequences<'a>,
    /// The clock is read once for a block of numbers, and after each wait: at full speed a look
    /// at it would cost as much as the write.
    written: WriteTime,
    waited: bool,
    counters: &'a Counters,
    /// `None` waits for room.
    backoff: Option<WriteConfig>,
    /// Of the thread that sends through it.
    pub(crate) probe: Probe<'a>,
}

/// Which producer an outlet is for, and since when the run counts its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) producer: usize,
    pub(crate) start: Instant,
}

/// What became of a packet.
#[derive(Debug)]
pub(crate) enum Sent {
    Accepted,
    /// There was no room, or the backoff was cancelled.
    Refused(Payload),
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
            producer: u32::try_from(origin.producer).expect("at most 1024 producers"),
            start: origin.start,
            writer,
            sequences,
            written: WriteTime::default(),
            waited: false,
            counters,
            backoff,
            probe,
        }
    }

    /// Sends a packet, and while its shard is full does as the run's settings say. A refused
    /// packet's number goes to the next one.
    pub(crate) fn send(&mut self, payload: Payload) -> Sent {
        let packet = self.packet(payload);
        let Some(config) = &self.backoff else {
            return self.write_waiting(packet);
        };
        let writer = &mut self.writer;
        let write = || writer.write_with_backoff(packet, config);
        match self.probe.wait(Place::Backoff, write) {
            Ok(()) => self.accepted(),
            Err(WriteRefused::Full(packet)) => Sent::Refused(packet.payload),
            Err(WriteRefused::Closed(_)) => Sent::Closed,
        }
    }

    /// Sends a packet, and waits while its shard is full.
    pub(crate) fn send_waiting(&mut self, payload: Payload) -> Sent {
        let packet = self.packet(payload);
        self.write_waiting(packet)
    }

    /// Counts a packet that is given up.
    pub(crate) fn count_dropped(&mut self) {
        self.counters.add_dropped();
        self.probe.instant("drop a packet");
    }

    fn packet(&mut self, payload: Payload) -> Packet {
        if self.sequences.at_block_start() || std::mem::take(&mut self.waited) {
            self.written = WriteTime::now(self.start);
        }
        let sequence = self.sequences.current();
        Packet { sequence, written: self.written, producer: self.producer, payload }
    }

    fn write_waiting(&mut self, packet: Packet) -> Sent {
        let full = match self.writer.try_write(packet) {
            Ok(()) => return self.accepted(),
            Err(WriteRefused::Full(packet)) => packet,
            Err(WriteRefused::Closed(_)) => return Sent::Closed,
        };
        self.waited = true;
        let writer = &mut self.writer;
        match self.probe.wait(Place::Room, || writer.write(full)) {
            Ok(()) => self.accepted(),
            Err(_) => Sent::Closed,
        }
    }

    fn accepted(&mut self) -> Sent {
        self.sequences.advance();
        self.counters.add_produced();
        Sent::Accepted
    }
}
