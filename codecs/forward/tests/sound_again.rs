//! Sound that is asked for again: of publishers who are near, and by subscribers who are.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use std::collections::HashMap;
use std::slice;

use forward::counters::Counter;
use forward::event::Event;
use simulation::chance::Chance;
use simulation::participant::{AUDIO_PT, RED_PT, audio_ssrc};
use simulation::pictures::deliver;
use simulation::sound::{STEP, frame, numbers_in, redundant};
use simulation::telling::transport_sequence;
use simulation::{MS, SECOND, Simulation};
use wire::payload::Kind;
use wire::rtcp::{write_nack, write_transport_feedback};
use wire::rtp::RtpHeader;

/// Two who have heard each other for two seconds, so that the relay's reports have reached both.
fn acquainted(nack: bool) -> Simulation {
    let mut simulation = Simulation::conversation(nack);
    simulation.participants[0].repairs = false;
    for number in 0..100 {
        simulation.say(1, number, &frame(number));
        simulation.say(0, number, &frame(number));
    }
    simulation.heard(0);
    simulation.heard(1);
    simulation
}

/// The first participant's packet, which has not been sent yet.
fn packet(simulation: &mut Simulation, number: u32) -> Vec<u8> {
    let sender = &mut simulation.participants[0];
    sender.rtp(
        audio_ssrc(1),
        AUDIO_PT,
        number * STEP,
        false,
        &frame(number),
        None,
    )
}

/// What leaves as RTP when the relay is given a datagram.
fn media_after(simulation: &mut Simulation, from: usize, datagram: Vec<u8>) -> Vec<Vec<u8>> {
    let mut sent = deliver(simulation, from, datagram);
    sent.retain(|datagram| !(192..=223).contains(&datagram[1]));
    sent
}

/// What the second participant is sent when it asks for a packet of the first one's again.
fn answers(simulation: &mut Simulation, sequence: u16) -> Vec<Vec<u8>> {
    let ssrc = simulation.participants[1].slot(Kind::Audio).1;
    let nack = simulation.participants[1].rtcp(|out| write_nack(out, 1, ssrc, &[sequence]));
    media_after(simulation, 1, nack)
}

#[test]
fn sound_lost_on_its_way_to_the_relay_is_asked_for_where_the_publisher_is_near() {
    let mut simulation = acquainted(true);
    simulation.round_trip(0, 40 * MS);
    let lost = packet(&mut simulation, 100);
    simulation.say(0, 101, &frame(101));
    let sequence = RtpHeader::parse_untrusted(&lost).unwrap().sequence;
    assert_eq!(simulation.participants[0].nacked, [sequence]);
    assert_eq!(simulation.counted(Counter::NacksSent), 1);
    // A browser sends the packet again as it was.
    simulation.towards_relay(0, lost);
    simulation.run_for(SECOND);
    let heard: Vec<_> = simulation.heard(1).iter().flat_map(numbers_in).collect();
    assert_eq!(heard, [101, 100]);
    assert_eq!(simulation.participants[0].nacked.len(), 1);
    assert_eq!(simulation.counted(Counter::IngressPacketsLost), 0);
}

#[test]
fn sound_is_not_asked_for_where_the_answer_would_come_too_late() {
    for round_trip_ns in [None, Some(150 * MS)] {
        let mut simulation = acquainted(true);
        if let Some(round_trip_ns) = round_trip_ns {
            simulation.round_trip(0, round_trip_ns);
        }
        simulation.participants[0].skip(audio_ssrc(1));
        simulation.say(0, 101, &frame(101));
        simulation.run_for(SECOND);
        assert!(simulation.participants[0].nacked.is_empty());
        assert_eq!(simulation.counted(Counter::IngressPacketsLost), 1);
    }
}

#[test]
fn sound_is_not_asked_for_of_who_has_not_offered_it() {
    let mut simulation = acquainted(false);
    simulation.round_trip(0, 40 * MS);
    simulation.participants[0].skip(audio_ssrc(1));
    simulation.say(0, 101, &frame(101));
    simulation.run_for(SECOND);
    assert!(simulation.participants[0].nacked.is_empty());
}

