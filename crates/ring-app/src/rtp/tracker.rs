/// A number that is further ahead, or as far behind, is not believed at once (RFC 3550, A.1, has
/// the same limit ahead and 100 behind; a window repairs more than that).
const MAX_STEP: u64 = 3000;
/// Numbers up to the highest of which it is known whether they came: more than `MAX_STEP`.
const HISTORY: usize = 4096;
const WORD_BITS: usize = u64::BITS as usize;
const NUMBERS: u64 = 1 << 16;
/// Of the first packet, so that those before it have a place too.
const FIRST_CYCLE: u64 = NUMBERS;

/// Follows the sequence numbers of one stream over their wrap-around, as RFC 3550 A.1 does.
#[derive(Debug)]
pub(crate) struct Tracker {
    lowest: u64,
    highest: u64,
    /// One bit for each of the last numbers: whether it came.
    seen: [u64; HISTORY / WORD_BITS],
    /// What would follow the last number that was not believed.
    restart_at: Option<u16>,
    /// Numbers of the spans that ended by a restart.
    expected_before: u64,
    unique: u64,
    pub(crate) duplicates: u64,
    /// Packets that came after one with a higher number.
    pub(crate) reordered: u64,
    /// Packets whose numbers were not believed.
    pub(crate) strays: u64,
    pub(crate) restarts: u64,
}

/// Where a packet belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At this number, which counts on over wrap-arounds.
    At(u64),
    /// It was there before.
    Duplicate,
    /// Nowhere that is known.
    Stray,
}

impl Tracker {
    /// That of a stream whose first packet has this number.
    pub(crate) fn new(sequence: u16) -> (Self, Place) {
        let first = FIRST_CYCLE + u64::from(sequence);
        let mut tracker = Self {
            lowest: first,
            highest: first,
            seen: [0; HISTORY / WORD_BITS],
            restart_at: None,
            expected_before: 0,
            unique: 0,
            duplicates: 0,
            reordered: 0,
            strays: 0,
            restarts: 0,
        };
        tracker.mark(first);
        (tracker, Place::At(first))
    }

    /// Numbers that should have come by now and did not.
    pub(crate) fn lost(&self) -> u64 {
        self.expected_before + (self.highest - self.lowest + 1) - self.unique
    }

    pub(crate) fn received(&self) -> u64 {
        self.unique + self.duplicates + self.strays
    }

    /// Takes the next packet's number in.
    pub(crate) fn note(&mut self, sequence: u16) -> Place {
        let ahead = u64::from(sequence.wrapping_sub(self.highest as u16));
        let behind = NUMBERS - ahead;
        if ahead == 0 {
            self.duplicates += 1;
            return Place::Duplicate;
        }
        if ahead < MAX_STEP {
            return self.advance_to(self.highest + ahead);
        }
        if behind < MAX_STEP && behind <= self.highest {
            return self.fill_in(self.highest - behind);
        }
        if self.restart_at == Some(sequence) {
            return self.restart(sequence);
        }
        self.restart_at = Some(sequence.wrapping_add(1));
        self.strays += 1;
        Place::Stray
    }

    fn advance_to(&mut self, number: u64) -> Place {
        for skipped in self.highest + 1..number {
            self.unmark(skipped);
        }
        self.highest = number;
        self.mark(number);
        Place::At(number)
    }

    fn fill_in(&mut self, number: u64) -> Place {
        if self.is_marked(number) {
            self.duplicates += 1;
            return Place::Duplicate;
        }
        self.reordered += 1;
        self.lowest = self.lowest.min(number);
        self.mark(number);
        Place::At(number)
    }

    /// Two numbers in a row that were not believed: the sender has started anew.
    fn restart(&mut self, sequence: u16) -> Place {
        self.restarts += 1;
        self.expected_before += self.highest - self.lowest + 1;
        // Beyond all that the numbers before can still claim.
        let cycle = (self.highest / NUMBERS + 2) * NUMBERS;
        let first = cycle + u64::from(sequence);
        (self.lowest, self.highest) = (first, first);
        self.seen.fill(0);
        self.mark(first);
        Place::At(first)
    }

    fn mark(&mut self, number: u64) {
        let bit = number as usize % HISTORY;
        self.seen[bit / WORD_BITS] |= 1 << (bit % WORD_BITS);
        self.restart_at = None;
        self.unique += 1;
    }

    fn unmark(&mut self, number: u64) {
        let bit = number as usize % HISTORY;
        self.seen[bit / WORD_BITS] &= !(1 << (bit % WORD_BITS));
    }

