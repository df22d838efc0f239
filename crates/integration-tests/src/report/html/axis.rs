//! Where values lie in a chart, and which of them get a line of the grid.

/// One direction of a chart: values from `least` to `most` over pixels from `start` to `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    least: f64,
    most: f64,
    start: f64,
    end: f64,
    logarithmic: bool,
}

/// About as many lines as a chart of this size carries.
const LINES: f64 = 4.0;

impl Axis {
    /// `values` lie at even distances. A span of nothing is widened, so that it can be drawn.
    pub(super) fn linear(values: (f64, f64), pixels: (f64, f64)) -> Self {
        let (least, mut most) = values;
        if most <= least {
            most = least + least.abs().max(1.0) * 0.1;
        }
        Self { least, most, start: pixels.0, end: pixels.1, logarithmic: false }
    }

    /// Equal ratios lie at equal distances. From the power of ten below to the one above.
    pub(super) fn logarithmic(values: (f64, f64), pixels: (f64, f64)) -> Self {
        let least = power_of_ten(values.0.max(f64::MIN_POSITIVE).log10().floor());
        let most = power_of_ten(values.1.max(f64::MIN_POSITIVE).log10().ceil());
        let most = most.max(least * 10.0);
        Self { least, most, start: pixels.0, end: pixels.1, logarithmic: true }
    }

    /// The pixel of a value. What is outside lies on the edge.
    pub(super) fn at(&self, value: f64) -> f64 {
        let value = value.clamp(self.least, self.most);
        let along = if self.logarithmic {
            (value / self.least).ln() / (self.most / self.least).ln()
        } else {
            (value - self.least) / (self.most - self.least)
        };
        self.start + along * (self.end - self.start)
    }

    /// Round values within the axis.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if self.logarithmic {
            let decades = self.least.log10().round() as i32..=self.most.log10().round() as i32;
            return decades.map(|power| power_of_ten(f64::from(power))).collect();
        }
        let step = round_step((self.most - self.least) / LINES);
        let first = (self.least / step).ceil() as i64;
        let last = (self.most / step + 1e-9).floor() as i64;
        (first..=last).map(|number| number as f64 * step).collect()
    }

    /// Digits behind the point that tell neighbouring ticks apart.
    pub(super) fn decimals(&self) -> usize {
        if self.logarithmic {
            return 0;
        }
        let step = round_step((self.most - self.least) / LINES);
        (-step.log10().floor()).max(0.0) as usize
    }
}

fn power_of_ten(power: f64) -> f64 {
    10_f64.powf(power)
}

/// The next of 1, 2, 5, 10 … that is not below `step`.
fn round_step(step: f64) -> f64 {
    let decade = power_of_ten(step.log10().floor());
    let factors = [1.0, 2.0, 5.0];
    let fits = factors.into_iter().find(|factor| factor * decade >= step * 0.999);
    fits.unwrap_or(10.0) * decade
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(Axis::linear((0.0, 10.0), (0.0, 1.0)).ticks(), [0.0, 5.0, 10.0]);
        assert_eq!(Axis::linear((0.0, 7.9), (0.0, 1.0)).ticks(), [0.0, 2.0, 4.0, 6.0]);
        let close = Axis::linear((399.2, 400.8), (0.0, 1.0));
        assert_eq!(close.ticks().len(), 3);
        assert_eq!(close.decimals(), 1);
        assert_eq!(
            Axis::logarithmic((2.0, 3000.0), (0.0, 1.0)).ticks(),
            [1.0, 10.0, 100.0, 1000.0, 10_000.0]
        );
    }

    #[test]
    fn values_lie_between_the_edges_and_in_order() {
        let axis = Axis::logarithmic((5.0, 500.0), (100.0, 0.0));
        assert_eq!((axis.at(1.0), axis.at(1000.0)), (100.0, 0.0));
        assert!(axis.at(10.0) > axis.at(100.0), "up is less");
        assert_eq!(axis.at(0.0), 100.0, "nothing lies on the edge");
        assert_eq!(axis.at(1e9), 0.0, "too much lies on the edge");
    }

    #[test]
    fn a_constant_series_can_be_drawn() {
        for value in [0.0, 400.0, -3.0] {
            let axis = Axis::linear((value, value), (0.0, 100.0));
            assert!(axis.at(value).is_finite());
            assert!(!axis.ticks().is_empty());
        }
        let axis = Axis::logarithmic((1000.0, 1000.0), (0.0, 100.0));
        assert!(axis.at(1000.0).is_finite());
    }
}
