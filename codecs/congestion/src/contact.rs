//! When a receiver was last heard of, what follows from its silence, and its own estimate.

use crate::elapsed::elapsed_us;
use crate::limits::{LEAST_BPS, MOST_BPS};

/// Feedback and reports, by when they came.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    heard_us: Option<i64>,
    decayed_us: Option<i64>,
    /// The receiver's own estimate (REMB), and when it came.
    remb_bps: f64,
    remb_us: Option<i64>,
}

impl Contact {
    /// Feedback spoke of packets; returns whether the path had been given up meanwhile and is back.
    pub fn hear(&mut self, now_us: i64) -> bool {
        let is_back = !self.is_live(now_us)
            && self
                .heard_us
                .is_some_and(|heard_us| self.decayed_us > Some(heard_us));
        // What was said before silence was excused says nothing of the time since.
        self.heard_us = self.heard_us.max(Some(now_us));
        is_back
    }

    /// Counts silence from now on, where feedback ever came.
    pub fn excuse_silence(&mut self, now_us: i64) {
        self.heard_us = self.heard_us.map(|heard_us| heard_us.max(now_us));
    }

    /// When feedback last did, if ever.
    pub fn heard_us(&self) -> Option<i64> {
        self.heard_us
    }

    /// Whether feedback came within the last seconds.
    pub fn is_live(&self, now_us: i64) -> bool {
        elapsed_us(self.heard_us, now_us) <= SILENT_US
    }

    /// Takes the receiver's own estimate.
    pub fn report_untrusted(&mut self, remb_bps: u64, now_us: i64) {
        self.remb_bps = (remb_bps as f64).clamp(LEAST_BPS, MOST_BPS);
        self.remb_us = Some(now_us);
    }

    /// What is left of a rate now, where that is less: when nothing comes, or much too late, but once a second.
    ///
    /// A receiver that was sent nothing since its last feedback is expected to tell nothing; `sent_us` none
    /// is taken as sent to all the time.
    pub fn decayed_bps(
        &mut self,
        rate_bps: f64,
        sent_us: Option<i64>,
        round_trip_us: f64,
        now_us: i64,
    ) -> Option<f64> {
        let heard_us = self.heard_us?;
        let silent = !self.is_live(now_us) && sent_us.is_none_or(|sent_us| sent_us > heard_us);
        let slow = round_trip_us > SLOW_US;
        if !(silent || slow) || elapsed_us(self.decayed_us, now_us) < DECAY_US {
            return None;
        }
        self.decayed_us = Some(now_us);
        let least_bps = if slow { 0.0 } else { LEAST_SILENT_BPS };
        let left_bps = (DECAY_SHARE * rate_bps).max(least_bps);
        (left_bps < rate_bps).then_some(left_bps)
    }

    /// What may be sent of this rate: a report is a cap, and all there is where feedback never came. There an
    /// old one rises by and by: a path that is sent nothing but sound is not always reported on again.
    pub fn capped_bps(&self, rate_bps: f64, now_us: i64) -> f64 {
        let is_old = elapsed_us(self.remb_us, now_us) > REPORTED_US;
        match (self.remb_us, self.heard_us) {
            (None, _) => rate_bps,
            (Some(_), None) if !is_old => self.remb_bps,
            (Some(remb_us), None) => {
                let beyond_s =
                    elapsed_us(Some(remb_us), now_us).saturating_sub(REPORTED_US) as f64 / 1e6;
                rate_bps.min(self.remb_bps * RELAXING_PER_S.powf(beyond_s))
            }
            (Some(_), Some(_)) if is_old => rate_bps,
            (Some(_), Some(_)) => rate_bps.min(self.remb_bps),
        }
    }
}

/// Without feedback to what was sent: the path may be gone.
const SILENT_US: i64 = 2_000_000;

/// A round trip as long as this is a queue nobody can talk through (libwebrtc `rtt_based_backoff.cc`).
const SLOW_US: f64 = 3_000_000.0;

/// Of the rate that is left for each such time (there too).
const DECAY_SHARE: f64 = 0.8;
const DECAY_US: i64 = 1_000_000;

/// A path of which nothing at all is heard is gone rather than full: what it is sent no longer matters, but that
/// a small picture still fits beside sound when it is back does (a paused one takes seconds to return).
const LEAST_SILENT_BPS: f64 = 200_000.0;

/// A receiver's own estimate comes each second; an older one is forgotten.
const REPORTED_US: i64 = 5_000_000;

