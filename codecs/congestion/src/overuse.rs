//! Whether a path is overused: the delay's slope against a threshold that adapts.
//!
//! libwebrtc `trendline_estimator.cc` (`Detect`, `UpdateThreshold`), draft-ietf-rmcat-gcc-02 §5.4.

use crate::groups::Delta;
use crate::trendline::Trend;

/// How much of a path is used, by the slope of its delay.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Usage {
    /// A queue empties.
    Under,
    /// The delay stands.
    #[default]
    Normal,
    /// A queue grows.
    Over,
}

/// The threshold, and for how long a slope has been above it.
#[derive(Clone, Debug)]
pub struct Overuse {
    usage: Usage,
    threshold_ms: f64,
    above: Option<Above>,
    /// After the last group.
    slope: f64,
}

/// A slope that is above the threshold.
#[derive(Clone, Copy, Debug)]
struct Above {
    for_ms: f64,
    groups: u32,
}

impl Overuse {
    pub fn new() -> Self {
        Self {
            usage: Usage::Normal,
            threshold_ms: START_THRESHOLD_MS,
            above: None,
            slope: 0.0,
        }
    }

    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Takes in the slope after one more group.
    pub fn detect(&mut self, delta: Delta, trend: Trend) {
        let value_ms = f64::from(trend.groups.min(MOST_COUNTED)) * trend.slope * GAIN;
        if value_ms > self.threshold_ms {
            let (for_ms, groups) = match self.above {
                Some(above) => (above.for_ms + delta.sent_ms, above.groups + 1),
                None => (delta.sent_ms / 2.0, 1),
            };
            if for_ms > OVERUSED_MS && groups > 1 && trend.slope >= self.slope {
                self.usage = Usage::Over;
                self.above = Some(Above {
                    for_ms: 0.0,
                    groups: 0,
                });
            } else {
                self.above = Some(Above { for_ms, groups });
            }
        } else {
            self.above = None;
            self.usage = if value_ms < -self.threshold_ms {
                Usage::Under
            } else {
                Usage::Normal
            };
        }
        self.slope = trend.slope;
        self.adapt(value_ms.abs(), delta.arrival_ms.clamp(0.0, MOST_STEP_MS));
    }

    /// Moves the threshold towards a slope's size, unless that is far above.
    fn adapt(&mut self, size_ms: f64, step_ms: f64) {
        let away_ms = size_ms - self.threshold_ms;
        let rate = match away_ms {
            away_ms if away_ms < 0.0 => FALL_A_MS,
            away_ms if away_ms <= FAR_MS => RISE_A_MS,
            _ => return,
        };
        self.threshold_ms = (self.threshold_ms + rate * away_ms * step_ms)
            .clamp(LEAST_THRESHOLD_MS, MOST_THRESHOLD_MS);
    }
}

/// `kDefaultTrendlineThresholdGain`.
const GAIN: f64 = 4.0;

/// Groups by which a slope is multiplied at the most (`kMinNumDeltas`).
const MOST_COUNTED: u32 = 60;

/// libwebrtc's `threshold_` at the start, and the bounds in `UpdateThreshold`.
const START_THRESHOLD_MS: f64 = 12.5;
const LEAST_THRESHOLD_MS: f64 = 6.0;
const MOST_THRESHOLD_MS: f64 = 600.0;

/// How long a slope is above the threshold before it counts (`kOverUsingTimeThreshold`).
const OVERUSED_MS: f64 = 10.0;

/// By how much of the distance the threshold follows the slope in a millisecond (`k_up`, `k_down`).
const RISE_A_MS: f64 = 0.0087;
const FALL_A_MS: f64 = 0.039;

/// A slope further above than this is no reason to adapt (`kMaxAdaptOffsetMs`).
const FAR_MS: f64 = 15.0;

/// Of time, in one step of adaptation (`kMaxTimeDeltaMs`).
const MOST_STEP_MS: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn after(slopes: &[f64]) -> Overuse {
        let mut overuse = Overuse::new();
        let delta = Delta {
            sent_ms: 7.0,
            arrival_ms: 7.0,
        };
        for &slope in slopes {
            overuse.detect(delta, Trend { slope, groups: 60 });
        }
        overuse
    }

    #[test]
    fn overuse_takes_ten_milliseconds_and_a_slope_that_does_not_fall() {
        // 0.1 ms each ms, times 60 groups, times 4: 24 ms are above the threshold of 12.5.
        assert_eq!(after(&[0.1]).usage(), Usage::Normal);
        assert_eq!(after(&[0.1, 0.1]).usage(), Usage::Over);
        assert_eq!(after(&[0.2, 0.1]).usage(), Usage::Normal);
        assert_eq!(after(&[-0.1]).usage(), Usage::Under);
    }

    #[test]
    fn an_overuse_lasts_until_the_slope_is_below_the_threshold() {
        assert_eq!(after(&[0.1, 0.1, 0.08]).usage(), Usage::Over);
        assert_eq!(after(&[0.1, 0.1, 0.0]).usage(), Usage::Normal);
    }

    #[test]
    fn the_threshold_follows_slowly_up_and_fast_down_within_its_bounds() {
        let near = after(&[14.0 / 240.0; 10]).threshold_ms;
        assert!(near > START_THRESHOLD_MS && near < 14.0);
        let least = after(&[0.0; 500]).threshold_ms;
        assert!(least <= LEAST_THRESHOLD_MS);
        let far = after(&[50.0 / 240.0]).threshold_ms;
        assert!((far - START_THRESHOLD_MS).abs() < 1e-12);
    }
}
