//! Figures as a reader sees them: three or four digits and a unit.

/// What stands for a figure that is missing.
pub(super) const MISSING: &str = "–";

/// `None` as [`MISSING`].
pub(super) fn or_missing<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| MISSING.to_owned(), text)
}

/// Three or four digits that matter.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => MISSING.to_owned(),
        size if size >= 1000.0 => grouped(value.round() as i128),
        size if size >= 100.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        0.0 => "0".to_owned(),
        size if size >= 0.001 => format!("{value:.3}"),
        _ => format!("{value:.0e}"),
    }
}

/// A share of something.
pub(super) fn percent(value: f64) -> String {
    format!("{} %", number(value))
}

/// With its sign, so that above and below differ.
pub(super) fn signed_percent(value: f64) -> String {
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{}", percent(value)).replace('-', "−")
}

/// All digits, in groups of three.
pub(super) fn count(value: u64) -> String {
    grouped(i128::from(value))
}

/// In the unit that fits, of 1000 of the smaller each.
pub(super) fn bytes(value: f64) -> String {
    scaled(value, &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB")], "B")
}

/// In the unit that fits.
pub(super) fn nanoseconds(value: f64) -> String {
    scaled(value, &[(1e9, "s"), (1e6, "ms"), (1e3, "µs")], "ns")
}

/// A value of a profile, in the profile's unit.
pub(super) fn in_unit(value: i64, unit: &str) -> String {
    match unit {
        "nanoseconds" => nanoseconds(value as f64),
        "bytes" => bytes(value as f64),
        "count" => grouped(i128::from(value)),
        other => format!("{} {other}", grouped(i128::from(value))),
    }
}

/// A date and a time of day.
pub(super) fn date(unix_s: f64) -> String {
    let time = jiff::Timestamp::from_second(unix_s as i64).ok();
    or_missing(time, |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn scaled(value: f64, units: &[(f64, &str)], smallest: &str) -> String {
    let (factor, unit) =
        units.iter().find(|(factor, _)| value.abs() >= *factor).copied().unwrap_or((1.0, smallest));
    if factor == 1.0 && value.fract() == 0.0 {
        return format!("{value:.0} {unit}");
    }
    format!("{} {unit}", number(value / factor))
}

fn grouped(value: i128) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0 { format!("−{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_few_digits_and_a_fitting_unit() {
        assert_eq!(
            [0.0, 0.005, 3.25159, 400.02, 61_000.4].map(number),
            ["0", "0.005", "3.25", "400.0", "61,000"]
        );
        assert_eq!(
            [0.0, 850.0, 113_224.0, 10_050_000.0, 1.5e9].map(nanoseconds),
            ["0 ns", "850 ns", "113.2 µs", "10.05 ms", "1.50 s"]
        );
        assert_eq!(bytes(9_400_000.0), "9.40 MB");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
        assert_eq!(signed_percent(0.005), "+0.005 %");
        assert_eq!(signed_percent(-42.0), "−42.00 %");
        assert_eq!(in_unit(-1200, "count"), "−1,200");
        assert_eq!(number(f64::NAN), MISSING);
    }

    #[test]
    fn dates_are_those_of_the_calendar_and_too_late_ones_are_missing() {
        assert_eq!(date(0.0), "1970-01-01 00:00 UTC");
        assert_eq!(date(1_795_500_000.0), "2026-11-24 06:00 UTC");
        assert_eq!(date(f64::MAX), MISSING);
    }
}
