//! Playing a trace: a sender that sends at one rate over a link that halves is understood by both.

use congestion::Sample;

use crate::judging::Span;
use crate::theirs::Losses;
use crate::trace::{Feedback, Trace};
use crate::{ours, theirs};

const SENT_BPS: u64 = 800_000;
const PACKET_BYTES: u32 = 1_000;
const GAP_US: u64 = PACKET_BYTES as u64 * 8_000_000 / SENT_BPS;
const ONE_WAY_US: u64 = 30_000;
const TOLD_US: u64 = 100_000;
const HALVES_US: u64 = 10_000_000;
const ENDS_US: u64 = 13_000_000;
const CAPACITY: [(u64, u64); 2] = [(0, 1_000_000), (HALVES_US, 500_000)];

/// Packets at one rate; every tenth of a second what came by then is told.
fn trace() -> Trace {
    let mut free_us = 0;
    let samples: Vec<Sample> = (0..ENDS_US / GAP_US)
        .map(|turn| {
            let sent_us = turn * GAP_US;
            let bps = CAPACITY[usize::from(sent_us >= HALVES_US)].1;
            free_us = sent_us.max(free_us) + u64::from(PACKET_BYTES) * 8_000_000 / bps;
            Sample {
                sequence: turn,
                sent_us,
                arrival_us: Some((free_us + ONE_WAY_US).cast_signed()),
                size_bytes: PACKET_BYTES,
                cluster: 0,
            }
        })
        .collect();
    let feedbacks = (1..=ENDS_US / TOLD_US).map(|turn| {
        let until_us = (turn * TOLD_US).cast_signed();
        let since_us = until_us - TOLD_US.cast_signed();
        let told = samples
            .iter()
            .filter(|sample| (since_us..until_us).contains(&sample.arrival_us.unwrap()));
        Feedback {
            at_us: turn * TOLD_US + ONE_WAY_US,
            samples: told.copied().collect(),
        }
    });
    Trace {
        link: String::new(),
        capacity: CAPACITY.to_vec(),
        feedbacks: feedbacks
            .filter(|feedback| !feedback.samples.is_empty())
            .collect(),
    }
}

#[test]
fn both_see_what_went_through_and_that_a_queue_grows() {
    let trace = trace();
    for (name, course) in [
        ("ours", ours::said(&trace).rates),
        ("theirs", theirs::rates(&trace, Losses::Told)),
    ] {
        // Not before more than that went through does either rise beyond half as much again.
        let most_bps = SENT_BPS * 3 / 2 + 20_000;
        let before = Span {
            from_us: 5_000_000,
            to_us: HALVES_US,
        };
        let median_bps = course.median(before);
        assert!(
            (350_000..=most_bps).contains(&median_bps),
            "{name}: {median_bps}"
        );
        let after = Span {
            from_us: HALVES_US,
            to_us: ENDS_US,
        };
        let fell_us = course.at_most_after_us(500_000, after);
        assert!(
            fell_us.is_some_and(|us| us <= 1_500_000),
            "{name}: {fell_us:?}"
        );
    }
}

#[test]
fn what_is_played_twice_says_the_same_twice() {
    let trace = trace();
    let span = Span {
        from_us: 0,
        to_us: ENDS_US,
    };
    assert_eq!(
        ours::said(&trace).rates.median(span),
        ours::said(&trace).rates.median(span)
    );
    assert_eq!(
        theirs::rates(&trace, Losses::Told).median(span),
        theirs::rates(&trace, Losses::Told).median(span)
    );
}
