use slotmap::KeyData;

use super::*;

pub(super) const MS: u64 = 1_000_000;

/// A packet of 1,000 bytes on one of several slots; frames of four packets, the first frame is a key frame.
pub(super) fn packet(slot: u64, sequence: u64, arrival_ns: u64) -> Waiting {
    Waiting {
        slot: KeyData::from_ffi(slot).into(),
        track: KeyData::from_ffi(7).into(),
        encoding: 0,
        sequence,
        timestamp: (sequence / 4) as u32 * 3_600,
        size_bytes: 1_000,
        arrival_ns,
        key_frame: sequence == 0,
        begins_anew: false,
    }
}

/// What leaves, by slot and sequence number, once there is no limit any more.
pub(super) fn rest(pacer: &mut Pacer) -> Vec<(SlotKey, u64)> {
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
fn the_first_packets_of_a_frame_leave_at_once_after_a_pause() {
    let mut pacer = Pacer::default();
    assert!(!pacer.is_full(1_000_000, 5_000 * MS));
    let mut at_once = 0;
    while !pacer.is_full(1_000_000, 5_000 * MS) {
        pacer.spend(1_000);
        at_once += 1_000;
    }
    assert_eq!(
        at_once, 3_000,
        "a fiftieth of a second of the rate, and the packet that ends it"
    );
}

#[test]
fn a_long_frame_arrives_no_later_and_no_queue_stands_before_its_path() {
    // A path of 0.5 Mbit/s and frames of 6 kB: 96 ms of it.
    let (rate_bps, path_bytes_a_ms) = (500_000, 62.5);
    let mut pacer = Pacer::default();
    assert!(!pacer.is_full(rate_bps, 5_000 * MS));
    let (mut left, mut queued_bytes, mut longest_bytes) = (0, 0.0_f64, 0.0_f64);
    let mut whole_at = None;
    for at in 5_000..5_200 {
        queued_bytes = (queued_bytes - path_bytes_a_ms).max(0.0);
        while left < 6 && !pacer.is_full(rate_bps, at * MS) {
            pacer.spend(1_000);
            queued_bytes += 1_000.0;
            left += 1;
        }
        longest_bytes = longest_bytes.max(queued_bytes);
        if left == 6 && queued_bytes < 1.0 {
            whole_at.get_or_insert(at);
        }
    }
    let whole_at = whole_at.expect("it arrives");
    assert!(whole_at <= 5_100, "{whole_at}");
    assert!(longest_bytes <= 2_600.0, "{longest_bytes}");
}

#[test]
fn what_is_sent_again_may_take_seven_hundredths_of_a_second_at_once() {
    let mut pacer = Pacer::default();
    let mut at_once = 0;
    while !pacer.is_full_for_repair(1_000_000, 5_000 * MS) {
        pacer.spend(1_000);
        at_once += 1_000;
    }
    assert_eq!(at_once, 9_000);
    assert!(pacer.is_full(1_000_000, 5_045 * MS), "pictures pay for it");
    assert!(!pacer.is_full(1_000_000, 5_055 * MS));
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
fn a_key_frame_takes_the_place_of_what_waits_for_its_slot() {
    let mut pacer = Pacer::default();
    for sequence in 4..10 {
        pacer.add(packet(1, sequence, 0));
        pacer.add(packet(2, sequence, 0));
    }
    let begins = |sequence| Waiting {
        key_frame: true,
        begins_anew: true,
        ..packet(1, sequence, 0)
    };
    assert_eq!(pacer.overtake(&begins(3)), 0, "others have followed it");
    assert_eq!(pacer.overtake(&begins(10)), 0, "some of its frame waits");
    assert_eq!(pacer.overtake(&begins(12)), 6);
    assert!(pacer.add(begins(12)));
    assert!(pacer.add(packet(1, 13, 0)));
    assert!(!pacer.add(packet(1, 11, 0)), "too late");
    assert!(pacer.add(packet(2, 3, 0)));
    let (first, second): (Vec<_>, Vec<_>) = rest(&mut pacer)
        .into_iter()
        .partition(|(slot, _)| *slot == packet(1, 0, 0).slot);
    assert_eq!(first.iter().map(|it| it.1).collect::<Vec<_>>(), [12, 13]);
    assert_eq!(
        second.iter().map(|it| it.1).collect::<Vec<_>>(),
        [3, 4, 5, 6, 7, 8, 9]
    );
}

#[test]
fn a_key_frame_that_has_begun_to_leave_becomes_whole_before_the_next() {
    let mut pacer = Pacer::default();
    for sequence in 0..12 {
        pacer.add(packet(1, sequence, 0));
    }
    pacer.budget_nanobits = 1;
    assert!(pacer.take(1_000_000, 0).is_some());
    let next = Waiting {
        key_frame: true,
        begins_anew: true,
        ..packet(1, 12, 0)
    };
    assert_eq!(pacer.overtake(&next), 8);
    assert!(pacer.add(next));
    let left: Vec<_> = rest(&mut pacer).into_iter().map(|it| it.1).collect();
    assert_eq!(left, [1, 2, 3, 12]);
}

#[test]
fn an_encoding_whose_numbers_begin_again_has_nothing_left_of_the_earlier_ones() {
    let mut pacer = Pacer::default();
    for sequence in 100..104 {
        pacer.add(packet(1, sequence, 0));
        pacer.add(packet(2, sequence, 0));
    }
    assert_eq!(pacer.restart(&packet(1, 0, 0)), 4);
    pacer.add(packet(1, 0, 0));
    assert_eq!(rest(&mut pacer).len(), 5);
}

#[test]
fn what_is_put_first_leaves_first_and_in_order() {
    let mut pacer = Pacer::default();
    pacer.add(packet(2, 1, 0));
    pacer.add(packet(1, 8, 0));
    assert_eq!(pacer.next_after(&packet(1, 4, 0)), Some(8));
    pacer.put_first((5..8).map(|sequence| packet(1, sequence, 0)));
    let left: Vec<_> = rest(&mut pacer).into_iter().map(|it| it.1).collect();
    assert_eq!(left, [5, 6, 7, 1, 8]);
    assert_eq!(pacer.waiting_bytes, 0);
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
