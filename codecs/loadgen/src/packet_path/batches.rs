//! Batches and the middle one of them: what disturbs a few batches does not move it.

/// Nanoseconds a packet, batch by batch.
#[derive(Default)]
pub struct Batches {
    ns_per_packet: Vec<f64>,
}

impl Batches {
    /// Adds a batch.
    pub fn record(&mut self, total_ns: u64, packets: usize) {
        self.ns_per_packet
            .push(total_ns as f64 / packets.max(1) as f64);
    }

    /// The median; 0 without any.
    #[must_use]
    pub fn median_ns(mut self) -> f64 {
        self.ns_per_packet.sort_unstable_by(f64::total_cmp);
        let middle = self.ns_per_packet.len() / 2;
        self.ns_per_packet.get(middle).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_disturbed_batch_moves_nothing() {
        let mut batches = Batches::default();
        for total_ns in [64_000, 64_000_000, 65_000] {
            batches.record(total_ns, 64);
        }
        assert!((batches.median_ns() - 65_000.0 / 64.0).abs() < 1e-9);
        assert!(Batches::default().median_ns().abs() < f64::EPSILON);
    }
}
