//! What the producers send: a tag that says who sent it and as which of how many, alone or at
//! the front of a block of bytes.

/// The bits of a tag that name the producer.
const PRODUCER_BITS: u32 = 6;

/// The most producers that tags can tell apart.
pub(crate) const MOST_PRODUCERS: usize = 1 << PRODUCER_BITS;

/// The distance between two successive tags of one producer.
pub(crate) const TAG_STEP: u64 = MOST_PRODUCERS as u64;

/// The tag of item number `sequence` of `producer`.
pub(crate) const fn tag(producer: usize, sequence: u64) -> u64 {
    (sequence << PRODUCER_BITS) | producer as u64
}

/// Who sent the item with this tag.
pub(crate) const fn producer_of(tag: u64) -> usize {
    (tag % TAG_STEP) as usize
}

/// Which of its producer's items this tag is on, from 0.
pub(crate) const fn sequence_of(tag: u64) -> u64 {
    tag >> PRODUCER_BITS
}

/// Something to send that knows its tag and whose every byte can be summed.
pub(crate) trait Item: Copy + Default + Send + Sync + 'static {
    const BYTES: usize;

    fn tagged(tag: u64) -> Self;

    fn tag(&self) -> u64;

    /// Reads all of the item: its tag plus a constant of its type.
    fn sum(&self) -> u64;
}

impl Item for u64 {
    const BYTES: usize = 8;

    #[inline(always)]
    fn tagged(tag: u64) -> Self {
        tag
    }

    #[inline(always)]
    fn tag(&self) -> u64 {
        *self
    }

    #[inline(always)]
    fn sum(&self) -> u64 {
        *self
    }
}

/// `N` bytes, at least 8, inline.
#[derive(Clone, Copy)]
pub(crate) struct Block<const N: usize>([u8; N]);

impl<const N: usize> Default for Block<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Item for Block<N> {
    const BYTES: usize = N;

    #[inline(always)]
    fn tagged(tag: u64) -> Self {
        let mut bytes = [0xA5; N];
        bytes[..8].copy_from_slice(&tag.to_le_bytes());
        Self(bytes)
    }

    #[inline(always)]
    fn tag(&self) -> u64 {
        self.0.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    #[inline(always)]
    fn sum(&self) -> u64 {
        let (words, rest) = self.0.as_chunks();
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        words.chain(rest.iter().map(|byte| u64::from(*byte))).fold(0, u64::wrapping_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_who_and_which() {
        let tag = tag(5, 1000);
        assert_eq!((producer_of(tag), sequence_of(tag)), (5, 1000));
        assert_eq!(sequence_of(tag + TAG_STEP), 1001);
        assert_eq!(u64::tagged(tag).tag(), tag);
        assert_eq!(Block::<1450>::tagged(tag).tag(), tag);
    }

    #[test]
    fn a_block_is_summed_to_its_last_byte() {
        let mut block = Block::<1450>::tagged(7);
        let before = block.sum();
        assert_eq!(before, Block::<1450>::tagged(0).sum() + 7);
        block.0[1449] += 1;
        assert_eq!(block.sum(), before + 1);
    }
}
