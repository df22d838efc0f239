use std::fmt;

/// What the dealer has read. Each packet was dealt to a producer or is too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReplayTotals {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    /// Of those, with headers that contradict themselves: packets like any other.
    pub(crate) malformed: u64,
    /// Of those, longer than a packet may be, and so left out.
    pub(crate) oversized: u64,
}

impl fmt::Display for ReplayTotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packets, bytes, malformed, oversized } = self;
        write!(f, "Capture: packets={packets} bytes={bytes} ")?;
        write!(f, "malformed={malformed} oversized={oversized}")
    }
}
