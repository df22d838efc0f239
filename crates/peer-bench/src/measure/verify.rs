//! Did everything arrive, once, and in each producer's order?

use crate::measure::item::{Item, MOST_PRODUCERS, TAG_STEP, producer_of, sequence_of, tag};
use std::fmt;

/// Reads every item as it arrives. Cheap, and the same for all subjects: no branch, and no
/// dependency from one item to the next but the sums.
#[derive(Debug)]
pub(crate) struct Verifier {
    /// The last tag of each producer.
    last: [u64; MOST_PRODUCERS],
    /// Not zero as soon as a tag did not follow its producer's last one.
    disorder: u64,
    sum: u64,
}

/// What was found to be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch(String);

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Verifier {
    pub(crate) fn new() -> Self {
        let last = std::array::from_fn(|producer| tag(producer, 0).wrapping_sub(TAG_STEP));
        Self { last, disorder: 0, sum: 0 }
    }

    #[inline(always)]
    pub(crate) fn read<T: Item>(&mut self, item: &T) {
        let tag = item.tag();
        let last = &mut self.last[producer_of(tag)];
        self.disorder |= last.wrapping_add(TAG_STEP) ^ tag;
        *last = tag;
        self.sum = self.sum.wrapping_add(item.sum());
    }

    /// Whether all of what the producers sent, `sent` items each, was read as it should be.
    pub(crate) fn finish<T: Item>(&self, sent: &[u64]) -> Result<(), Mismatch> {
        for (producer, &sent) in sent.iter().enumerate() {
            let arrived = sequence_of(self.last[producer].wrapping_add(TAG_STEP));
            if arrived != sent {
                return Err(Mismatch(format!(
                    "producer {producer} sent {sent} items, the last to arrive was number {arrived}"
                )));
            }
        }
        if self.disorder != 0 {
            return Err(Mismatch("items of one producer were lost, repeated or reordered".into()));
        }
        if self.sum != expected_sum::<T>(sent) {
            return Err(Mismatch("the checksum differs".into()));
        }
        Ok(())
    }
}

fn expected_sum<T: Item>(sent: &[u64]) -> u64 {
    let rest = T::tagged(0).sum();
    let sums = sent.iter().enumerate().map(|(producer, &sent)| {
        let sequences = (u128::from(sent) * u128::from(sent.saturating_sub(1)) / 2) as u64;
        tag(producer, 0)
            .wrapping_add(rest)
            .wrapping_mul(sent)
            .wrapping_add(sequences.wrapping_mul(TAG_STEP))
    });
    sums.fold(0, u64::wrapping_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::item::Block;

    fn verdict<T: Item>(tags: &[(usize, u64)], sent: &[u64]) -> Result<(), Mismatch> {
        let mut verifier = Verifier::new();
        tags.iter().for_each(|&(producer, sequence)| {
            verifier.read(&T::tagged(tag(producer, sequence)));
        });
        verifier.finish::<T>(sent)
    }

    #[test]
    fn any_interleaving_of_ordered_producers_passes() {
        let tags = [(1, 0), (0, 0), (0, 1), (1, 1), (1, 2)];
        assert_eq!(verdict::<u64>(&tags, &[2, 3]), Ok(()));
        assert_eq!(verdict::<Block<1450>>(&tags, &[2, 3]), Ok(()));
        assert_eq!(verdict::<u64>(&[], &[0, 0]), Ok(()));
    }

    #[test]
    fn loss_repeat_and_reorder_fail() {
        for wrong in [
            &[(0, 0), (0, 2)][..],
            &[(0, 0), (0, 1)],
            &[(0, 0), (0, 1), (0, 1), (0, 2)],
            &[(0, 1), (0, 0), (0, 2)],
            &[(0, 0), (0, 1), (0, 2), (0, 2)],
            &[(0, 0), (0, 1), (0, 2), (0, 3)],
            &[],
        ] {
            assert!(verdict::<u64>(wrong, &[3]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_changed_byte_fails() {
        let mut verifier = Verifier::new();
        verifier.read(&Block::<64>::tagged(tag(0, 0)));
        verifier.read(&Block::<64>::tagged(tag(0, 1)));
        verifier.sum ^= 1 << 40;
        assert!(verifier.finish::<Block<64>>(&[2]).is_err());
    }
}
