//! Sound towards who loses it: each packet carries earlier frames once more, for those who were chosen for it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use simulation::participant::{
    AUDIO_PT, Received, SLOT_AUDIO_PT, SLOT_RED_PT, VIDEO_PT, audio_ssrc, video_ssrc,
};
use simulation::pictures::vp8;
use simulation::sound::{STEP, frame, frames_in, number_of, numbers_in};
use simulation::{MS, Simulation};
use wire::payload::Kind;
use wire::payload::red::MAX_BLOCK_BYTES;

const MANY: u32 = 20_000;

/// Of 10,000 frames, those that a listener never has who loses every fifth packet, none with its neighbour.
fn lost_of_ten_thousand(distance: u8) -> u32 {
    let mut simulation = Simulation::speech_to(&[distance]);
    simulation.links[1].1.loss_per_mille = 200;
    let mut has = vec![false; MANY as usize];
    for number in 0..MANY {
        simulation.say(0, number, &frame(number));
        for got in simulation.heard(1) {
            for number in numbers_in(&got) {
                has[number as usize] = true;
            }
        }
    }
    assert_eq!(simulation.participants[1].undecryptable, 0);
    let lost = has.iter().filter(|has| !**has).count() as u32;
    lost * 10_000 / MANY
}

#[test]
fn of_twenty_per_cent_lost_one_frame_again_leaves_four_and_two_leave_one() {
    // 0.2, 0.2² and 0.2³, as the loss is independent (RFC 2198 §1 is about that).
    let plain = lost_of_ten_thousand(0);
    assert!((1_900..=2_100).contains(&plain), "{plain}");
    let once = lost_of_ten_thousand(1);
    assert!((340..=460).contains(&once), "{once}");
    let twice = lost_of_ten_thousand(2);
    assert!((40..=150).contains(&twice), "{twice}");
}

#[test]
fn who_is_sent_earlier_frames_and_who_is_not_get_the_same_sound() {
    let mut simulation = Simulation::speech_to(&[2, 0, 1]);
    for number in 0..300 {
        simulation.say(0, number, &frame(number));
    }
    for (listener, distance) in [(1, 2), (2, 0), (3, 1)] {
        let received = simulation.heard(listener);
        assert_eq!(received.len(), 300, "{:?}", simulation.drops());
        let first = received[0].header;
        for (number, got) in received.iter().enumerate() {
            let frames = frames_in(got);
            assert_eq!(frames.len(), 1 + number.min(distance));
            for (behind, (timestamp, bytes)) in frames.iter().rev().enumerate() {
                let number = (number - behind) as u32;
                assert_eq!(*bytes, frame(number));
                assert_eq!(*timestamp, first.timestamp.wrapping_add(number * STEP));
            }
            let sequence = first.sequence.wrapping_add(number as u16);
            assert_eq!(got.header.sequence, sequence);
            let ids = got.header.extensions(&got.packet);
            let ids: Vec<u8> = ids.map(|extension| extension.unwrap().0).collect();
            assert_eq!(ids, [3, 2, 4, 1]);
        }
    }
    assert_eq!(
        simulation.counted(Counter::EgressRedundantBlocks),
        597 + 299
    );
}

#[test]
fn silence_is_sent_as_it_is_and_never_again() {
    let mut simulation = Simulation::speech_to(&[2]);
    let ssrc = audio_ssrc(1);
    let mut speak = |step: u32, payload: &[u8]| {
        let timestamp = step * STEP;
        let rtp = simulation.participants[0].rtp(ssrc, AUDIO_PT, timestamp, false, payload, None);
        simulation.towards_relay(0, rtp);
        simulation.run_for(20 * MS);
        simulation.heard(1).pop().unwrap()
    };
    let is_plain = |got: &Received| got.header.payload_type == SLOT_AUDIO_PT;
    speak(0, &frame(0));
    speak(1, &frame(1));
    for (step, silence) in [(2, &[0x78][..]), (22, &[0x78, 0][..])] {
        let got = speak(step, silence);
        assert!(is_plain(&got));
        assert_eq!(got.payload, silence);
    }
    let got = speak(42, &frame(42));
    assert!(is_plain(&got), "what came before the silence is too old");
    let got = speak(43, &[0x78]);
    assert!(is_plain(&got));
    assert_eq!(numbers_in(&speak(44, &frame(44))), [42, 44]);
    assert_eq!(numbers_in(&speak(45, &frame(45))), [42, 44, 45]);
}

#[test]
fn a_frame_that_no_block_can_hold_is_sent_and_not_repeated() {
    let mut simulation = Simulation::speech_to(&[2]);
    let mut long = frame(2);
    long.resize(MAX_BLOCK_BYTES + 1, 0);
    for (number, payload) in [&frame(0), &frame(1), &long, &frame(3), &frame(4)]
        .iter()
        .enumerate()
    {
        simulation.say(0, number as u32, payload);
    }
    let received = simulation.heard(1);
    let carried: Vec<_> = received.iter().map(numbers_in).collect();
    let expected: [&[u32]; 5] = [&[0], &[0, 1], &[2], &[0, 1, 3], &[1, 3, 4]];
    assert_eq!(carried, expected);
    assert_eq!(received[2].payload, long);
}

