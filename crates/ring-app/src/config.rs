//! The settings of a run, all checked: whatever is in here can be carried out.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use data_generator::Rate;

use crate::pacing::{Flow, Pacing};
use crate::profile::ProfilePlan;
use crate::replay::{DEALT_PACKETS, MAX_FRAME_BYTES, SourceFile, Speed};
use crate::result_file::ResultFile;
use crate::sink::SinkPlan;

/// Packets that the consumer takes out of the ring at a time.
pub(crate) const READ_BATCH: usize = 512;
/// Packets that a producer without a set rate makes and writes at a time.
const UNLIMITED_BATCH: usize = 32;
/// The largest payload of a UDP datagram over IPv4.
pub(crate) const MAX_DATAGRAM_BYTES: usize = 65_507;

#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) source: Source,
    /// Threads that write into the ring, in all.
    pub(crate) producers: usize,
    pub(crate) ring: RingPlan,
    pub(crate) when_full: WhenFull,
    pub(crate) sink: SinkPlan,
    pub(crate) tick: Duration,
    /// Of the generators' pacing; `None` is automatic.
    pub(crate) granularity: Option<Duration>,
    pub(crate) stats_interval: Duration,
    /// `None` runs until a signal.
    pub(crate) duration: Option<Duration>,
    pub(crate) debug_level: u8,
    pub(crate) plain: bool,
    /// Where the dashboard is to be asked, if it is wanted.
    pub(crate) dashboard: Option<SocketAddr>,
    /// Where the result goes, if it is wanted.
    pub(crate) json: Option<ResultFile>,
    pub(crate) profile: Option<ProfilePlan>,
}

#[derive(Clone, Debug)]
pub(crate) enum Source {
    Generated {
        rate: Rate,
        packet_bytes: usize,
        sizing: SizingNote,
    },
    /// As many receivers on each address.
    Udp {
        addresses: Vec<SocketAddr>,
        receivers_each: usize,
    },
    /// A capture file, dealt to the producers.
    Capture {
        file: SourceFile,
        speed: Speed,
    },
}

impl Source {
    /// The longest packet that may come.
    pub(crate) fn max_packet_bytes(&self) -> usize {
        match self {
            Self::Generated { packet_bytes, .. } => *packet_bytes,
            Self::Udp { .. } => MAX_DATAGRAM_BYTES,
            Self::Capture { .. } => MAX_FRAME_BYTES,
        }
    }
}

/// What the log tells of the generators' load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SizingNote {
    pub(crate) rate_mbps: f64,
    pub(crate) multiplier: f64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct RingPlan {
    pub(crate) slots: usize,
    pub(crate) shards: usize,
    pub(crate) slots_from: SlotsFrom,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotsFrom {
    User,
    /// The packets that come in an interval.
    Load,
    /// Nothing says how fast packets come.
    UnknownRate,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum WhenFull {
    /// Wait for room, however long.
    Wait,
    /// Try, sleep, try again, and in the end drop the packet.
    BackOff { backoff: Duration, max_retries: NonZeroU32, max_backoffs: Option<NonZeroU32> },
}

impl Config {
    /// Packets that can be alive at once: in the ring, in the sink, in a batch of the
    /// consumer's (which also holds those on their way back), in each producer's hands or on the
    /// way there.
    pub(crate) fn buffers(&self) -> usize {
        let on_the_way = match self.source {
            Source::Capture { .. } => DEALT_PACKETS,
            _ => 0,
        };
        self.ring.slots
            + self.sink.packets()
            + READ_BATCH
            + self.producers * (self.write_batch() + on_the_way)
    }

    /// Packets that a producer makes and writes at a time.
    pub(crate) fn write_batch(&self) -> usize {
        match self.source {
            Source::Generated { rate: Rate::Unlimited, .. }
            | Source::Capture { speed: Speed::Unlimited, .. } => UNLIMITED_BATCH,
            _ => 1,
        }
    }

    /// What the packets take at most.
    pub(crate) fn max_packet_memory_bytes(&self) -> u64 {
        self.buffers() as u64 * self.source.max_packet_bytes() as u64
    }

    /// How each generator paces; `None` without a set rate.
    pub(crate) fn pacing(&self) -> Option<Pacing> {
        self.flow().map(|flow| flow.pacing(self.tick, self.granularity))
    }

    /// What each producer puts through the ring; `None` if it does so at no set rate.
    fn flow(&self) -> Option<Flow> {
        let Source::Generated { rate: Rate::BitsPerSecond(rate), packet_bytes, .. } = self.source
        else {
            return None;
        };
        let WhenFull::BackOff { backoff, .. } = self.when_full else {
            return None;
        };
        let shard_slots = self.ring.slots / self.ring.shards;
        Some(Flow {
            packets_per_second: rate.get() as f64 / (8.0 * packet_bytes as f64),
            slots: shard_slots / self.producers.div_ceil(self.ring.shards),
            backoff,
        })
    }
}
