//! Long silences and late beginnings: a slot that comes back can be decrypted, and begins at a key frame.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::counters::Counter;
use forward::event::Event;
use forward::{FIRST_TCP_SOCKET, Tuple};
use simulation::adapted::Consultation;
use simulation::participant::{RTX_OFFSET, RTX_PT, VIDEO_PT, video_ssrc};
use simulation::pictures::{deliver, two, vp8};
use simulation::{MS, SECOND, Simulation};

fn send(simulation: &mut Simulation, key_frame: bool, picture: u32) {
    let payload = vp8(key_frame, picture as u16 & 0x7fff, 0, 0);
    let ssrc = video_ssrc(1, 0);
    let rtp = simulation.participants[0].rtp(ssrc, VIDEO_PT, picture * 300, true, &payload, None);
    simulation.towards_relay(0, rtp);
}

#[test]
fn two_minutes_without_a_network_end_in_a_picture_that_can_be_decrypted() {
    let mut simulation = two(&[]);
    let mut picture = 0;
    for _ in 0..60_000 {
        send(&mut simulation, picture == 0, picture);
        simulation.settle();
        picture += 1;
    }
    simulation.links[1].1.loss_per_mille = 1_000;
    for _ in 0..115 {
        let check = simulation.participants[0].check(true);
        simulation.towards_relay(0, check);
        for _ in 0..300 {
            send(&mut simulation, false, picture);
            picture += 1;
        }
        simulation.run_for(SECOND);
    }
    assert_eq!(simulation.counted(Counter::ConsentsLost), 1);
    simulation.links[1].1.loss_per_mille = 0;
    let plis = simulation.participants[0].plis;
    let check = simulation.participants[1].check(true);
    simulation.towards_relay(1, check);
    let report = simulation.participants[1].sender_report(1, 0, 0);
    simulation.towards_relay(1, report);
    simulation.settle();
    assert_eq!(
        simulation.participants[0].plis,
        plis + 1,
        "asked for at once"
    );
    let before = simulation.participants[1].received.len();
    for _ in 0..300 {
        send(&mut simulation, picture % 100 == 0, picture);
        picture += 1;
        simulation.run_for(3 * MS);
    }
    assert_eq!(simulation.participants[1].undecryptable, 0);
    assert!(simulation.participants[1].received.len() - before > 200);
}

#[test]
fn no_key_frame_is_spent_on_a_path_that_has_yet_to_prove_itself() {
    let mut simulation = two(&[]);
    let mut picture = 0;
    let mut publish = |simulation: &mut Simulation, is_key: bool| {
        let payload = [&vp8(is_key, picture, 0, 0)[..], &[0; 600]].concat();
        let (ssrc, time) = (video_ssrc(1, 0), u32::from(picture) * 3_000);
        let rtp = simulation.participants[0].rtp(ssrc, VIDEO_PT, time, true, &payload, None);
        simulation.towards_relay(0, rtp);
        simulation.run_for(33 * MS);
        picture += 1;
    };
    publish(&mut simulation, true);
    for _ in 0..31 {
        let check = simulation.participants[0].check(true);
        simulation.towards_relay(0, check);
        publish(&mut simulation, false);
        simulation.run_for(SECOND);
    }
    assert_eq!(simulation.counted(Counter::ConsentsLost), 1);
    let plis = simulation.participants[0].plis;
    let before = simulation.participants[1].received.len();
    let check = simulation.participants[1].check(true);
    simulation.towards_relay(1, check);
    simulation.settle();
    assert_eq!(simulation.participants[0].plis, plis, "three times a check");
    for is_key in [true, false] {
        publish(&mut simulation, is_key);
    }
    let report = simulation.participants[1].sender_report(1, 0, 0);
    simulation.towards_relay(1, report);
    simulation.settle();
    assert_eq!(simulation.participants[0].plis, plis + 1);
    for is_key in [false, true, false] {
        publish(&mut simulation, is_key);
    }
    let received = simulation.participants[1].received[before..].iter();
    let keys: Vec<bool> = received
        .map(|got| got.payload[VP8_DESCRIPTOR_BYTES] & 1 == 0)
        .collect();
    assert_eq!(keys, [true, false], "begins at the key frame");
}

