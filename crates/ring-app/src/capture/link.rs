use std::fmt;

/// What a recorded packet begins with: the link types of <https://www.tcpdump.org/linktypes.html>
/// whose headers are understood here, and the others by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// The family of the protocol in four bytes, in the byte order of the recording machine (BSD).
    Null,
    Ethernet,
    /// An IP header at once.
    RawIp,
    /// The same as `Null`, in network byte order (OpenBSD).
    Loop,
    /// Linux "any", version 1.
    LinuxSll,
    Ipv4,
    Ipv6,
    /// Linux "any", version 2.
    LinuxSll2,
    Other(u16),
}

/// Each that is understood, with its number in files.
const NUMBERS: [(u16, Link); 8] = [
    (0, Link::Null),
    (1, Link::Ethernet),
    (101, Link::RawIp),
    (108, Link::Loop),
    (113, Link::LinuxSll),
    (228, Link::Ipv4),
    (229, Link::Ipv6),
    (276, Link::LinuxSll2),
];

impl Link {
    pub(crate) fn from_number(number: u16) -> Self {
        let known = NUMBERS.iter().find(|(known, _)| *known == number);
        known.map_or(Self::Other(number), |(_, link)| *link)
    }

    pub(crate) fn number(self) -> u16 {
        match self {
            Self::Other(number) => number,
            known => NUMBERS.iter().find(|(_, link)| *link == known).map_or(0, |(n, _)| *n),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "link type {}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_kept() {
        for number in 0..=u16::MAX {
            assert_eq!(Link::from_number(number).number(), number);
        }
        assert_eq!(Link::from_number(1), Link::Ethernet);
    }
}
