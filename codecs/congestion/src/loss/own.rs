//! What a path loses by itself: what is lost while no queue stands.

use crate::feedback::Feedback;
use crate::loss_likelihood::MOST_INHERENT;

/// Losses while no queue stood, the older the less.
#[derive(Clone, Debug)]
pub struct OwnLosses {
    packets: f64,
    lost: f64,
    /// Whether the last feedback came while no queue stood.
    is_calm: bool,
    /// When the first packets left of the last feedbacks with which that had changed, the newest first.
    changed_us: [i64; 2],
}

impl Default for OwnLosses {
    fn default() -> Self {
        Self {
            packets: 0.0,
            lost: 0.0,
            is_calm: false,
            changed_us: [i64::MIN; 2],
        }
    }
}

impl OwnLosses {
    /// Takes in a feedback.
    pub fn count(&mut self, feedback: &Feedback, is_calm: bool) {
        if is_calm != self.is_calm {
            self.is_calm = is_calm;
            let [newest, _] = self.changed_us;
            self.changed_us = [feedback.first_sent_us, newest];
        }
        if is_calm {
            self.packets = WEIGHT * self.packets + f64::from(feedback.packets);
            self.lost = WEIGHT * self.lost + f64::from(feedback.lost);
        }
    }

    /// Takes back the loss of a packet that left then, if it was counted. It comes a feedback or two late, and has hardly
    /// faded; what is older than both changes is left to fade.
    pub fn recover(&mut self, sent_us: i64) {
        let [newest_us, oldest_us] = self.changed_us;
        let was_calm = if sent_us >= newest_us {
            self.is_calm
        } else {
            sent_us >= oldest_us && !self.is_calm
        };
        if was_calm {
            self.lost = (self.lost - 1.0).max(0.0);
        }
    }

    /// Of what is sent.
    pub fn share(&self) -> f64 {
        (self.lost / self.packets.max(FEWEST)).min(MOST_INHERENT)
    }
}

/// Of what was counted before, with each feedback: half of it is gone after 3 s.
const WEIGHT: f64 = 0.98;

/// Packets that a share is of; fewer would make one lost packet much.
const FEWEST: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// The feedback of this number, of packets that left 1 ms apart.
    fn feedback(number: i64, lost: u32) -> Feedback {
        Feedback {
            packets: 50,
            lost,
            first_sent_us: number * 50_000,
            last_sent_us: number * 50_000 + 49_000,
            ..Feedback::default()
        }
    }

    /// What is counted of feedbacks (lost, whether no queue stood), of which a packet of one comes after all.
    fn share(told: &[(u32, bool)], recovered: Option<i64>) -> f64 {
        let mut own = OwnLosses::default();
        for (number, (lost, is_calm)) in (0..).zip(told) {
            own.count(&feedback(number, *lost), *is_calm);
        }
        if let Some(number) = recovered {
            own.recover(number * 50_000 + 20_000);
        }
        own.share()
    }

    fn is_same(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    #[test]
    fn a_loss_of_calm_times_is_taken_back_whatever_stands_now() {
        let told = [(0, true), (1, true), (0, true), (0, false)];
        assert!(share(&told, None) > 0.0);
        assert!(is_same(share(&told, Some(1)), 0.0));
    }

    #[test]
    fn a_loss_of_a_full_path_takes_nothing_from_those_of_calm_times() {
        let told = [(5, true), (5, true), (1, false), (0, true), (0, true)];
        assert!(is_same(share(&told, Some(2)), share(&told, None)));
    }

    #[test]
    fn what_is_older_than_is_remembered_takes_nothing_back() {
        let told = [(5, true), (5, false), (5, true), (5, false)];
        for number in [-1, 0, 1, 3] {
            assert!(is_same(share(&told, Some(number)), share(&told, None)));
        }
        assert!(share(&told, Some(2)) < share(&told, None));
    }
}
