//! Several sizes in one stream: each subscriber is sent as many as are chosen for it, and its numbers never jump.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use simulation::participant::{DESCRIPTOR, Participant, Received, VIDEO_PT, video_ssrc};
use simulation::{MS, Simulation};
use wire::extensions::dependency_descriptor::{DependencyDescriptor, Structure};
use wire::payload::vp9::Vp9Descriptor;
use wire::payload::{Codec, Kind};

/// Two spatial and two temporal layers, as `fuzz/corpus/dependency_descriptor/two_by_two_layers` has them.
const STRUCTURE: &[u8] =
    include_bytes!("../../fuzz/corpus/dependency_descriptor/two_by_two_layers");

/// A publisher of one codec and a subscriber to it.
fn two(codec: Codec) -> Simulation {
    let mut simulation = Simulation::new(1);
    let (a, b) = (simulation.join(), simulation.join());
    let (publisher, subscriber) = (&simulation.participants[a], &simulation.participants[b]);
    let Command::Publish(mut publish) = publisher.publish_video(&[]) else {
        panic!("a track is published");
    };
    let Command::AddSlot(mut add) = subscriber.add_slot(Kind::Video) else {
        panic!("a slot is added");
    };
    publish.codecs[0].codec = codec;
    add.codecs[0].codec = codec;
    let bind = Command::Bind {
        slot: subscriber.slot(Kind::Video).0,
        track: Some(publisher.video_track()),
    };
    for command in [Command::Publish(publish), Command::AddSlot(add), bind] {
        simulation.command(command);
    }
    simulation
}

/// Sends a picture of two sizes, a packet each; every other picture is of the upper temporal layer.
fn send(simulation: &mut Simulation, codec: Codec, picture: u16, is_key: bool) {
    let temporal = u8::from(picture % 2 == 1 && !is_key);
    for spatial in 0..2_u8 {
        let publisher = &mut simulation.participants[0];
        let payload = if codec == Codec::Vp9 {
            vp9(picture, spatial, temporal, is_key)
        } else {
            publisher.describes = Some(descriptor(
                2 * picture + u16::from(spatial),
                spatial,
                temporal,
                is_key,
            ));
            vec![
                if is_key && spatial == 0 { 0x18 } else { 0x10 },
                0x32,
                spatial,
                temporal,
            ]
        };
        let timestamp = u32::from(picture) * 3_000;
        let ssrc = video_ssrc(1, 0);
        let rtp = publisher.rtp(ssrc, VIDEO_PT, timestamp, spatial == 1, &payload, None);
        simulation.towards_relay(0, rtp);
    }
    simulation.run_for(33 * MS);
}

/// RFC 9628 §4.2: picture id of 15 bits, layers, not flexible; a layer's frame in one packet.
fn vp9(picture: u16, spatial: u8, temporal: u8, is_key: bool) -> Vec<u8> {
    let flags = 0b1010_1100 | if is_key { 0 } else { 0b0100_0000 };
    let [high, low] = picture.to_be_bytes();
    // A picture of the upper temporal layer needs none of its own.
    let layer = temporal << 5 | temporal << 4 | spatial << 1 | u8::from(spatial > 0 && is_key);
    vec![
        flags,
        0x80 | high,
        low,
        layer,
        (picture / 2) as u8,
        spatial,
        temporal,
    ]
}

fn descriptor(number: u16, spatial: u8, temporal: u8, is_key: bool) -> Vec<u8> {
    let mut value = match (spatial, is_key) {
        (0, true) => STRUCTURE.to_vec(),
        (1, true) => vec![0xc0 | 63, 0, 0],
        (0, false) => vec![0xc0 | (61 + temporal), 0, 0],
        _ => vec![0xc0 | temporal, 0, 0],
    };
    value[0] |= 0xc0;
    value[1..3].copy_from_slice(&number.to_be_bytes());
    value
}

fn choose(simulation: &mut Simulation, spatial: Option<u8>, temporal: Option<u8>) {
    let slot = simulation.participants[1].slot(Kind::Video).0;
    simulation.command(Command::SetLayer {
        slot,
        encoding: None,
        spatial,
        temporal,
    });
}

/// What became of each packet: its picture, its spatial layer, and whether it ended its picture.
fn layers_of(codec: Codec, received: &[Received]) -> Vec<(u32, u8, bool)> {
    let first = received[0].header.timestamp;
    let layer = |got: &Received| match codec {
        Codec::Vp9 => Vp9Descriptor::parse_untrusted(&got.payload)
            .unwrap()
            .spatial_layer
            .unwrap(),
        _ => got.payload[2],
    };
    received
        .iter()
        .map(|got| {
            let picture = got.header.timestamp.wrapping_sub(first) / 3_000;
            (picture, layer(got), got.header.marker)
        })
        .collect()
}

fn expect_continuous(participant: &Participant) {
    assert!(
        participant
            .received
            .windows(2)
            .all(|pair| pair[1].header.sequence == pair[0].header.sequence.wrapping_add(1))
    );
}