/// As the rate itself rises far from what the path was seen to carry (`aimd`).
const RELAXING_PER_S: f64 = 1.08;

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: i64 = 3_600_000_000;
    const SECOND_US: i64 = 1_000_000;
    const TRIP_US: f64 = 50_000.0;

    fn decays(contact: &mut Contact, sent_us: Option<i64>, round_trip_us: f64, after: i64) -> bool {
        contact
            .decayed_bps(1e6, sent_us, round_trip_us, HOUR_US + after)
            .is_some_and(|left_bps| (left_bps - 8e5).abs() < 1.0)
    }

    #[test]
    fn silence_counts_after_two_seconds_and_once_a_second() {
        let mut contact = Contact::default();
        assert!(!decays(&mut contact, None, TRIP_US, 60 * SECOND_US));
        contact.hear(HOUR_US);
        assert!(!decays(&mut contact, None, TRIP_US, 2 * SECOND_US));
        assert!(decays(&mut contact, None, TRIP_US, 2 * SECOND_US + 1));
        assert!(!decays(&mut contact, None, TRIP_US, 3 * SECOND_US));
        assert!(decays(&mut contact, None, TRIP_US, 3 * SECOND_US + 1));
    }

    #[test]
    fn nothing_is_expected_of_those_who_were_sent_nothing() {
        let mut contact = Contact::default();
        contact.hear(HOUR_US);
        let before = Some(HOUR_US - 50_000);
        assert!(!decays(&mut contact, before, TRIP_US, 9 * SECOND_US));
        let since = Some(HOUR_US + 1);
        assert!(decays(&mut contact, since, TRIP_US, 9 * SECOND_US));
    }

    #[test]
    fn silence_leaves_room_for_a_small_picture_and_a_slow_path_does_not() {
        let left = |rate_bps, round_trip_us| {
            let mut contact = Contact::default();
            contact.hear(HOUR_US);
            contact.decayed_bps(rate_bps, None, round_trip_us, HOUR_US + 3 * SECOND_US)
        };
        assert_eq!(left(210_000.0, TRIP_US), Some(200_000.0));
        assert_eq!(left(200_000.0, TRIP_US), None);
        assert_eq!(left(60_000.0, TRIP_US), None, "it is nothing to rise to");
        assert_eq!(left(160_000.0, 3.1e6), Some(128_000.0));
    }

    #[test]
    fn an_answer_that_takes_three_seconds_is_as_bad_as_none() {
        let mut contact = Contact::default();
        contact.hear(HOUR_US);
        assert!(decays(&mut contact, None, 3.1e6, 0));
    }

    #[test]
    fn a_report_is_a_cap_for_five_seconds_and_all_there_is_without_feedback() {
        let capped =
            |contact: &Contact, after| contact.capped_bps(1e6, HOUR_US + after).round() as i64;
        let mut contact = Contact::default();
        contact.report_untrusted(2_000_000, HOUR_US);
        assert_eq!(capped(&contact, SECOND_US), 2_000_000);
        contact.hear(HOUR_US);
        assert_eq!(capped(&contact, SECOND_US), 1_000_000);
        contact.report_untrusted(400_000, HOUR_US);
        assert_eq!(capped(&contact, 5 * SECOND_US), 400_000);
        assert_eq!(capped(&contact, 5 * SECOND_US + 1), 1_000_000);
        contact.report_untrusted(0, HOUR_US);
        assert_eq!(capped(&contact, 0), 50_000);
        contact.report_untrusted(u64::MAX, HOUR_US);
        assert_eq!(capped(&contact, 0), 1_000_000);
    }

    #[test]
    fn an_old_report_is_a_cap_that_rises_where_nothing_else_is_known() {
        let mut contact = Contact::default();
        assert!((contact.capped_bps(1e6, HOUR_US) - 1e6).abs() < 1.0);
        contact.report_untrusted(100_000, HOUR_US);
        let after_s = |seconds| contact.capped_bps(1e6, HOUR_US + seconds * SECOND_US);
        assert!((after_s(5) - 1e5).abs() < 1.0);
        assert!((after_s(6) - 1.08e5).abs() < 1.0);
        assert!((after_s(60) - 1e6).abs() < 1.0, "it is no cap for ever");
    }

    #[test]
    fn silence_that_was_the_relays_own_is_counted_from_its_end() {
        let mut contact = Contact::default();
        contact.excuse_silence(HOUR_US - SECOND_US);
        assert_eq!(contact.heard_us(), None, "nobody is said to have spoken");
        contact.hear(HOUR_US);
        contact.excuse_silence(HOUR_US + 9 * SECOND_US);
        contact.hear(HOUR_US + SECOND_US);
        assert!(!decays(&mut contact, None, TRIP_US, 11 * SECOND_US));
        assert!(decays(&mut contact, None, TRIP_US, 11 * SECOND_US + 1));
    }
}
