//! How steeply a path's delay rises: a line through the smoothed delay of the last groups.
//!
//! libwebrtc `trendline_estimator.cc`; it took the place of the Kalman filter of
//! draft-ietf-rmcat-gcc-02 §5.3. The slope is a difference of running sums, not a loop over the window for
//! each group.

use std::mem;

use crate::groups::Delta;

/// The last groups.
#[derive(Clone, Debug)]
pub struct Trendline {
    groups: u32,
    /// Accumulated differences of delay.
    delay_ms: f64,
    newest: Point,
    /// A ring.
    window: [Point; WINDOW],
    oldest: usize,
    sums: Sums,
}

/// When a group came, on a clock of this receiver's own, and the smoothed delay by then.
#[derive(Clone, Copy, Debug, Default)]
struct Point {
    came_ms: f64,
    smoothed_ms: f64,
}

/// Over a window's points, counted from one of the last of them.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    origin: Point,
    came: f64,
    smoothed: f64,
    products: f64,
    squares: f64,
}

/// How the delay develops.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    /// In ms of delay for each ms; 0 until a window is full.
    pub slope: f64,
    /// Groups seen so far, up to `MOST_SEEN`.
    pub groups: u32,
}

impl Trendline {
    pub fn new() -> Self {
        Self {
            groups: 0,
            delay_ms: 0.0,
            newest: Point::default(),
            window: [Point::default(); WINDOW],
            oldest: 0,
            sums: Sums::default(),
        }
    }

    /// Adds the difference between two groups, and gives the slope with it.
    pub fn add(&mut self, delta: Delta) -> Trend {
        self.delay_ms += delta.arrival_ms - delta.sent_ms;
        self.newest.came_ms += delta.arrival_ms;
        self.newest.smoothed_ms =
            SMOOTHING * self.newest.smoothed_ms + (1.0 - SMOOTHING) * self.delay_ms;
        if let Some(place) = self.window.get_mut(self.oldest) {
            let oldest = mem::replace(place, self.newest);
            self.sums.add(oldest, -1.0);
            self.sums.add(self.newest, 1.0);
        }
        self.oldest = (self.oldest + 1) % WINDOW;
        if self.oldest == 0 {
            self.sums = Sums::of(&self.window, self.newest);
        }
        self.groups = (self.groups + 1).min(MOST_SEEN);
        let full = self.groups >= WINDOW as u32;
        Trend {
            slope: if full { self.sums.slope() } else { 0.0 },
            groups: self.groups,
        }
    }
}

impl Sums {
    /// Counted anew, from a point nearby, so that differences of sums of squares keep their digits.
    fn of(points: &[Point], origin: Point) -> Self {
        let mut sums = Self {
            origin,
            ..Self::default()
        };
        for &point in points {
            sums.add(point, 1.0);
        }
        sums
    }

    fn add(&mut self, point: Point, times: f64) {
        let came = point.came_ms - self.origin.came_ms;
        let smoothed = point.smoothed_ms - self.origin.smoothed_ms;
        self.came += times * came;
        self.smoothed += times * smoothed;
        self.products += times * (came * smoothed);
        self.squares += times * (came * came);
    }

    /// Of the line that fits the window by least squares.
    fn slope(&self) -> f64 {
        let count = WINDOW as f64;
        let above = count * self.products - self.came * self.smoothed;
        let below = count * self.squares - self.came * self.came;
        if below <= ONE_MOMENT * count {
            0.0
        } else {
            above / below
        }
    }
}

/// Groups (`kDefaultTrendlineWindowSize`).
const WINDOW: usize = 20;

/// Share of the past in the smoothed delay (`kDefaultTrendlineSmoothingCoeff`).
const SMOOTHING: f64 = 0.9;

/// Groups that are counted (`kDeltaCounterMax`).
const MOST_SEEN: u32 = 1_000;

/// In ms²: all groups that came within a microsecond make no line.
const ONE_MOMENT: f64 = 1e-6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The slope in its textbook form: around the means, over the window's last points.
    fn slope_of(points: &[(f64, f64)]) -> f64 {
        let count = points.len() as f64;
        let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
        let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
        let above: f64 = points
            .iter()
            .map(|(x, y)| (x - mean_x) * (y - mean_y))
            .sum();
        let below: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        above / below
    }

    proptest! {
        #[test]
        fn slopes_are_those_of_a_line_through_the_last_groups(
            deltas in prop::collection::vec((1.0..30.0_f64, 1.0..35.0_f64), 45)
        ) {
            let mut trendline = Trendline::new();
            let (mut came_ms, mut delay_ms, mut smoothed_ms) = (0.0, 0.0, 0.0);
            let mut points = Vec::new();
            for (sent_ms, arrival_ms) in deltas {
                came_ms += arrival_ms;
                delay_ms += arrival_ms - sent_ms;
                smoothed_ms = 0.9 * smoothed_ms + 0.1 * delay_ms;
                points.push((came_ms, smoothed_ms));
                let trend = trendline.add(Delta { sent_ms, arrival_ms });
                prop_assert_eq!(trend.groups as usize, points.len());
                let expected = match points.len().checked_sub(WINDOW) {
                    None => 0.0,
                    Some(first) => slope_of(points.get(first..).unwrap_or_default()),
                };
                prop_assert!((trend.slope - expected).abs() <= 1e-9 + 1e-6 * expected.abs());
            }
        }
    }

    #[test]
    fn what_came_at_one_moment_has_no_slope() {
        let mut trendline = Trendline::new();
        let delta = Delta {
            sent_ms: 20.0,
            arrival_ms: 0.0,
        };
        let steepest = (0..100)
            .map(|_| trendline.add(delta).slope.abs())
            .fold(0.0, f64::max);
        assert!(steepest <= 0.0);
    }
}
