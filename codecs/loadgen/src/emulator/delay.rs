//! How long a packet is on its way, once it has left the queue.

use serde::Deserialize;

use crate::traffic::random::Random;

/// Random delay around the constant one, as RFC 8868 has it: normal, cut off at a peak.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Jitter {
    /// Standard deviation of the normal distribution before it is cut.
    pub deviation_ns: u64,
    /// No packet is earlier or later by more.
    pub peak_ns: u64,
}

/// As a setup has it: the deviation alone, or both.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub enum JitterSetup {
    /// Cut off at three deviations.
    Deviation(f64),
    /// Cut off where the setup says.
    Both(DeviationAndPeak),
}

/// Both figures.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviationAndPeak {
    /// Standard deviation of the normal distribution before it is cut.
    pub deviation_ms: f64,
    /// No packet is earlier or later by more.
    pub peak_ms: f64,
}

/// The delay of one direction.
#[derive(Clone, Debug, Default)]
pub struct Delay {
    /// Of every packet.
    pub constant_ns: u64,
    /// Around it.
    pub jitter: Jitter,
    /// Whether a packet may arrive before one that left earlier.
    pub reorders: bool,
    latest_due_ns: u64,
}

impl Delay {
    /// When a packet arrives that leaves the queue now. Without reordering it waits for those before it.
    pub fn due_ns(&mut self, left_ns: u64, random: &mut Random) -> u64 {
        let away_ns = self.constant_ns.cast_signed() + self.jitter.draw_ns(random);
        let mut due_ns = left_ns + away_ns.max(0).unsigned_abs();
        if !self.reorders {
            due_ns = due_ns.max(self.latest_due_ns);
        }
        self.latest_due_ns = due_ns.max(self.latest_due_ns);
        due_ns
    }
}

impl Jitter {
    /// From what a setup says.
    ///
    /// # Errors
    /// A sentence that says what cannot be.
    pub fn of(setup: JitterSetup) -> Result<Self, String> {
        let (deviation_ms, peak_ms) = match setup {
            JitterSetup::Deviation(deviation_ms) => (deviation_ms, 3.0 * deviation_ms),
            JitterSetup::Both(both) => (both.deviation_ms, both.peak_ms),
        };
        if !(0.0..=MOST_MS).contains(&deviation_ms) || !(0.0..=3.0 * MOST_MS).contains(&peak_ms) {
            return Err(format!(
                "jitter deviates by 0 to {MOST_MS} ms, with a peak up to three times that"
            ));
        }
        // Draws beyond the peak are repeated: with a lower one there would be no end.
        if peak_ms < deviation_ms / 2.0 {
            return Err("jitter's peak is at least half of its deviation".into());
        }
        Ok(Self {
            deviation_ns: (deviation_ms * 1e6) as u64,
            peak_ns: (peak_ms * 1e6) as u64,
        })
    }

    fn draw_ns(&self, random: &mut Random) -> i64 {
        if self.deviation_ns == 0 {
            return 0;
        }
        loop {
            let drawn_ns = (standard_normal(random) * self.deviation_ns as f64) as i64;
            if drawn_ns.unsigned_abs() <= self.peak_ns {
                return drawn_ns;
            }
        }
    }
}

/// Box and Muller 1958; the second of the pair is not kept.
fn standard_normal(random: &mut Random) -> f64 {
    let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.unit()).cos()
}

const MOST_MS: f64 = 1_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn delay(reorders: bool) -> Delay {
        Delay {
            constant_ns: 50_000_000,
            jitter: Jitter::of(JitterSetup::Deviation(5.0)).expect("it can be"),
            reorders,
            latest_due_ns: 0,
        }
    }

    /// Delays of packets that leave every 20 ms: further apart than any is early or late.
    fn delays_ns(count: u64) -> Vec<f64> {
        let (mut delay, mut random) = (delay(true), Random::new(3));
        (0..count)
            .map(|index| {
                (delay.due_ns(index * 20_000_000, &mut random) - index * 20_000_000) as f64
            })
            .collect()
    }

    #[test]
    fn jitter_is_normal_and_ends_at_its_peak() {
        let delays_ns = delays_ns(50_000);
        let count = delays_ns.len() as f64;
        let mean = delays_ns.iter().sum::<f64>() / count;
        let square = |delay: &f64| (delay - mean) * (delay - mean);
        let deviation = (delays_ns.iter().map(square).sum::<f64>() / count).sqrt();
        assert!((mean - 50e6).abs() < 3.0 * 5e6 / count.sqrt(), "{mean}");
        // Cut off at three deviations, 0.9866 of a deviation is left.
        assert!((deviation / 5e6 - 0.9866).abs() < 0.02, "{deviation}");
        assert!(delays_ns.iter().all(|delay| (delay - 50e6).abs() <= 15e6));
        let within = |share: f64| {
            let near = |delay: &&f64| (**delay - 50e6).abs() <= share * 5e6;
            delays_ns.iter().filter(near).count() as f64 / count
        };
        assert!((within(1.0) - 0.6846).abs() < 0.01, "{}", within(1.0));
    }

    #[test]
    fn packets_overtake_one_another_only_where_they_may() {
        for reorders in [false, true] {
            let (mut delay, mut random) = (delay(reorders), Random::new(4));
            let due_ns: Vec<u64> = (0..1_000)
                .map(|index| delay.due_ns(index * 1_000_000, &mut random))
                .collect();
            assert_eq!(due_ns.is_sorted(), !reorders);
        }
    }

    #[test]
    fn a_packet_is_never_due_before_it_left() {
        let mut delay = delay(true);
        delay.constant_ns = 0;
        let mut random = Random::new(5);
        for left_ns in 0..1_000 {
            assert!(delay.due_ns(left_ns, &mut random) >= left_ns);
        }
    }

    #[test]
    fn jitter_that_cannot_be_is_refused() {
        for setup in [
            JitterSetup::Deviation(-1.0),
            JitterSetup::Deviation(f64::NAN),
            JitterSetup::Deviation(1e9),
            JitterSetup::Both(DeviationAndPeak {
                deviation_ms: 10.0,
                peak_ms: 1.0,
            }),
        ] {
            assert!(Jitter::of(setup).is_err(), "{setup:?}");
        }
    }
}
