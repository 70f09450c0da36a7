//! When what waits for a path too slow for it is given up, and of whom.

use super::tests::{MS, packet, rest};
use super::*;

#[test]
fn only_the_picture_of_which_most_waits_is_given_up_and_the_other_is_spared() {
    let mut pacer = Pacer::default();
    for sequence in 1..9 {
        pacer.add(packet(1, sequence, sequence * MS));
        pacer.add(packet(2, 2 * sequence, sequence * MS));
        pacer.add(packet(2, 2 * sequence + 1, sequence * MS));
    }
    assert_eq!(pacer.give_up(801 * MS), None);
    assert_eq!(pacer.give_up(802 * MS), Some((packet(2, 0, 0).slot, 16)));
    assert_eq!(pacer.give_up(803 * MS), None, "there is room now");
    assert_eq!(pacer.give_up(1_601 * MS), None);
    assert_eq!(pacer.give_up(1_602 * MS), Some((packet(1, 0, 0).slot, 8)));
    assert!(pacer.is_idle());
}

#[test]
fn a_key_frame_and_what_follows_it_have_time_until_that_waits_half_as_long_as_all_may() {
    let slot = packet(1, 0, 0).slot;
    let mut pacer = Pacer::default();
    for sequence in 0..4 {
        pacer.add(packet(1, sequence, sequence * MS));
    }
    for sequence in 4..20 {
        pacer.add(packet(1, sequence, sequence * 100 * MS));
    }
    let take = |pacer: &mut Pacer, at_ms: u64| {
        pacer.budget_nanobits = 1;
        pacer.take(1_000_000, at_ms * MS).map(|it| it.sequence)
    };
    for sequence in 0..4 {
        assert!(pacer.has_key_frame(slot), "{sequence}");
        assert_eq!(take(&mut pacer, 20), Some(sequence));
    }
    assert!(!pacer.has_key_frame(slot));
    assert_eq!(take(&mut pacer, 2_000), Some(4));
    assert_eq!(pacer.give_up(2_000 * MS), None, "what follows has as long");
    for sequence in 5..17 {
        assert_eq!(take(&mut pacer, 2_000), Some(sequence));
    }
    assert_eq!(pacer.give_up(2_500 * MS), None);
    assert_eq!(pacer.give_up(2_501 * MS).map(|it| it.1), Some(3));
}

#[test]
fn a_key_frame_is_given_up_in_the_end() {
    let mut pacer = Pacer::default();
    pacer.add(packet(1, 0, 0));
    pacer.add(packet(1, 1, 0));
    assert_eq!(pacer.give_up(LONGEST_BEGINNING_NS), None);
    assert_eq!(
        pacer.give_up(LONGEST_BEGINNING_NS + 1).map(|it| it.1),
        Some(2)
    );
}

#[test]
fn a_key_frame_of_which_the_first_packets_need_not_wait_has_as_much_time() {
    let slot = packet(1, 0, 0).slot;
    let mut pacer = Pacer::default();
    pacer.pass(&packet(1, 0, 0), 0);
    pacer.add(packet(1, 1, 0));
    assert!(pacer.has_key_frame(slot));
    assert_eq!(pacer.give_up(LONGEST_BEGINNING_NS), None);
    let next = Waiting {
        key_frame: true,
        begins_anew: true,
        ..packet(1, 12, 0)
    };
    assert_eq!(pacer.overtake(&next), 0, "it has begun to leave");
    pacer.forget(slot);
    assert!(pacer.is_idle());
    assert!(!pacer.has_key_frame(slot));
    pacer.pass(&packet(1, 4, 0), 0);
    pacer.add(packet(1, 5, 0));
    assert_eq!(pacer.give_up(801 * MS).map(|it| it.1), Some(1));
}

#[test]
fn a_key_frame_that_has_begun_is_not_given_up_for_another_picture() {
    let mut pacer = Pacer::default();
    pacer.add(packet(1, 5, 0));
    for sequence in 0..30 {
        pacer.add(packet(2, sequence, 0));
    }
    assert_eq!(pacer.give_up(801 * MS), Some((packet(1, 0, 0).slot, 1)));
    assert_eq!(pacer.give_up(LONGEST_BEGINNING_NS), None);
}

#[test]
fn more_than_a_cache_keeps_is_given_up_at_once() {
    let mut pacer = Pacer::default();
    for sequence in 0..=MOST_WAITING as u64 {
        assert_eq!(pacer.give_up(MS), None);
        pacer.add(packet(1, sequence, 0));
    }
    assert_eq!(pacer.give_up(MS).map(|it| it.1), Some(MOST_WAITING + 1));
}

#[test]
fn once_half_a_second_waits_it_is_owed_until_nothing_does() {
    let mut pacer = Pacer::default();
    assert_eq!(pacer.owed_bps(100_000), 0);
    for sequence in 0..6 {
        pacer.add(packet(1, sequence, 0));
    }
    assert_eq!(pacer.owed_bps(100_000), 0, "48 kbit wait");
    pacer.add(packet(1, 6, 0));
    assert_eq!(pacer.owed_bps(100_000), 56_000);
    pacer.add(packet(1, 7, 0));
    assert_eq!(pacer.owed_bps(100_000), 60_000, "something is left");
    for _ in 0..7 {
        pacer.budget_nanobits = 1;
        assert!(pacer.take(100_000, 0).is_some());
    }
    assert_eq!(pacer.owed_bps(100_000), 8_000);
    assert_eq!(rest(&mut pacer).len(), 1);
    assert_eq!(pacer.owed_bps(100_000), 0);
    pacer.add(packet(1, 8, 0));
    assert_eq!(pacer.owed_bps(100_000), 0);
}
