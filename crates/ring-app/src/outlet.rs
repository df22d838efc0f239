use lock_free_ring::{WriteConfig, WriteRefused};

use crate::config::WhenFull;
use crate::counters::Counters;
use crate::packet::{Packet, Payload};
use crate::ring_handle::RingWriter;
use crate::sequence::Sequences;

/// What a producer puts its packets into: numbers them, writes them and counts them.
#[derive(Debug)]
pub(crate) struct Outlet<'a> {
    writer: RingWriter,
    sequences: Sequences<'a>,
    counters: &'a Counters,
    /// `None` waits for room.
    backoff: Option<WriteConfig>,
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
        writer: RingWriter,
        sequences: Sequences<'a>,
        counters: &'a Counters,
        when_full: WhenFull,
        cancel: lock_free_ring::Cancel,
    ) -> Self {
        let backoff = match when_full {
            WhenFull::Wait => None,
            WhenFull::BackOff { backoff, max_retries, max_backoffs } => {
                Some(WriteConfig { backoff, max_retries, max_backoffs, cancel: Some(cancel) })
            }
        };
        Self { writer, sequences, counters, backoff }
    }

    /// Sends a packet, and while its shard is full does as the run's settings say. A refused
    /// packet's number goes to the next one.
    pub(crate) fn send(&mut self, payload: Payload) -> Sent {
        let Some(config) = &self.backoff else {
            return self.send_waiting(payload);
        };
        let packet = Packet { sequence: self.sequences.current(), payload };
        match self.writer.write_with_backoff(packet, config) {
            Ok(()) => self.accepted(),
            Err(WriteRefused::Full(packet)) => Sent::Refused(packet.payload),
            Err(WriteRefused::Closed(_)) => Sent::Closed,
        }
    }

    /// Sends a packet, and waits while its shard is full.
    pub(crate) fn send_waiting(&mut self, payload: Payload) -> Sent {
        let packet = Packet { sequence: self.sequences.current(), payload };
        match self.writer.write(packet) {
            Ok(()) => self.accepted(),
            Err(_) => Sent::Closed,
        }
    }

    /// Counts a packet that is given up.
    pub(crate) fn count_dropped(&self) {
        self.counters.add_dropped();
    }

    fn accepted(&mut self) -> Sent {
        self.sequences.advance();
        self.counters.add_produced();
        Sent::Accepted
    }
}
