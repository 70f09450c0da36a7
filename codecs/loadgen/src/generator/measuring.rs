//! One measurement after another: when it began and ended, and what it found.

use std::time::Duration;

use super::{Generator, Way};
use crate::kernel::{clock, socket};
use crate::outcome::{Measurement, Sample};

/// Clocks and counters that only grow, as they were when the measurement began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measuring {
    cpu_before_ns: u64,
    /// Processor time of the measurement, once it has ended.
    cpu_ns: Option<u64>,
    overflowed_before: u64,
}

impl Generator {
    /// Forgets what was found and begins to measure: what is sent from here on counts.
    ///
    /// # Errors
    /// A sentence: there is no `/proc`.
    pub fn begin_measurement(&mut self, measure: Duration) -> Result<(), String> {
        self.steal
            .has_grown()
            .map_err(|error| format!("stolen time cannot be read: {error}"))?;
        let overflowed_before = self.overflowed();
        let window_ns = self.settings.window.as_nanos() as u64;
        self.ledger
            .begin(clock::monotonic_ns, measure.as_nanos() as u64, window_ns);
        self.measuring = Measuring {
            cpu_before_ns: clock::thread_cpu_ns(),
            cpu_ns: None,
            overflowed_before,
        };
        Ok(())
    }

    /// What is sent from here on does not count.
    #[must_use]
    pub fn measurement_ends_ns(&self) -> u64 {
        self.ledger.windows().end_ns()
    }

    /// Whether everything that was sent has arrived, or been waited for long enough.
    pub fn is_drained(&mut self) -> bool {
        let now_ns = clock::monotonic_ns();
        let ended_ns = self.measurement_ends_ns();
        if now_ns < ended_ns + super::DRAIN_NS {
            return false;
        }
        self.ledger.settle(now_ns, usize::MAX);
        now_ns >= ended_ns + super::LONGEST_DRAIN_NS || !self.ledger.awaits_packets()
    }

    /// What the measurement found; called when it is drained.
    pub fn take_measurement(&mut self) -> Measurement {
        self.ledger.settle(clock::monotonic_ns(), usize::MAX);
        let measured_ns = self.ledger.windows().measured_ns() as f64;
        let overflowed =
            self.overflowed() - self.measuring.overflowed_before.min(self.overflowed());
        let counts = self.ledger.counts;
        let lateness = self.ledger.lateness.summary();
        let [relayed, relayed_clean] = self.ledger.path(Way::Relayed);
        let [bare, bare_clean] = self.ledger.path(Way::Bare);
        let [consultations_out, consultations_clean] = self.ledger.consultations();
        let was_used = bare.expected > 0;
        Measurement {
            measured_s: measured_ns / 1e9,
            participants: self.participants(),
            consultations: self.ledger.whole(),
            void_share: self.ledger.windows().void_share(),
            stolen_share: self.ledger.windows().stolen_share(),
            late_share: self.ledger.windows().late_share(),
            relayed,
            relayed_clean,
            bare: was_used.then_some(bare),
            bare_clean: was_used.then_some(bare_clean),
            consultations_out,
            consultations_clean,
            generator_is_bottleneck: lateness.p99_us > LATE_US || counts.refused + overflowed > 0,
            generator_core_share: self.measuring.cpu_ns.unwrap_or_default() as f64 / measured_ns,
            lateness,
            refused: counts.refused,
            overflowed,
            unusable: counts.unusable,
            damaged: counts.damaged,
            misdelivered: counts.misdelivered,
            feedback: counts.feedback,
        }
    }

    /// Datagrams as they were on the wire since the last call.
    pub fn take_samples(&mut self) -> Vec<Sample> {
        self.samples.take()
    }

    /// What a turn does for the measurement: looks for stolen time, and books a part of what happened.
    pub(super) fn book(&mut self) {
        let now_ns = clock::monotonic_ns();
        let steal = &mut self.steal;
        self.ledger
            .watch(now_ns, || steal.has_grown().unwrap_or(true));
        self.ledger.settle(now_ns, BOOKED_AT_ONCE);
        if now_ns >= self.measurement_ends_ns() && self.measuring.cpu_ns.is_none() {
            let used_ns = clock::thread_cpu_ns() - self.measuring.cpu_before_ns;
            self.measuring.cpu_ns = Some(used_ns);
        }
    }

    fn overflowed(&self) -> u64 {
        let present = self.participants.iter().flatten();
        present
            .map(|one| u64::from(socket::dropped(&one.socket).unwrap_or_default()))
            .sum()
    }
}

/// A generator that sends this late in one of 100 cases shapes what it measures: half of the 2 ms at stake.
const LATE_US: f64 = super::ledger::LATE_NS as f64 / 1_000.0;
/// Twice what a turn at full load writes down; about 20 µs of work.
const BOOKED_AT_ONCE: usize = 1_024;
