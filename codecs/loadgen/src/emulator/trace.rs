//! A recorded link: when it let packets through (the format of Mahimahi, Netravali et al. 2015).
//!
//! One whole number a line, which is the millisecond of an opportunity to send 1,504 bytes; a number may be repeated. When
//! the last one has passed, the trace begins anew. Small packets share an opportunity, and what nobody waits for is gone.

use std::sync::Arc;

/// What one opportunity carries: an Ethernet payload and the four bytes that Mahimahi's own devices put before it.
pub const OPPORTUNITY_BYTES: u64 = 1_504;

/// The opportunities of one turn, in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trace {
    at_ms: Arc<[u64]>,
    period_ms: u64,
}

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// A sentence that names the line, or says what is missing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut at_ms: Vec<u64> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let moment: u64 = line
                .trim()
                .parse()
                .map_err(|_| format!("line {number} of the trace is no millisecond: {line:.20}"))?;
            if at_ms.last().is_some_and(|last| *last > moment) {
                return Err(format!("line {number} of the trace goes back in time"));
            }
            at_ms.push(moment);
        }
        let period_ms = at_ms.last().copied().unwrap_or_default();
        if !(1..=LONGEST_MS).contains(&period_ms) {
            return Err(format!("a trace ends between 1 and {LONGEST_MS} ms"));
        }
        Ok(Self {
            at_ms: at_ms.into(),
            period_ms,
        })
    }

    /// The rate over a whole turn.
    #[must_use]
    pub fn mean_bps(&self) -> u64 {
        self.at_ms.len() as u64 * OPPORTUNITY_BYTES * 8 * 1_000 / self.period_ms
    }

    /// When opportunity number `index` is, counted through all turns, in nanoseconds from the beginning.
    #[must_use]
    pub fn at_ns(&self, index: u64) -> u64 {
        let (turn, place) = (index / self.len(), index % self.len());
        let moment_ms = self.at_ms.get(place as usize).copied().unwrap_or_default();
        (turn * self.period_ms + moment_ms) * NS_PER_MS
    }

    /// The number of the first opportunity that is not before a time, counted through all turns.
    #[must_use]
    pub fn first_from(&self, since_began_ns: u64) -> u64 {
        // The end of a turn belongs to it: its last opportunity may be at that very moment.
        let moment_ms = since_began_ns.div_ceil(NS_PER_MS);
        let turn = moment_ms.saturating_sub(1) / self.period_ms;
        let within_ms = moment_ms - turn * self.period_ms;
        let place = self.at_ms.partition_point(|moment| *moment < within_ms);
        turn * self.len() + place as u64
    }

    fn len(&self) -> u64 {
        self.at_ms.len() as u64
    }
}

const NS_PER_MS: u64 = 1_000_000;
/// A day.
const LONGEST_MS: u64 = 86_400_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_trace_begins_anew_when_it_is_over() {
        let trace = Trace::parse("0\n5\n5\n10\n").expect("it is valid");
        let moments: Vec<u64> = (0..9).map(|index| trace.at_ns(index) / NS_PER_MS).collect();
        assert_eq!(moments, [0, 5, 5, 10, 10, 15, 15, 20, 20]);
        assert_eq!(trace.mean_bps(), 4 * 1_504 * 8 * 100);
    }

    #[test]
    fn what_is_no_trace_is_refused_in_a_sentence() {
        for (text, words) in [
            ("", "ends between"),
            ("0\n0\n", "ends between"),
            ("1\ntwo\n", "line 2"),
            ("1\n\n2\n", "line 2"),
            ("-1\n", "line 1"),
            ("5\n4\n", "back in time"),
            ("99999999999\n", "ends between"),
            ("99999999999999999999999\n", "line 1"),
        ] {
            let sentence = Trace::parse(text).expect_err("it is no trace");
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    proptest! {
        #[test]
        fn the_first_opportunity_from_a_time_is_the_first(
            mut moments in proptest::collection::vec(0_u64..50, 1..20),
            elapsed_ns in 0_u64..400_000_000,
        ) {
            moments.sort_unstable();
            moments.push(50);
            let text = moments.iter().map(u64::to_string).collect::<Vec<_>>().join("\n");
            let trace = Trace::parse(&text).expect("it is valid");
            let first = trace.first_from(elapsed_ns);
            prop_assert!(trace.at_ns(first) >= elapsed_ns);
            prop_assert!(first == 0 || trace.at_ns(first - 1) < elapsed_ns);
        }
    }
}
