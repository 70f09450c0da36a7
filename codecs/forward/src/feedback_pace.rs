//! How often a publisher is told what arrived: often, as far as what it sends pays for that.
//!
//! Its encoder follows its network sooner the sooner it is told, but feedback takes of the same network: it may be a
//! twentieth of what arrives. Both are counted as networks see them, with protection and the headers of IP and UDP.
//! libwebrtc keeps to the same share and bounds (`transport_sequence_number_feedback_generator.cc`: 5 %, 50 to 250 ms).

/// What one leg has sent, and what it was told.
#[derive(Clone, Copy, Debug, Default)]
pub struct FeedbackPace {
    /// Since the last feedback.
    received_bytes: u64,
    told_ns: u64,
    /// Of feedback, what nothing has paid for yet; below zero what is saved up.
    owed_bytes: i64,
}

impl FeedbackPace {
    /// Counts a packet of media.
    pub const fn receive(&mut self, bytes: usize) {
        self.received_bytes += bytes as u64;
    }

    /// Counts a feedback of this length that has just left; returns when the next one should, monotonic ns.
    ///
    /// The next one is taken to be as long, and what arrives until then to come at the rate of before.
    pub fn tell(&mut self, bytes: usize, now_ns: u64) -> u64 {
        let earned = (self.received_bytes / SHARE).cast_signed();
        let elapsed_ns = now_ns.saturating_sub(self.told_ns).max(1);
        let cost = (bytes as u64).cast_signed();
        let most_saved = MOST_SAVED_FEEDBACKS * cost;
        let owed = self.owed_bytes.saturating_add(cost).saturating_sub(earned);
        self.owed_bytes = owed.clamp(-most_saved, MOST_OWED_FEEDBACKS * cost);
        (self.received_bytes, self.told_ns) = (0, now_ns);
        let lacking = self.owed_bytes.saturating_add(cost).max(0).cast_unsigned();
        let paid_in_ns = u128::from(lacking) * u128::from(elapsed_ns);
        let wait_ns = paid_in_ns
            .checked_div(u128::from(earned.cast_unsigned()))
            .unwrap_or(u128::MAX);
        now_ns
            + u64::try_from(wait_ns)
                .unwrap_or(u64::MAX)
                .clamp(SHORTEST_NS, LONGEST_NS)
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
        let (mut now_ns, mut due_ns, mut untold) = (0, 0, 0);
        let mut left = Vec::new();
        for (gap_ms, bytes) in packets {
            for _ in 0..gap_ms {
                now_ns += MS;
                // The tick.
                if untold > 0 && now_ns >= due_ns && now_ns % (10 * MS) == 0 {
                    let cost = USUAL_BYTES + untold;
                    due_ns = pace.tell(cost, now_ns);
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
        let picture = left.iter().filter(|(at_ns, _)| *at_ns > 40_500 * MS);
        let gaps = gaps_ms(&picture.copied().collect::<Vec<_>>());
        assert!(gaps.len() > 50);
        assert!(gaps.iter().all(|gap| *gap <= 100), "{gaps:?}");
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
