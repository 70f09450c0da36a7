//! Which packets are lost.

use serde::Deserialize;

use crate::traffic::random::Random;

/// How packets are lost, as a setup has it: a share of all, or two states.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum LossModel {
    /// Each by itself with this probability (Bernoulli).
    Even(f64),
    /// In bursts.
    Bursts(GilbertElliott),
}

/// A chain of two states, of which one loses more (Gilbert 1960, Elliott 1963). It takes one step with each packet.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct GilbertElliott {
    /// Probability of the step from the good state to the bad one.
    pub p: f64,
    /// Probability of the step from the bad state to the good one; bad states last 1/r packets on average.
    pub r: f64,
    /// Share that is lost in the bad state.
    #[serde(default = "all")]
    pub h: f64,
    /// Share that is lost in the good state.
    #[serde(default)]
    pub k: f64,
}

/// A model at work.
#[derive(Clone, Debug)]
pub struct Loss {
    model: LossModel,
    bad: bool,
}

impl LossModel {
    /// Itself, if it can be.
    ///
    /// # Errors
    /// A sentence that says why not.
    pub fn checked(self) -> Result<Self, String> {
        let shares = match self {
            Self::Even(share) => [share; 4],
            Self::Bursts(GilbertElliott { p, r, h, k }) => [p, r, h, k],
        };
        if !shares.iter().all(|share| (0.0..=1.0).contains(share)) {
            return Err("loss is made of probabilities, which are between 0 and 1".into());
        }
        Ok(self)
    }
}

impl Loss {
    /// In the good state.
    #[must_use]
    pub const fn new(model: LossModel) -> Self {
        Self { model, bad: false }
    }

    /// Whether the next packet is lost.
    pub fn takes(&mut self, random: &mut Random) -> bool {
        match self.model {
            LossModel::Even(share) => random.unit() < share,
            LossModel::Bursts(GilbertElliott { p, r, h, k }) => {
                let lost = random.unit() < if self.bad { h } else { k };
                let changes = random.unit() < if self.bad { r } else { p };
                self.bad ^= changes;
                lost
            }
        }
    }
}

const fn all() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKETS: u32 = 200_000;

    /// Which of many packets are lost.
    fn taken(model: LossModel, seed: u64) -> Vec<bool> {
        let (mut loss, mut random) = (Loss::new(model), Random::new(seed));
        (0..PACKETS).map(|_| loss.takes(&mut random)).collect()
    }

    fn share(taken: &[bool]) -> f64 {
        taken.iter().filter(|lost| **lost).count() as f64 / taken.len() as f64
    }

    #[test]
    fn single_losses_are_as_many_as_asked_for() {
        for (seed, asked) in [(1, 0.0), (2, 0.02), (3, 0.2), (4, 1.0)] {
            let found = share(&taken(LossModel::Even(asked), seed));
            let sigma = (asked * (1.0 - asked) / f64::from(PACKETS)).sqrt();
            assert!(
                (found - asked).abs() <= 3.0 * sigma,
                "{found} is not {asked}"
            );
        }
    }

    #[test]
    fn bursts_lose_their_stationary_share() {
        for (seed, p, r, h, k) in [
            (1, 0.02, 0.3, 1.0, 0.0),
            (2, 0.01, 0.2, 0.7, 0.01),
            (3, 0.5, 0.5, 1.0, 0.0),
        ] {
            let model = LossModel::Bursts(GilbertElliott { p, r, h, k });
            let found = share(&taken(model, seed));
            // In the long run.
            let asked = (p * h + r * k) / (p + r);
            // The variance of a sum over a chain whose correlation falls by `kept` with each packet.
            let (bad, kept) = (p / (p + r), 1.0 - p - r);
            let together = 2.0 * bad * (1.0 - bad) * (h - k) * (h - k) * kept / (1.0 - kept);
            let variance = asked * (1.0 - asked) + together;
            let sigma = (variance / f64::from(PACKETS)).sqrt();
            assert!(
                (found - asked).abs() <= 3.0 * sigma,
                "{found} is not {asked}"
            );
        }
    }

    #[test]
    fn bursts_are_as_long_as_the_bad_state_lasts() {
        let model = LossModel::Bursts(GilbertElliott {
            p: 0.02,
            r: 0.25,
            h: 1.0,
            k: 0.0,
        });
        let taken = taken(model, 5);
        let lost = taken.iter().filter(|lost| **lost).count() as f64;
        let begun = taken
            .windows(2)
            .filter(|pair| matches!(pair, [false, true]));
        let mean = lost / begun.count() as f64;
        // Lengths are geometric: mean 1/r, deviation sqrt(1 − r)/r, of some 3,700 bursts.
        assert!((mean - 4.0).abs() < 3.0 * 3.5 / 60.0, "{mean}");
    }

    #[test]
    fn a_chain_that_never_turns_bad_loses_what_the_good_state_loses() {
        let model = LossModel::Bursts(GilbertElliott {
            p: 0.0,
            r: 0.0,
            h: 1.0,
            k: 0.0,
        });
        assert!(taken(model, 6).iter().all(|lost| !lost));
    }
}