#[test]
fn a_lost_packet_of_sound_is_asked_for_three_times_and_a_long_hole_not_at_all() {
    let mut simulation = acquainted(true);
    simulation.round_trip(0, 40 * MS);
    simulation.participants[0].skip(audio_ssrc(1));
    simulation.say(0, 101, &frame(101));
    simulation.run_for(SECOND);
    assert_eq!(simulation.participants[0].nacked.len(), 3);
    for _ in 0..1_000 {
        simulation.participants[0].skip(audio_ssrc(1));
    }
    simulation.say(0, 1_102, &frame(1_102));
    simulation.run_for(2 * SECOND);
    assert_eq!(simulation.participants[0].nacked.len(), 3);
    assert_eq!(simulation.participants[0].plis, 0, "sound has no key frame");
}

#[test]
fn what_came_with_another_packet_is_not_asked_for() {
    let mut simulation = acquainted(true);
    simulation.round_trip(0, 40 * MS);
    simulation.participants[0].skip(audio_ssrc(1));
    simulation.say_redundantly(0, 101, 1);
    simulation.run_for(SECOND);
    assert!(simulation.participants[0].nacked.is_empty());
    let heard: Vec<_> = simulation.heard(1).iter().flat_map(numbers_in).collect();
    assert_eq!(heard, [100, 101]);
}

#[test]
fn who_asks_for_sound_again_is_sent_the_very_same_datagram() {
    let mut simulation = acquainted(false);
    simulation.round_trip(1, 30 * MS);
    let mut sent = Vec::new();
    for number in 100..110 {
        let rtp = packet(&mut simulation, number);
        let datagrams = media_after(&mut simulation, 0, rtp);
        let [datagram] = &datagrams[..] else {
            panic!("{} datagrams", datagrams.len())
        };
        sent.push(datagram.clone());
        let sequence = RtpHeader::parse_untrusted(datagram).unwrap().sequence;
        if number == 100 {
            // Nothing is kept for who has never asked.
            assert!(answers(&mut simulation, sequence).is_empty());
            assert_eq!(simulation.counted(Counter::DropRtxNotCached), 1);
        }
        simulation.run_for(20 * MS);
    }
    let lost = &sent[7];
    let sequence = RtpHeader::parse_untrusted(lost).unwrap().sequence;
    assert_eq!(answers(&mut simulation, sequence), slice::from_ref(lost));
    assert!(
        answers(&mut simulation, sequence).is_empty(),
        "the first may still be on its way"
    );
    simulation.run_for(30 * MS);
    assert_eq!(answers(&mut simulation, sequence), slice::from_ref(lost));
    simulation.run_for(30 * MS);
    assert!(
        answers(&mut simulation, sequence).is_empty(),
        "twice is enough"
    );
    assert_eq!(simulation.counted(Counter::EgressResentPackets), 2);
    assert_eq!(simulation.counted(Counter::DropRtxThrottled), 2);
    let now_ns = simulation.now_ns;
    for datagram in [&sent[6], lost, &sent[8]] {
        simulation.participants[1].receive(now_ns, datagram.clone());
    }
    let heard: Vec<_> = simulation.heard(1).iter().flat_map(numbers_in).collect();
    assert_eq!(heard, [106, 107, 108]);
}

#[test]
fn sound_that_was_sent_again_is_told_as_lost() {
    let mut simulation = acquainted(false);
    simulation.round_trip(1, 30 * MS);
    let before = simulation.participants[1].received.len();
    for number in 100..110 {
        let rtp = packet(&mut simulation, number);
        let datagram = media_after(&mut simulation, 0, rtp).remove(0);
        let sequence = RtpHeader::parse_untrusted(&datagram).unwrap().sequence;
        let now_ns = simulation.now_ns;
        simulation.participants[1].receive(now_ns, datagram);
        // The first request of all comes before anything is kept.
        let again = answers(&mut simulation, sequence);
        assert_eq!(again.len(), usize::from(number > 100));
        simulation.run_for(20 * MS);
    }
    let first = transport_sequence(&simulation.participants[1].received[before]);
    let came = [Some(1); 10];
    let told = simulation.participants[1]
        .rtcp(|out| Some(write_transport_feedback(out, 1, 2, first, 0, 0, &came)?.0));
    simulation.towards_relay(1, told);
    simulation.run_for(2 * SECOND);
    let told = simulation
        .events
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Estimates { estimates } => estimates.last().map(|estimate| estimate.sound),
            _ => None,
        });
    let sound = told.unwrap();
    assert_eq!((sound.packets, sound.lost), (10, 9));
}

