//! How the rate moves: `aimd_rate_control_unittest.cc`, and silences of `delay_based_bwe_unittest.cc`.

use congestion::{Estimator, Sample};

use crate::HOUR_US;
use crate::link::{FRAMES_PER_S, Link};

const ENOUGH: u64 = 10_000_000;

#[test]
fn nothing_rises_beyond_half_as_much_again_as_arrives() {
    let mut link = Link::new(ENOUGH);
    let mut most_bps = 0;
    for _ in 0..60 * FRAMES_PER_S {
        link.frame(240_000);
        most_bps = most_bps.max(link.estimator.rate_bps());
    }
    // 1.5 times and 10 kbit/s; a window of 150 ms holds four packets or five, so that what arrives seems up to a
    // ninth more than it is.
    assert!((360_000..=410_000).contains(&most_bps), "{most_bps}");
}

#[test]
fn when_less_arrives_the_rate_stands() {
    let mut link = Link::new(ENOUGH);
    for _ in 0..60 * FRAMES_PER_S {
        link.frame(240_000);
    }
    let before_bps = link.estimator.rate_bps();
    for _ in 0..10 * FRAMES_PER_S {
        link.frame(120_000);
        assert_eq!(link.estimator.rate_bps(), before_bps);
    }
}

/// Where libwebrtc takes 0.85 of what arrived, less 5 kbit/s, and lets that empty the queue.
#[test]
fn after_an_overuse_the_estimate_is_a_little_less_than_what_arrived() {
    let mut link = Link::new(1_000_000);
    let (mut before_bps, mut reduced_bps) = (0, None);
    for _ in 0..40 * FRAMES_PER_S {
        link.frame(link.estimator.rate_bps());
        let estimate_bps = link.estimator.standing().estimate_bps;
        if estimate_bps < before_bps {
            reduced_bps = Some(estimate_bps);
            break;
        }
        before_bps = estimate_bps;
    }
    let share = reduced_bps.expect("the path is full in the end") as f64 / 1e6;
    assert!((0.87..=0.97).contains(&share), "{share}");
}

/// 3,000 packets, one every 10 ms; a silence; then 24 that come twice as far apart as they left.
fn before_and_after_silence(silent_s: u64) -> (u64, u64) {
    let mut estimator = Estimator::new();
    let (mut sent_us, mut came_us) = (HOUR_US, HOUR_US);
    let mut hear = |estimator: &mut Estimator, sequence, gap_us: u64, arrival_gap_us: u64| {
        let sample = Sample {
            sequence,
            sent_us,
            arrival_us: Some(came_us.cast_signed()),
            size_bytes: 1_000,
            cluster: 0,
        };
        estimator.hear_untrusted(&[sample], came_us);
        estimator.tick(came_us, Some(sent_us));
        (sent_us, came_us) = (sent_us + gap_us, came_us + arrival_gap_us);
    };
    for sequence in 0..3_000 {
        hear(&mut estimator, sequence, 10_000, 10_000);
    }
    let before_bps = estimator.rate_bps();
    let silence_us = silent_s * 1_000_000;
    hear(&mut estimator, 3_000, silence_us, silence_us);
    for sequence in 3_001..3_025 {
        hear(&mut estimator, sequence, 10_000, 20_000);
    }
    (before_bps, estimator.rate_bps())
}

#[test]
fn a_delay_that_rises_after_a_silence_is_not_overlooked() {
    for silent_s in [1, 16, 64, 640] {
        let (before_bps, after_bps) = before_and_after_silence(silent_s);
        assert!(after_bps < before_bps, "{after_bps} after {silent_s} s");
    }
}