    fn is_marked(&self, number: u64) -> bool {
        let bit = number as usize % HISTORY;
        self.seen[bit / WORD_BITS] & (1 << (bit % WORD_BITS)) != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn track(numbers: impl IntoIterator<Item = u64>) -> (Tracker, Vec<Place>) {
        let mut numbers = numbers.into_iter().map(|number| number as u16);
        let (mut tracker, first) = Tracker::new(numbers.next().unwrap());
        let places = std::iter::once(first).collect::<Vec<_>>();
        let rest: Vec<_> = numbers.map(|number| tracker.note(number)).collect();
        (tracker, [places, rest].concat())
    }

    #[test]
    fn a_stream_that_wraps_several_times_is_whole() {
        let (tracker, places) = track(60_000..360_000);
        assert_eq!((tracker.lost(), tracker.received(), tracker.reordered), (0, 300_000, 0));
        let at = |number: u64| Place::At(FIRST_CYCLE + number);
        assert!(places.into_iter().eq((60_000..360_000).map(at)));
    }

    #[test]
    fn packets_before_the_first_one_have_a_place() {
        let (tracker, places) = track([2, 1, 65_536, 65_535, 3]);
        let at = |number: u64| Place::At(number);
        assert_eq!(places, [65_538, 65_537, 65_536, 65_535, 65_539].map(at));
        assert_eq!((tracker.lost(), tracker.reordered), (0, 3));
    }

    #[test]
    fn a_stray_is_no_restart_but_two_in_a_row_are() {
        let (tracker, places) = track([1, 2, 40_000, 3, 50_000, 50_001, 50_003, 4]);
        assert_eq!((tracker.strays, tracker.restarts, tracker.lost()), (3, 1, 1));
        assert_eq!((places[2], places[7]), (Place::Stray, Place::Stray));
        assert!(matches!((places[3], places[5]), (Place::At(old), Place::At(new)) if new > old));
    }

    /// A stream of which some are lost, some come twice, and all by up to `depth` places late.
    fn disturbed() -> impl Strategy<Value = (u64, Vec<(u64, u8, u64)>)> {
        let packet = (prop_oneof![8 => Just(1_u8), 1 => Just(0), 1 => Just(2)], 0..200_u64);
        (0..NUMBERS, prop::collection::vec(packet, 2..2000)).prop_map(|(start, packets)| {
            let each = packets.into_iter().zip(0..);
            (start, each.map(|((copies, late), index)| (index, copies, late)).collect())
        })
    }

    proptest! {
        #[test]
        fn loss_repeats_and_reordering_are_counted_exactly((start, packets) in disturbed()) {
            let mut sent: Vec<(u64, u64)> = Vec::new();
            for &(index, copies, late) in &packets {
                (0..copies).for_each(|copy| sent.push((index + late + 50 * u64::from(copy), index)));
            }
            prop_assume!(!sent.is_empty());
            sent.sort_unstable();
            let (tracker, _) = track(sent.iter().map(|(_, index)| start + index));

            let mut came = std::collections::BTreeSet::new();
            let (mut duplicates, mut reordered) = (0, 0);
            for (_, index) in &sent {
                let is_behind = came.last().is_some_and(|highest| index < highest);
                let is_new = came.insert(*index);
                duplicates += u64::from(!is_new);
                reordered += u64::from(is_new && is_behind);
            }
            let span = came.last().unwrap() - came.first().unwrap() + 1;
            prop_assert_eq!(tracker.lost(), span - came.len() as u64);
            prop_assert_eq!(tracker.duplicates, duplicates);
            prop_assert_eq!(tracker.reordered, reordered);
            prop_assert_eq!(tracker.received(), sent.len() as u64);
            prop_assert_eq!((tracker.strays, tracker.restarts), (0, 0));
        }

        #[test]
        fn whatever_comes_is_counted_once(numbers in prop::collection::vec(any::<u16>(), 1..500)) {
            let (tracker, places) = track(numbers.iter().map(|&number| u64::from(number)));
            prop_assert_eq!(tracker.received(), numbers.len() as u64);
            let mut at: Vec<_> = places.iter().filter(|place| matches!(place, Place::At(_))).collect();
            let placed = at.len();
            at.sort_by_key(|place| if let Place::At(number) = place { *number } else { 0 });
            at.dedup();
            prop_assert_eq!(at.len(), placed, "no place is given twice");
        }
    }
}
