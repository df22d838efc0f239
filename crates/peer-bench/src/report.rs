//! What is told of the results: rows, a table, JSON and a page of charts.

mod chart;
mod html;
pub(crate) mod row;
mod table;

pub(crate) use html::html;
pub(crate) use row::{Report, Row};
pub(crate) use table::table;

/// A figure with three digits that matter, in at most eight characters.
fn figure(value: f64) -> String {
    match value {
        value if !value.is_finite() => "–".into(),
        value if value.abs() < 10.0 => format!("{value:.2}"),
        value if value.abs() < 100.0 => format!("{value:.1}"),
        value if value.abs() < 1e6 => format!("{value:.0}"),
        value => format!("{value:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(
            [0.512, 9.994, 45.67, 1234.5, 6.01e7, f64::NAN].map(figure),
            ["0.51", "9.99", "45.7", "1234", "6.0e7", "–"]
        );
    }
}
