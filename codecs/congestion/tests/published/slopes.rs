//! The delay's slope: 24 differences between single packets decide, as in `trendline_estimator_unittest.cc`.

use congestion::{Estimator, Sample, Usage};

use crate::HOUR_US;

const GAP_US: u64 = 20_000;
/// The first two packets make no difference between groups, and the last one's group is never complete.
const PACKETS: u64 = 24 + 2;

/// What is thought after each of the packets that leave every 20 ms and come so far apart.
fn usages(arrival_gap_us: u64, size_bytes: u32) -> Vec<Usage> {
    let mut estimator = Estimator::new();
    (0..PACKETS)
        .map(|turn| {
            let sent_us = HOUR_US + turn * GAP_US;
            let sample = Sample {
                sequence: turn,
                sent_us,
                arrival_us: Some((987_654_321 + turn * arrival_gap_us).cast_signed()),
                size_bytes,
                cluster: 0,
            };
            estimator.hear_untrusted(&[sample], sent_us + GAP_US);
            estimator.standing().usage
        })
        .collect()
}

/// Whether a usage is reached, and is not left again.
fn ends_in(usages: &[Usage], wanted: Usage) -> bool {
    let first = usages.iter().position(|usage| *usage == wanted);
    let Some((before, since)) = first.and_then(|place| usages.split_at_checked(place)) else {
        return false;
    };
    before.iter().all(|usage| *usage == Usage::Normal) && since.iter().all(|usage| *usage == wanted)
}

#[test]
fn packets_that_come_as_they_left_are_normal() {
    assert!(ends_in(&usages(GAP_US, 1_200), Usage::Normal));
}

#[test]
fn a_tenth_slower_is_overuse() {
    assert!(ends_in(&usages(22_000, 1_200), Usage::Over));
}

#[test]
fn fifteen_percent_faster_is_underuse() {
    assert!(ends_in(&usages(17_000, 1_200), Usage::Under));
}

#[test]
fn small_packets_count_as_much() {
    assert_eq!(usages(22_000, 100), usages(22_000, 1_200));
}
