//! Which datagrams leave together: pure, so that it can be tested over everything.
//!
//! A trip through the kernel's UDP stack costs about 2.9 µs whether it carries one datagram or a run of
//! equal ones (reference: relaying floor), so a batch is grouped by where it goes.

use forward::Tuple;
use forward::outbox::Span;

/// Datagrams that leave as one message: positions `first .. first + count` of [`Plan::order`].
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Where they go.
    pub tuple: Tuple,
    /// Position of the first.
    pub first: usize,
    /// How many; above one only for `UDP_SEGMENT`.
    pub count: usize,
    /// Length of each but the last, which may be shorter.
    pub segment_bytes: u16,
    /// Length of all.
    pub total_bytes: usize,
}

/// One batch's messages; kept from batch to batch so that nothing is allocated for one.
#[derive(Default)]
pub struct Plan {
    order: Vec<u32>,
    runs: Vec<Run>,
}

impl Plan {
    /// Groups spans by tuple, keeps the order within a tuple, and splits each group into runs.
    ///
    /// `segments` says for each of the worker's sockets whether it can send runs.
    pub fn arrange(&mut self, spans: &[Span], segments: impl Fn(u8) -> bool) {
        self.order.clear();
        self.order.extend(0..spans.len() as u32);
        let key = |position: &u32| {
            spans
                .get(*position as usize)
                .map(|span| (span.tuple.socket, span.tuple.remote, *position))
        };
        // Unstable sorting allocates nothing; the position in the key makes it stable.
        self.order.sort_unstable_by_key(key);

        self.runs.clear();
        let spans = self
            .order
            .iter()
            .filter_map(|position| spans.get(*position as usize));
        for (position, span) in spans.enumerate() {
            match self
                .runs
                .last_mut()
                .filter(|run| run.takes(span) && segments(span.tuple.socket))
            {
                Some(run) => {
                    run.count += 1;
                    run.total_bytes += usize::from(span.len);
                }
                None => self.runs.push(Run::of_one(position, span)),
            }
        }
    }

    /// The messages, those of one socket together.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// A run's positions in the list of spans that was arranged.
    pub fn spans<'a>(&'a self, run: &Run, spans: &'a [Span]) -> impl Iterator<Item = &'a Span> {
        let positions = self
            .order
            .get(run.first..run.first + run.count)
            .unwrap_or_default();
        positions
            .iter()
            .filter_map(|position| spans.get(*position as usize))
    }
}

impl Run {
    /// A message of one datagram.
    #[must_use]
    pub fn of_one(position: usize, span: &Span) -> Self {
        Self {
            tuple: span.tuple,
            first: position,
            count: 1,
            segment_bytes: span.len,
            total_bytes: usize::from(span.len),
        }
    }

    /// Whether a datagram may follow: the last one so far has the common length, and this one is not longer.
    fn takes(&self, span: &Span) -> bool {
        let full = self.total_bytes == self.count * usize::from(self.segment_bytes);
        self.tuple == span.tuple
            && full
            && span.len <= self.segment_bytes
            && self.count < MAX_SEGMENTS
            && self.total_bytes + usize::from(span.len) <= MAX_RUN_BYTES
    }
}

