//! How full each shard was: a row of bars for each, where a full row is a full shard.
//!
//! The height of a bar tells, not its colour, so that nobody needs to tell colours apart.

use askama::Template;
use std::fmt::Write;

const WIDTH: f64 = 400.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 130.0;
const ROW: f64 = 18.0;
const GAP: f64 = 6.0;
const TOP: f64 = 4.0;
const BOTTOM: f64 = 22.0;
/// More bars than this would be finer than the picture.
const MOST_BARS: usize = 120;

/// What is drawn, before it has a place.
pub(super) struct Shards<'a> {
    /// The most that each shard held, in each interval.
    pub(super) peaks: Vec<&'a [u64]>,
    /// Slots of each shard.
    pub(super) capacities: Vec<u64>,
    /// The end of the last interval.
    pub(super) seconds: f64,
}

#[derive(Template)]
#[template(path = "shard_chart.svg")]
struct Picture {
    label: String,
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    row: f64,
    text_below: f64,
    seconds: String,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    y: f64,
    bars: String,
    peak: String,
}

impl Shards<'_> {
    /// The chart as SVG; nothing if there is nothing to draw.
    pub(super) fn draw(&self) -> Result<Option<String>, askama::Error> {
        if self.peaks.is_empty() || self.capacities.is_empty() {
            return Ok(None);
        }
        let rows: Vec<Row> = (0..self.capacities.len()).map(|shard| self.row(shard)).collect();
        let fullest = (0..self.capacities.len()).map(|shard| self.percent(shard));
        let picture = Picture {
            label: format!(
                "Fill of {} shards, the peak of each interval; the fullest reached {:.0} % of its \
                 capacity",
                self.capacities.len(),
                fullest.fold(0.0, f64::max)
            ),
            width: WIDTH,
            height: TOP + rows.len() as f64 * (ROW + GAP) + BOTTOM,
            left: LEFT,
            right: WIDTH - RIGHT,
            row: ROW,
            text_below: ROW - 4.0,
            seconds: format!("{:.0} s", self.seconds),
            rows,
        };
        picture.render().map(Some)
    }

    /// How many intervals share a bar.
    pub(super) fn intervals_of_a_bar(&self) -> usize {
        self.peaks.len().div_ceil(MOST_BARS).max(1)
    }

    fn row(&self, shard: usize) -> Row {
        let most = self.most(shard);
        Row {
            name: format!("shard {shard}"),
            y: TOP + shard as f64 * (ROW + GAP),
            bars: self.bars(shard),
            peak: format!("{most} of {} · {:.0} %", self.capacities[shard], self.percent(shard)),
        }
    }

    fn most(&self, shard: usize) -> u64 {
        self.peaks.iter().filter_map(|peaks| peaks.get(shard)).copied().max().unwrap_or(0)
    }

    fn percent(&self, shard: usize) -> f64 {
        100.0 * self.most(shard) as f64 / self.capacities[shard].max(1) as f64
    }

    /// One path for all bars of a shard: a page has thousands of bars.
    fn bars(&self, shard: usize) -> String {
        let together = self.intervals_of_a_bar();
        let columns = self.peaks.len().div_ceil(together);
        let width = (WIDTH - LEFT - RIGHT) / columns as f64;
        let drawn = (width * 0.8).min(width - 0.4);
        let capacity = self.capacities[shard].max(1) as f64;
        let mut path = String::new();
        for (column, peaks) in self.peaks.chunks(together).enumerate() {
            let most = peaks.iter().filter_map(|peaks| peaks.get(shard)).copied().max();
            let Some(most) = most.filter(|most| *most > 0) else { continue };
            // Not less than a hair: some is not none.
            let height = (ROW * (most as f64 / capacity).min(1.0)).max(0.6);
            let x = LEFT + column as f64 * width;
            let bottom = TOP + shard as f64 * (ROW + GAP) + ROW;
            let _ = write!(path, "M{x:.1} {bottom}v-{height:.1}h{drawn:.1}v{height:.1}z");
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shard_has_its_row_and_its_peak_in_figures() {
        let peaks: [&[u64]; 2] = [&[32, 0], &[64, 0]];
        let shards = Shards { peaks: peaks.to_vec(), capacities: vec![64, 64], seconds: 2.0 };
        let svg = shards.draw().unwrap().unwrap();
        assert!(svg.contains("64 of 64 · 100 %") && svg.contains("0 of 64 · 0 %"), "{svg}");
        assert!(svg.contains("v-9.0") && svg.contains("v-18.0"), "half and full: {svg}");
        assert_eq!(shards.bars(1), "", "an empty shard has no bars");
    }

    #[test]
    fn a_long_run_keeps_its_peaks_in_fewer_bars() {
        let mut values = vec![vec![1_u64]; 3000];
        values[1234] = vec![50];
        let peaks = values.iter().map(Vec::as_slice).collect();
        let shards = Shards { peaks, capacities: vec![100], seconds: 3000.0 };
        assert_eq!(shards.intervals_of_a_bar(), 25);
        assert_eq!(shards.bars(0).matches('M').count(), 120);
        assert!(shards.bars(0).contains("v-9.0"), "the peak is not averaged away");
    }

    #[test]
    fn more_than_full_stays_in_the_picture_and_nothing_draws_nothing() {
        let peaks: [&[u64]; 1] = [&[90]];
        let shards = Shards { peaks: peaks.to_vec(), capacities: vec![64], seconds: 1.0 };
        assert!(shards.bars(0).contains("v-18.0"));
        let none = Shards { peaks: Vec::new(), capacities: vec![64], seconds: 1.0 };
        assert!(none.draw().unwrap().is_none());
    }
}
