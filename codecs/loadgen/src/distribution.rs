//! Durations, counted by size: a million of them in 30 kB, each to within 1.6 %, or in 8 kB to within 6 %.

use serde::Serialize;

/// How often each duration occurred, in buckets of which every power of two has `1 << BITS`: 64, or fewer
/// where there are many distributions.
#[derive(Clone)]
pub struct Distribution<const BITS: u32 = 6> {
    buckets: Vec<u64>,
    count: u64,
    sum_ns: u128,
    max_ns: u64,
}

/// What people ask of a distribution, in microseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// How many durations.
    pub count: u64,
    /// Their mean.
    pub mean_us: f64,
    /// Half were shorter.
    pub p50_us: f64,
    /// 95 of 100 were shorter.
    pub p95_us: f64,
    /// 99 of 100 were shorter.
    pub p99_us: f64,
    /// 999 of 1,000 were shorter.
    pub p999_us: f64,
    /// The longest.
    pub max_us: f64,
    /// Upper edges and counts of the buckets that are not empty.
    pub buckets: Vec<(f64, u64)>,
}

impl<const BITS: u32> Default for Distribution<BITS> {
    fn default() -> Self {
        Self {
            buckets: vec![0; Self::BUCKETS],
            count: 0,
            sum_ns: 0,
            max_ns: 0,
        }
    }
}

impl<const BITS: u32> Distribution<BITS> {
    const PER_POWER: u64 = 1 << BITS;
    const BUCKETS: usize = ((64 - BITS as usize) + 1) << BITS;

    /// Counts one duration.
    pub fn record(&mut self, duration_ns: u64) {
        if let Some(bucket) = self.buckets.get_mut(Self::bucket_of(duration_ns)) {
            *bucket += 1;
        }
        self.count += 1;
        self.sum_ns += u128::from(duration_ns);
        self.max_ns = self.max_ns.max(duration_ns);
    }

    /// The duration that `share` (0 to 1) of all are not longer than; 0 without any.
    #[must_use]
    pub fn quantile_ns(&self, share: f64) -> u64 {
        let rank = ((self.count as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Self::upper_edge_ns(index).min(self.max_ns);
            }
        }
        self.max_ns
    }

    /// What people ask of it.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let quantile_us = |share| us(self.quantile_ns(share));
        let occupied = self
            .buckets
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0);
        Summary {
            count: self.count,
            mean_us: self.sum_ns as f64 / 1_000.0 / (self.count.max(1) as f64),
            p50_us: quantile_us(0.50),
            p95_us: quantile_us(0.95),
            p99_us: quantile_us(0.99),
            p999_us: quantile_us(0.999),
            max_us: us(self.max_ns),
            buckets: occupied
                .map(|(index, count)| (us(Self::upper_edge_ns(index)), *count))
                .collect(),
        }
    }

    /// Below `1 << BITS` ns a bucket each; above, the power of two and the bits behind the leading one.
    fn bucket_of(duration_ns: u64) -> usize {
        let power = duration_ns.max(1).ilog2();
        if power < BITS {
            return duration_ns as usize;
        }
        let fraction = (duration_ns >> (power - BITS)) & (Self::PER_POWER - 1);
        (u64::from(power - BITS + 1) * Self::PER_POWER + fraction) as usize
    }

    /// The longest duration of a bucket.
    fn upper_edge_ns(bucket: usize) -> u64 {
        let per_power = Self::PER_POWER;
        let (octave, fraction) = (bucket as u64 / per_power, bucket as u64 % per_power);
        match octave {
            0 => fraction,
            _ => ((per_power + fraction + 1) << (octave - 1)).wrapping_sub(1),
        }
    }
}

fn us(duration_ns: u64) -> f64 {
    duration_ns as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_of_a_known_distribution_are_found() {
        let mut distribution = Distribution::<6>::default();
        (1..=1_000).for_each(|value| distribution.record(value * 1_000));
        let summary = distribution.summary();
        assert!((summary.p50_us - 500.0).abs() < 9.0, "{summary:?}");
        assert!((summary.p99_us - 990.0).abs() < 16.0, "{summary:?}");
        assert!((summary.mean_us - 500.5).abs() < 0.01, "{summary:?}");
        assert!((summary.max_us - 1_000.0).abs() < 0.01, "{summary:?}");
        assert_eq!(
            summary.buckets.iter().map(|(_, count)| count).sum::<u64>(),
            1_000
        );
    }

    #[test]
    fn without_durations_every_answer_is_zero() {
        let summary = Distribution::<6>::default().summary();
        assert_eq!((summary.count, summary.buckets.len()), (0, 0));
        assert!(summary.p99_us.abs() < f64::EPSILON);
    }

    fn holds_what_it_says<const BITS: u32>(duration_ns: u64) -> Result<(), TestCaseError> {
        let bucket = Distribution::<BITS>::bucket_of(duration_ns);
        prop_assert!(bucket < Distribution::<BITS>::BUCKETS);
        let edge_ns = Distribution::<BITS>::upper_edge_ns(bucket);
        prop_assert!(duration_ns <= edge_ns);
        prop_assert!(bucket == 0 || duration_ns > Distribution::<BITS>::upper_edge_ns(bucket - 1));
        prop_assert!(edge_ns - duration_ns <= duration_ns >> BITS);
        Ok(())
    }

    proptest! {
        #[test]
        fn a_bucket_holds_what_it_says(duration_ns in any::<u64>()) {
            holds_what_it_says::<6>(duration_ns)?;
            holds_what_it_says::<4>(duration_ns)?;
        }
    }
}
