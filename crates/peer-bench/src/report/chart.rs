//! Charts as SVG, without scripts: bars of one group, and lines over the number of producers.

use crate::report::figure;
use crate::report::row::{Row, ranked};
use std::collections::BTreeMap;
use std::fmt::Write;

const WIDTH: f64 = 900.0;
const BAR: f64 = 18.0;
const NAMES: f64 = 260.0;
const FIGURES: f64 = 150.0;

/// What stands in markup for `text`.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The class by which the page's style tells ours from the others.
fn class(subject: &str) -> &'static str {
    if subject.starts_with("lock-free-ring") { "own" } else { "peer" }
}

/// The subjects of a group, the fastest on top.
pub(super) fn bars(rows: &[Row]) -> String {
    let ranked = ranked(rows);
    let height = BAR * ranked.len() as f64 + 4.0;
    let values = ranked.iter().map(|row| row.value_ns()).filter(|value| value.is_finite());
    let most = values.fold(f64::MIN_POSITIVE, f64::max);
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">");
    for (place, row) in ranked.iter().enumerate() {
        let (y, value) = (BAR * place as f64 + 2.0, row.value_ns());
        let length = if value.is_finite() { value / most * (WIDTH - NAMES - FIGURES) } else { 0.0 };
        let class = if row.verified { class(row.subject) } else { "failed" };
        let label = if row.verified {
            format!("{} ± {} ns", figure(value), figure(row.ns_per_item.mad))
        } else {
            "failed".to_owned()
        };
        let text = y + BAR * 0.7;
        let _ = write!(
            svg,
            "<g><title>{}</title><text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{NAMES}\" y=\"{y}\" width=\"{length:.1}\" height=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{text}\">{label}</text></g>",
            escape(&row.api),
            NAMES - 6.0,
            escape(row.subject),
            BAR - 4.0,
            NAMES + length + 6.0,
        );
    }
    svg.push_str("</svg>");
    svg
}

/// Time per item over the number of producers, both on logarithmic scales.
pub(super) fn curves(rows: &[&Row]) -> String {
    let mut lines: BTreeMap<&str, BTreeMap<usize, f64>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.verified) {
        lines.entry(row.subject).or_default().insert(row.producers, row.value_ns());
    }
    lines.retain(|_, points| points.len() > 1);
    let values = || lines.values().flat_map(BTreeMap::values).copied();
    let Some(scale) = Scale::of(values(), rows.iter().map(|row| row.producers)) else {
        return String::new();
    };
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\">", Scale::HEIGHT);
    scale.grid(&mut svg);
    let ends =
        lines.values().map(|points| points.last_key_value().map_or(0.0, |end| scale.y(*end.1)));
    let labels = apart(&ends.collect::<Vec<_>>());
    for (number, ((subject, points), y)) in lines.iter().zip(labels).enumerate() {
        let path: Vec<_> = points
            .iter()
            .map(|(producers, ns)| format!("{:.1},{:.1}", scale.x(*producers), scale.y(*ns)))
            .collect();
        let colour = format!("hsl({} 65% 50%)", number * 137 % 360);
        let _ = write!(
            svg,
            "<g class=\"line {}\"><polyline points=\"{}\" style=\"stroke:{colour}\"/>\
             <text x=\"{}\" y=\"{y:.1}\" style=\"fill:{colour}\">{}</text></g>",
            class(subject),
            path.join(" "),
            WIDTH - Scale::RIGHT + 8.0,
            escape(subject),
        );
    }
    svg.push_str("</svg>");
    svg
}

/// Where labels go that belong at `ends` and must not cover each other.
fn apart(ends: &[f64]) -> Vec<f64> {
    const LINE: f64 = 13.0;
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by(|a, b| ends[*a].total_cmp(&ends[*b]));
    let mut labels = vec![0.0; ends.len()];
    let mut above = f64::NEG_INFINITY;
    for index in &order {
        above = (ends[*index] + 4.0).max(above + LINE);
        labels[*index] = above;
    }
    // Back up from the bottom, for those that were pushed out of the picture.
    let mut below = Scale::HEIGHT + LINE;
    for index in order.iter().rev() {
        below = labels[*index].min(below - LINE);
        labels[*index] = below;
    }
    labels
}

/// Where values lie in a chart of curves.
struct Scale {
    least: f64,
    most: f64,
    producers: f64,
}

impl Scale {
    const HEIGHT: f64 = 460.0;
    const LEFT: f64 = 50.0;
    const RIGHT: f64 = 240.0;
    const BELOW: f64 = 30.0;

    fn of(
        values: impl Iterator<Item = f64>,
        producers: impl Iterator<Item = usize>,
    ) -> Option<Self> {
        let (least, most) =
            values.fold((f64::INFINITY, 0.0_f64), |(least, most), v| (least.min(v), most.max(v)));
        let producers = producers.max().filter(|producers| *producers > 1)?;
        (least > 0.0 && least < most).then_some(Self { least, most, producers: producers as f64 })
    }

    fn x(&self, producers: usize) -> f64 {
        let along = (producers as f64).ln() / self.producers.ln();
        Self::LEFT + along * (WIDTH - Self::LEFT - Self::RIGHT)
    }

    fn y(&self, ns: f64) -> f64 {
        let up = (ns / self.least).ln() / (self.most / self.least).ln();
        10.0 + (1.0 - up) * (Self::HEIGHT - Self::BELOW - 20.0)
    }

    /// Lines at 1, 2, 5, 10 … ns and at each doubling of the producers.
    fn grid(&self, svg: &mut String) {
        let (right, bottom) = (WIDTH - Self::RIGHT, Self::HEIGHT - Self::BELOW);
        let steps = (-2..6).flat_map(|power| [1.0, 2.0, 5.0].map(|n| n * 10_f64.powi(power)));
        for ns in steps.filter(|ns| (self.least..=self.most).contains(ns)) {
            let y = self.y(ns);
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{ns} ns</text>",
                Self::LEFT,
                Self::LEFT - 4.0,
                y + 4.0,
            );
        }
        let doublings = std::iter::successors(Some(1_usize), |producers| Some(producers * 2));
        for producers in doublings.take_while(|producers| *producers as f64 <= self.producers) {
            let x = self.x(producers);
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"10\" y2=\"{bottom}\"/>\
                 <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{producers}</text>",
                bottom + 18.0,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_apart_and_in_the_picture() {
        let labels = apart(&[450.0, 10.0, 449.0, 455.0, 300.0]);
        let mut sorted = labels.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 12.9), "{labels:?}");
        assert!(sorted.iter().all(|y| (0.0..=Scale::HEIGHT).contains(y)), "{labels:?}");
        assert!(labels[2] < labels[0] && labels[0] < labels[3], "{labels:?}");
    }
}