#[test]
fn whoever_returns_by_tcp_is_shown_pictures_without_having_to_speak_first() {
    let mut simulation = two(&[]);
    for picture in 0..31 {
        let check = simulation.participants[0].check(true);
        simulation.towards_relay(0, check);
        send(&mut simulation, picture == 0, picture);
        simulation.run_for(SECOND);
    }
    assert_eq!(simulation.counted(Counter::ConsentsLost), 1);
    let plis = simulation.participants[0].plis;
    simulation.participants[1].tuple = Tuple {
        socket: FIRST_TCP_SOCKET,
        remote: ([198, 51, 100, 7], 5_000).into(),
    };
    let check = simulation.participants[1].check(true);
    simulation.towards_relay(1, check);
    simulation.settle();
    assert_eq!(simulation.participants[0].plis, plis + 1);
}

#[test]
fn a_check_replayed_after_consent_ran_out_revives_nothing() {
    let mut simulation = two(&[]);
    let captured = simulation.participants[1].check(true);
    deliver(&mut simulation, 1, captured.clone());
    simulation.run_for(31 * SECOND);
    assert_eq!(simulation.counted(Counter::ConsentsLost), 2);
    simulation.events.clear();
    for _ in 0..100 {
        deliver(&mut simulation, 1, captured.clone());
        simulation.run_for(20 * MS);
    }
    let told =
        |event: &&Event| matches!(event, Event::Connected { .. } | Event::ConsentLost { .. });
    assert_eq!(simulation.events.iter().filter(told).count(), 0);
}

#[test]
fn consent_is_of_the_path_in_use_not_of_another() {
    let mut simulation = two(&[]);
    let home = simulation.participants[1].tuple;
    // The participant moves media to an address that never checks again, and keeps checking from home.
    simulation.participants[1].tuple.remote = ([198, 51, 100, 7], 9).into();
    let check = simulation.participants[1].check(true);
    deliver(&mut simulation, 1, check);
    let report = simulation.participants[1].sender_report(1, 0, 0);
    deliver(&mut simulation, 1, report);
    simulation.participants[1].tuple = home;
    for _ in 0..40 {
        let check = simulation.participants[1].check(false);
        deliver(&mut simulation, 1, check);
        simulation.run_for(SECOND);
    }
    let leg = simulation.participants[1].leg;
    assert!(simulation.events.contains(&Event::ConsentLost { leg }));
}

#[test]
fn a_slot_that_begins_with_a_retransmission_is_sent_what_followed_it() {
    let mut simulation = two(&[]);
    let ssrc = video_ssrc(1, 0);
    // The relay has heard the line before, so that it knows what is missing; the slot has not begun.
    send(&mut simulation, false, 0);
    simulation.settle();
    simulation.participants[0].skip(ssrc);
    for picture in 2..6 {
        send(&mut simulation, false, picture);
    }
    simulation.settle();
    assert_eq!(simulation.participants[1].received.len(), 0);
    let again = [&65_001_u16.to_be_bytes()[..], &vp8(true, 1, 0, 0)].concat();
    let again =
        simulation.participants[0].protected(ssrc + RTX_OFFSET, RTX_PT, 9, 300, true, &again, None);
    simulation.towards_relay(0, again);
    simulation.settle();
    let numbers: Vec<u16> = simulation.participants[1]
        .received
        .iter()
        .map(|got| got.header.sequence)
        .collect();
    assert_eq!(numbers.len(), 5, "{:?}", simulation.drops());
    assert!(
        numbers
            .windows(2)
            .all(|pair| pair[1] == pair[0].wrapping_add(1))
    );
}

