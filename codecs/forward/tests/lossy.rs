//! Losses at random, both ways: what is asked for again comes, and of what will not come a key frame does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::counters::Counter;
use simulation::SECOND;
use simulation::adapted::{Consultation, FRAME_NS};
use simulation::participant::RTX_OFFSET;
use simulation::watching::Watching;
use wire::payload::Kind;

/// A minute of pictures over a path that loses so much each way, after two seconds and before one in which it loses nothing.
fn watched(loss_per_mille: u64) -> Consultation {
    let mut consultation = Consultation::over(0);
    consultation.packet_bytes = 1_100;
    // The one who watches asks, and nobody else.
    consultation.simulation.participants[1].repairs = false;
    consultation.watching = Some(Watching::default());
    consultation.run(2 * SECOND);
    lose(&mut consultation, loss_per_mille);
    for _ in 0..60 {
        // Consent lasts for half a minute.
        for who in 0..2 {
            let check = consultation.simulation.participants[who].check(true);
            consultation.simulation.towards_relay(who, check);
        }
        consultation.run(SECOND);
    }
    lose(&mut consultation, 0);
    consultation.run(SECOND);
    consultation
}

fn lose(consultation: &mut Consultation, loss_per_mille: u64) {
    let (towards_relay, from_relay) = &mut consultation.simulation.links[1];
    towards_relay.loss_per_mille = loss_per_mille;
    from_relay.loss_per_mille = loss_per_mille;
}

/// How often the publisher is asked for a key frame in the fifth of a second after the subscriber has asked for packets.
fn key_frames_asked_after(consultation: &mut Consultation, missing: &[u16]) -> usize {
    let before = consultation.simulation.participants[0].plis;
    consultation.ask_for(missing);
    consultation.run(5 * FRAME_NS);
    consultation.simulation.participants[0].plis - before
}

#[test]
fn nobodys_picture_freezes_because_one_packet_in_five_is_lost_each_way() {
    for loss_per_mille in [100, 200] {
        let consultation = watched(loss_per_mille);
        let watching = consultation.watching.as_ref().unwrap();
        let (sent, shown) = (usize::from(consultation.frame), watching.shown);
        // Where a key frame is whole before what comes before it, that is left out.
        assert!(shown + sent / 25 >= sent, "{shown} of {sent} frames");
        let longest_ns = watching.longest_still_ns;
        assert!(longest_ns < SECOND, "{longest_ns} ns");
        assert_eq!(watching.plis, 0);
    }
}

#[test]
fn who_asks_for_everything_again_gets_half_as_much_again_and_64_kib_at_once() {
    let mut consultation = Consultation::over(0);
    consultation.packet_bytes = 1_100;
    for _ in 0..250 {
        consultation.run(FRAME_NS);
        consultation.ask_again(40);
    }
    consultation.settle();
    let line = consultation.simulation.participants[1].slot(Kind::Video).1;
    let bytes_of = |ssrc| {
        let received = consultation.simulation.participants[1].received.iter();
        let of_line = received.filter(|got| got.header.ssrc == ssrc);
        of_line.map(|got| got.payload.len()).sum::<usize>()
    };
    let (once, again) = (bytes_of(line), bytes_of(line + RTX_OFFSET));
    // Headers earn too.
    let most = once * 55 / 100 + 64 * 1_024;
    assert!(
        (once * 4 / 10..=most).contains(&again),
        "{again} and {once}"
    );
}

#[test]
fn of_what_is_not_kept_any_more_a_key_frame_is_asked_for_at_once() {
    let mut consultation = Consultation::over(0);
    consultation.run(2 * SECOND);
    let gone = consultation.last_of_pictures(1);
    consultation.run(2 * SECOND);
    assert_eq!(key_frames_asked_after(&mut consultation, &gone), 1);
    // One has left since: nothing needs what was before it.
    consultation.run(2 * SECOND);
    assert_eq!(key_frames_asked_after(&mut consultation, &gone), 0);
    let counted = consultation.simulation.counted(Counter::LossesPastRepair);
    assert_eq!(counted, 1);
}

#[test]
fn of_what_comes_again_or_was_never_sent_no_key_frame_is_asked_for() {
    let mut consultation = Consultation::over(0);
    consultation.run(4 * SECOND);
    let newest = consultation.last_of_pictures(1)[0];
    assert_eq!(key_frames_asked_after(&mut consultation, &[newest]), 0);
    let never: Vec<u16> = (1..40).map(|by| newest.wrapping_add(by * 200)).collect();
    assert_eq!(key_frames_asked_after(&mut consultation, &never), 0);
    let counted = |counter| consultation.simulation.counted(counter);
    assert_eq!(counted(Counter::EgressRtxPackets), 1);
    assert_eq!(counted(Counter::DropRtxNotCached), 39);
}

#[test]
fn who_asks_for_what_is_gone_all_the_time_is_sent_a_key_frame_a_second_at_most() {
    let mut consultation = Consultation::over(0);
    consultation.run(4 * SECOND);
    let before = consultation.simulation.participants[0].plis;
    for _ in 0..250 {
        // Of more than a second ago.
        let gone = consultation.last_of_pictures(150).split_off(110);
        consultation.ask_for(&gone);
        consultation.run(FRAME_NS);
    }
    let asked = consultation.simulation.participants[0].plis - before;
    assert!((2..=11).contains(&asked), "{asked}");
}
