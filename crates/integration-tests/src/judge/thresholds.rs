use std::collections::BTreeMap;

use crate::results::Thresholds;

/// Bars that one asks for by one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preset {
    Strict,
    Default,
    Relaxed,
}

impl Preset {
    pub(crate) const EVERY: [Self; 3] = [Self::Strict, Self::Default, Self::Relaxed];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Default => "default",
            Self::Relaxed => "relaxed",
        }
    }

    pub(crate) fn thresholds(self) -> Thresholds {
        let (tolerance_percent, max_drop_percent, max_shutdown_s) = match self {
            Self::Strict => (2.0, 0.1, 1.0),
            Self::Default => (5.0, 1.0, 2.0),
            Self::Relaxed => (10.0, 5.0, 5.0),
        };
        Thresholds { tolerance_percent, max_drop_percent, max_shutdown_s }
    }
}

/// The bars of a preset, with what replaces some of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Override {
    pub(crate) tolerance_percent: Option<f64>,
    pub(crate) max_drop_percent: Option<f64>,
    pub(crate) max_shutdown_s: Option<f64>,
}

impl Override {
    fn applied_to(self, bars: Thresholds) -> Thresholds {
        Thresholds {
            tolerance_percent: self.tolerance_percent.unwrap_or(bars.tolerance_percent),
            max_drop_percent: self.max_drop_percent.unwrap_or(bars.max_drop_percent),
            max_shutdown_s: self.max_shutdown_s.unwrap_or(bars.max_shutdown_s),
        }
    }
}

/// The bars of every case: the preset's, then those for all cases, then the case's own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bars {
    pub(crate) preset: Preset,
    pub(crate) for_all: Override,
    pub(crate) by_id: BTreeMap<String, Override>,
}

impl Bars {
    pub(crate) fn of(&self, id: &str) -> Thresholds {
        let own = self.by_id.get(id).copied().unwrap_or_default();
        own.applied_to(self.for_all.applied_to(self.preset.thresholds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_s_own_bar_goes_before_that_for_all_and_that_before_the_preset_s() {
        let own = Override { max_drop_percent: Some(3.0), ..Override::default() };
        let bars = Bars {
            preset: Preset::Strict,
            for_all: Override {
                tolerance_percent: Some(4.0),
                max_drop_percent: Some(2.0),
                max_shutdown_s: None,
            },
            by_id: BTreeMap::from([("T002".to_owned(), own)]),
        };
        let expected = |max_drop_percent| Thresholds {
            tolerance_percent: 4.0,
            max_drop_percent,
            max_shutdown_s: 1.0,
        };
        assert_eq!(bars.of("T001"), expected(2.0));
        assert_eq!(bars.of("T002"), expected(3.0));
    }
}
