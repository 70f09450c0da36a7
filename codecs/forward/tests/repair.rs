//! Loss, reordering and duplication under a virtual clock: what can be repaired is, and nothing arrives twice.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use simulation::participant::{VIDEO_PT, video_ssrc};
use simulation::{Conditions, MS, Simulation};
use wire::payload::Kind;

const FRAMES: u16 = 900;
const PACKETS_PER_FRAME: u16 = 4;

fn payload(frame: u16, part: u16) -> Vec<u8> {
    let start = if part == 0 { 0x10 } else { 0x00 };
    let key = u8::from(frame != 0 || part != 0);
    let mut payload = vec![start, key, 0, 0, 0x9d, 0x01, 0x2a];
    payload.extend((frame * PACKETS_PER_FRAME + part).to_be_bytes());
    payload.extend([0; 700]);
    payload
}

fn consultation(seed: u64, towards: Conditions, from: Conditions) -> Simulation {
    let mut simulation = Simulation::new(seed);
    let (a, b) = (simulation.join(), simulation.join());
    let (publisher, subscriber) = (&simulation.participants[a], &simulation.participants[b]);
    let commands = [
        publisher.publish_video(&[]),
        subscriber.add_slot(Kind::Video),
        Command::Bind {
            slot: subscriber.slot(Kind::Video).0,
            track: Some(publisher.video_track()),
        },
    ];
    for command in commands {
        simulation.command(command);
    }
    simulation.links[a].0 = towards;
    simulation.links[b].1 = from;
    simulation.links[a].1.delay_ns = 20 * MS;
    simulation.links[b].0.delay_ns = 20 * MS;
    for frame in 0..FRAMES {
        for part in 0..PACKETS_PER_FRAME {
            let last = part + 1 == PACKETS_PER_FRAME;
            // The first frame goes over a clean link: what is under test is repair, not the start.
            simulation.links[a].0 = if frame == 0 {
                Conditions::default()
            } else {
                towards
            };
            simulation.links[b].1 = if frame == 0 {
                Conditions::default()
            } else {
                from
            };
            let rtp = simulation.participants[a].rtp(
                video_ssrc(1, 0),
                VIDEO_PT,
                u32::from(frame) * 3_000,
                last,
                &payload(frame, part),
                None,
            );
            simulation.towards_relay(a, rtp);
        }
        simulation.run_for(33 * MS);
    }
    simulation.links[a].0 = Conditions::default();
    simulation.links[b].1 = Conditions::default();
    simulation.run_for(2_000 * MS);
    simulation
}

/// The numbers the payloads carry, in the order of the line; and how many are missing from a whole line.
fn arrived(simulation: &Simulation) -> Vec<u16> {
    let ssrc = simulation.participants[1].slot(Kind::Video).1;
    let line = simulation.participants[1].line(ssrc);
    line.values()
        .map(|payload| u16::from_be_bytes([payload[7], payload[8]]))
        .collect()
}

#[test]
fn a_clean_link_needs_no_repair() {
    let simulation = consultation(1, Conditions::default(), Conditions::default());
    assert_eq!(
        arrived(&simulation).len(),
        usize::from(FRAMES * PACKETS_PER_FRAME)
    );
    assert_eq!(
        simulation.counted(Counter::NacksSent) + simulation.counted(Counter::NacksReceived),
        0
    );
}

#[test]
fn five_percent_lost_towards_the_relay_is_asked_of_the_publisher() {
    let lossy = Conditions {
        delay_ns: 20 * MS,
        loss_per_mille: 50,
        ..Conditions::default()
    };
    let simulation = consultation(
        2,
        lossy,
        Conditions {
            delay_ns: 20 * MS,
            ..Conditions::default()
        },
    );
    let numbers = arrived(&simulation);
    assert!(simulation.counted(Counter::NacksSent) > 100);
    assert_eq!(
        numbers.len(),
        usize::from(FRAMES * PACKETS_PER_FRAME),
        "{:?}",
        simulation.drops()
    );
    assert!(
        numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "in their places"
    );
}

#[test]
fn five_percent_lost_from_the_relay_is_retransmitted_from_its_cache() {
    let lossy = Conditions {
        delay_ns: 20 * MS,
        loss_per_mille: 50,
        ..Conditions::default()
    };
    let simulation = consultation(
        3,
        Conditions {
            delay_ns: 20 * MS,
            ..Conditions::default()
        },
        lossy,
    );
    let numbers = arrived(&simulation);
    assert!(simulation.counted(Counter::EgressRtxPackets) > 100);
    assert_eq!(
        simulation.counted(Counter::NacksSent),
        0,
        "the publisher is not bothered"
    );
    // The simulated subscriber asks once: a retransmission that is lost too stays lost.
    let missing = usize::from(FRAMES * PACKETS_PER_FRAME) - numbers.len();
    assert!(missing < 30, "{missing} missing, {:?}", simulation.drops());
    assert!(numbers.windows(2).all(|pair| pair[1] > pair[0]));
}

#[test]
fn what_is_kept_for_retransmission_is_reported_and_given_back() {
    // Four seconds after the last picture: only free pages are left, a second's at most, and 32 laid in.
    let mut simulation = consultation(1, Conditions::default(), Conditions::default());
    simulation.run_for(2_000 * MS);
    let left = simulation.counted(Counter::CacheBytes);
    let second_bytes = 30 * u64::from(PACKETS_PER_FRAME) * 740;
    assert!(
        left > 0 && left < second_bytes + (3 + 32) * 16 * 1_024,
        "{left}"
    );
}

#[test]
fn reordering_and_duplication_neither_lose_nor_double_anything() {
    let wild = Conditions {
        delay_ns: 10 * MS,
        jitter_ns: 15 * MS,
        duplicate_per_mille: 100,
        ..Conditions::default()
    };
    let simulation = consultation(4, wild, Conditions::default());
    let ssrc = simulation.participants[1].slot(Kind::Video).1;
    let times = simulation.participants[1]
        .received
        .iter()
        .filter(|got| got.header.ssrc == ssrc)
        .count();
    assert_eq!(
        times,
        usize::from(FRAMES * PACKETS_PER_FRAME),
        "{:?}",
        simulation.drops()
    );
    assert_eq!(
        simulation.participants[1].undecryptable, 0,
        "no number was used twice"
    );
    assert!(simulation.counted(Counter::DropSrtpReplayed) > 100);
    let numbers = arrived(&simulation);
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
}

#[test]
fn every_arrival_is_told_to_the_publisher_once_and_truly() {
    let lossy = Conditions {
        delay_ns: 20 * MS,
        jitter_ns: 5 * MS,
        loss_per_mille: 30,
        ..Conditions::default()
    };
    let simulation = consultation(5, lossy, Conditions::default());
    let publisher = &simulation.participants[0];
    assert!(
        publisher.transport_feedbacks > 200,
        "{}",
        publisher.transport_feedbacks
    );
    let told = publisher
        .told_arrivals
        .values()
        .filter(|arrived| **arrived)
        .count() as u64;
    let arrived = simulation.counted(Counter::IngressVideoPackets)
        + simulation.counted(Counter::IngressRtxPackets);
    assert_eq!(told, arrived);
}
