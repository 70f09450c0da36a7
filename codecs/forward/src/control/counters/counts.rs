//! One worker's counts.

use super::Counter;

/// One worker's counts since it started.
#[derive(Clone)]
pub struct Counters {
    /// By [`Counter`], in the order of [`Counter::ALL`].
    pub values: [u64; Counter::COUNT],
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            values: [0; Counter::COUNT],
        }
    }
}

impl Counters {
    /// Counts one.
    pub fn one(&mut self, counter: Counter) {
        self.add(counter, 1);
    }

    /// Counts several.
    pub fn add(&mut self, counter: Counter, amount: u64) {
        if let Some(value) = self.values.get_mut(counter as usize) {
            *value += amount;
        }
    }

    /// Says how much there is of something that comes and goes.
    pub fn set(&mut self, counter: Counter, amount: u64) {
        if let Some(value) = self.values.get_mut(counter as usize) {
            *value = amount;
        }
    }

    /// Adds the counts of a worker that is no more. What comes and goes has gone with it.
    pub fn inherit(&mut self, gone: &Self) {
        for (own, count) in self.values.iter_mut().zip(gone.values) {
            *own += count;
        }
        for amount in AMOUNTS {
            self.set(*amount, 0);
        }
    }

    /// The count so far.
    #[must_use]
    pub fn get(&self, counter: Counter) -> u64 {
        self.values.get(counter as usize).copied().unwrap_or(0)
    }

    /// Puts one forwarding time into its histogram bucket (buckets are not cumulative here).
    pub fn record_latency(&mut self, latency_ns: u64) {
        for (bound_ns, counter) in LATENCY_BUCKETS {
            if latency_ns <= *bound_ns {
                self.one(*counter);
                break;
            }
        }
        self.one(Counter::ForwardLatencyCount);
        self.add(Counter::ForwardLatencySumNs, latency_ns);
    }
}

/// What comes and goes, among the counts.
const AMOUNTS: &[Counter] = &[Counter::CacheBytes, Counter::LegsByUdp, Counter::LegsByTcp];

/// Upper bounds of the forwarding-latency histogram: our bars are 0.6 ms (p50), 2 ms and 10 ms (p99); what a host
/// holds up lasts tens to hundreds of milliseconds, and a packet is no older than a second.
const LATENCY_BUCKETS: &[(u64, Counter)] = &[
    (50_000, Counter::ForwardLatencyLe50us),
    (100_000, Counter::ForwardLatencyLe100us),
    (250_000, Counter::ForwardLatencyLe250us),
    (500_000, Counter::ForwardLatencyLe500us),
    (1_000_000, Counter::ForwardLatencyLe1ms),
    (2_000_000, Counter::ForwardLatencyLe2ms),
    (5_000_000, Counter::ForwardLatencyLe5ms),
    (10_000_000, Counter::ForwardLatencyLe10ms),
    (20_000_000, Counter::ForwardLatencyLe20ms),
    (50_000_000, Counter::ForwardLatencyLe50ms),
    (100_000_000, Counter::ForwardLatencyLe100ms),
    (200_000_000, Counter::ForwardLatencyLe200ms),
    (500_000_000, Counter::ForwardLatencyLe500ms),
    (1_000_000_000, Counter::ForwardLatencyLe1s),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_counted_outlives_it_and_what_it_held_does_not() {
        let (mut heir, mut gone) = (Counters::default(), Counters::default());
        heir.add(Counter::StunAnswered, 3);
        gone.add(Counter::StunAnswered, 4);
        for amount in AMOUNTS {
            gone.set(*amount, 9);
        }
        heir.inherit(&gone);
        assert_eq!(heir.get(Counter::StunAnswered), 7);
        assert!(AMOUNTS.iter().all(|amount| heir.get(*amount) == 0));
    }

    #[test]
    fn a_forwarding_time_is_counted_once_under_the_least_bound_above_it() {
        for (place, (bound_ns, counter)) in LATENCY_BUCKETS.iter().enumerate() {
            assert_eq!(counter.name(), format!("forward_latency_le_{bound_ns}"));
            let mut counters = Counters::default();
            counters.record_latency(*bound_ns);
            counters.record_latency(bound_ns + 1);
            assert_eq!(counters.get(*counter), 1);
            let next = LATENCY_BUCKETS.get(place + 1);
            assert_eq!(next.map_or(1, |(_, counter)| counters.get(*counter)), 1);
            assert_eq!(counters.get(Counter::ForwardLatencyCount), 2);
        }
    }
}
