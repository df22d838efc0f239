use std::fmt;
use std::num::NonZeroU64;

const BITS_PER_MEGABIT: f64 = 1e6;
/// 100 Tb/s: above any memory bus, and far below where the arithmetic would overflow.
const MAX_MBPS: f64 = 1e8;

/// How fast packets are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// As fast as the reader takes them.
    Unlimited,
    /// So many payload bits in a second.
    BitsPerSecond(NonZeroU64),
}

impl Rate {
    /// A rate in megabits (10⁶ bits) a second, rounded to whole bits.
    ///
    /// # Errors
    /// When `mbps` is not a number, is below one bit a second or above 10⁸.
    pub fn mbps(mbps: f64) -> Result<Self, InvalidRate> {
        let bits_per_second = (mbps * BITS_PER_MEGABIT).round();
        if !(1.0..=MAX_MBPS * BITS_PER_MEGABIT).contains(&bits_per_second) {
            return Err(InvalidRate { mbps });
        }
        NonZeroU64::new(bits_per_second as u64).map(Self::BitsPerSecond).ok_or(InvalidRate { mbps })
    }

    /// The set bits a second; `None` when unlimited.
    #[must_use]
    pub fn bits_per_second(self) -> Option<NonZeroU64> {
        match self {
            Self::Unlimited => None,
            Self::BitsPerSecond(bits) => Some(bits),
        }
    }
}

/// A rate that no generator can be paced at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InvalidRate {
    mbps: f64,
}

impl fmt::Display for InvalidRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a rate of {} Mb/s: must be from 0.000001 to {MAX_MBPS}", self.mbps)
    }
}

impl std::error::Error for InvalidRate {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_whole_bits_a_second() {
        assert_eq!(Rate::mbps(0.1).unwrap().bits_per_second().unwrap().get(), 100_000);
        assert_eq!(Rate::mbps(50.0).unwrap().bits_per_second().unwrap().get(), 50_000_000);
        assert_eq!(Rate::Unlimited.bits_per_second(), None);
    }

    #[test]
    fn impossible_rates_are_errors() {
        for mbps in [0.0, -5.0, 1e-7, 1e9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Rate::mbps(mbps).is_err(), "{mbps}");
        }
    }
}
