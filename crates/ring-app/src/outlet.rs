use lock_free_ring::{WriteConfig, WriteRefused};

use crate::config::WhenFull;
use crate::counters::Counters;
use crate::packet::{Packet, Payload};
use crate::payload_sum::PayloadSum;
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
    batch: Vec<Packet>,
    batch_sum: PayloadSum,
    accepted_sum: PayloadSum,
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
        Self {
            writer,
            sequences,
            counters,
            backoff,
            batch: Vec::new(),
            batch_sum: PayloadSum::default(),
            accepted_sum: PayloadSum::default(),
        }
    }

    /// Sends a packet, and while its shard is full does as the run's settings say. A refused
    /// packet's number goes to the next one. `sum` is what the payload was filled with.
    pub(crate) fn send(&mut self, payload: Payload, sum: PayloadSum) -> Sent {
        let Some(config) = &self.backoff else {
            return self.send_waiting(payload, sum);
        };
        let packet = Packet { sequence: self.sequences.current(), payload };
        match self.writer.write_with_backoff(packet, config) {
            Ok(()) => self.accepted(sum),
            Err(WriteRefused::Full(packet)) => Sent::Refused(packet.payload),
            Err(WriteRefused::Closed(_)) => Sent::Closed,
        }
    }

    /// Sends a packet, and waits while its shard is full.
    pub(crate) fn send_waiting(&mut self, payload: Payload, sum: PayloadSum) -> Sent {
        let packet = Packet { sequence: self.sequences.current(), payload };
        match self.writer.write(packet) {
            Ok(()) => self.accepted(sum),
            Err(_) => Sent::Closed,
        }
    }

    /// Counts a packet that is given up.
    pub(crate) fn count_dropped(&self) {
        self.counters.add_dropped();
    }

    /// Keeps a packet for [`send_batch`](Self::send_batch).
    pub(crate) fn add_to_batch(&mut self, payload: Payload, sum: PayloadSum) {
        self.batch.push(Packet { sequence: self.sequences.current(), payload });
        self.sequences.advance();
        self.batch_sum.add(sum);
    }

    /// Sends the packets that were kept, and waits while there is no room for them.
    pub(crate) fn send_batch(&mut self) -> Sent {
        let packets = self.batch.len() as u64;
        let batch_sum = std::mem::take(&mut self.batch_sum);
        if self.writer.write_batch(&mut self.batch).is_err() {
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

    fn accepted(&mut self, sum: PayloadSum) -> Sent {
        self.sequences.advance();
        self.counters.add_produced(1);
        self.accepted_sum.add(sum);
        Sent::Accepted
    }
}