#[test]
fn what_was_said_while_muted_is_never_heard() {
    let mut simulation = Simulation::speech_to(&[2]);
    let track = simulation.participants[0].audio_track();
    for number in 0..30 {
        if number % 10 == 0 {
            let enabled = number != 10;
            simulation.command(Command::SetForwarding { track, enabled });
        }
        simulation.say_redundantly(0, number, 2);
    }
    let carried: Vec<_> = simulation.heard(1).iter().map(numbers_in).collect();
    assert_eq!(carried.len(), 20);
    assert_eq!(carried[9], [7, 8, 9]);
    assert_eq!(carried[10..13], [vec![20], vec![20, 21], vec![20, 21, 22]]);
}

#[test]
fn the_last_muted_packet_does_not_come_with_the_first_that_is_not() {
    let mut simulation = Simulation::speech_to(&[0]);
    let track = simulation.participants[0].audio_track();
    simulation.say_redundantly(0, 0, 2);
    for enabled in [false, true] {
        simulation.command(Command::SetForwarding { track, enabled });
        // The packet before the change is lost.
        simulation.participants[0].skip(audio_ssrc(1));
        simulation.say_redundantly(0, if enabled { 4 } else { 2 }, 2);
    }
    let heard: Vec<_> = simulation.heard(1).iter().map(numbers_in).collect();
    assert_eq!(heard, [[0], [4]]);
}

#[test]
fn a_newcomer_is_sent_nothing_from_before() {
    let mut simulation = Simulation::speech_to(&[2, 2]);
    let slot = simulation.participants[2].slot(Kind::Audio).0;
    let track = Some(simulation.participants[0].audio_track());
    simulation.command(Command::Bind { slot, track: None });
    for number in 0..20 {
        if number == 10 {
            simulation.command(Command::Bind { slot, track });
        }
        simulation.say(0, number, &frame(number));
    }
    let carried: Vec<_> = simulation.heard(2).iter().map(numbers_in).collect();
    assert_eq!(carried[..3], [vec![10], vec![10, 11], vec![10, 11, 12]]);
    assert_eq!(numbers_in(&simulation.heard(1)[10]), [8, 9, 10]);
}

#[test]
fn the_distance_may_change_with_any_packet() {
    let mut simulation = Simulation::speech_to(&[0]);
    let mut carried = Vec::new();
    for (number, distance) in (0..).zip([0, 0, 2, 2, 2, 1, 0, 0, 9]) {
        simulation.repeat(1, distance);
        simulation.say(0, number, &frame(number));
        carried.extend(simulation.heard(1).iter().map(|got| numbers_in(got).len()));
    }
    // What is to be repeated is kept from the first packet on that asks for it to the last.
    assert_eq!(carried, [1, 1, 1, 2, 3, 2, 1, 1, 1]);
}

#[test]
fn who_has_not_negotiated_it_is_sent_plain_sound() {
    let mut simulation = Simulation::plain_speech();
    simulation.repeat(1, 2);
    for number in 0..10 {
        simulation.say(0, number, &frame(number));
    }
    let received = simulation.heard(1);
    assert_eq!(received.len(), 10);
    assert!(
        received
            .iter()
            .all(|got| got.header.payload_type == SLOT_AUDIO_PT)
    );
    assert_eq!(simulation.counted(Counter::EgressRedundantBlocks), 0);
}

#[test]
fn what_nobody_was_sent_again_is_not_kept() {
    let mut simulation = Simulation::speech_to(&[2]);
    for number in 0..4 {
        simulation.say(0, number, &frame(number));
    }
    simulation.repeat(1, 0);
    simulation.say(0, 4, &frame(4));
    simulation.repeat(1, 2);
    for number in 5..8 {
        simulation.say(0, number, &frame(number));
    }
    let carried: Vec<_> = simulation.heard(1)[4..].iter().map(numbers_in).collect();
    let expected: [&[u32]; 4] = [&[4], &[5], &[5, 6], &[5, 6, 7]];
    assert_eq!(carried, expected);
}

#[test]
fn pictures_are_not_repeated() {
    let mut simulation = simulation::pictures::two(&[]);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    simulation.command(Command::SetRedundancy { slot, distance: 2 });
    assert_eq!(simulation.counted(Counter::CommandsRefused), 1);
    for picture in 0..5_u16 {
        let rtp = simulation.participants[0].rtp(
            video_ssrc(1, 0),
            VIDEO_PT,
            u32::from(picture) * 3_000,
            true,
            &vp8(true, picture, 0, 0),
            None,
        );
        simulation.towards_relay(0, rtp);
        simulation.run_for(33 * MS);
    }
    let received = simulation.heard(1);
    assert_eq!(received.len(), 5);
    assert!(
        received
            .iter()
            .all(|got| got.header.payload_type != SLOT_RED_PT)
    );
}

#[test]
fn a_sender_report_counts_what_is_repeated() {
    let mut simulation = Simulation::speech_to(&[2]);
    let mut bytes = 0;
    for number in 0..200 {
        simulation.say(0, number, &frame(number));
        let received = simulation.heard(1);
        assert_eq!(number_of(&frames_in(&received[0]).pop().unwrap().1), number);
        bytes += received[0].payload.len() as u32;
    }
    simulation.repeat(1, 0);
    let reports = simulation.participants[1].sender_reports.len();
    while simulation.participants[1].sender_reports.len() == reports {
        simulation.run_for(20 * MS);
    }
    let report = simulation.participants[1].sender_reports[reports];
    assert_eq!((report.packet_count, report.octet_count), (200, bytes));
}
