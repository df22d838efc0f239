//! Flame graphs: a box for each call, as wide as its share, on top of the one that made it.
//!
//! Drawn here because the library for it (inferno) is under a licence that this project's other
//! dependencies are not (CDDL).

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use super::stack_profile::StackProfile;

const WIDTH: f64 = 1200.0;
const ROW: f64 = 18.0;
const MARGIN: f64 = 10.0;
const HEADING: f64 = 44.0;
/// A narrower box would not be seen.
const LEAST_WIDTH: f64 = 0.2;
/// About what a letter takes.
const LETTER_WIDTH: f64 = 6.6;

/// Calls with the same callers, together.
#[derive(Debug, Default)]
struct Node<'a> {
    value: i64,
    calls: BTreeMap<&'a str, Node<'a>>,
}

impl<'a> Node<'a> {
    fn of(profile: &'a StackProfile) -> Self {
        let mut root = Self::default();
        for sample in &profile.samples {
            let value = sample.values[profile.shown].max(0);
            root.value += value;
            let mut node = &mut root;
            for frame in sample.frames.iter().rev() {
                node = node.calls.entry(&frame.function).or_default();
                node.value += value;
            }
        }
        root
    }

    fn height(&self) -> usize {
        1 + self.calls.values().map(Node::height).max().unwrap_or(0)
    }
}

/// The graph as an SVG that any browser shows; the full names are in the boxes' titles.
pub(super) struct FlameGraph<'a>(pub(super) &'a StackProfile);

impl Display for FlameGraph<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = Node::of(self.0);
        let height = HEADING + ROW * root.height() as f64 + MARGIN;
        writeln!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"100%\" font-family=\"monospace\" font-size=\"11\">"
        )?;
        writeln!(f, "<rect width=\"100%\" height=\"100%\" fill=\"#fffdf7\"/>")?;
        let (kind, unit) = self.0.kinds[self.0.shown];
        let total = Amount(root.value, unit);
        writeln!(
            f,
            "<text x=\"{MARGIN}\" y=\"18\" font-size=\"14\">ring, profile {}: {kind}, {total} in \
             all</text>",
            self.0.mode
        )?;
        writeln!(f, "<text x=\"{MARGIN}\" y=\"34\">{}</text>", Escaped(self.0.comment))?;
        let drawing = Drawing { unit, scale: (WIDTH - 2.0 * MARGIN) / root.value.max(1) as f64 };
        drawing.draw(f, "all", &root, MARGIN, height - MARGIN - ROW)?;
        f.write_str("</svg>\n")
    }
}

struct Drawing<'a> {
    unit: &'a str,
    /// Width of one.
    scale: f64,
}

impl Drawing<'_> {
    fn draw(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        node: &Node<'_>,
        x: f64,
        y: f64,
    ) -> fmt::Result {
        let width = node.value as f64 * self.scale;
        if width < LEAST_WIDTH {
            return Ok(());
        }
        let share = 100.0 * width / (WIDTH - 2.0 * MARGIN);
        let amount = Amount(node.value, self.unit);
        write!(
            f,
            "<g><title>{} ({amount}, {share:.2} %)</title><rect x=\"{x:.2}\" y=\"{y:.1}\" \
             width=\"{width:.2}\" height=\"{:.1}\" rx=\"2\" fill=\"{}\"/>",
            Escaped(name),
            ROW - 1.0,
            Colour(name)
        )?;
        let letters = (width / LETTER_WIDTH) as usize;
        if letters > 3 {
            let shown: String = name.chars().take(letters - 1).collect();
            let (x, y) = (x + 3.0, y + 13.0);
            write!(f, "<text x=\"{x:.2}\" y=\"{y:.1}\">{}</text>", Escaped(&shown))?;
        }
        writeln!(f, "</g>")?;
        let mut x = x;
        for (name, call) in &node.calls {
            self.draw(f, name, call, x, y - ROW)?;
            x += call.value as f64 * self.scale;
        }
        Ok(())
    }
}

/// A warm colour, the same for the same name.
struct Colour<'a>(&'a str);

impl Display for Colour<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mixed = self
            .0
            .bytes()
            .fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        write!(f, "hsl({},85%,{}%)", 10 + mixed % 45, 66 + mixed / 45 % 12)
    }
}

struct Amount<'a>(i64, &'a str);

impl Display for Amount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            "nanoseconds" => write!(f, "{:.3} ms", self.0 as f64 / 1e6),
            "count" => write!(f, "{}", self.0),
            unit => write!(f, "{} {unit}", self.0),
        }
    }
}

struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::stack_profile::example;
    use super::*;

    #[test]
    fn each_call_has_a_box_as_wide_as_its_share() {
        let svg = FlameGraph(&example()).to_string();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        for title in [
            "<title>all (20.000 ms, 100.00 %)</title>",
            "<title>root (20.000 ms, 100.00 %)</title>",
            "<title>middle (16.000 ms, 80.00 %)</title>",
            "<title>leaf&lt;T&gt; (12.000 ms, 60.00 %)</title>",
            "<title>other (4.000 ms, 20.00 %)</title>",
        ] {
            assert!(svg.contains(title), "{title} in {svg}");
        }
        assert_eq!(svg.matches("<g>").count(), svg.matches("</g>").count());
    }

    #[test]
    fn a_profile_without_samples_is_a_graph_too() {
        let mut empty = example();
        empty.samples.clear();
        let svg = FlameGraph(&empty).to_string();
        assert!(svg.contains("0.000 ms in all") && svg.ends_with("</svg>\n"), "{svg}");
    }
}
