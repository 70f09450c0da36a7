//! Whether losses say that a path is full, or belong to it (radio, a bad cable).
//!
//! A lower capacity is believed only when the losses say so clearly (`loss_likelihood`), and is then given to
//! the rate control as an overuse would be; nothing lingers that could hold a lossy path down. And where
//! losses cannot tell, because everything was sent at one rate, they are asked: the rate dips for a moment,
//! and losses that do not care about it are inherent. libwebrtc must presume a largest inherent loss
//! instead, which costs a path with 10 % or 20 % of it much of its capacity.

use crate::elapsed::elapsed_us;
use crate::feedback::Feedback;
use crate::loss_likelihood::{DOUBT_NATS, MOST_INHERENT, Weighed, likeliest};

/// What was sent and lost of late.
#[derive(Clone, Debug)]
pub struct Losses {
    /// The observation that runs.
    begin_us: Option<i64>,
    packets: u32,
    lost: u32,
    bytes: f64,
    /// Those that are complete; the newest is the last.
    kept: [Observation; KEPT],
    dipped_us: Option<i64>,
    /// While no queue stood.
    calm_packets: f64,
    calm_lost: f64,
    /// Whether the last feedback was one of those.
    was_calm: bool,
}

/// What was sent in a quarter of a second and more; without packets it stands for none.
#[derive(Clone, Copy, Debug, Default)]
struct Observation {
    rate_bps: f64,
    packets: u32,
    lost: u32,
    /// Of packets that left after the one, and not after the other.
    begin_us: i64,
    end_us: i64,
}

impl Losses {
    pub fn new() -> Self {
        Self {
            begin_us: None,
            packets: 0,
            lost: 0,
            bytes: 0.0,
            kept: [Observation::default(); KEPT],
            dipped_us: None,
            calm_packets: 0.0,
            calm_lost: 0.0,
            was_calm: false,
        }
    }

    /// Counts a feedback's losses, and says whether an observation is complete with it.
    pub fn observe(&mut self, feedback: &Feedback) -> bool {
        let begin_us = *self.begin_us.get_or_insert(feedback.first_sent_us);
        self.packets += feedback.packets;
        self.lost += feedback.lost;
        self.bytes += feedback.bytes;
        let span_us = feedback.last_sent_us - begin_us;
        let enough = self.packets >= FEWEST || span_us >= LONGEST_SPAN_US;
        if span_us < SPAN_US || !enough {
            return false;
        }
        self.kept.rotate_left(1);
        if let Some(newest) = self.kept.last_mut() {
            *newest = Observation {
                rate_bps: self.bytes * 8e6 / span_us as f64,
                packets: self.packets,
                lost: self.lost,
                begin_us,
                end_us: feedback.last_sent_us,
            };
        }
        self.begin_us = Some(feedback.last_sent_us);
        (self.packets, self.lost, self.bytes) = (0, 0, 0.0);
        true
    }

    /// Takes back the loss of a packet that came after all, wherever it was counted.
    pub fn recover(&mut self, sent_us: i64) {
        // The share of a feedback before the last one's has hardly faded yet.
        if self.was_calm {
            self.calm_lost = (self.calm_lost - 1.0).max(0.0);
        }
        let of_old = |each: &&mut Observation| {
            (each.begin_us..=each.end_us).contains(&sent_us) && each.packets > 0
        };
        let counted = match self.kept.iter_mut().find(of_old) {
            Some(observation) => &mut observation.lost,
            None if self.begin_us.is_some_and(|begin_us| sent_us >= begin_us) => &mut self.lost,
            None => return,
        };
        *counted = counted.saturating_sub(1);
    }

    /// The share that a path loses by itself: what is lost while no queue stands.
    ///
    /// What went through a full path is what was acknowledged and this share beside it.
    pub fn own_share(&mut self, feedback: &Feedback, calm: bool) -> f64 {
        self.was_calm = calm;
        if calm {
            self.calm_packets = CALM_WEIGHT * self.calm_packets + f64::from(feedback.packets);
            self.calm_lost = CALM_WEIGHT * self.calm_lost + f64::from(feedback.lost);
        }
        (self.calm_lost / self.calm_packets.max(CALM_FEWEST)).min(MOST_INHERENT)
    }

