//! Where a cursor stands: an unbounded logical count that is never reset.

/// The number of items that a cursor has passed, modulo 2⁶³.
///
/// Kept doubled, so that the low bit of its word is free for one flag of whoever stores it:
/// the tail of a shared shard keeps "closed" there. Doubled counts wrap at
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

    /// Whether the lap is odd (1) or even (0) in which it comes to a storage of `cells` cells, a
    /// power of two.
    #[inline(always)]
    pub(crate) const fn lap_parity(self, cells: usize) -> u8 {
        ((self.0 >> 1) as usize & cells != 0) as u8
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
        assert!(before.since(after) > u64::MAX >> 2);
        assert_eq!((before.index(7), before.plus(1).index(7)), (7, 0));
    }

    #[test]
    fn a_later_position_is_further_away_than_any_capacity() {
        let early = Position::from_count(5);
        assert!(early.since(early.plus(1)) > isize::MAX as u64 / 2);
    }

    #[test]
    fn the_parity_of_the_lap_changes_with_each_lap_and_at_the_wrap_around() {
        for cells in [1, 2, 8, 1 << 20] {
            for start in [0, 5, u64::MAX >> 1] {
                let position = Position::from_count(start);
                let next_lap = position.plus(cells);
                assert_eq!(position.lap_parity(cells) ^ next_lap.lap_parity(cells), 1);
                assert_eq!(position.lap_parity(cells), next_lap.plus(cells).lap_parity(cells));
            }
        }
    }

    #[test]
    fn the_flag_is_not_part_of_the_position() {
        let position = Position::from_count(9);
        assert_eq!(Position::of(position.word() | FLAG), position);
    }
}
