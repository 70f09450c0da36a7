use proptest::prelude::*;

use super::*;

const SECOND_US: i64 = 1_000_000;
const HOUR_US: i64 = 3_600 * SECOND_US;

fn calm(rate_bps: f64) -> Path {
    Path {
        rate_bps,
        calm: true,
        round_trip_us: 50_000.0,
    }
}

/// Lets a burst arrive as it left.
fn arrive(probes: &mut Probes, probe: Probe) -> Option<f64> {
    let each = probe.bytes / probe.packets;
    let gap_us = i64::from(each) * 8_000_000 / probe.rate_bps.cast_signed();
    for turn in 0..i64::from(probe.packets) {
        let packet = Packet {
            sent_us: HOUR_US + turn * gap_us,
            arrival_us: None,
            size_bytes: f64::from(each),
            cluster: probe.cluster,
        };
        probes.add(&packet, 20_000 + turn * gap_us);
    }
    probes.conclude(1.0, false).map(|it| it.rate_bps)
}

#[test]
fn the_start_asks_for_three_times_and_then_for_twice_what_was_seen() {
    let mut probes = Probes::new();
    let first = probes.ask(calm(300e3), HOUR_US).expect("the start asks");
    assert_eq!(
        (first.cluster, first.rate_bps, first.packets),
        (1, 900_000, 5)
    );
    assert_eq!(probes.ask(calm(300e3), HOUR_US + 100_000), None);
    let measured_bps = arrive(&mut probes, first).expect("all of it arrived");
    assert!((measured_bps / 900e3 - 1.0).abs() < 0.01);
    let second = probes.ask(calm(measured_bps), HOUR_US + 200_000);
    let second = second.expect("most was seen");
    assert_eq!(second.cluster, 2);
    assert!(second.rate_bps.abs_diff(1_800_000) < 20_000);
}

#[test]
fn a_burst_without_an_answer_is_given_up_and_a_rate_that_stands_is_asked_again() {
    let mut probes = Probes::new();
    assert!(probes.ask(calm(1e6), HOUR_US).is_some());
    let asked_at: Vec<i64> = (1..200)
        .filter(|turn| probes.ask(calm(1e6), HOUR_US + turn * 100_000).is_some())
        .collect();
    assert_eq!(asked_at, [11, 22, 33, 83, 133, 183]);
}

#[test]
fn a_path_with_a_queue_is_asked_nothing() {
    let mut probes = Probes::new();
    let queued = Path {
        calm: false,
        ..calm(1e6)
    };
    assert_eq!(probes.ask(queued, HOUR_US), None);
    assert!(probes.ask(calm(1e6), HOUR_US + 100_000).is_some());
}

#[test]
fn after_a_deep_fall_most_of_what_there_was_is_asked_for() {
    let mut probes = Probes::new();
    assert!(probes.ask(calm(4e6), HOUR_US).is_some());
    let fell_us = HOUR_US + 2 * SECOND_US;
    probes.note_drop(4e6, 2e6, fell_us);
    probes.note_drop(2e6, 1e6, fell_us + 100_000);
    let probe = probes
        .ask(calm(1e6), fell_us + SECOND_US)
        .expect("the path is calm");
    assert_eq!(probe.rate_bps, 3_400_000);
}

#[test]
fn a_fall_ends_what_was_planned_for_another_path() {
    let mut probes = Probes::new();
    let first = probes.ask(calm(300e3), HOUR_US).expect("the start asks");
    assert!(arrive(&mut probes, first).is_some());
    probes.note_drop(900e3, 800e3, HOUR_US + 100_000);
    assert_eq!(probes.ask(calm(800e3), HOUR_US + 200_000), None);
}

#[test]
fn what_is_of_use_to_nobody_is_not_asked_for() {
    let mut probes = Probes::new();
    probes.limit_use(1e6);
    let probe = probes
        .ask(calm(900e3), HOUR_US)
        .expect("a little is of use");
    assert_eq!(probe.rate_bps, 1_500_000);
    assert_eq!(probes.ask(calm(1e6), HOUR_US + 60 * SECOND_US), None);
}

proptest! {
    #[test]
    fn a_burst_is_long_enough_to_measure_and_too_short_to_hurt(rate_bps in 50e3..MOST_BPS) {
        let probe = Burst::of(rate_bps, u32::MAX).probe();
        prop_assert_eq!(probe.cluster, 1);
        prop_assert!(probe.packets >= 5);
        prop_assert_eq!(probe.bytes % probe.packets, 0);
        let each = probe.bytes / probe.packets;
        prop_assert!((100..=1_200).contains(&each));
        prop_assert!((14_000..=81_000).contains(&probe.duration_us));
    }
}
