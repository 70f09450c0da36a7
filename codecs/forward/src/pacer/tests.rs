use slotmap::KeyData;

use super::*;

const MS: u64 = 1_000_000;

/// A packet of 1,000 bytes on one of several slots; frames of four packets, the first frame is a key frame.
fn packet(slot: u64, sequence: u64, arrival_ns: u64) -> Waiting {
    Waiting {
        slot: KeyData::from_ffi(slot).into(),
        track: KeyData::from_ffi(7).into(),
        encoding: 0,
        sequence,
        timestamp: (sequence / 4) as u32 * 3_600,
        size_bytes: 1_000,
        arrival_ns,
        key_frame: sequence == 0,
    }
}

/// What leaves, by slot and sequence number, once there is no limit any more.
fn rest(pacer: &mut Pacer) -> Vec<(SlotKey, u64)> {
    std::iter::from_fn(|| {
        pacer.budget_nanobits = 1;
        pacer.take(1_000_000, 0)
    })
    .map(|packet| (packet.slot, packet.sequence))
    .collect()
}

#[test]
fn what_leaves_is_what_the_rate_allows() {
    let mut pacer = Pacer::default();
    let mut sent_bytes = 0;
    for at in 0..10_000 {
        if !pacer.is_full(1_000_000, at * MS) {
            pacer.spend(1_000);
            sent_bytes += 1_000;
        }
    }
    // Ten seconds at 110 %, and a packet more than the budget at the most.
    assert!(
        (1_370_000..=1_377_000).contains(&sent_bytes),
        "{sent_bytes}"
    );
}

#[test]
fn a_usual_frame_leaves_at_once_after_a_pause() {
    let mut pacer = Pacer::default();
    assert!(!pacer.is_full(1_000_000, 5_000 * MS));
    let mut at_once = 0;
    while !pacer.is_full(1_000_000, 5_000 * MS) {
        pacer.spend(1_000);
        at_once += 1_000;
    }
    assert_eq!(
        at_once, 13_000,
        "a tenth of a second of the rate, and the packet that ends it"
    );
}

#[test]
fn sound_is_sent_whatever_the_budget_and_pictures_pay_for_it() {
    let mut pacer = Pacer::default();
    assert!(!pacer.is_full(100_000, 1_000 * MS));
    pacer.spend(1_500);
    assert!(pacer.is_full(100_000, 1_001 * MS));
    assert!(!pacer.is_full(100_000, 1_100 * MS));
}

#[test]
fn a_picture_after_ten_minutes_of_sound_leaves_within_a_tenth_of_a_second() {
    let mut pacer = Pacer::default();
    assert!(!pacer.is_full(300_000, 1_000 * MS));
    for _ in 0..30_000 {
        pacer.spend(120);
    }
    assert!(!pacer.is_full(300_000, 601_000 * MS));
}

#[test]
fn only_the_picture_of_which_most_waits_is_given_up() {
    let mut pacer = Pacer::default();
    for sequence in 1..9 {
        pacer.add(packet(1, sequence, sequence * MS));
        pacer.add(packet(2, 2 * sequence, sequence * MS));
        pacer.add(packet(2, 2 * sequence + 1, sequence * MS));
    }
    assert!(pacer.give_up(801 * MS).is_empty());
    let given_up = pacer.give_up(802 * MS);
    assert_eq!(given_up.len(), 16);
    assert!(given_up.iter().all(|it| it.slot == packet(2, 0, 0).slot));
    let slot = packet(1, 0, 0).slot;
    let left: Vec<_> = (1..9).map(|sequence| (slot, sequence)).collect();
    assert_eq!(rest(&mut pacer), left);
}

#[test]
fn a_key_frame_and_what_follows_it_have_time_until_nothing_waits() {
    let mut pacer = Pacer::default();
    pacer.add(packet(1, 0, 0));
    pacer.add(packet(1, 1, 0));
    assert!(pacer.give_up(LONGEST_BEGINNING_NS).is_empty());
    pacer.budget_nanobits = 1;
    assert_eq!(pacer.take(1_000_000, 0).map(|it| it.sequence), Some(0));
    assert!(
        pacer.give_up(LONGEST_BEGINNING_NS).is_empty(),
        "it has begun"
    );
    assert_eq!(pacer.give_up(LONGEST_BEGINNING_NS + 1).len(), 1);
    pacer.add(packet(1, 2, 0));
    assert_eq!(pacer.give_up(801 * MS).len(), 1, "nothing begins any more");
}

#[test]
fn a_key_frame_takes_the_place_of_what_waits_for_its_slot() {
    let mut pacer = Pacer::default();
    for sequence in 4..10 {
        pacer.add(packet(1, sequence, 0));
        pacer.add(packet(2, sequence, 0));
    }
    let begins = |sequence| Waiting {
        key_frame: true,
        ..packet(1, sequence, 0)
    };
    assert_eq!(pacer.overtake(&packet(1, 12, 0)), 0, "no key frame");
    assert_eq!(pacer.overtake(&begins(3)), 0, "others have followed it");
    assert_eq!(pacer.overtake(&begins(10)), 0, "some of its frame waits");
    assert_eq!(pacer.overtake(&begins(12)), 6);
    pacer.add(begins(12));
    pacer.add(packet(1, 13, 0));
    let of_the_other: Vec<_> = rest(&mut pacer)
        .into_iter()
        .filter(|(slot, _)| *slot == packet(2, 0, 0).slot)
        .map(|(_, sequence)| sequence)
        .collect();
    assert_eq!(of_the_other, [4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_packet_that_comes_late_leaves_before_those_that_follow_it() {
    let mut pacer = Pacer::default();
    for sequence in [3, 4, 6, 5, 7, 2] {
        pacer.add(packet(1, sequence, 0));
        pacer.add(packet(2, 10 - sequence, 0));
    }
    let order = rest(&mut pacer);
    for slot in [1, 2] {
        let numbers = order
            .iter()
            .filter(|(of, _)| *of == packet(slot, 0, 0).slot)
            .map(|(_, sequence)| *sequence);
        assert!(numbers.is_sorted(), "{order:?}");
    }
    assert_eq!(order.len(), 12);
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
