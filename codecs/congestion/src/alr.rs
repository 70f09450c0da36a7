//! Whether less is sent than may be: an application-limited region.
//!
//! libwebrtc `alr_detector.cc`: a budget fills with 65 % of the estimate and is spent by what is sent; full
//! for the most part, it says that the estimate is not being tested.

use crate::feedback::Feedback;

/// The budget.
#[derive(Clone, Debug, Default)]
pub struct ApplicationLimit {
    limited: bool,
    budget_bytes: f64,
    /// Up to when what was sent is counted.
    sent_us: Option<i64>,
}

impl ApplicationLimit {
    /// Whether the estimate is not being tested.
    pub fn limited(&self) -> bool {
        self.limited
    }

    /// Fills the budget by the time that a feedback tells of, and spends what was sent in it.
    pub fn watch(&mut self, feedback: &Feedback, rate_bps: f64) {
        let since_us = self.sent_us.unwrap_or(feedback.first_sent_us);
        let until_us = feedback.last_sent_us.max(since_us);
        let filled_bytes = USED_SHARE * rate_bps / 8e6 * (until_us - since_us) as f64;
        let most_bytes = rate_bps / 8.0 * BUDGET_S;
        self.budget_bytes = (self.budget_bytes + filled_bytes - feedback.bytes)
            .max(-most_bytes)
            .min(most_bytes);
        let level = self.budget_bytes / most_bytes;
        self.limited = if self.limited {
            level >= ENDS_BELOW
        } else {
            level > BEGINS_ABOVE
        };
        self.sent_us = Some(until_us);
    }
}

/// Of the estimate (`bandwidth_usage_ratio`).
const USED_SHARE: f64 = 0.65;

/// The estimate's bytes in this time are the most that is saved, or owed (`kWindowMs` of libwebrtc's
/// `interval_budget.cc`).
const BUDGET_S: f64 = 0.5;

/// Of the budget (`start_budget_level_ratio`, `stop_budget_level_ratio`).
const BEGINS_ABOVE: f64 = 0.8;
const ENDS_BELOW: f64 = 0.5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_two_thirds_sent_for_long_is_a_limit_of_the_application() {
        let mut limit = ApplicationLimit::default();
        let mut limited = Vec::new();
        for turn in 0..30 {
            // 800 kbit/s: a fifth of the first rate, nearly all of the second.
            let feedback = Feedback {
                packets: 10,
                bytes: 10_000.0,
                first_sent_us: 100_000 * turn,
                last_sent_us: 100_000 * turn + 90_000,
                ..Feedback::default()
            };
            limit.watch(&feedback, if turn < 15 { 4e6 } else { 0.9e6 });
            limited.push(limit.limited());
        }
        assert_eq!(
            [limited.get(2), limited.get(14), limited.get(29)],
            [Some(&false), Some(&true), Some(&false)]
        );
    }
}
