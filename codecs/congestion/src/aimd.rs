//! The rate that follows from overuse: it rises while a path is free and falls when it is full.
//!
//! libwebrtc `aimd_rate_control.cc` and `delay_based_bwe.cc`, draft-ietf-rmcat-gcc-02 §5.5. Two things
//! differ, and both rest on knowing how long packets wait (`waiting`): a slope without a queue is no reason
//! to fall, and a fall need not be deep, since what has queued is emptied by itself.

use crate::capacity_estimate::{CapacityEstimate, SeenBy};
use crate::elapsed::elapsed_us;
use crate::limits::{LEAST_BPS, MOST_BPS, START_BPS};
use crate::overuse::Usage;
use crate::probe_results::Measured;

/// A rate, and what its path was seen to carry.
#[derive(Clone, Debug)]
pub struct RateControl {
    rate_bps: f64,
    /// Acknowledged, as last known.
    throughput_bps: f64,
    capacity: CapacityEstimate,
    rising: bool,
    changed_us: Option<i64>,
    reduced_us: Option<i64>,
    /// Until then there arrives what left before the last overuse was known.
    settles_until_us: Option<i64>,
    lifted_us: Option<i64>,
}

/// What a feedback says to the rate.
#[derive(Clone, Copy, Debug)]
pub struct Signs {
    pub usage: Usage,
    /// Whether every packet waits; an overuse without that holds the rate, no more.
    pub waits: bool,
    /// None where nothing is known yet.
    pub acknowledged_bps: Option<f64>,
    /// Smoothed.
    pub round_trip_us: f64,
    /// How long the last packets waited.
    pub wait_us: f64,
}

impl RateControl {
    pub fn new() -> Self {
        Self {
            rate_bps: START_BPS,
            throughput_bps: START_BPS,
            capacity: CapacityEstimate::new(),
            rising: false,
            changed_us: None,
            reduced_us: None,
            settles_until_us: None,
            lifted_us: None,
        }
    }

    pub fn rate_bps(&self) -> f64 {
        self.rate_bps
    }

    /// When the rate was last reduced, if ever.
    pub fn reduced_us(&self) -> Option<i64> {
        self.reduced_us
    }

    /// Moves the rate by one step.
    pub fn control(&mut self, signs: Signs, now_us: i64) {
        if let Some(acknowledged_bps) = signs.acknowledged_bps {
            self.throughput_bps = acknowledged_bps;
        }
        if (elapsed_us(self.lifted_us, now_us) as f64) < UNSEEN_US + signs.round_trip_us {
            self.throughput_bps = self.throughput_bps.max(self.rate_bps);
        }
        self.changed_us.get_or_insert(now_us);
        let rose = self.rising;
        self.rising = signs.usage == Usage::Normal;
        match signs.usage {
            Usage::Over if signs.waits => self.reduce(signs, now_us),
            Usage::Under if signs.waits => self.settle(now_us),
            Usage::Over | Usage::Under => {}
            Usage::Normal if rose => self.rise(signs, now_us),
            // After a reduction, and while a queue empties, the rate waits; it rises from the next on.
            Usage::Normal => self.changed_us = Some(now_us),
        }
    }

    /// Lowers the rate for a reason other than delay; never lifts it.
    pub fn lower(&mut self, to_bps: f64, now_us: i64) {
        self.rate_bps = to_bps.max(LEAST_BPS).min(self.rate_bps);
        self.changed_us = Some(now_us);
        self.reduced_us = Some(now_us);
    }

    /// Lifts the rate to what a probe measured; never lowers it.
    pub fn lift(&mut self, measured: Measured, now_us: i64) {
        self.capacity.observe(measured.seen_bps, SeenBy::Probe);
        let to_bps = measured.rate_bps;
        if to_bps > self.rate_bps {
            self.lifted_us = Some(now_us);
        }
        self.rate_bps = to_bps.max(self.rate_bps).min(MOST_BPS);
        self.changed_us = Some(now_us);
    }

    fn reduce(&mut self, signs: Signs, now_us: i64) {
        let pause_us = signs.round_trip_us.clamp(SHORTEST_STEP_US, LONGEST_STEP_US);
        let paused = elapsed_us(self.reduced_us, now_us) as f64 >= pause_us;
        if !paused && self.throughput_bps >= self.rate_bps / 2.0 {
            return;
        }
        let mut to_bps = self.rate_bps / 2.0;
        if signs.acknowledged_bps.is_some() {
            to_bps = BACK_OFF * self.throughput_bps;
            // More went through than was allowed: what the path was seen to carry is the better guide.
            if to_bps > self.rate_bps
                && let Some(mean_bps) = self.capacity.mean_bps()
            {
                to_bps = BACK_OFF * mean_bps;
            }
            if self.throughput_bps < self.rate_bps && self.capacity.is_above(self.throughput_bps) {
                self.capacity.forget();
            }
            self.capacity.observe(self.throughput_bps, SeenBy::Overuse);
        }
        self.lower(to_bps, now_us);
        let arrived_after_us = signs.round_trip_us + signs.wait_us + RESPONSE_US;
        self.settles_until_us = Some(now_us + arrived_after_us as i64);
    }

