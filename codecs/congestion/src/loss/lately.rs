//! The share of all packets that was lost of late, whether a queue stood or not.

use crate::feedback::Feedback;

/// Packets told of, the older the less.
#[derive(Clone, Debug, Default)]
pub struct Lately {
    packets: f64,
    lost: f64,
}

impl Lately {
    /// Takes in a feedback.
    pub fn count(&mut self, feedback: &Feedback) {
        self.packets = WEIGHT * self.packets + f64::from(feedback.packets);
        self.lost = WEIGHT * self.lost + f64::from(feedback.lost);
    }

    /// Takes back a loss.
    pub fn recover(&mut self) {
        self.lost = (self.lost - 1.0).max(0.0);
    }

    /// Of what was sent.
    pub fn share(&self) -> f64 {
        self.lost / self.packets.max(FEWEST)
    }
}

/// Of what was counted before, with each feedback: half of it is gone after 3 s.
const WEIGHT: f64 = 0.98;

/// Packets that a share is of; fewer would make one lost packet much.
const FEWEST: f64 = 100.0;