    /// The capacity that the losses prove, if they prove one; to be asked with each complete observation.
    ///
    /// Begins a dip where they leave in doubt what has to be known.
    pub fn judge(&mut self, now_us: i64) -> Option<f64> {
        let packets: u32 = self.kept.iter().map(|each| each.packets).sum();
        let lost: u32 = self.kept.iter().map(|each| each.lost).sum();
        if f64::from(lost) <= WORTH_JUDGING * f64::from(packets) {
            return None;
        }
        let (highest_bps, weighed) = self.weighed();
        let candidate = likeliest(&weighed)?;
        if candidate.lead_nats > PROOF_NATS {
            // The next cut needs evidence of its own.
            self.kept = [Observation::default(); KEPT];
            return Some(highest_bps * candidate.share);
        }
        let packets: f64 = weighed.iter().map(|each| each.packets).sum();
        let lost: f64 = weighed.iter().map(|each| each.lost).sum();
        let rested = elapsed_us(self.dipped_us, now_us) > BETWEEN_DIPS_US;
        if rested && candidate.lead_nats > -DOUBT_NATS && lost > WORTH_ASKING * packets {
            self.dipped_us = Some(now_us);
        }
        None
    }

    /// Whether losses are being asked.
    pub fn dips(&self, now_us: i64) -> bool {
        elapsed_us(self.dipped_us, now_us) < DIP_US
    }

    /// The share of its rate that a receiver is sent while losses are asked.
    pub fn dip_share(&self, now_us: i64) -> f64 {
        if self.dips(now_us) { DIP_SHARE } else { 1.0 }
    }

    /// The highest rate, and the observations in units of it, the newest first.
    fn weighed(&self) -> (f64, [Weighed; KEPT]) {
        let rates = self.kept.iter().map(|each| each.rate_bps);
        let highest_bps = rates.fold(0.0, f64::max);
        let mut weighed = [Weighed::default(); KEPT];
        let mut weight = 1.0;
        for (to, from) in weighed.iter_mut().zip(self.kept.iter().rev()) {
            *to = Weighed {
                rate: from.rate_bps / highest_bps,
                packets: weight * f64::from(from.packets),
                lost: weight * f64::from(from.lost),
            };
            weight *= WEIGHT;
        }
        (highest_bps, weighed)
    }
}

/// Observations (libwebrtc's `observation_window_size`).
const KEPT: usize = 20;

/// Of an observation over that of the next (`temporal_weight_factor`).
const WEIGHT: f64 = 0.9;

/// Of sending that makes an observation; longer where fewer than `FEWEST` packets left.
const SPAN_US: i64 = 250_000;
const LONGEST_SPAN_US: i64 = 1_000_000;
const FEWEST: u32 = 15;

/// By which a lower capacity is likelier (e⁶ ≈ 400 times): there are four trials a second, of eight
/// capacities, and each could be a cut by chance.
const PROOF_NATS: f64 = 6.0;

/// Of the packets lost, before anything is thought about them; libwebrtc's first loss-based control had the
/// same limit (draft-ietf-rmcat-gcc-02 §6).
const WORTH_JUDGING: f64 = 0.02;

/// Of the packets lost; below, whichever it is, media lives with it.
const WORTH_ASKING: f64 = 0.05;

/// Two observations long at the least; 2 % of a lossy path's capacity, and nothing of another's.
const DIP_SHARE: f64 = 0.7;
const DIP_US: i64 = 750_000;
const BETWEEN_DIPS_US: i64 = 10_000_000;

/// Of what was counted before, with each feedback: half of it is gone after 3 s.
const CALM_WEIGHT: f64 = 0.98;

/// Packets that a share is of; fewer would make one lost packet much.
const CALM_FEWEST: f64 = 100.0;

#[cfg(test)]
mod tests;
