#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use proptest::prelude::*;

fn sequence_of(mapped: Option<Mapped>) -> Option<u64> {
    mapped.map(|mapped| mapped.sequence)
}

#[test]
fn a_switch_continues_where_the_last_source_stopped() {
    let mut line = Line::new(100);
    line.switch(
        5_000,
        1_000,
        77,
        Some(PictureIds {
            picture_id: 9,
            tl0_index: 3,
            ..PictureIds::default()
        }),
    );
    let first = line
        .map(
            5_000,
            1_000,
            Some(PictureIds {
                picture_id: 9,
                tl0_index: 3,
                ..PictureIds::default()
            }),
            0,
        )
        .unwrap();
    assert_eq!((first.sequence, first.timestamp), (100, 77));
    line.map(
        5_001,
        4_000,
        Some(PictureIds {
            picture_id: 10,
            tl0_index: 4,
            ..PictureIds::default()
        }),
        0,
    )
    .unwrap();
    line.switch(
        42,
        9,
        5_000,
        Some(PictureIds {
            picture_id: 32_000,
            tl0_index: 200,
            ..PictureIds::default()
        }),
    );
    let next = line
        .map(
            42,
            9,
            Some(PictureIds {
                picture_id: 32_000,
                tl0_index: 200,
                ..PictureIds::default()
            }),
            0,
        )
        .unwrap();
    assert_eq!((next.sequence, next.timestamp), (102, 5_000));
    assert_eq!(
        PictureIds {
            picture_id: 32_000,
            tl0_index: 200,
            ..PictureIds::default()
        }
        .shifted(next.picture_shift),
        PictureIds {
            picture_id: 3,
            tl0_index: 3,
            frame_number: 2,
        }
    );
    assert_eq!(line.map(41, 9, None, 0), None, "from before the switch");
}

#[test]
fn a_lost_packet_keeps_its_place_and_a_late_one_takes_it() {
    let mut line = Line::new(0);
    line.switch(10, 0, 0, None);
    assert_eq!(sequence_of(line.map(10, 0, None, 0)), Some(0));
    assert_eq!(sequence_of(line.map(12, 0, None, 0)), Some(2));
    assert_eq!(sequence_of(line.map(11, 0, None, 0)), Some(1));
}

#[test]
fn a_withheld_packet_leaves_no_hole_and_a_late_one_must_be_filled() {
    let mut line = Line::new(0);
    line.switch(10, 0, 0, None);
    line.map(10, 0, None, 0);
    assert_eq!(line.withhold(11, 0, true), None);
    assert_eq!(sequence_of(line.map(13, 0, None, 0)), Some(2));
    assert_eq!(sequence_of(line.withhold(12, 0, false)), Some(1));
    assert_eq!(
        sequence_of(line.map(11, 0, None, 0)),
        None,
        "withheld stays withheld"
    );
}

#[test]
fn withheld_frames_do_not_count_in_the_picture_ids() {
    let mut line = Line::new(0);
    let ids = |picture_id| PictureIds {
        picture_id,
        tl0_index: 0,
        ..PictureIds::default()
    };
    line.switch(0, 0, 0, Some(ids(0)));
    line.map(0, 0, Some(ids(0)), 0);
    line.withhold(1, 0, true);
    line.withhold(2, 0, false);
    let mapped = line.map(3, 0, Some(ids(2)), 0).unwrap();
    assert_eq!(ids(2).shifted(mapped.picture_shift).picture_id, 2);
}

#[test]
fn padding_takes_numbers_between_what_came_before_and_what_comes_after() {
    let mut line = Line::new(0);
    line.switch(10, 0, 0, None);
    line.map(10, 0, None, 0);
    // 11 is late.
    assert_eq!(sequence_of(line.map(12, 0, None, 0)), Some(2));
    for number in 3..6 {
        assert_eq!(line.next_for_padding(), Some(number));
        line.pad();
    }
    assert_eq!(sequence_of(line.map(11, 0, None, 0)), Some(1));
    assert_eq!(line.withhold(13, 0, true), None);
    assert_eq!(sequence_of(line.map(14, 0, None, 0)), Some(6));
    line.pad();
    line.switch(900, 0, 0, None);
    assert_eq!(sequence_of(line.map(900, 0, None, 0)), Some(8));
}

#[test]
fn padding_takes_no_number_of_a_packet_that_may_still_come() {
    let mut line = Line::new(0);
    assert_eq!(line.next_for_padding(), None);
    line.switch(10, 0, 0, None);
    line.map(10, 0, None, 0);
    // 11 is late.
    assert_eq!(line.withhold(12, 0, true), None);
    assert_eq!(line.next_for_padding(), None);
    assert_eq!(sequence_of(line.map(11, 0, None, 0)), Some(1));
    assert_eq!(line.next_for_padding(), Some(2));
}

proptest! {
    /// In order, whatever is withheld, and however often the source changes: 0, 1, 2, …
    #[test]
    fn what_leaves_is_numbered_without_holes(fates in proptest::collection::vec(0..10_u8, 1..400)) {
        let mut line = Line::new(0);
        let (mut expected, mut sequence) = (0, 1_000_u64);
        line.switch(sequence, 0, 0, None);
        for fate in fates {
            if fate == 0 {
                sequence += 50_000;
                line.switch(sequence, 0, 0, None);
            }
            if fate == 4 && expected > 0 {
                prop_assert_eq!(line.next_for_padding(), Some(expected));
                line.pad();
                expected += 1;
            }
            if (1..=3).contains(&fate) {
                prop_assert_eq!(line.withhold(sequence, 0, true), None);
            } else {
                prop_assert_eq!(sequence_of(line.map(sequence, 0, None, 0)), Some(expected));
                expected += 1;
            }
            sequence += 1;
        }
    }

    /// Reordered by a little: every number leaves once, and none twice.
    #[test]
    fn no_number_leaves_twice(order in Just((0..200_u64).collect::<Vec<_>>()).prop_shuffle(), withheld in proptest::collection::hash_set(0..200_u64, 0..60), padded in proptest::collection::hash_set(0..200_u64, 0..60)) {
        let mut line = Line::new(0);
        line.switch(0, 0, 0, None);
        let mut left = std::collections::HashSet::new();
        for sequence in order {
            let mapped = if withheld.contains(&sequence) { line.withhold(sequence, 0, false) } else { line.map(sequence, 0, None, 0) };
            if let Some(mapped) = mapped {
                prop_assert!(left.insert(mapped.sequence), "{} twice", mapped.sequence);
            }
            if let Some(number) = line.next_for_padding().filter(|_| padded.contains(&sequence)) {
                prop_assert!(left.insert(number), "{} twice", number);
                line.pad();
            }
        }
    }
}

#[test]
fn rows_of_withheld_packets_are_remembered_as_one() {
    let mut line = Line::new(0);
    line.switch(0, 0, 0, None);
    // A packet of each forty is forwarded, as of a small size beside a large one; one of them comes late.
    for sequence in 0..40 * 60_u64 {
        if sequence % 40 != 0 {
            assert_eq!(line.withhold(sequence, 0, false), None);
        } else if sequence != 400 {
            let mapped = line.map(sequence, 0, None, 0).unwrap();
            assert_eq!(mapped.sequence, sequence / 40);
        }
    }
    assert_eq!(line.map(400, 0, None, 0).unwrap().sequence, 10);
    assert_eq!(line.map(401, 0, None, 0), None, "it was left out");
}