/// What every kernel that knows `UDP_SEGMENT` takes (`UDP_MAX_SEGMENTS` was 64 until Linux 6.9).
pub const MAX_SEGMENTS: usize = 64;
/// One IP datagram holds 65,507 bytes of UDP payload, IPv6 a little more; the design's round number.
const MAX_RUN_BYTES: usize = 65_000;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn span(peer: u16, index: usize, len: u16) -> Span {
        let remote = ([127, 0, 0, 1], 1_000 + peer).into();
        // `start` only names the span here.
        Span {
            tuple: Tuple {
                socket: (peer % 2) as u8,
                remote,
            },
            start: index as u32,
            len,
            arrival_ns: 0,
        }
    }

    fn spans_of(peers_and_lengths: &[(u16, u16)]) -> Vec<Span> {
        peers_and_lengths
            .iter()
            .enumerate()
            .map(|(index, (peer, len))| span(*peer, index, *len))
            .collect()
    }

    fn lengths(plan: &Plan, spans: &[Span]) -> Vec<Vec<u16>> {
        plan.runs()
            .iter()
            .map(|run| plan.spans(run, spans).map(|span| span.len).collect())
            .collect()
    }

    fn arranged(spans: &[Span]) -> Plan {
        let mut plan = Plan::default();
        plan.arrange(spans, |_| true);
        plan
    }

    #[test]
    fn a_shorter_datagram_ends_a_run() {
        let spans = spans_of(&[(0, 1_100), (0, 1_100), (0, 300), (0, 300), (0, 1_100)]);
        let expected: [&[u16]; 3] = [&[1_100, 1_100, 300], &[300], &[1_100]];
        assert_eq!(lengths(&arranged(&spans), &spans), expected);
    }

    #[test]
    fn interleaved_receivers_are_told_apart() {
        let spans = spans_of(&[(0, 900), (2, 900), (0, 900), (2, 900)]);
        assert_eq!(lengths(&arranged(&spans), &spans), [[900, 900], [900, 900]]);
    }

    #[test]
    fn a_run_stays_below_what_one_message_may_carry() {
        let spans = spans_of(&[(0, 1_200); 130]);
        let counts: Vec<_> = arranged(&spans)
            .runs()
            .iter()
            .map(|run| run.count)
            .collect();
        assert_eq!(counts, [54, 54, 22]);
        let spans = spans_of(&[(0, 100); 130]);
        let counts: Vec<_> = arranged(&spans)
            .runs()
            .iter()
            .map(|run| run.count)
            .collect();
        assert_eq!(counts, [64, 64, 2]);
    }

    #[test]
    fn a_socket_that_cannot_send_runs_sends_one_by_one() {
        let spans = spans_of(&[(0, 900), (0, 900), (1, 900), (1, 900)]);
        let mut plan = Plan::default();
        plan.arrange(&spans, |socket| socket == 1);
        assert_eq!(
            plan.runs().iter().map(|run| run.count).collect::<Vec<_>>(),
            [1, 1, 2]
        );
    }

    proptest! {
        #[test]
        fn each_tuple_gets_its_datagrams_in_order_and_every_run_is_one_the_kernel_takes(
            peers_and_lengths in proptest::collection::vec(
                (0_u16..5, prop_oneof![Just(1_100_u16), Just(120), 1_u16..2_048]), 0..300),
        ) {
            let spans = spans_of(&peers_and_lengths);
            let plan = arranged(&spans);
            let mut sent: HashMap<Tuple, Vec<u32>> = HashMap::new();
            for run in plan.runs() {
                let lengths: Vec<_> = plan.spans(run, &spans).map(|span| span.len).collect();
                let (last, others) = lengths.split_last().expect("a run holds at least one datagram");
                prop_assert!(others.iter().all(|len| *len == run.segment_bytes));
                prop_assert!(*last <= run.segment_bytes);
                prop_assert!(lengths.len() <= MAX_SEGMENTS);
                let total = lengths.iter().map(|len| usize::from(*len)).sum::<usize>();
                prop_assert_eq!(total, run.total_bytes);
                prop_assert!(total <= MAX_RUN_BYTES);
                for span in plan.spans(run, &spans) {
                    prop_assert_eq!(span.tuple, run.tuple);
                    sent.entry(run.tuple).or_default().push(span.start);
                }
            }
            let mut given: HashMap<Tuple, Vec<u32>> = HashMap::new();
            for span in &spans {
                given.entry(span.tuple).or_default().push(span.start);
            }
            prop_assert_eq!(sent, given);
        }

        #[test]
        fn runs_of_one_socket_lie_together(peers in proptest::collection::vec(0_u16..6, 0..60)) {
            let spans = spans_of(&peers.iter().map(|peer| (*peer, 500)).collect::<Vec<_>>());
            let sockets: Vec<_> = arranged(&spans).runs().iter().map(|run| run.tuple.socket).collect();
            prop_assert!(sockets.is_sorted());
        }
    }
}
