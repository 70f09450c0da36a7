//! How often a publisher is told what arrived: often, as far as what it sends pays for that.
//!
//! Its encoder follows its network sooner the sooner it is told, but feedback takes of the same network: it may be a
//! twentieth of what arrives. Both are counted as networks see them, with protection and the headers of IP and UDP.
//! libwebrtc keeps to the same share and bounds (`transport_sequence_number_feedback_generator.cc`: 5 %, 50 to 250 ms).

/// What one leg has sent, and what it was told.
#[derive(Clone, Copy, Debug, Default)]
pub struct FeedbackPace {
    /// Since the last feedback began to leave.
    received_bytes: u64,
    told_ns: u64,
    /// What nothing had paid for before the last feedback; below zero what was saved up.
    owed_before_bytes: i64,
    /// The last feedback, in all its parts.
    cost_bytes: i64,
    /// Whether parts of it have yet to leave.
    is_unfinished: bool,
}

impl FeedbackPace {
    /// Counts a packet of media; returns whether the next feedback is paid for with it, and so due sooner.
    pub fn receive(&mut self, bytes: usize) -> bool {
        let was_paid = self.is_paid();
        self.received_bytes += bytes as u64;
        !was_paid && self.is_paid()
    }

    /// When the next feedback should leave, monotonic ns, by what has arrived until now: sooner if more does.
    #[must_use]
    pub fn due_ns(&self) -> u64 {
        let wait_ns = if self.is_unfinished {
            0
        } else if self.is_paid() {
            SHORTEST_NS
        } else {
            LONGEST_NS
        };
        self.told_ns + wait_ns
    }

    /// Counts a feedback of this length that has just left, or a part of one: the last one `is_whole`.
    pub fn tell(&mut self, bytes: usize, is_whole: bool, now_ns: u64) {
        let cost_bytes = (bytes as u64).cast_signed();
        if self.is_unfinished {
            self.cost_bytes += cost_bytes;
        } else {
            self.owed_before_bytes = self.owed_bytes().saturating_sub(self.earned_bytes());
            self.cost_bytes = cost_bytes;
            (self.received_bytes, self.told_ns) = (0, now_ns);
        }
        self.is_unfinished = !is_whole;
    }

    /// Whether what has arrived pays for what is owed and for the next feedback, which is taken to be as long.
    fn is_paid(&self) -> bool {
        self.earned_bytes() >= self.owed_bytes().saturating_add(self.cost_bytes)
    }

    fn earned_bytes(&self) -> i64 {
        (self.received_bytes / SHARE).cast_signed()
    }

    fn owed_bytes(&self) -> i64 {
        let cost_bytes = self.cost_bytes;
        self.owed_before_bytes.saturating_add(cost_bytes).clamp(
            -MOST_SAVED_FEEDBACKS * cost_bytes,
            MOST_OWED_FEEDBACKS * cost_bytes,
        )
    }
}

