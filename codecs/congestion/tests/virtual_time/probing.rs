//! Bursts: when a path is asked for more, for how much, and what is concluded.

use congestion::Probe;

use crate::path::{Path, TICK_US};

fn rates_bps(asked: &[(f64, Probe)], from_s: f64) -> impl Iterator<Item = u64> {
    asked
        .iter()
        .filter(move |(at_s, _)| *at_s > from_s)
        .map(|(_, burst)| burst.rate_bps)
}

#[test]
fn the_start_asks_for_three_times_and_then_for_twice_what_was_seen() {
    let mut path = Path::new(10e6);
    path.play(3, |_| {});
    let mut rates = rates_bps(&path.asked, 0.0);
    let first = rates.next().expect("the start asks");
    assert!(first.abs_diff(900_000) < 90_000);
    // Of what was seen, media that left meanwhile is a part.
    assert!(rates.next().is_some_and(|second| second > 1_710_000));
    assert!(path.rate_bps() > 7e6);
}

#[test]
fn bursts_are_short_whatever_the_path() {
    for capacity_bps in [0.1e6, 1e6, 15e6] {
        let mut path = Path::new(capacity_bps);
        path.play(10, |_| {});
        for (_, burst) in &path.asked {
            assert!(burst.packets >= 5);
            assert!((14_500..=60_000).contains(&burst.duration_us), "{burst:?}");
        }
    }
}

#[test]
fn a_path_that_is_not_used_up_is_asked_every_five_seconds() {
    let mut path = Path::new(3e6);
    path.used_share = 0.3;
    path.play(40, |_| {});
    let later = rates_bps(&path.asked, 10.0).count();
    assert!((4..=7).contains(&later), "{later}");
    assert!(path.rate_bps() > 1.5e6);
}

#[test]
fn what_is_of_use_to_nobody_is_not_asked_for() {
    let mut path = Path::new(10e6);
    path.estimator.limit_use(1_000_000);
    path.play(20, |_| {});
    assert!(rates_bps(&path.asked, 0.0).all(|bps| bps <= 1_500_000));
}

#[test]
fn a_path_that_fell_and_came_back_is_asked_for_what_it_had() {
    let mut path = Path::new(4e6);
    path.play(12, |_| {});
    path.capacity_bps = 1e6;
    path.play(1, |_| {});
    path.capacity_bps = 4e6;
    path.play(6, |_| {});
    assert!(rates_bps(&path.asked, 13.0).any(|bps| bps > 2_500_000));
    assert!(path.rate_bps() > 2.5e6);
}

#[test]
fn a_claim_to_have_got_a_burst_faster_than_it_left_is_not_believed() {
    let mut path = Path::new(1e6);
    for _ in 0..60 {
        let mut told = path.send(TICK_US);
        let mut claimed_us = None;
        for sample in told.iter_mut().filter(|sample| sample.cluster != 0) {
            let before_us = claimed_us.or(sample.arrival_us);
            sample.arrival_us = before_us.map(|before_us| before_us + 1);
            claimed_us = sample.arrival_us;
        }
        path.hear(&told);
    }
    assert!(path.rate_bps() < 1.5e6);
}