    /// After an overuse, while what left before it arrives: so long the path is full, and what arrives is what it
    /// carries. The first reduction knew less, since its windows reached back before the fall; what leaves after it
    /// is less than the path carries, and says nothing.
    fn settle(&mut self, now_us: i64) {
        let settles = self.settles_until_us.is_some_and(|end_us| now_us < end_us);
        if settles && self.throughput_bps < self.rate_bps {
            self.rate_bps = self.throughput_bps.max(LEAST_BPS);
            self.changed_us = Some(now_us);
        }
    }

    fn rise(&mut self, signs: Signs, now_us: i64) {
        if self.capacity.is_below(self.throughput_bps) {
            self.capacity.forget();
        }
        let since_s = elapsed_us(self.changed_us, now_us).min(STALE_US) as f64 / 1e6;
        let step_bps = if self.capacity.mean_bps().is_some() {
            near_rise_bps_per_s(self.rate_bps, signs.round_trip_us) * since_s
        } else {
            (self.rate_bps * (RISE_A_SECOND.powf(since_s) - 1.0)).max(LEAST_RISE_BPS)
        };
        let most_bps = if signs.waits {
            // While all packets wait, the path carries hardly more than what arrives.
            ABOVE_WHILE_WAITING * self.throughput_bps
        } else {
            ABOVE_ACKNOWLEDGED * self.throughput_bps + ABOVE_ACKNOWLEDGED_BPS
        };
        let raised_bps = (self.rate_bps + step_bps).min(most_bps);
        // A first picture leaves as it comes: what arrived of it without a queue, the path carries. Once the rate had
        // to fall nothing leaves beyond it, and what seems to do was sent before.
        let raised_bps = if self.reduced_us.is_none() && !signs.waits {
            raised_bps.max(PROVEN * self.throughput_bps)
        } else {
            raised_bps
        };
        self.rate_bps = raised_bps.max(self.rate_bps).min(MOST_BPS);
        self.changed_us = Some(now_us);
    }
}

/// How fast a rate rises near the capacity: a packet for each time of response.
fn near_rise_bps_per_s(rate_bps: f64, round_trip_us: f64) -> f64 {
    let frame_bytes = rate_bps / 8.0 / FRAMES_PER_S;
    let packet_bytes = frame_bytes / (frame_bytes / PACKET_BYTES).ceil();
    let response_s = 2.0 * (round_trip_us + RESPONSE_US) / 1e6;
    (packet_bytes * 8.0 / response_s).max(LEAST_RISE_A_SECOND_BPS)
}

/// Share of the acknowledged rate that is left after overuse (β). libwebrtc has 0.85, of which the rest is
/// to empty the queue; `waiting` does that, for as long as there is one. Measured on the steady links of
/// `make bench-estimator` (medians): 0.85 used 86 % without loss and 83 % with 20 %, 0.92 used 90 % and 88 %.
const BACK_OFF: f64 = 0.92;

/// Far from what the path was seen to carry (draft-ietf-rmcat-gcc-02 §5.5, η).
const RISE_A_SECOND: f64 = 1.08;

/// In one step (libwebrtc's `MultiplicativeRateIncrease`).
const LEAST_RISE_BPS: f64 = 1_000.0;

/// Near what the path was seen to carry (libwebrtc's `GetNearMaxIncreaseRateBpsPerSecond`).
const LEAST_RISE_A_SECOND_BPS: f64 = 4_000.0;

/// Nothing is known of a path beyond half as much again as went through it, and a little more, so that a
/// trickle can grow (both libwebrtc's). While packets wait, a tenth: enough to keep a place beside other senders.
const ABOVE_ACKNOWLEDGED: f64 = 1.5;
const ABOVE_WHILE_WAITING: f64 = 1.1;
const ABOVE_ACKNOWLEDGED_BPS: f64 = 10_000.0;

/// Of what is acknowledged beyond the rate while nothing queues: as much as is left after overuse, less what a
/// window of 150 ms may exaggerate.
const PROVEN: f64 = 0.9;

/// Of the picture that is taken for granted when the size of a packet has to be guessed (there too).
const PACKET_BYTES: f64 = 1_200.0;
const FRAMES_PER_S: f64 = 30.0;

/// Beside the round trip: until an overuse is noticed; as libwebrtc does, both are doubled.
const RESPONSE_US: f64 = 100_000.0;

/// Between two reductions: a round trip within these bounds (libwebrtc's `TimeToReduceFurther`).
const SHORTEST_STEP_US: f64 = 10_000.0;
const LONGEST_STEP_US: f64 = 200_000.0;

/// And a round trip: until what is acknowledged shows what a burst has lifted the rate to.
const UNSEEN_US: f64 = 500_000.0;

/// Time that a single step of rising counts at the most.
const STALE_US: i64 = 1_000_000;

#[cfg(test)]
mod published;
#[cfg(test)]
mod tests;
