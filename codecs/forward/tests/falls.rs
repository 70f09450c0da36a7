//! A path that suddenly carries little: pictures begin anew instead of being repaired.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use simulation::adapted::{Consultation, FRAME_NS, LEG};
use simulation::{MS, SECOND};
use wire::payload::Kind;

/// A consultation whose path has carried 2.5 Mbit/s, and carries this much since two thirds of a second.
fn fallen_to(rate_bps: u64) -> Consultation {
    fallen_where(3_000_000, rate_bps)
}

/// The same, where so much is of use to the subscriber; nobody adapts where that is nothing.
fn fallen_where(useful_bps: u64, rate_bps: u64) -> Consultation {
    let mut consultation = Consultation::over(2_500_000);
    consultation.packet_bytes = 1_100;
    consultation.command(Command::SetUsefulRate {
        leg: LEG,
        bps: useful_bps,
    });
    consultation.run(5 * SECOND);
    consultation.simulation.links[1].1.rate_bps = rate_bps;
    consultation.run(640 * MS);
    consultation
}

/// Has the subscriber ask again for the last packets that it has, as if they had been lost; returns after how long
/// its publisher was asked for a key frame, if it was.
fn ask_again_for(consultation: &mut Consultation, packets: usize) -> Option<u64> {
    let before = consultation.simulation.participants[0].plis;
    consultation.ask_again(packets);
    (1..25)
        .find(|_| {
            consultation.run(FRAME_NS);
            consultation.simulation.participants[0].plis > before
        })
        .map(|frames| frames * FRAME_NS)
}

#[test]
fn a_path_that_has_fallen_gets_a_key_frame_of_an_encoder_that_knows() {
    let mut consultation = fallen_to(500_000);
    let waited_ns = ask_again_for(&mut consultation, 40).unwrap();
    assert!(waited_ns > 250 * MS, "{waited_ns}");
    let counted = |counter| consultation.simulation.counted(counter);
    assert_eq!(counted(Counter::RepairsGivenUp), 1);
    assert!(counted(Counter::EgressRtxPackets) < 15);
}

#[test]
fn a_fall_begins_pictures_anew_once() {
    let mut consultation = fallen_to(500_000);
    for _ in 0..5 {
        ask_again_for(&mut consultation, 40);
    }
    assert_eq!(consultation.simulation.counted(Counter::RepairsGivenUp), 1);
}

#[test]
fn what_a_path_that_has_fallen_can_spare_is_repaired() {
    let mut consultation = fallen_to(500_000);
    assert_eq!(ask_again_for(&mut consultation, 3), None);
    assert_eq!(consultation.simulation.counted(Counter::RepairsGivenUp), 0);
    assert_eq!(
        consultation.simulation.counted(Counter::EgressRtxPackets),
        3
    );
}

#[test]
fn a_path_that_has_not_fallen_repairs_a_long_burst() {
    let mut consultation = fallen_to(2_500_000);
    assert_eq!(ask_again_for(&mut consultation, 40), None);
    assert_eq!(consultation.simulation.counted(Counter::RepairsGivenUp), 0);
    assert_eq!(
        consultation.simulation.counted(Counter::EgressRtxPackets),
        40
    );
}

#[test]
fn where_nobody_adapts_all_is_repaired_however_far_a_path_falls() {
    let mut consultation = fallen_where(0, 500_000);
    let told = consultation.estimates();
    let highest_bps = told.iter().map(|it| it.standing.estimate_bps).max();
    let fallen_bps = told.last().unwrap().standing.estimate_bps;
    assert!(fallen_bps * 10 < highest_bps.unwrap() * 6, "it has fallen");
    assert_eq!(ask_again_for(&mut consultation, 40), None);
    let counted = |counter| consultation.simulation.counted(counter);
    assert_eq!(counted(Counter::RepairsGivenUp), 0);
    assert_eq!(counted(Counter::EgressRtxPackets), 40);
}

#[test]
fn a_picture_is_not_given_up_for_an_encoding_that_has_not_come() {
    let mut consultation = fallen_to(500_000);
    let slot = consultation.simulation.participants[1].slot(Kind::Video).0;
    consultation.command(Command::SetLayer {
        slot,
        encoding: Some(2),
        spatial: None,
        temporal: None,
    });
    ask_again_for(&mut consultation, 40);
    assert_eq!(consultation.simulation.counted(Counter::RepairsGivenUp), 0);
}