#[test]
fn who_is_far_away_asks_for_sound_in_vain() {
    let mut simulation = acquainted(false);
    simulation.round_trip(1, 150 * MS);
    for number in 100..104 {
        let rtp = packet(&mut simulation, number);
        let datagram = media_after(&mut simulation, 0, rtp).remove(0);
        let sequence = RtpHeader::parse_untrusted(&datagram).unwrap().sequence;
        assert!(answers(&mut simulation, sequence).is_empty());
    }
    assert_eq!(simulation.counted(Counter::DropRtxThrottled), 4);
}

#[test]
fn a_storm_of_requests_is_answered_twice_a_packet() {
    let mut simulation = acquainted(false);
    simulation.round_trip(1, MS);
    let (mut sequences, mut answered) = (Vec::new(), 0);
    for number in 100..200 {
        let rtp = packet(&mut simulation, number);
        let datagram = media_after(&mut simulation, 0, rtp).remove(0);
        sequences.push(RtpHeader::parse_untrusted(&datagram).unwrap().sequence);
        for sequence in sequences.iter().rev() {
            answered += answers(&mut simulation, *sequence).len();
        }
        simulation.run_for(20 * MS);
    }
    assert!((190..=200).contains(&answered), "{answered}");
    assert_eq!(
        simulation.counted(Counter::EgressResentPackets),
        answered as u64
    );
}

/// Two different datagrams under one number would be two packets sealed under one nonce (RFC 7714 §8.4).
#[test]
fn no_number_leaves_in_two_shapes_whatever_is_lost_late_doubled_repeated_or_asked_for() {
    let mut simulation = acquainted(true);
    simulation.repeat(1, 2);
    simulation.round_trip(1, MS);
    let mut chance = Chance(7);
    let mut shapes: HashMap<(u32, u16), Vec<u8>> = HashMap::new();
    let (mut waiting, mut again): (Vec<Vec<u8>>, usize) = (Vec::new(), 0);
    for number in 100..4_100 {
        let redundancy = chance.next() % 3;
        let payload_type = if redundancy == 0 { AUDIO_PT } else { RED_PT };
        let payload = match redundancy {
            0 => frame(number),
            distance => redundant(number, distance as u32),
        };
        let ssrc = audio_ssrc(1);
        let timestamp = number * STEP;
        let sender = &mut simulation.participants[0];
        let rtp = sender.rtp(ssrc, payload_type, timestamp, false, &payload, None);
        if chance.per_mille(800) {
            waiting.push(rtp.clone());
        }
        if chance.per_mille(100) {
            waiting.push(rtp);
        }
        if chance.per_mille(300) {
            continue;
        }
        let mut sent = Vec::new();
        while let Some(next) = waiting.pop() {
            sent.extend(media_after(&mut simulation, 0, next));
        }
        if let Some(newest) = sent.last() {
            let back = (chance.next() % 8) as u16;
            let newest = RtpHeader::parse_untrusted(newest).unwrap().sequence;
            let answered = answers(&mut simulation, newest.wrapping_sub(back));
            again += answered.len();
            sent.extend(answered);
        }
        for datagram in sent {
            let header = RtpHeader::parse_untrusted(&datagram).unwrap();
            let first = shapes
                .entry((header.ssrc, header.sequence))
                .or_insert_with(|| datagram.clone());
            assert_eq!(*first, datagram);
        }
        simulation.run_for(5 * MS);
    }
    assert!(shapes.len() > 2_500, "{}", shapes.len());
    assert!(again > 200, "{again}");
    assert!(simulation.counted(Counter::IngressPacketsRecovered) > 100);
    assert!(simulation.counted(Counter::DropDuplicate) > 10);
}
