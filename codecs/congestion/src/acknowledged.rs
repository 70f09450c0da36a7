//! At what rate packets arrive, as the receiver's feedback acknowledges them.
//!
//! libwebrtc `bitrate_estimator.cc`: windows of 500 ms, then of 150 ms, of the receiver's clock; each
//! window's rate corrects the estimate by as much as it can be trusted.

use std::mem;

/// The rate, and the windows that a feedback reaches into.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    window_us: i64,
    /// Of the window that runs.
    begin_us: Option<i64>,
    /// In the window that runs, and in those behind it.
    bytes: [f64; MOST_WINDOWS + 1],
    /// The last window into which this feedback reaches.
    reached: usize,
    /// This feedback's last packet.
    last_us: Option<i64>,
    rate_bps: Option<f64>,
    /// Of the rate, in (kbit/s)².
    variance: f64,
}

impl Acknowledged {
    pub fn new() -> Self {
        Self {
            window_us: FIRST_WINDOW_US,
            begin_us: None,
            bytes: [0.0; MOST_WINDOWS + 1],
            reached: 0,
            last_us: None,
            rate_bps: None,
            variance: FIRST_VARIANCE,
        }
    }

    /// None until a window is full.
    pub fn rate_bps(&self) -> Option<f64> {
        self.rate_bps
    }

    /// Counts a packet that arrived, by a steady clock.
    pub fn add(&mut self, arrival_us: i64, size_bytes: f64) {
        let mut end_us = *self.begin_us.get_or_insert(arrival_us) + self.window_us;
        let mut window = 0;
        while arrival_us >= end_us && window < MOST_WINDOWS {
            window += 1;
            end_us += self.window_us;
        }
        if let Some(bytes) = self.bytes.get_mut(window) {
            *bytes += size_bytes;
        }
        self.reached = self.reached.max(window);
        self.last_us = Some(arrival_us);
    }

    /// Ends a feedback: corrects the rate by each window that is full.
    pub fn conclude(&mut self) {
        let (Some(begin_us), Some(last_us)) = (self.begin_us, self.last_us.take()) else {
            return;
        };
        let reached = mem::take(&mut self.reached);
        if reached == 0 && last_us >= begin_us {
            return;
        }
        let bytes = mem::take(&mut self.bytes);
        // After a silence a window begins anew; and one that began later than what comes now, because
        // the clock crept back, would never end.
        if reached >= MOST_WINDOWS || last_us < begin_us {
            self.begin_us = Some(last_us);
            return;
        }
        let (mut begin_us, length_us) = (begin_us, self.window_us);
        for &full_bytes in bytes.iter().take(reached) {
            begin_us += length_us;
            // libwebrtc takes no window without a packet for a rate of nothing.
            if full_bytes > 0.0 {
                self.correct(full_bytes * 8e6 / length_us as f64);
            }
        }
        self.begin_us = Some(begin_us);
        if let (Some(place), Some(&running)) = (self.bytes.first_mut(), bytes.get(reached)) {
            *place = running;
        }
    }

    /// Believes the next windows more, since the rate was just changed by intent.
    pub fn expect_change(&mut self) {
        self.variance += FAST_VARIANCE;
    }

    fn correct(&mut self, window_bps: f64) {
        self.window_us = WINDOW_US;
        let Some(rate_bps) = self.rate_bps else {
            self.rate_bps = Some(window_bps);
            return;
        };
        let (window, rate) = (window_bps / 1e3, rate_bps / 1e3);
        // Symmetric in both (`uncertainty_symmetry_cap`): what is sent after a burst rises at once.
        let uncertainty = UNCERTAINTY * (rate - window).abs() / (rate + window).max(1.0);
        let of_window = uncertainty.powi(2);
        let of_rate = self.variance + GROWTH_OF_VARIANCE;
        let together = of_window + of_rate;
        self.rate_bps = Some((of_window * rate + of_rate * window) / together * 1e3);
        self.variance = of_window * of_rate / together;
    }
}

/// libwebrtc's `initial_window_ms` and `noninitial_window_ms`.
const FIRST_WINDOW_US: i64 = 500_000;
const WINDOW_US: i64 = 150_000;

/// In one feedback; a longer silence begins a window anew.
const MOST_WINDOWS: usize = 4;

/// Of a window, over its relative distance from the estimate (`uncertainty_scale`).
const UNCERTAINTY: f64 = 10.0;

/// More, where the rate is about to change by intent (`ExpectFastRateChange`).
const FAST_VARIANCE: f64 = 200.0;

/// Of the estimate between windows, and at its start, in (kbit/s)² (`bitrate_estimator.cc`).
const GROWTH_OF_VARIANCE: f64 = 5.0;
const FIRST_VARIANCE: f64 = 50.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// Feedbacks of 100 ms, with a packet of 1,000 bytes every 10 ms: 800 kbit/s.
    fn hear(acknowledged: &mut Acknowledged, feedbacks: std::ops::Range<i64>) {
        for feedback in feedbacks {
            for packet in 0..10 {
                acknowledged.add(100_000 * feedback + 10_000 * packet, 1_000.0);
            }
            acknowledged.conclude();
        }
    }

    fn near_800_kbps(rate_bps: Option<f64>) -> bool {
        rate_bps.is_some_and(|rate_bps| (776e3..824e3).contains(&rate_bps))
    }

    #[test]
    fn the_acknowledged_rate_is_what_arrives() {
        let mut acknowledged = Acknowledged::new();
        hear(&mut acknowledged, 0..5);
        assert_eq!(acknowledged.rate_bps(), None);
        hear(&mut acknowledged, 5..30);
        assert!(near_800_kbps(acknowledged.rate_bps()));
    }

    #[test]
    fn a_silence_is_no_rate_of_nothing() {
        let mut acknowledged = Acknowledged::new();
        hear(&mut acknowledged, 0..30);
        hear(&mut acknowledged, 100..130);
        assert!(near_800_kbps(acknowledged.rate_bps()));
    }

    #[test]
    fn a_clock_that_crept_back_does_not_stop_the_count() {
        let mut acknowledged = Acknowledged::new();
        hear(&mut acknowledged, 100..130);
        hear(&mut acknowledged, 80..81);
        hear(&mut acknowledged, 81..110);
        assert!(near_800_kbps(acknowledged.rate_bps()));
    }
}
