//! Sound that is lost on its way to the relay and comes with the next packet goes on as if it had come itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::counters::Counter;
use simulation::participant::{RED_PT, SLOT_AUDIO_PT, audio_ssrc};
use simulation::sound::{STEP, frame, frames_in, number_of, numbers_in, redundant};
use simulation::{MS, SECOND, Simulation};

const MANY: u32 = 20_000;

/// A browser's packets, each with so many earlier frames, lose one in ten; of 10,000, those that nobody hears.
fn lost_of_ten_thousand(distance: u32) -> u32 {
    let mut simulation = Simulation::speech_to(&[0]);
    simulation.say_redundantly(0, 0, distance);
    let first = simulation.heard(1)[0].header;
    simulation.links[0].0.loss_per_mille = 100;
    let (mut has, mut newest) = (vec![false; MANY as usize], 0);
    for number in 1..MANY {
        simulation.say_redundantly(0, number, distance);
        for got in simulation.heard(1) {
            assert_eq!(got.header.payload_type, SLOT_AUDIO_PT);
            let number = number_of(&got.payload);
            assert_eq!(got.payload, frame(number));
            assert!(number > newest, "in order, and each once");
            newest = number;
            has[number as usize] = true;
            // Every packet has the place that it would have had.
            let sequence = first.sequence.wrapping_add(number as u16);
            assert_eq!(got.header.sequence, sequence);
            let timestamp = first.timestamp.wrapping_add(number.wrapping_mul(STEP));
            assert_eq!(got.header.timestamp, timestamp);
        }
    }
    assert_eq!(simulation.participants[1].undecryptable, 0);
    let lost = has[1..].iter().filter(|has| !**has).count() as u32;
    assert!(distance == 0 || simulation.counted(Counter::IngressPacketsRecovered) > 1_500);
    lost * 10_000 / MANY
}

#[test]
fn of_ten_per_cent_lost_what_comes_again_leaves_one_in_a_hundred_or_a_thousand() {
    let plain = lost_of_ten_thousand(0);
    assert!((930..=1_070).contains(&plain), "{plain}");
    let once = lost_of_ten_thousand(1);
    assert!((75..=125).contains(&once), "{once}");
    let twice = lost_of_ten_thousand(2);
    assert!((2..=20).contains(&twice), "{twice}");
}

#[test]
fn what_was_recovered_is_repeated_to_who_is_sent_earlier_frames() {
    let mut simulation = Simulation::speech_to(&[2]);
    for number in 0..4 {
        if number == 2 {
            simulation.participants[0].skip(audio_ssrc(1));
        } else {
            simulation.say_redundantly(0, number, 1);
        }
    }
    let carried: Vec<_> = simulation.heard(1).iter().map(numbers_in).collect();
    let expected: [&[u32]; 4] = [&[0], &[0, 1], &[0, 1, 2], &[1, 2, 3]];
    assert_eq!(carried, expected);
    assert_eq!(simulation.counted(Counter::IngressPacketsRecovered), 1);
}

#[test]
fn a_packet_that_comes_after_all_is_not_forwarded_again() {
    let mut simulation = Simulation::speech_to(&[0]);
    let mut rtp = |number: u32| {
        let payload = redundant(number, 1);
        let timestamp = number * STEP;
        let sender = &mut simulation.participants[0];
        sender.rtp(audio_ssrc(1), RED_PT, timestamp, false, &payload, None)
    };
    let mut packets: Vec<_> = (0..4).map(&mut rtp).collect();
    packets.swap(1, 2);
    for packet in packets {
        simulation.towards_relay(0, packet);
        simulation.run_for(10 * MS);
    }
    let heard: Vec<_> = simulation.heard(1).iter().map(numbers_in).collect();
    assert_eq!(heard, [[0], [1], [2], [3]]);
    assert_eq!(simulation.drops(), [("drop_duplicate", 1)]);
    // It did arrive: the publisher is not told of a loss.
    let event = |event: &forward::event::Event| match event {
        forward::event::Event::Report { tracks, .. } => tracks.first().map(|track| track.lost),
        _ => None,
    };
    simulation.run_for(SECOND);
    assert_eq!(simulation.events.iter().rev().find_map(event), Some(0));
}

