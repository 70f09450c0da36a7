//! What rate a path was seen to carry when it was full: its mean and its deviation.
//!
//! libwebrtc `link_capacity_estimator.cc`, draft-ietf-rmcat-gcc-02 §5.5. Near it the rate rises in small
//! steps; what is seen three deviations away means that the path has changed.

/// Mean and variance, in kbit/s.
#[derive(Clone, Debug)]
pub struct CapacityEstimate {
    mean: Option<f64>,
    /// Over the mean.
    variance: f64,
}

/// What a capacity was seen by.
#[derive(Clone, Copy, Debug)]
pub enum SeenBy {
    Overuse,
    Probe,
}

impl CapacityEstimate {
    pub fn new() -> Self {
        Self {
            mean: None,
            variance: LEAST_VARIANCE,
        }
    }

    pub fn mean_bps(&self) -> Option<f64> {
        self.mean.map(|mean| mean * 1e3)
    }

    /// Takes a sight of the capacity into the mean.
    pub fn observe(&mut self, seen_bps: f64, by: SeenBy) {
        let seen = seen_bps / 1e3;
        let weight = match by {
            SeenBy::Overuse => BY_OVERUSE,
            SeenBy::Probe => BY_PROBE,
        };
        let moved = self
            .mean
            .map_or(seen, |mean| (1.0 - weight) * mean + weight * seen);
        let error = (moved - seen).powi(2) / moved.max(1.0);
        let variance = (1.0 - weight) * self.variance + weight * error;
        self.mean = Some(moved);
        self.variance = variance.clamp(LEAST_VARIANCE, MOST_VARIANCE);
    }

    /// Knows nothing any more.
    pub fn forget(&mut self) {
        self.mean = None;
    }

    /// Whether this is too little for the path that was seen; never if none was.
    pub fn is_above(&self, rate_bps: f64) -> bool {
        self.mean
            .is_some_and(|mean| rate_bps < (mean - self.reach(mean)).max(0.0) * 1e3)
    }

    /// Whether this is too much for the path that was seen; never if none was.
    pub fn is_below(&self, rate_bps: f64) -> bool {
        self.mean
            .is_some_and(|mean| rate_bps > (mean + self.reach(mean)) * 1e3)
    }

    fn reach(&self, mean: f64) -> f64 {
        DEVIATIONS * (self.variance * mean).sqrt()
    }
}

/// Weight of a new sight (libwebrtc's `OnOveruseDetected`, `OnProbeRate`).
const BY_OVERUSE: f64 = 0.05;
const BY_PROBE: f64 = 0.5;

/// Over the mean, in kbit/s (libwebrtc's `deviation_kbps_`).
const LEAST_VARIANCE: f64 = 0.4;
const MOST_VARIANCE: f64 = 2.5;

/// Within which the path is the one that was seen (draft-ietf-rmcat-gcc-02 §5.5).
const DEVIATIONS: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_from_every_sight_is_another_path() {
        let mut capacity = CapacityEstimate::new();
        assert!(!capacity.is_above(1.0) && !capacity.is_below(1e9));
        for seen_bps in [1.0e6, 1.02e6, 0.98e6, 1.0e6] {
            capacity.observe(seen_bps, SeenBy::Overuse);
        }
        assert!(!capacity.is_above(0.95e6) && !capacity.is_below(1.05e6));
        assert!(capacity.is_above(0.8e6) && capacity.is_below(1.3e6));
        capacity.forget();
        assert_eq!(capacity.mean_bps(), None);
    }

    #[test]
    fn a_probe_counts_for_more_than_an_overuse() {
        let after = |by| {
            let mut capacity = CapacityEstimate::new();
            capacity.observe(1e6, SeenBy::Overuse);
            capacity.observe(2e6, by);
            capacity.mean_bps().unwrap_or_default().round() as i64
        };
        assert_eq!(after(SeenBy::Overuse), 1_050_000);
        assert_eq!(after(SeenBy::Probe), 1_500_000);
    }
}
