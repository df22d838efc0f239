//! Durations as Go writes them: `10ms`, `1m30s`, `1.5s`, `23.224µs`.
//!
//! ```
//! use std::time::Duration;
//!
//! let shutdown = go_duration::parse("23.224µs");
//! assert_eq!(shutdown, Some(Duration::from_nanos(23_224)));
//! assert_eq!(go_duration::GoDuration(Duration::from_secs(90)).to_string(), "1m30s");
//! ```
#![forbid(unsafe_code)]

use std::fmt;
use std::time::Duration;

const NS_PER_SECOND: u64 = 1_000_000_000;

/// Digits behind the point that can make a nanosecond of an hour's fraction.
const MOST_DIGITS: usize = 18;

/// Units by name, in nanoseconds. A longer name stands before one that it ends with.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000), // micro sign
    ("μs", 1_000), // Greek mu
    ("ms", 1_000_000),
    ("s", NS_PER_SECOND),
    ("m", 60 * NS_PER_SECOND),
    ("h", 3600 * NS_PER_SECOND),
];

/// Reads `text` as Go's `time.ParseDuration` does, but for signs: none here may be negative.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut total_ns: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at(number_end);
        let unit_end =
            behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, next) = behind.split_at(unit_end);
        let (_, unit_ns) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total_ns = total_ns.checked_add(scaled_ns(number, *unit_ns)?)?;
        rest = next;
    }
    (!text.is_empty()).then(|| Duration::from_nanos(total_ns))
}

/// `number` (digits, with at most one point among them) times `unit_ns`.
fn scaled_ns(number: &str, unit_ns: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // In integers, and no more digits than can matter: a float loses a nanosecond here and there.
    let digits = fraction.as_bytes().iter().take(MOST_DIGITS);
    let (parts, of) = digits.fold((0_u128, 1_u128), |(parts, of), digit| {
        (parts * 10 + u128::from(digit - b'0'), of * 10)
    });
    let fraction_ns = (parts * u128::from(unit_ns) / of) as u64;
    whole.checked_mul(unit_ns)?.checked_add(fraction_ns)
}

/// Shows a duration as Go's `time.Duration` does.
#[derive(Clone, Copy, Debug)]
pub struct GoDuration(pub Duration);

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total_ns = self.0.as_nanos();
        if total_ns == 0 {
            return f.write_str("0s");
        }
        if total_ns < u128::from(NS_PER_SECOND) {
            let (unit, unit_ns) = match total_ns {
                0..1_000 => ("ns", 1),
                1_000..1_000_000 => ("µs", 1_000),
                _ => ("ms", 1_000_000),
            };
            return write!(f, "{}{unit}", Decimal { value: total_ns, unit: unit_ns });
        }
        let seconds = self.0.as_secs();
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if seconds >= 60 {
            write!(f, "{minutes}m")?;
        }
        let unit = u128::from(NS_PER_SECOND);
        write!(f, "{}s", Decimal { value: total_ns % (60 * unit), unit })
    }
}

/// `value / unit`, exactly, without zeros at the end. `unit` is a power of ten.
struct Decimal {
    value: u128,
    unit: u128,
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value / self.unit)?;
        let mut left = self.value % self.unit;
        let mut digit_unit = self.unit;
        if left > 0 {
            f.write_str(".")?;
        }
        while left > 0 {
            digit_unit /= 10;
            write!(f, "{}", left / digit_unit)?;
            left %= digit_unit;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, ns) in [
            ("0", 0),
            ("0s", 0),
            ("5s", 5_000_000_000),
            ("1m30s", 90_000_000_000),
            ("100ms", 100_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("10us", 10_000),
            ("10µs", 10_000),
            ("10μs", 10_000),
            ("7ns", 7),
            ("15.500002s", 15_500_002_000),
            ("1h2m3.004005006s", 3_723_004_005_006),
        ] {
            assert_eq!(parse(text), Some(Duration::from_nanos(ns)), "{text}");
        }
    }

    #[test]
    fn refuses_what_go_refuses_and_negative_ones() {
        for text in [
            "", "10", "-1s", "+-1s", "s", ".s", "1..5s", "1.2.3s", "5 s", "5x", "5sec", "1d",
            "abc", "NaN", "5S",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(parse("99999999999999999999s"), None, "more than 64 bits");
        assert_eq!(parse("20000000000s"), None, "more than 64 bits of nanoseconds");
    }

    #[test]
    fn shows_what_go_shows() {
        for (ns, text) in [
            (0, "0s"),
            (999, "999ns"),
            (1_000, "1µs"),
            (23_224, "23.224µs"),
            (10_000_000, "10ms"),
            (1_500_000, "1.5ms"),
            (1_000_000_000, "1s"),
            (10_000_000_000, "10s"),
            (1_050_000_000, "1.05s"),
            (60_000_000_000, "1m0s"),
            (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h0m0s"),
            (3_723_004_005_006, "1h2m3.004005006s"),
        ] {
            assert_eq!(GoDuration(Duration::from_nanos(ns)).to_string(), text);
        }
    }
}
