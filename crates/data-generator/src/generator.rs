use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::time::Instant;

use crate::cancel::Cancel;
use crate::config::GeneratorConfig;
use crate::pacer::Pacer;
use crate::pattern::Pattern;
use crate::rate::Rate;
use crate::stats::Stats;

/// A source of packets: see the [crate's page](crate).
///
/// Each [`read`](Read::read) waits until the next packet is due, then writes
/// `min(buffer, payload)` bytes of it and returns their number. A packet that is cut short by a
/// small buffer counts with the bytes that were read. Cancelled, it returns `Ok(0)` for ever.
/// No call allocates.
#[derive(Debug)]
pub struct Generator {
    rate: Rate,
    payload_bytes: NonZeroUsize,
    pattern: Pattern,
    /// `None` when unlimited.
    pacer: Option<Pacer>,
    cancel: Cancel,
    started: Option<Instant>,
    ended: Option<Instant>,
    packets: u64,
    bytes: u64,
}

impl Generator {
    /// A generator that starts with its first read, and ends when `cancel` says so.
    #[must_use]
    pub fn new(config: &GeneratorConfig, cancel: Cancel) -> Self {
        let pacer = config
            .rate
            .bits_per_second()
            .map(|bits_per_second| Pacer::new(bits_per_second, config));
        Self {
            rate: config.rate,
            payload_bytes: config.payload_bytes,
            pattern: Pattern::new(config.payload_bytes),
            pacer,
            cancel,
            started: None,
            ended: None,
            packets: 0,
            bytes: 0,
        }
    }

    /// Counts the schedule from `start` instead of the first read, so that many generators
    /// can share one.
    #[must_use]
    pub fn starting_at(mut self, start: Instant) -> Self {
        self.started = Some(start);
        self
    }

    /// What it has given out so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let end = self.ended.unwrap_or_else(Instant::now);
        Stats {
            packets: self.packets,
            bytes: self.bytes,
            started: self.started,
            duration: self
                .started
                .map(|start| end.saturating_duration_since(start))
                .unwrap_or_default(),
            target_bits_per_second: self.rate.bits_per_second(),
        }
    }

    /// Waits until a packet of `packet_bytes` is due; false when cancelled.
    fn wait_until_due(&mut self, packet_bytes: usize) -> bool {
        let start = *self.started.get_or_insert_with(Instant::now);
        match &mut self.pacer {
            None => !self.cancel.is_cancelled(),
            Some(pacer) => pacer.wait_until_due(packet_bytes, start, &self.cancel),
        }
    }
}

impl Read for Generator {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let packet_bytes = buffer.len().min(self.payload_bytes.get());
        if packet_bytes == 0 {
            return Ok(0);
        }
        if !self.wait_until_due(packet_bytes) {
            self.ended.get_or_insert_with(Instant::now);
            return Ok(0);
        }
        self.pattern.fill(&mut buffer[..packet_bytes]);
        self.packets += 1;
        self.bytes += packet_bytes as u64;
        Ok(packet_bytes)
    }
}
