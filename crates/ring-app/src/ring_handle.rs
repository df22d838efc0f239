use std::ops::Deref;

use lock_free_ring::{
    Closed, ConfigError, Consumer, DedicatedRing, LeaseError, Producer, Ring, ShardedRing,
    WriteConfig, WriteRefused,
};

use crate::config::RingPlan;
use crate::packet::Packet;

/// The ring of a run: dedicated shards while there is one for each producer, else shared ones.
#[derive(Debug)]
pub(crate) enum RingHandle {
    Dedicated(DedicatedRing<Packet>),
    Shared(ShardedRing<Packet>),
}

impl RingHandle {
    pub(crate) fn new(plan: RingPlan, producers: usize) -> Result<Self, ConfigError> {
        if producers <= plan.shards {
            DedicatedRing::new(plan.slots, plan.shards).map(Self::Dedicated)
        } else {
            ShardedRing::new(plan.slots, plan.shards).map(Self::Shared)
        }
    }

    pub(crate) fn is_dedicated(&self) -> bool {
        matches!(self, Self::Dedicated(_))
    }

    /// The end of producer number `id`.
    pub(crate) fn writer(&self, id: usize) -> Result<RingWriter, LeaseError> {
        Ok(match self {
            Self::Dedicated(ring) => RingWriter::Dedicated(ring.producer()?),
            Self::Shared(ring) => RingWriter::Shared { ring: ring.clone(), id: id as u64 },
        })
    }

    pub(crate) fn consumer(&self) -> Result<Consumer<Packet>, LeaseError> {
        match self {
            Self::Dedicated(ring) => ring.consumer(),
            Self::Shared(ring) => ring.consumer(),
        }
    }
}

impl Deref for RingHandle {
    type Target = Ring<Packet>;

    fn deref(&self) -> &Ring<Packet> {
        match self {
            Self::Dedicated(ring) => ring,
            Self::Shared(ring) => ring,
        }
    }
}

/// One producer's end of the ring.
#[derive(Debug)]
pub(crate) enum RingWriter {
    Dedicated(Producer<Packet>),
    Shared { ring: ShardedRing<Packet>, id: u64 },
}

impl RingWriter {
    pub(crate) fn try_write(&mut self, packet: Packet) -> Result<(), WriteRefused<Packet>> {
        match self {
            Self::Dedicated(producer) => producer.try_write(packet),
            Self::Shared { ring, id } => ring.try_write(*id, packet),
        }
    }

    pub(crate) fn write(&mut self, packet: Packet) -> Result<(), Closed<Packet>> {
        match self {
            Self::Dedicated(producer) => producer.write(packet),
            Self::Shared { ring, id } => ring.write(*id, packet),
        }
    }

    pub(crate) fn write_with_backoff(
        &mut self,
        packet: Packet,
        config: &WriteConfig,
    ) -> Result<(), WriteRefused<Packet>> {
        match self {
            Self::Dedicated(producer) => producer.write_with_backoff(packet, config),
            Self::Shared { ring, id } => ring.write_with_backoff(*id, packet, config),
        }
    }
}