#[test]
fn losses_before_the_first_arrival_of_a_feedback_are_told() {
    let mut simulation = two(&[]);
    for picture in 0..200 {
        let payload = vp8(picture == 0, picture as u16, 0, 0);
        let rtp = simulation.participants[0].rtp(
            video_ssrc(1, 0),
            VIDEO_PT,
            picture * 900,
            true,
            &payload,
            None,
        );
        if !(50..80).contains(&picture) {
            simulation.towards_relay(0, rtp);
        }
        simulation.run_for(10 * MS);
    }
    simulation.run_for(SECOND);
    let told = &simulation.participants[0].told_arrivals;
    assert_eq!(told.values().filter(|arrived| !**arrived).count(), 30);
}

#[test]
fn whoever_is_back_after_ten_seconds_is_sent_a_key_frame_and_asked_what_their_path_carries() {
    let mut consultation = Consultation::paced_over(3_000_000);
    consultation.run(5 * SECOND);
    lose(&mut consultation, 1_000);
    consultation.run(10 * SECOND);
    let before = consultation.simulation.participants[0].plis;
    let probes = consultation.simulation.counted(Counter::Probes);
    lose(&mut consultation, 0);
    consultation.run(SECOND);
    assert_eq!(consultation.simulation.counted(Counter::ConsentsLost), 0);
    assert_eq!(consultation.simulation.participants[0].plis, before + 1);
    assert!(consultation.simulation.counted(Counter::Probes) > probes);
    consultation.run(2 * SECOND);
    let rate_bps = consultation
        .estimates()
        .last()
        .unwrap()
        .standing
        .estimate_bps;
    assert!(rate_bps > 1_000_000, "{rate_bps}");
}

#[test]
fn whoever_is_back_after_their_consent_ran_out_is_sent_one_key_frame() {
    let mut consultation = Consultation::over(3_000_000);
    consultation.run(5 * SECOND);
    lose_consent(&mut consultation);
    let before = consultation.simulation.participants[0].plis;
    lose(&mut consultation, 0);
    // So that pictures have begun before any feedback tells of what was sent meanwhile.
    consultation.simulation.links[1].0.delay_ns = 100 * MS;
    let check = consultation.simulation.participants[1].check(true);
    consultation.simulation.towards_relay(1, check);
    let report = consultation.simulation.participants[1].sender_report(1, 0, 0);
    consultation.simulation.towards_relay(1, report);
    let pictures = consultation.pictures();
    consultation.run(SECOND);
    assert_eq!(consultation.simulation.participants[0].plis, before + 1);
    assert!(consultation.pictures() > pictures + 15, "and go on");
}

#[test]
fn whoever_is_back_long_after_their_consent_ran_out_is_asked_what_their_path_carries() {
    let mut consultation = Consultation::paced_over(3_000_000);
    consultation.run(5 * SECOND);
    lose_consent(&mut consultation);
    consultation.run(5 * SECOND);
    lose(&mut consultation, 0);
    let check = consultation.simulation.participants[1].check(true);
    consultation.simulation.towards_relay(1, check);
    consultation.run(4 * SECOND);
    let told = consultation.estimates();
    let rate_bps = told.last().unwrap().standing.estimate_bps;
    assert!(rate_bps > 1_000_000, "{rate_bps}");
}

/// How much of what goes either way between the relay and the subscriber is lost from now on.
fn lose(consultation: &mut Consultation, per_mille: u64) {
    let (from, towards) = &mut consultation.simulation.links[1];
    (from.loss_per_mille, towards.loss_per_mille) = (per_mille, per_mille);
}

/// Loses all of it until the subscriber's consent has run out, half a second ago at the most.
fn lose_consent(consultation: &mut Consultation) {
    lose(consultation, 1_000);
    for _ in 0..75 {
        let check = consultation.simulation.participants[0].check(true);
        consultation.simulation.towards_relay(0, check);
        consultation.run(400 * MS);
        if consultation.simulation.counted(Counter::ConsentsLost) > 0 {
            return;
        }
    }
    panic!("thirty seconds without a check are the end of consent");
}

/// Of [`vp8`]'s payloads; behind it comes the frame, whose first bit says that it is no key frame (RFC 6386 §9.1).
const VP8_DESCRIPTOR_BYTES: usize = 6;
