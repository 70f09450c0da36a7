//! How long an answer takes: from the newest packet's leaving to the feedback that speaks of it.
//!
//! It holds the time that the packet waited on its way, as it should: whoever reduces a rate has to wait
//! that long to see what came of it.

/// The smoothed round trip.
#[derive(Clone, Debug)]
pub struct RoundTrip {
    smoothed_us: f64,
}

impl RoundTrip {
    pub fn new() -> Self {
        Self {
            smoothed_us: START_US,
        }
    }

    pub fn smoothed_us(&self) -> f64 {
        self.smoothed_us
    }

    /// Takes in that the newest packet to arrive left then, and the feedback came now.
    pub fn measure(&mut self, sent_us: i64, now_us: i64) {
        let trip_us = (now_us - sent_us).max(0) as f64;
        self.smoothed_us += SMOOTHING * (trip_us - self.smoothed_us);
    }
}

/// Weight of a new round trip: four feedbacks, half a second, decide.
const SMOOTHING: f64 = 0.25;

/// Until a feedback tells; a usual distance within a country, with its wireless hop.
const START_US: f64 = 100_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_what_is_measured() {
        let mut round_trip = RoundTrip::new();
        for turn in 0..40 {
            round_trip.measure(turn * 50_000, turn * 50_000 + 300_000);
        }
        assert!((round_trip.smoothed_us() - 300_000.0).abs() < 10.0);
    }
}
