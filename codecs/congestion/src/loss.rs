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
}

/// What was sent in a quarter of a second and more; without packets it stands for none.
#[derive(Clone, Copy, Debug, Default)]
struct Observation {
    rate_bps: f64,
    packets: u32,
    lost: u32,
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
            };
        }
        self.begin_us = Some(feedback.last_sent_us);
        (self.packets, self.lost, self.bytes) = (0, 0, 0.0);
        true
    }

    /// The share that a path loses by itself: what is lost while no queue stands.
    ///
    /// What went through a full path is what was acknowledged and this share beside it.
    pub fn own_share(&mut self, feedback: &Feedback, calm: bool) -> f64 {
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
mod tests {
    use super::*;

    const HOUR_US: i64 = 3_600_000_000;
    const TURN_US: i64 = 300_000;

    /// Observes turns of packets sent and lost; gives the capacities proved, in kbit/s.
    fn observe(losses: &mut Losses, turns: impl IntoIterator<Item = (u32, u32)>) -> Vec<i64> {
        let mut proved = Vec::new();
        for (turn, (packets, lost)) in (0..).zip(turns) {
            let first_sent_us = HOUR_US + turn * TURN_US;
            let feedback = Feedback {
                packets,
                lost,
                bytes: f64::from(packets) * 1_000.0,
                first_sent_us,
                last_sent_us: first_sent_us + TURN_US - TURN_US / i64::from(packets),
                arrived: None,
            };
            if losses.observe(&feedback) {
                let found = losses.judge(first_sent_us + TURN_US);
                proved.extend(found.map(|bps| (bps / 1e3).round() as i64));
            }
        }
        proved
    }

    #[test]
    fn losses_that_do_not_follow_the_rate_prove_nothing() {
        let turns = (0..30).map(|turn| if turn % 2 == 0 { (40, 4) } else { (60, 6) });
        assert!(observe(&mut Losses::new(), turns).is_empty());
    }

    #[test]
    fn losses_of_what_is_too_much_prove_the_capacity() {
        // 60 packets in a turn are 1.6 Mbit/s; 45 fit, whatever is sent beyond is lost.
        let turns = [40_u32, 60, 42, 60, 44, 60]
            .repeat(4)
            .into_iter()
            .map(|packets| (packets, packets.saturating_sub(45)));
        let proved = observe(&mut Losses::new(), turns);
        assert!(
            proved
                .first()
                .is_some_and(|kbps| (1_020..1_380).contains(kbps)),
            "{proved:?}"
        );
    }

    #[test]
    fn many_losses_at_one_rate_are_asked_once_in_ten_seconds() {
        let mut losses = Losses::new();
        assert!(observe(&mut losses, [(60, 6); 12]).is_empty());
        let asked_us = losses.dipped_us.unwrap_or_default();
        assert!(asked_us > HOUR_US && asked_us < HOUR_US + 12 * TURN_US);
        assert!((losses.dip_share(asked_us + 100_000) - DIP_SHARE).abs() < 1e-9);
        assert!(losses.dip_share(asked_us + DIP_US) >= 1.0);
    }

    #[test]
    fn few_losses_are_left_alone() {
        let mut losses = Losses::new();
        assert!(observe(&mut losses, [(60, 1); 20]).is_empty());
        assert_eq!(losses.dipped_us, None);
    }

    #[test]
    fn what_a_path_loses_by_itself_is_counted_while_no_queue_stands() {
        let mut losses = Losses::new();
        let feedback = |lost| Feedback {
            packets: 30,
            lost,
            ..Feedback::default()
        };
        let share = (0..200).fold(0.0, |_, _| losses.own_share(&feedback(3), true));
        assert!((share - 0.1).abs() < 1e-6);
        let share = losses.own_share(&feedback(30), false);
        assert!((share - 0.1).abs() < 1e-6);
        let share = (0..200).fold(0.0, |_, _| losses.own_share(&feedback(30), true));
        assert!(share <= MOST_INHERENT);
    }
}
