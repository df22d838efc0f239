use std::collections::HashMap;

/// What the log of a run says, read as the described program's own test suite reads it.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) produced: u64,
    pub(crate) dropped: u64,
    pub(crate) consumed: u64,
    pub(crate) trimmed: u64,
    pub(crate) final_size: u64,
    pub(crate) intervals: Vec<Interval>,
    /// The fields of the `UDP:` line, if there is one.
    pub(crate) udp: HashMap<String, u64>,
}

/// A `[stats]` line.
#[derive(Debug)]
pub(crate) struct Interval {
    pub(crate) fields: HashMap<String, u64>,
    pub(crate) rate_mbps: f64,
    pub(crate) in_ring: u64,
    pub(crate) ring_slots: u64,
}

impl Figures {
    pub(crate) fn of(log: &str) -> Self {
        let texts: Vec<&str> = log.lines().map(without_stamp).collect();
        Self {
            produced: number_after(&texts, "Produced: "),
            dropped: number_after(&texts, "Dropped:  "),
            consumed: number_after(&texts, "Consumed: "),
            trimmed: number_after(&texts, "Trimmed:  "),
            final_size: number_after(&texts, "BTree final size: "),
            intervals: texts.iter().filter_map(|text| Interval::of(text)).collect(),
            udp: texts
                .iter()
                .find_map(|text| text.strip_prefix("UDP: "))
                .map_or_else(HashMap::new, fields),
        }
    }

    /// What must hold of every run that ended well.
    pub(crate) fn assert_conservation(&self) {
        assert_eq!(self.produced, self.consumed, "{self:?}");
        assert_eq!(self.consumed, self.trimmed + self.final_size, "{self:?}");
        let inserted: u64 = self.intervals.iter().map(|interval| interval.fields["inserted"]).sum();
        assert!(inserted <= self.consumed, "{self:?}");
    }
}

impl Interval {
    fn of(text: &str) -> Option<Self> {
        let text = text.strip_prefix("[stats] ")?;
        let field =
            |name: &str| text.split(' ').find_map(|field| field.strip_prefix(name)).unwrap();
        let (in_ring, ring_slots) = field("ring=").split_once('/').unwrap();
        assert!(text.contains(" Mb/s "), "{text}");
        Some(Self {
            fields: fields(text),
            rate_mbps: field("rate=").parse().unwrap(),
            in_ring: in_ring.parse().unwrap(),
            ring_slots: ring_slots.parse().unwrap(),
        })
    }
}

/// The text behind `2006/01/02 15:04:05 `.
pub(crate) fn without_stamp(line: &str) -> &str {
    const SHAPE: &str = "dddd/dd/dd dd:dd:dd ";
    let (stamp, text) = line.split_at_checked(SHAPE.len()).unwrap_or_else(|| panic!("{line:?}"));
    let fits =
        |(c, shape): (char, char)| if shape == 'd' { c.is_ascii_digit() } else { c == shape };
    assert!(stamp.chars().zip(SHAPE.chars()).all(fits), "{line:?}");
    text
}

/// The whole numbers among `name=number` words.
fn fields(text: &str) -> HashMap<String, u64> {
    let pairs = text.split(' ').filter_map(|word| word.split_once('='));
    pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect()
}

fn number_after(texts: &[&str], label: &str) -> u64 {
    let mut rest = texts.iter().filter_map(|text| text.strip_prefix(label));
    let text = rest.next().unwrap_or_else(|| panic!("no line with {label:?}"));
    assert!(rest.next().is_none(), "two lines with {label:?}");
    text.split(' ').next().unwrap().parse().unwrap()
}
