use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// What a receiver has seen. Every datagram that was sent to its socket is either received or
/// dropped by the kernel; every received one was accepted by the ring or counts as dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReceiverTotals {
    pub(crate) received: u64,
    /// Of those, without content: packets like any other.
    pub(crate) empty: u64,
    /// Of those, longer than a packet may be, and so dropped.
    pub(crate) oversized: u64,
    /// What the kernel had no room for; `None` if it does not tell.
    pub(crate) kernel_drops: Option<u64>,
}

impl Add for ReceiverTotals {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            received: self.received + other.received,
            empty: self.empty + other.empty,
            oversized: self.oversized + other.oversized,
            kernel_drops: self.kernel_drops.zip(other.kernel_drops).map(|(a, b)| a + b),
        }
    }
}

impl Sum for ReceiverTotals {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        let none = Self { kernel_drops: Some(0), ..Self::default() };
        all.fold(none, Self::add)
    }
}

impl fmt::Display for ReceiverTotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UDP: received={} kernel_drops=", self.received)?;
        match self.kernel_drops {
            Some(drops) => write!(f, "{drops}")?,
            None => f.write_str("unknown")?,
        }
        write!(f, " empty={} oversized={}", self.empty, self.oversized)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_add_up() {
        let one = ReceiverTotals { received: 10, empty: 1, oversized: 2, kernel_drops: Some(3) };
        let two: ReceiverTotals = [one, one].into_iter().sum();
        assert_eq!(two.to_string(), "UDP: received=20 kernel_drops=6 empty=2 oversized=4");
        let blind = ReceiverTotals { kernel_drops: None, ..one };
        let sum: ReceiverTotals = [one, blind].into_iter().sum();
        assert_eq!(sum.to_string(), "UDP: received=20 kernel_drops=unknown empty=2 oversized=4");
    }
}