#[test]
fn a_size_is_left_out_at_once_and_comes_back_with_a_key_frame() {
    for codec in [Codec::Vp9, Codec::Av1] {
        let mut simulation = two(codec);
        let mut asked = 0;
        for picture in 0..90_u16 {
            if picture == 30 {
                choose(&mut simulation, Some(0), None);
            } else if picture == 60 {
                asked = simulation.participants[0].plis;
                choose(&mut simulation, None, None);
            }
            send(
                &mut simulation,
                codec,
                picture,
                picture == 0 || picture == 64,
            );
        }
        let subscriber = &simulation.participants[1];
        expect_continuous(subscriber);
        let mut expected = Vec::new();
        for picture in 0..90 {
            let is_small = (30..64).contains(&picture);
            expected.push((picture, 0, is_small));
            if !is_small {
                expected.push((picture, 1, true));
            }
        }
        assert_eq!(
            layers_of(codec, &subscriber.received),
            expected,
            "{codec:?}"
        );
        assert_eq!(simulation.participants[0].plis, asked + 1, "one key frame");
        assert_eq!(simulation.counted(Counter::DropSpatialLayer), 30);
        assert_eq!(simulation.counted(Counter::DropAwaitingKeyFrame), 4);
    }
}

#[test]
fn frames_are_left_out_of_both_sizes_and_come_back_without_a_key_frame() {
    for codec in [Codec::Vp9, Codec::Av1] {
        let mut simulation = two(codec);
        for picture in 0..60_u16 {
            if picture == 20 {
                choose(&mut simulation, None, Some(0));
            } else if picture == 40 {
                choose(&mut simulation, None, None);
            }
            send(&mut simulation, codec, picture, picture == 0);
        }
        let subscriber = &simulation.participants[1];
        expect_continuous(subscriber);
        let pictures: Vec<_> = layers_of(codec, &subscriber.received);
        let full = (0..60).filter(|picture| !(20..40).contains(picture) || picture % 2 == 0);
        let expected: Vec<_> = full
            .flat_map(|picture| [(picture, 0, false), (picture, 1, true)])
            .collect();
        assert_eq!(pictures, expected, "{codec:?}");
        assert_eq!(simulation.counted(Counter::DropTemporalLayer), 20);
    }
}

#[test]
fn a_descriptor_says_which_targets_are_still_sent() {
    let mut simulation = two(Codec::Av1);
    for picture in 0..20_u16 {
        if picture == 10 {
            choose(&mut simulation, Some(0), Some(1));
        }
        send(&mut simulation, Codec::Av1, picture, picture == 0);
    }
    let structure = Structure::parse_untrusted(STRUCTURE).unwrap().unwrap();
    let mut numbers = Vec::new();
    for got in &simulation.participants[1].received {
        let mut elements = got.header.extensions(&got.packet).map(Result::unwrap);
        let (_, value) = elements.find(|(id, _)| *id == DESCRIPTOR).unwrap();
        let said = DependencyDescriptor::parse_untrusted(value, &structure).unwrap();
        assert_eq!(
            (said.spatial_layer, said.temporal_layer),
            (got.payload[2], got.payload[3])
        );
        numbers.push((said.frame_number, said.active_targets));
    }
    let first = numbers[0].0;
    let (all, small) = (Some(0b1111), Some(0b0011));
    let expected: Vec<_> = (0..20)
        .map(|number| (first + number, all))
        .chain((10..20).map(|picture| (first + 2 * picture, small)))
        .collect();
    assert_eq!(numbers, expected);
}

#[test]
fn who_takes_no_descriptors_is_sent_one_size() {
    let mut simulation = two(Codec::Av1);
    let mut map = simulation::participant::extension_map();
    map = without(&map, DESCRIPTOR);
    let leg = simulation.participants[1].leg;
    simulation.command(Command::SetExtensions { leg, map });
    for picture in 0..20 {
        send(&mut simulation, Codec::Av1, picture, picture == 0);
    }
    let subscriber = &simulation.participants[1];
    expect_continuous(subscriber);
    let expected: Vec<_> = (0..20).map(|picture| (picture, 0, true)).collect();
    assert_eq!(layers_of(Codec::Av1, &subscriber.received), expected);
}

#[test]
fn a_key_frame_that_comes_late_does_not_let_a_size_in_whose_beginning_was_left_out() {
    let mut simulation = two(Codec::Vp9);
    choose(&mut simulation, Some(0), None);
    let codec = Codec::Vp9;
    send(&mut simulation, codec, 0, true);
    choose(&mut simulation, None, None);
    let ssrc = video_ssrc(1, 0);
    let mut late = Vec::new();
    for spatial in 0..2 {
        let payload = vp9(1, spatial, 0, true);
        let publisher = &mut simulation.participants[0];
        let rtp = publisher.rtp(ssrc, VIDEO_PT, 3_000, spatial == 1, &payload, None);
        if spatial == 0 {
            late = rtp;
        } else {
            simulation.towards_relay(0, rtp);
        }
    }
    simulation.run_for(5 * MS);
    simulation.towards_relay(0, late);
    simulation.run_for(30 * MS);
    for picture in 2..10 {
        send(&mut simulation, codec, picture, picture == 6);
    }
    let layers = layers_of(codec, &simulation.participants[1].received);
    let large: Vec<_> = layers.iter().filter(|layer| layer.1 == 1).collect();
    assert_eq!(large.first(), Some(&&(6, 1, true)), "{layers:?}");
}

fn without(map: &wire::extensions::ExtensionMap, id: u8) -> wire::extensions::ExtensionMap {
    let mut left = wire::extensions::ExtensionMap::new();
    for other in (1..15).filter(|other| *other != id) {
        if let Some(kind) = map.kind(other) {
            left.set(kind, other).unwrap();
        }
    }
    left
}