/// Of what arrives, a twentieth goes back.
const SHARE: u64 = 20;
/// With the grain of the tick no more than 100 ms, with the end of a run of media (`transport_feedback`) no less than 50.
const SHORTEST_NS: u64 = 90_000_000;
/// A publisher that hardly sends is told four times a second, whatever that is of it: libwebrtc waits no longer either.
const LONGEST_NS: u64 = 250_000_000;
/// Feedbacks whose length is saved up: a second of much must not pay for a minute of little.
const MOST_SAVED_FEEDBACKS: i64 = 2;
/// Feedbacks whose length is owed: after a silence that was told of all the same, nobody is told less for long.
const MOST_OWED_FEEDBACKS: i64 = 4;

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: u64 = 1_000_000;
    /// Of a feedback, all headers and no packet.
    const USUAL_BYTES: usize = 72;

    /// Plays packets as (ms since the one before, bytes); returns when feedback left, and of how many bytes.
    fn play(packets: impl IntoIterator<Item = (u64, usize)>) -> Vec<(u64, usize)> {
        let mut pace = FeedbackPace::default();
        let (mut now_ns, mut untold) = (LONGEST_NS, 0);
        let mut left = Vec::new();
        for (gap_ms, bytes) in packets {
            for _ in 0..gap_ms {
                now_ns += MS;
                // The tick.
                if untold > 0 && now_ns >= pace.due_ns() && now_ns % (10 * MS) == 0 {
                    let cost = USUAL_BYTES + untold;
                    pace.tell(cost, true, now_ns);
                    left.push((now_ns, cost));
                    untold = 0;
                }
            }
            pace.receive(bytes);
            untold += 1;
        }
        left
    }

    fn gaps_ms(left: &[(u64, usize)]) -> Vec<u64> {
        let pairs = left.windows(2);
        pairs.map(|pair| (pair[1].0 - pair[0].0) / MS).collect()
    }

    #[test]
    fn a_picture_is_told_of_every_50_to_100_ms() {
        let left = play(std::iter::repeat_n((7, 1_200), 2_000));
        let gaps = gaps_ms(&left);
        assert!(gaps.len() > 100);
        assert!(
            gaps.iter().skip(2).all(|gap| (50..=100).contains(gap)),
            "{gaps:?}"
        );
    }

    #[test]
    fn sound_alone_is_told_of_as_often_as_it_pays_for() {
        // Opus at 32 kbit/s, 20 ms a packet.
        let left = play(std::iter::repeat_n((20, 160), 3_000));
        let told: usize = left.iter().map(|(_, bytes)| bytes).sum();
        assert!(told * 20 <= 3_000 * 160 + 20 * USUAL_BYTES * 2, "{told}");
        let gaps = gaps_ms(&left);
        assert!(
            gaps.iter().skip(2).all(|gap| (100..=260).contains(gap)),
            "{gaps:?}"
        );
        assert!(told * 25 >= 3_000 * 160, "it is spent, too: {told}");
    }

    #[test]
    fn who_hardly_sends_is_told_four_times_a_second() {
        let left = play(std::iter::repeat_n((50, 60), 400));
        let gaps = gaps_ms(&left);
        assert!(
            gaps.iter().skip(2).all(|gap| (250..=260).contains(gap)),
            "{gaps:?}"
        );
    }

    #[test]
    fn a_picture_after_a_long_silence_is_told_of_at_once_as_often() {
        let silence = std::iter::repeat_n((400, 60), 100);
        let left = play(silence.chain(std::iter::repeat_n((7, 1_200), 1_000)));
        let began_ns = LONGEST_NS + 40_000 * MS;
        let picture = left.iter().filter(|(at_ns, _)| *at_ns >= began_ns);
        let gaps = gaps_ms(&picture.copied().collect::<Vec<_>>());
        assert!(gaps.len() > 50);
        assert!(gaps.iter().all(|gap| *gap <= 100), "{gaps:?}");
    }

    #[test]
    fn what_pays_for_the_next_feedback_says_that_it_is_due_sooner() {
        let mut pace = FeedbackPace::default();
        pace.tell(USUAL_BYTES, true, 1_000 * MS);
        assert_eq!(pace.due_ns(), 1_000 * MS + LONGEST_NS);
        // What is owed, and what the next one costs.
        let needed = 2 * USUAL_BYTES * 20;
        assert!(!pace.receive(needed - 1));
        assert!(pace.receive(1));
        assert_eq!(pace.due_ns(), 1_000 * MS + SHORTEST_NS);
        assert!(!pace.receive(1_200), "it is known");
    }

    #[test]
    fn the_parts_of_one_feedback_are_paid_for_as_one() {
        let (mut whole, mut parts) = (FeedbackPace::default(), FeedbackPace::default());
        for pace in [&mut whole, &mut parts] {
            pace.tell(1_800, true, 1_000 * MS);
            pace.receive(100_000);
        }
        whole.tell(1_800, true, 1_100 * MS);
        parts.tell(1_200, false, 1_100 * MS);
        assert_eq!(parts.due_ns(), 1_100 * MS, "the rest of it");
        parts.tell(600, true, 1_110 * MS);
        for pace in [&mut whole, &mut parts] {
            assert_eq!(pace.due_ns(), 1_100 * MS + LONGEST_NS);
            // 3,200 were saved up before; what is left of it pays for all but 400 of the next one.
            assert!(!pace.receive(7_999));
            assert!(pace.receive(1));
            assert_eq!(pace.due_ns(), 1_100 * MS + SHORTEST_NS);
        }
    }

    proptest! {
        /// Whatever comes: what is told is a twentieth of it and what is owed at the most, but for feedback that left at
        /// the longest interval.
        #[test]
        fn feedback_is_a_twentieth_or_as_seldom_as_it_gets(
            packets in prop::collection::vec((0_u64..120, 40_usize..1_300), 1..400),
        ) {
            let left = play(packets.iter().copied());
            let (mut soon, mut longest) = (0, 0);
            for pair in left.windows(2) {
                let gap_ns = pair[1].0 - pair[0].0;
                prop_assert!(gap_ns >= SHORTEST_NS);
                let counted = if gap_ns < LONGEST_NS { &mut soon } else { &mut longest };
                *counted += pair[1].1;
            }
            let received: usize = packets.iter().map(|(_, bytes)| bytes).sum();
            let usual: usize = left.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0);
            let most = received / 20 + longest + usual * (MOST_OWED_FEEDBACKS + MOST_SAVED_FEEDBACKS) as usize;
            prop_assert!(soon <= most, "{soon} of {received}, {longest}");
        }
    }
}
