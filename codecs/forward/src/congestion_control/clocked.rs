//! What leaves by the clock and not when a packet comes: pictures that waited for their path, and bursts.

use crate::worker::Worker;
use crate::worker::ids::LegKey;

/// The legs on which something is to leave by the clock, each once.
#[derive(Default)]
pub struct Clocked(Vec<LegKey>);

impl Clocked {
    /// Has a leg looked at every millisecond until nothing of it is left.
    pub fn note(&mut self, key: LegKey) {
        if !self.0.contains(&key) {
            self.0.push(key);
        }
    }
}

impl Worker {
    /// Whether something leaves by the clock: then [`Worker::handle_pace`] wants to be called every millisecond.
    #[must_use]
    pub fn is_pacing(&self) -> bool {
        !self.clocked.0.is_empty()
    }

    /// Sends what waited for its path and may leave now, and what bursts owe by now.
    pub fn handle_pace(&mut self, now_ns: u64) {
        let now = self.now(now_ns);
        let mut legs = std::mem::take(&mut self.clocked.0);
        legs.retain(|key| {
            let waits = self.send_waiting(*key, now);
            let bursts = self.go_on_with_burst(*key, now);
            waits || bursts
        });
        self.clocked.0 = legs;
    }
}
