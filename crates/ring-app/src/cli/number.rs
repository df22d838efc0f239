use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use go_duration::GoDuration;

use super::usage::UsageError;

/// A flag as it was typed, with its text: what every check starts from.
#[derive(Clone, Debug)]
pub(super) struct Given<'a> {
    pub(super) flag: String,
    pub(super) text: &'a str,
}

impl Given<'_> {
    pub(super) fn must_be(&self, allowed: &str) -> UsageError {
        UsageError::value(&self.flag, self.text, allowed)
    }

    pub(super) fn whole<T>(&self, range: RangeInclusive<T>) -> Result<T, UsageError>
    where
        T: FromStr + PartialOrd + Display,
    {
        let number = self.text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            self.must_be(&format!("a whole number from {} to {}", range.start(), range.end()))
        })
    }

    pub(super) fn decimal(&self, range: RangeInclusive<f64>) -> Result<f64, UsageError> {
        // NaN is in no range, and what is too large for an f64 has become infinite.
        let number = self.text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            self.must_be(&format!("a number from {} to {}", range.start(), range.end()))
        })
    }

    pub(super) fn duration(&self, range: RangeInclusive<Duration>) -> Result<Duration, UsageError> {
        let duration = go_duration::parse(self.text).filter(|duration| range.contains(duration));
        duration.ok_or_else(|| {
            let (least, most) = (GoDuration(*range.start()), GoDuration(*range.end()));
            self.must_be(&format!(
                "a duration with its unit, such as 100ms or 1m30s, from {least} to {most}"
            ))
        })
    }
}
