//! Which cases there are.

mod full;
mod named;

use std::time::Duration;

use crate::results::{Goal, Settings};

/// One case that is to run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) goal: Goal,
}

/// The cases that one asks for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    Smoke,
    Quick,
    Standard,
    Full,
    All,
    Stress,
    Overload,
}

impl Set {
    pub(crate) const EVERY: [Self; 7] = [
        Self::Smoke,
        Self::Quick,
        Self::Standard,
        Self::Full,
        Self::All,
        Self::Stress,
        Self::Overload,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
            Self::All => "all",
            Self::Stress => "stress",
            Self::Overload => "overload",
        }
    }

    pub(crate) fn cases(self) -> Vec<Case> {
        match self {
            Self::Smoke => named::smoke(),
            Self::Quick => named::quick(),
            Self::Standard => named::standard(),
            Self::Full => full::published(),
            Self::All => full::all(),
            Self::Stress => named::stress(),
            Self::Overload => named::overload(),
        }
    }
}

/// What sets one case off from another; the rest follows from it.
#[derive(Clone, Copy, Debug)]
struct Load {
    producers: usize,
    /// Of each producer; 0 is unlimited.
    rate_mbps: f64,
    packet_bytes: usize,
    tick_ms: u64,
}

impl Load {
    fn case(self, id: String, duration: Duration) -> Case {
        Case {
            id,
            name: self.name(),
            settings: Settings {
                producers: self.producers,
                rate_mbps: self.rate_mbps,
                packet_bytes: self.packet_bytes,
                tick_ms: self.tick_ms,
                shards: self.producers.next_power_of_two(),
                duration_s: duration.as_secs_f64(),
                further: Vec::new(),
            },
            goal: Goal::Rate,
        }
    }

    /// As the document names its matrix.
    fn name(self) -> String {
        let rate = match self.rate_mbps {
            0.0 => "unlimited".to_owned(),
            rate => format!("{rate:.0}Mb"),
        };
        let size = match self.packet_bytes {
            500 => "small".to_owned(),
            1450 => "std".to_owned(),
            9000 => "jumbo".to_owned(),
            bytes => format!("{bytes}b"),
        };
        let tick = match self.tick_ms {
            5 => "fast".to_owned(),
            10 => "normal".to_owned(),
            50 => "slow".to_owned(),
            100 => "veryslow".to_owned(),
            ms => format!("{ms}ms"),
        };
        format!("{}p_{rate}_{size}_{tick}", self.producers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_of_a_set_is_there_once() {
        for set in Set::EVERY {
            let cases = set.cases();
            let mut ids: Vec<_> = cases.iter().map(|case| &case.id).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), cases.len(), "{set:?}");
        }
    }

    #[test]
    fn shards_are_the_next_power_of_two_of_the_producers() {
        for case in Set::EVERY.iter().flat_map(|set| set.cases()) {
            let Settings { shards, producers, .. } = case.settings;
            assert!(shards.is_power_of_two() && shards >= producers && shards < 2 * producers);
        }
    }

    #[test]
    fn names_say_what_the_settings_are() {
        let load = Load { producers: 4, rate_mbps: 50.0, packet_bytes: 9000, tick_ms: 100 };
        assert_eq!(load.name(), "4p_50Mb_jumbo_veryslow");
        let other = Load { producers: 1, rate_mbps: 0.0, packet_bytes: 64, tick_ms: 7 };
        assert_eq!(other.name(), "1p_unlimited_64b_7ms");
    }
}
