//! Where a cursor stands: an unbounded logical count that is never reset.

/// The number of items that a cursor has passed, modulo 2⁶³.
///
/// Kept doubled, so that the low bit of its word is free for one flag of whoever stores it:
/// the tail of a shared shard keeps "closed" there, a stamp "aborted". Doubled counts wrap at
/// 2⁶⁴ by themselves, so wrapping arithmetic is all that the wrap-around needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Position(u64);

/// The bit of a word that is not part of the position.
pub(crate) const FLAG: u64 = 1;

impl Position {
    pub(crate) const fn from_count(count: u64) -> Self {
        Self(count << 1)
    }

    /// The position in `word`, whatever its flag.
    #[inline(always)]
    pub(crate) const fn of(word: u64) -> Self {
        Self(word & !FLAG)
    }

    #[inline(always)]
    pub(crate) const fn word(self) -> u64 {
        self.0
    }

    #[inline(always)]
    pub(crate) const fn plus(self, items: usize) -> Self {
        Self(self.0.wrapping_add((items as u64) << 1))
    }

    pub(crate) const fn minus(self, items: usize) -> Self {
        Self(self.0.wrapping_sub((items as u64) << 1))
    }

    /// Items from `earlier` up to here. When `earlier` is in truth later, the result is
    /// larger than any capacity.
    #[inline(always)]
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.wrapping_sub(earlier.0) >> 1
    }

    /// The cell of a storage of `mask + 1` cells, a power of two.
    #[inline(always)]
    pub(crate) const fn index(self, mask: usize) -> usize {
        (self.0 >> 1) as usize & mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_and_index_survive_the_wrap_around() {
        let before = Position::from_count(u64::MAX >> 1);
        let after = before.plus(3);
        assert_eq!(after, Position::from_count(2));
        assert_eq!(after.since(before), 3);
        assert_eq!(after.minus(3), before);
        assert_eq!((before.index(7), before.plus(1).index(7)), (7, 0));
    }

    #[test]
    fn a_later_position_is_further_away_than_any_capacity() {
        let early = Position::from_count(5);
        assert!(early.since(early.plus(1)) > isize::MAX as u64 / 2);
    }

    #[test]
    fn the_flag_is_not_part_of_the_position() {
        let position = Position::from_count(9);
        assert_eq!(Position::of(position.word() | FLAG), position);
    }
}
