//! How long a batch may gather after its first packet: little when the worker is idle, most when it is nearly full.
//!
//! Each wake-up of a thread costs more than a packet does (reference: relaying floor, lesson 2), and each
//! microsecond of waiting is a microsecond of delay. A core that is idle has wake-ups to give away; one that is
//! full has not.

use std::time::Duration;

/// How busy a worker is, and what follows.
#[derive(Debug)]
pub struct Gathering {
    ceiling: Duration,
    /// Share of the time it was awake, smoothed.
    load: f64,
    slept_ns: u64,
    measured_ns: u64,
}

impl Gathering {
    /// A worker that is idle; it never gathers longer than `ceiling`.
    #[must_use]
    pub fn new(ceiling: Duration, now_ns: u64) -> Self {
        Self {
            ceiling,
            load: 0.0,
            slept_ns: 0,
            measured_ns: now_ns,
        }
    }

    /// Registers time spent asleep.
    pub fn slept(&mut self, ns: u64) {
        self.slept_ns += ns;
    }

    /// Takes the measure of the time since the last call; call it every tick.
    pub fn measure(&mut self, now_ns: u64) {
        let elapsed_ns = now_ns.saturating_sub(self.measured_ns);
        if elapsed_ns > 0 {
            let asleep = Duration::from_nanos(self.slept_ns)
                .div_duration_f64(Duration::from_nanos(elapsed_ns));
            self.load += ((1.0 - asleep).clamp(0.0, 1.0) - self.load) * SMOOTHING;
        }
        (self.slept_ns, self.measured_ns) = (0, now_ns);
    }

    /// How long the next batch may gather.
    #[must_use]
    pub fn window(&self) -> Duration {
        window(self.load, self.ceiling)
    }
}

/// The window for a load of 0 to 1: none below [`IDLE`], [`USUAL`] from [`AWAKE`] to [`BUSY`], then up to the ceiling.
///
/// It rises steadily, since a longer window lowers the load that asked for it.
fn window(load: f64, ceiling: Duration) -> Duration {
    let usual = USUAL.min(ceiling);
    let part = |from: f64, to: f64| ((load - from) / (to - from)).clamp(0.0, 1.0);
    usual.mul_f64(part(IDLE, AWAKE)) + ceiling.saturating_sub(usual).mul_f64(part(BUSY, FULL))
}

/// A tick's load is a tenth of what is believed: a tenth of a second, longer than a burst of key frames.
const SMOOTHING: f64 = 0.1;
/// Half of the delay that a relay may add at the median.
const USUAL: Duration = Duration::from_micros(500);
const IDLE: f64 = 0.02;
const AWAKE: f64 = 0.10;
const BUSY: f64 = 0.70;
const FULL: f64 = 0.85;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CEILING: Duration = Duration::from_micros(900);
    const MS: u64 = 1_000_000;

    #[test]
    fn an_idle_worker_waits_for_nobody_and_a_full_one_as_long_as_it_may() {
        for (load, expected_us) in [
            (0.0, 0),
            (0.02, 0),
            (0.06, 250),
            (0.1, 500),
            (0.7, 500),
            (0.775, 700),
            (0.85, 900),
            (1.0, 900),
        ] {
            let found = window(load, CEILING).as_nanos().div_ceil(1_000);
            assert!(found.abs_diff(expected_us) <= 1, "{load}: {found}");
        }
    }

    #[test]
    fn the_load_follows_what_was_slept() {
        let mut gathering = Gathering::new(CEILING, 0);
        for tick in 1..100 {
            gathering.slept(5 * MS);
            gathering.measure(tick * 10 * MS);
        }
        assert!((gathering.load - 0.5).abs() < 0.01, "{}", gathering.load);
        assert_eq!(gathering.window(), USUAL);
    }

    proptest! {
        #[test]
        fn the_window_rises_with_the_load_and_stays_below_its_ceiling(
            loads in (0.0..1.0_f64, 0.0..1.0_f64), ceiling_us in 0_u64..1_000,
        ) {
            let ceiling = Duration::from_micros(ceiling_us);
            let (less, more) = (loads.0.min(loads.1), loads.0.max(loads.1));
            prop_assert!(window(less, ceiling) <= window(more, ceiling));
            prop_assert!(window(1.0, ceiling) <= ceiling + Duration::from_nanos(2));
            if more <= BUSY {
                prop_assert!(window(more, ceiling) <= USUAL);
            }
        }
    }
}
