//! `--pcap`: a capture file as the source. One thread, the dealer, reads it and says when each
//! packet is due; it deals packets to the producers by flow, so that each flow keeps its order.

mod dealer;
mod pace;
mod player;
mod source_file;
mod totals;

use lock_free_ring::{Consumer, DedicatedRing, Producer};

pub(crate) use dealer::Dealer;
pub(crate) use pace::Speed;
pub(crate) use player::play;
pub(crate) use source_file::SourceFile;
pub(crate) use totals::ReplayTotals;

use crate::capture::Captured;
use crate::error::RunError;
use crate::packet::Payload;

/// Packets that are dealt, or taken, at a time when they come fast.
pub(crate) const DEAL: usize = 32;
/// Packets that lie between the dealer and a producer at most.
const DEALT_SLOTS: usize = 256;
/// Packets for each producer that are on their way to it: as many lie there, in the dealer's
/// hands and in its own.
pub(crate) const DEALT_PACKETS: usize = DEALT_SLOTS + 2 * DEAL;
/// The longest packet that is replayed: of IP, with any link's header. Longer ones, which only
/// segmentation by hardware makes, are counted.
pub(crate) const MAX_FRAME_BYTES: usize = 65_600;

/// A packet on its way from the dealer to a producer.
#[derive(Debug)]
pub(crate) struct Dealt {
    pub(crate) payload: Payload,
    pub(crate) captured: Captured,
}

/// A way from the dealer to each producer: a small ring of our own. It ends when its other end is
/// gone, so neither waits for ever.
pub(crate) fn ways(producers: usize) -> Result<Ways, RunError> {
    let mut ways = Ways::default();
    for _ in 0..producers {
        let way = DedicatedRing::new(DEALT_SLOTS, 1).map_err(RunError::ring)?;
        ways.from_dealer.push(way.producer().map_err(RunError::ring)?);
        ways.to_producers.push(way.consumer().map_err(RunError::ring)?);
    }
    Ok(ways)
}

/// The two ends of each way.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    pub(crate) from_dealer: Vec<Producer<Dealt>>,
    pub(crate) to_producers: Vec<Consumer<Dealt>>,
}
