//! A chart of lines over the seconds of a run.

use super::axis::Axis;
use askama::Template;
use std::fmt::Write;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 24.0;

/// What is drawn, before it has a place.
pub(super) struct Lines {
    /// What a screen reader says instead of the picture.
    pub(super) label: String,
    /// The time of each value.
    pub(super) seconds: Vec<f64>,
    /// The lines, of one value a second of `seconds`.
    pub(super) lines: Vec<Line>,
    /// Where the values should lie.
    pub(super) target: Option<Target>,
    /// How the values go up.
    pub(super) scale: Scale,
    /// A value at the axis, of so many digits behind the point.
    pub(super) text: fn(f64, usize) -> String,
}

/// One line of a chart.
pub(super) struct Line {
    /// As the legend names it.
    pub(super) name: &'static str,
    /// Null where nothing was measured: the line has a gap there.
    pub(super) values: Vec<Option<f64>>,
}

/// A dashed line, and around it the band that passes.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) value: f64,
    /// Half the height of the band.
    pub(super) allowed: f64,
}

/// How the values of a chart go up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// From nothing.
    FromZero,
    /// Around the target, so that small differences show.
    AroundTarget,
    /// By powers of ten.
    Logarithmic,
}

#[derive(Template)]
#[template(path = "line_chart.svg")]
struct Picture<'a> {
    label: &'a str,
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    bottom: f64,
    rows: Vec<Tick>,
    columns: Vec<Tick>,
    band: Option<Band>,
    target: Option<String>,
    paths: Vec<String>,
}

struct Tick {
    at: String,
    text_at: String,
    text: String,
}

struct Band {
    y: String,
    height: String,
}

impl Lines {
    /// The chart as SVG; nothing if there is nothing to draw.
    pub(super) fn draw(&self) -> Result<Option<String>, askama::Error> {
        let Some(up) = self.up() else { return Ok(None) };
        let end = self.seconds.last().copied().unwrap_or(1.0);
        let along = Axis::linear((0.0, end), (LEFT, WIDTH - RIGHT));
        let picture = Picture {
            label: &self.label,
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right: WIDTH - RIGHT,
            bottom: HEIGHT - BOTTOM,
            rows: ticks(&up, 4.0, self.text),
            columns: ticks(&along, 0.0, short),
            band: self.target.and_then(|target| band(&up, target)),
            target: self.target.map(|target| pixel(up.at(target.value))),
            paths: self.lines.iter().map(|line| self.path(line, &along, &up)).collect(),
        };
        picture.render().map(Some)
    }

    /// The axis of the values; `None` without any.
    fn up(&self) -> Option<Axis> {
        let values = self.lines.iter().flat_map(|line| line.values.iter().flatten().copied());
        let values = values.filter(|value| value.is_finite());
        let none = (f64::INFINITY, f64::NEG_INFINITY);
        let (least, most) = values.fold(none, |(a, b), value| (a.min(value), b.max(value)));
        if least > most {
            return None;
        }
        let pixels = (HEIGHT - BOTTOM, TOP);
        Some(match (self.scale, self.target) {
            (Scale::Logarithmic, _) => Axis::logarithmic((least, most), pixels),
            (Scale::AroundTarget, Some(target)) => {
                let away = (most - target.value).max(target.value - least).max(target.allowed);
                let (least, most) = (target.value - away * 1.25, target.value + away * 1.25);
                Axis::linear((least.max(0.0), most), pixels)
            }
            (_, target) => {
                let most = target.map_or(most, |target| most.max(target.value));
                Axis::linear((0.0, most * 1.1), pixels)
            }
        })
    }

    /// Connects what was measured. A value with a gap on both sides is a dot: a line of no length
    /// with round ends.
    fn path(&self, line: &Line, along: &Axis, up: &Axis) -> String {
        let mut path = String::new();
        let mut before = false;
        for (seconds, value) in self.seconds.iter().zip(&line.values) {
            if let Some(value) = value {
                let (x, y) = (pixel(along.at(*seconds)), pixel(up.at(*value)));
                let _ = match before {
                    true => write!(path, "L{x} {y}"),
                    false => write!(path, "M{x} {y}h0"),
                };
            }
            before = value.is_some();
        }
        path
    }
}

fn ticks(axis: &Axis, below: f64, text: fn(f64, usize) -> String) -> Vec<Tick> {
    let decimals = axis.decimals();
    let tick = |value: f64| Tick {
        at: pixel(axis.at(value)),
        text_at: pixel(axis.at(value) + below),
        text: text(value, decimals),
    };
    axis.ticks().into_iter().map(tick).collect()
}

/// What passes, as far as it is in the picture.
fn band(up: &Axis, target: Target) -> Option<Band> {
    let (y, end) = (up.at(target.value + target.allowed), up.at(target.value - target.allowed));
    (target.allowed > 0.0).then(|| Band { y: pixel(y), height: pixel(end - y) })
}

/// A tenth of a pixel is finer than any screen.
fn pixel(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// Thousands and millions by their letter, so that the text fits beside the chart.
pub(super) fn short(value: f64, decimals: usize) -> String {
    match value.abs() {
        size if size >= 1e6 => format!("{}M", value / 1e6),
        size if size >= 1e4 => format!("{}k", value / 1e3),
        _ => format!("{value:.decimals$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(values: &[Option<f64>]) -> Lines {
        Lines {
            label: "<rate>".into(),
            seconds: (1..=values.len()).map(|second| second as f64).collect(),
            lines: vec![Line { name: "rate", values: values.to_vec() }],
            target: Some(Target { value: 400.0, allowed: 8.0 }),
            scale: Scale::AroundTarget,
            text: short,
        }
    }

    #[test]
    fn a_chart_shows_line_target_and_band() {
        let svg = lines(&[Some(399.0), Some(401.0)]).draw().unwrap().unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert!(svg.contains("class=\"line s0\"") && svg.contains("class=\"target\""));
        assert!(svg.contains("class=\"band\""));
        assert!(svg.contains("&#60;rate&#62;"), "the label is escaped: {svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn a_gap_is_not_bridged_and_a_lonely_value_is_a_dot() {
        let lines = lines(&[Some(400.0), None, Some(401.0), Some(402.0)]);
        let along = Axis::linear((0.0, 4.0), (0.0, 4.0));
        let up = Axis::linear((0.0, 1000.0), (0.0, 1000.0));
        assert_eq!(lines.path(&lines.lines[0], &along, &up), "M1 400h0M3 401h0L4 402");
    }

    #[test]
    fn nothing_measured_draws_nothing() {
        assert!(lines(&[]).draw().unwrap().is_none());
        assert!(lines(&[None, None]).draw().unwrap().is_none());
    }

    #[test]
    fn texts_beside_the_axis_stay_short() {
        assert_eq!(short(1e7, 0), "10M");
        assert_eq!(short(25_000.0, 0), "25k");
        assert_eq!(short(399.5, 1), "399.5");
    }
}
