#[cfg(feature = "nats")]
use crate::nats::NatsPlan;
use std::path::PathBuf;

/// What `--sink` asks for: a window or none, and where packets go from there.
#[derive(Clone, Debug)]
pub(crate) struct SinkPlan {
    /// `None` passes every packet on at once.
    pub(crate) window: Option<WindowPlan>,
    pub(crate) target: TargetPlan,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowPlan {
    pub(crate) packets: usize,
    pub(crate) degree: usize,
    pub(crate) order: Order,
}

/// What the window's packets are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The numbers that producers give.
    Arrival,
    /// The sequence numbers of RTP, stream by stream.
    Rtp,
}

#[derive(Clone, Debug)]
pub(crate) enum TargetPlan {
    Discard,
    /// A capture file.
    Pcap(PathBuf),
    #[cfg(feature = "nats")]
    Nats(NatsPlan),
}

impl SinkPlan {
    /// Packets that it holds at most.
    pub(crate) fn packets(&self) -> usize {
        self.window.map_or(0, |window| window.packets)
    }
}
