use super::*;
use proptest::prelude::*;

fn slot(chosen: Option<u8>) -> Slot {
    let add = AddSlot {
        leg: crate::LegId(1),
        slot: SlotId(1),
        mid: SmallToken::parse_untrusted(b"1").expect("a digit is a token"),
        kind: Kind::Video,
        ssrc: 1,
        rtx_ssrc: None,
        codecs: Vec::new(),
    };
    Slot {
        chosen_encoding: chosen,
        ..Slot::new(&add, LegKey::default(), 0, 0)
    }
}

#[test]
fn the_best_alive_is_wanted_unless_another_is_chosen() {
    assert_eq!(slot(None).wanted(0b110), Some(1));
    assert_eq!(slot(Some(2)).wanted(0b111), Some(2));
    assert_eq!(
        slot(Some(1)).wanted(0b101),
        Some(2),
        "next lower quality first"
    );
    assert_eq!(slot(Some(2)).wanted(0b011), None, "nothing above it");
    assert_eq!(slot(None).wanted(0), None);
}

#[test]
fn nothing_is_wanted_of_a_paused_slot() {
    let paused = Slot {
        paused: true,
        ..slot(Some(1))
    };
    assert_eq!(paused.wanted(0b111), None);
    assert!(!paused.awaits_key_frame(0b111));
}

#[test]
fn what_did_not_leave_is_given_back_and_never_more_than_may_be_saved_up() {
    let mut again = Retransmission {
        ssrc: 2,
        next: 0,
        history: History::default(),
        allowance_bytes: 1_000,
        given_up_ns: None,
    };
    again.earn(400);
    again.give_back(500);
    assert_eq!(again.allowance_bytes, 1_700);
    again.give_back(1 << 20);
    assert_eq!(again.allowance_bytes, MAX_ALLOWANCE_BYTES);
}

#[test]
fn a_key_frame_begins_with_its_first_packet() {
    let mut sent = Sent::default();
    assert!(!sent.has_begun_behind(0));
    for sequence in 10..14 {
        sent.key_frame_leaves(sequence, 3_000);
    }
    assert!(sent.has_begun_behind(9) && !sent.has_begun_behind(10));
    sent.key_frame_leaves(40, 90_000);
    // One of the first that comes late.
    sent.key_frame_leaves(12, 3_000);
    assert!(sent.has_begun_behind(39) && !sent.has_begun_behind(40));
}

#[test]
fn a_key_frame_begins_with_its_first_packet_also_where_that_leaves_behind_its_second() {
    let mut sent = Sent::default();
    sent.key_frame_leaves(10, 3_000);
    for sequence in [41, 40, 42] {
        sent.key_frame_leaves(sequence, 90_000);
    }
    assert!(sent.has_begun_behind(39) && !sent.has_begun_behind(40));
}

proptest! {
    #[test]
    fn what_is_wanted_is_alive_and_no_better_than_chosen(
        chosen in proptest::option::of(0..3_u8),
        alive in 0..8_u8,
    ) {
        let least = chosen.unwrap_or(0);
        if let Some(wanted) = slot(chosen).wanted(alive) {
            prop_assert!(wanted >= least && alive & (1 << wanted) != 0);
        } else {
            prop_assert_eq!(alive >> least, 0);
        }
    }
}