#[test]
fn plain_packets_between_redundant_ones_are_understood() {
    let mut simulation = Simulation::speech_to(&[0]);
    for number in 0..30 {
        match number % 6 {
            3 => simulation.participants[0].skip(audio_ssrc(1)),
            0 | 4 => simulation.say_redundantly(0, number, 2),
            _ => simulation.say(0, number, &frame(number)),
        }
    }
    let heard = simulation.heard(1);
    let numbers: Vec<_> = heard.iter().flat_map(numbers_in).collect();
    assert_eq!(numbers, (0..30).collect::<Vec<_>>());
    assert!(heard.iter().all(|got| frames_in(got).len() == 1));
}

#[test]
fn a_payload_that_lies_is_dropped_and_the_next_is_heard() {
    let mut simulation = Simulation::speech_to(&[2]);
    simulation.say_redundantly(0, 0, 2);
    let whole = redundant(1, 1);
    let other_codec = [&[0x60][..], &frame(1)].concat();
    let endless = [0xef, 0, 0, 0].repeat(200);
    let too_long = [&[0xef, 0x0f, 0x03, 0xff, 0x6f][..], &[1; 100]].concat();
    for lie in [&whole[..4], &whole[..50], &other_codec, &endless, &too_long] {
        let ssrc = audio_ssrc(1);
        let rtp = simulation.participants[0].rtp(ssrc, RED_PT, STEP, false, lie, None);
        simulation.towards_relay(0, rtp);
        simulation.run_for(MS);
    }
    assert_eq!(simulation.heard(1).len(), 1);
    let mut drops = simulation.drops();
    drops.sort_unstable();
    let expected = [
        ("drop_payload_malformed", 4),
        ("drop_unknown_payload_type", 1),
    ];
    assert_eq!(drops, expected);
    simulation.say(0, 2, &frame(2));
    assert_eq!(simulation.heard(1).len(), 1);
}

#[test]
fn padding_under_the_redundant_payload_type_is_no_lie() {
    let mut simulation = Simulation::speech_to(&[0]);
    simulation.say_redundantly(0, 0, 2);
    let ssrc = audio_ssrc(1);
    let index = 65_001;
    let empty = simulation.participants[0].protected(ssrc, RED_PT, index, STEP, false, &[], None);
    simulation.towards_relay(0, empty);
    simulation.participants[0].skip(ssrc);
    simulation.say_redundantly(0, 2, 1);
    assert!(simulation.drops().is_empty());
    let heard: Vec<_> = simulation.heard(1).iter().map(numbers_in).collect();
    assert_eq!(heard, [[0], [2]]);
}

#[test]
fn a_publisher_that_begins_again_brings_nothing_of_its_former_life() {
    let mut simulation = Simulation::speech_to(&[0]);
    for number in 0..3 {
        simulation.say_redundantly(0, number, 2);
    }
    simulation.run_for(2 * SECOND);
    // Numbers far ahead are no loss (RFC 3550 A.1).
    let ssrc = audio_ssrc(1);
    for number in 100..103_u32 {
        let index = u64::from(number) + 80_000;
        let payload = redundant(number, 2);
        let sender = &mut simulation.participants[0];
        let rtp = sender.protected(ssrc, RED_PT, index, number * STEP, false, &payload, None);
        simulation.towards_relay(0, rtp);
        simulation.run_for(20 * MS);
    }
    let heard: Vec<_> = simulation.heard(1).iter().map(numbers_in).collect();
    assert_eq!(heard, [[0], [1], [2], [100], [101], [102]]);
    assert_eq!(simulation.counted(Counter::IngressPacketsRecovered), 0);
}
