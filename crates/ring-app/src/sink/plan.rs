#[cfg(feature = "nats")]
use crate::nats::NatsPlan;

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
}

#[derive(Clone, Debug)]
pub(crate) enum TargetPlan {
    Discard,
    #[cfg(feature = "nats")]
    Nats(NatsPlan),
}

impl SinkPlan {
    /// Packets that it holds at most.
    pub(crate) fn packets(&self) -> usize {
        self.window.map_or(0, |window| window.packets)
    }
}
