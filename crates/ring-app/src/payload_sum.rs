//! Proof that every byte arrived as it was written: producers and consumer sum them separately.

use std::fmt;
use std::iter::Sum;

/// Bytes in the words that are summed, and in a [`Marker`]'s number.
const WORD_BYTES: usize = size_of::<u64>();

/// What was summed so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PayloadSum {
    bytes: u64,
    words: u64,
}

impl PayloadSum {
    /// Reads all of a packet.
    pub(crate) fn of(packet: &[u8]) -> Self {
        let (words, rest) = packet.as_chunks::<WORD_BYTES>();
        let mut last = [0; WORD_BYTES];
        last[..rest.len()].copy_from_slice(rest);
        // Whole words and one accumulator: this is what the compiler turns into vectors.
        let sum = words.iter().fold(u64::from_le_bytes(last), |sum, &word| {
            sum.wrapping_add(u64::from_le_bytes(word))
        });
        Self { bytes: packet.len() as u64, words: sum }
    }

    #[cfg(feature = "nats")]
    pub(crate) fn from_parts(bytes: u64, words: u64) -> Self {
        Self { bytes, words }
    }

    #[cfg(feature = "nats")]
    pub(crate) fn bytes(self) -> u64 {
        self.bytes
    }

    #[cfg(feature = "nats")]
    pub(crate) fn words(self) -> u64 {
        self.words
    }

    pub(crate) fn add(&mut self, other: Self) {
        // No run writes 2⁶⁴ bytes; the words wrap, on both sides alike.
        self.bytes += other.bytes;
        self.words = self.words.wrapping_add(other.words);
    }
}

impl Sum for PayloadSum {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum.add(part);
            sum
        })
    }
}

impl fmt::Display for PayloadSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, sum {:016x}", self.bytes, self.words)
    }
}

/// Makes a producer's packets differ, so that no buffer's old content passes for a new packet:
/// the first eight bytes of each are its number, if it has so many.
#[derive(Debug)]
pub(crate) struct Marker {
    next: u64,
    /// Of a packet whose number is 0.
    unnumbered: PayloadSum,
}

impl Marker {
    /// For packets that are like `sample` before they are marked; numbers go up from `first`.
    pub(crate) fn new(mut sample: Vec<u8>, first: u64) -> Self {
        if let Some(number) = sample.first_chunk_mut() {
            *number = [0; WORD_BYTES];
        }
        Self { next: first, unnumbered: PayloadSum::of(&sample) }
    }

    /// Numbers the next packet, and answers the sum that it must have. That comes from the
    /// sample, not from `packet`: had it been filled wrongly, the consumer's sum would differ.
    pub(crate) fn mark(&mut self, packet: &mut [u8]) -> PayloadSum {
        let mut sum = self.unnumbered;
        if let Some(number) = packet.first_chunk_mut() {
            *number = self.next.to_le_bytes();
            sum.words = sum.words.wrapping_add(self.next);
            self.next += 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|i| i as u8 ^ 0x5a).collect()
    }

    #[test]
    fn every_bit_of_every_byte_counts() {
        for bytes in [1, 7, 8, 9, 63, 500, 1450] {
            let packet = packet(bytes);
            let whole = PayloadSum::of(&packet);
            for at in 0..bytes {
                for bit in 0..8 {
                    let mut other = packet.clone();
                    other[at] ^= 1 << bit;
                    assert_ne!(PayloadSum::of(&other), whole, "byte {at}, bit {bit} of {bytes}");
                }
            }
        }
    }

    #[test]
    fn a_marked_packet_has_the_sum_that_its_marker_says() {
        for bytes in [1, 7, 8, 9, 1450] {
            let mut marker = Marker::new(packet(bytes), u64::MAX - 2);
            let mut seen = Vec::new();
            for _ in 0..2 {
                let mut packet = packet(bytes);
                let said = marker.mark(&mut packet);
                assert_eq!(said, PayloadSum::of(&packet), "{bytes} bytes");
                seen.push(packet);
            }
            assert_eq!(seen[0] != seen[1], bytes >= WORD_BYTES, "two packets of {bytes} bytes");
        }
    }

    #[test]
    fn a_packet_that_was_not_filled_is_noticed() {
        let mut marker = Marker::new(packet(1450), 7);
        let mut stale = packet(1450);
        marker.mark(&mut stale);
        stale[700] = 0;
        assert_ne!(marker.mark(&mut stale), PayloadSum::of(&stale));
    }

    #[test]
    fn sums_add_up_in_any_order() {
        let parts: Vec<_> = [1, 2, 3, 700].map(|bytes| PayloadSum::of(&packet(bytes))).into();
        let forwards: PayloadSum = parts.iter().copied().sum();
        let backwards: PayloadSum = parts.iter().rev().copied().sum();
        assert_eq!((forwards, forwards.bytes), (backwards, 706));
    }
}
