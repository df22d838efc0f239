//! The parser of `ring`'s log.

use std::time::Duration;

/// What the log says. A figure whose line is missing or cannot be read is `None`, never 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LogFigures {
    pub(crate) intervals: Vec<LogInterval>,
    pub(crate) shutdown: Option<Duration>,
    pub(crate) produced: Option<u64>,
    pub(crate) dropped: Option<u64>,
    pub(crate) consumed: Option<u64>,
    pub(crate) trimmed: Option<u64>,
    pub(crate) window: Option<u64>,
}

/// A `[stats]` line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LogInterval {
    pub(crate) inserted: u64,
    pub(crate) trimmed: u64,
    pub(crate) rate_mbps: f64,
    pub(crate) window: u64,
    pub(crate) in_ring: u64,
    pub(crate) ring_slots: u64,
    pub(crate) produced: u64,
    pub(crate) dropped: u64,
}

impl LogFigures {
    /// Reads a whole log. Lines that are none of `ring`'s are passed over.
    pub(crate) fn parse(log: &str) -> Self {
        let mut figures = Self::default();
        // The sums stand in a block of their own at the end.
        let mut in_sums = false;
        for line in log.lines() {
            let Some(text) = without_stamp(line) else { continue };
            if text == "=== Final Statistics ===" {
                in_sums = true;
            } else if let Some(taken) = text.strip_prefix("Clean shutdown completed in ") {
                figures.shutdown = go_duration::parse(taken);
            } else if let Some(interval) = text.strip_prefix("[stats] ").and_then(interval) {
                figures.intervals.push(interval);
            } else if in_sums && let Some((name, value)) = text.split_once(':') {
                figures.take_sum(name, value);
            }
        }
        figures
    }

    fn take_sum(&mut self, name: &str, value: &str) {
        let field = match name {
            "Produced" => &mut self.produced,
            "Dropped" => &mut self.dropped,
            "Consumed" => &mut self.consumed,
            "Trimmed" => &mut self.trimmed,
            "BTree final size" => &mut self.window,
            _ => return,
        };
        *field = value.split_whitespace().next().and_then(|number| number.parse().ok());
    }
}

/// What stands after `2006/01/02 15:04:05 `.
fn without_stamp(line: &str) -> Option<&str> {
    const PATTERN: &[u8] = b"dddd/dd/dd dd:dd:dd ";
    let (stamp, text) = line.split_at_checked(PATTERN.len())?;
    let fits = |(&byte, &pattern): (&u8, &u8)| match pattern {
        b'd' => byte.is_ascii_digit(),
        literal => byte == literal,
    };
    stamp.as_bytes().iter().zip(PATTERN).all(fits).then_some(text)
}

fn interval(text: &str) -> Option<LogInterval> {
    let fields: Vec<_> = text.split(' ').filter_map(|field| field.split_once('=')).collect();
    let field = |name| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let number = |name| field(name)?.parse().ok();
    let (in_ring, ring_slots) = field("ring")?.split_once('/')?;
    Some(LogInterval {
        inserted: number("inserted")?,
        trimmed: number("trimmed")?,
        rate_mbps: field("rate")?.parse().ok()?,
        window: number("btree")?,
        in_ring: in_ring.parse().ok()?,
        ring_slots: ring_slots.parse().ok()?,
        produced: number("produced")?,
        dropped: number("dropped")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
# T003 4p_50Mb_std_normal
2006/01/02 15:04:05 Starting: 4 producers @ 50.0 Mb/s, ring=512/4 shards, btree max=2000, consumer every 10ms
2006/01/02 15:04:06 [stats] inserted=17259 trimmed=15259 rate=200.04 Mb/s btree=2000 ring=1/512 produced=17260 dropped=0
2006/01/02 15:04:07 Duration 10s reached, shutting down...
2006/01/02 15:04:07 Clean shutdown completed in 23.224µs
2006/01/02 15:04:07 === Final Statistics ===
2006/01/02 15:04:07 Produced: 17270
2006/01/02 15:04:07 Dropped:  3 (0.02%)
2006/01/02 15:04:07 Consumed: 17270
2006/01/02 15:04:07 Trimmed:  15270
2006/01/02 15:04:07 BTree final size: 2000
";

    #[test]
    fn reads_the_document_s_lines() {
        let figures = LogFigures::parse(LOG);
        assert_eq!(figures.shutdown, Some(Duration::from_nanos(23_224)));
        assert_eq!(figures.produced, Some(17_270));
        assert_eq!(figures.dropped, Some(3));
        assert_eq!(figures.consumed, Some(17_270));
        assert_eq!(figures.trimmed, Some(15_270));
        assert_eq!(figures.window, Some(2000));
        let interval = LogInterval {
            inserted: 17_259,
            trimmed: 15_259,
            rate_mbps: 200.04,
            window: 2000,
            in_ring: 1,
            ring_slots: 512,
            produced: 17_260,
            dropped: 0,
        };
        assert_eq!(figures.intervals, [interval]);
    }

    #[test]
    fn what_is_missing_is_not_zero() {
        for gone in ["Clean shutdown", "Produced:", "Dropped:", "Consumed:", "Trimmed:", "BTree"] {
            let cut: String =
                LOG.lines().filter(|line| !line.contains(gone)).map(|l| format!("{l}\n")).collect();
            let figures = LogFigures::parse(&cut);
            let missing = [
                figures.shutdown.is_none(),
                figures.produced.is_none(),
                figures.dropped.is_none(),
                figures.consumed.is_none(),
                figures.trimmed.is_none(),
                figures.window.is_none(),
            ];
            assert_eq!(missing.iter().filter(|none| **none).count(), 1, "{gone}");
        }
    }

    #[test]
    fn rubbish_gives_nothing() {
        for rubbish in ["", "\u{0}\u{fffd}x", "Produced: 12", "2006/01/02 15:04:05 Produced: 12"] {
            assert_eq!(LogFigures::parse(rubbish), LogFigures::default(), "{rubbish:?}");
        }
        let broken = LOG.replace("17270", "many").replace("23.224µs", "soon");
        let figures = LogFigures::parse(&broken);
        assert_eq!((figures.produced, figures.consumed, figures.shutdown), (None, None, None));
        let interval = LOG.replace("ring=1/512", "ring=1");
        assert!(LogFigures::parse(&interval).intervals.is_empty());
    }
}
