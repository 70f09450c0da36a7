//! A picture that is too much for its path goes on for a moment, until the smaller one comes that was chosen.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use simulation::participant::{VIDEO_PT, video_ssrc};
use simulation::pictures::vp8;
use simulation::{MS, Simulation};
use wire::payload::{Codec, Kind};

const FRAME_MS: u64 = 40;

/// RFC 6184 §5.7.1: parameter sets and the first slice of a key frame, in one packet.
const H264_KEY_FRAME: [u8; 13] = [0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 1, 0, 2, 0x65, 0x80];

/// Somebody who sends three encodings of a camera, as far as they are asked to.
struct Camera {
    simulation: Simulation,
    codec: Codec,
    frame: u16,
    /// Of how many temporal layers each encoding is.
    layers: u16,
}

impl Camera {
    /// One of which the best encoding is watched, until another is chosen just now.
    fn of(layers: u16) -> Self {
        Self::coded(Codec::Vp8, layers)
    }

    /// The same, of another codec.
    fn coded(codec: Codec, layers: u16) -> Self {
        let mut camera = Self {
            simulation: watched(codec),
            codec,
            frame: 0,
            layers,
        };
        camera.send(&[0], 1_000);
        camera.choose(2);
        camera
    }

    fn choose(&mut self, encoding: u8) {
        let slot = self.simulation.participants[1].slot(Kind::Video).0;
        self.simulation.command(Command::SetLayer {
            slot,
            encoding: Some(encoding),
            spatial: None,
            temporal: None,
        });
    }

    /// Sends some encodings for so long, with key frames when they are asked for; returns how many pictures came.
    fn send(&mut self, encodings: &[u8], for_ms: u64) -> usize {
        let before = self.simulation.participants[1].received.len();
        let mut plis = 0;
        for _ in 0..for_ms / FRAME_MS {
            let publisher = &mut self.simulation.participants[0];
            let is_asked = publisher.plis > plis || self.frame == 0;
            plis = publisher.plis;
            let payloads = self.payloads(is_asked);
            for (place, payload) in payloads.iter().enumerate() {
                for encoding in encodings {
                    let rid = ["h", "m", "l"][usize::from(*encoding)];
                    let publisher = &mut self.simulation.participants[0];
                    let packet = publisher.rtp(
                        video_ssrc(1, *encoding),
                        VIDEO_PT,
                        u32::from(self.frame) * 3_600,
                        place + 1 == payloads.len(),
                        payload,
                        Some(rid),
                    );
                    self.simulation.towards_relay(0, packet);
                }
                self.simulation
                    .run_for(FRAME_MS * MS / payloads.len() as u64);
            }
            self.frame += 1;
        }
        self.simulation.participants[1].received.len() - before
    }

    /// The next picture's packets: two where the codec does not tell where pictures begin.
    fn payloads(&self, is_key: bool) -> Vec<Vec<u8>> {
        match self.codec {
            Codec::H264 if is_key => vec![H264_KEY_FRAME.to_vec(), vec![0x65, 0x40, 0]],
            Codec::H264 => vec![vec![0x41, 0x80, 0], vec![0x41, 0x40, 0]],
            Codec::Av1 => {
                let first = if is_key { 0x18 } else { 0x10 };
                vec![vec![first, 0x32, 0, 0], vec![0x10, 0x32, 0, 0]]
            }
            _ => {
                let layer = (self.frame % self.layers) as u8;
                let layer = if is_key { 0 } else { layer };
                vec![vp8(is_key, self.frame, 0, layer)]
            }
        }
    }
}

/// A publisher of three encodings in one codec and a subscriber to them.
fn watched(codec: Codec) -> Simulation {
    let mut simulation = Simulation::new(1);
    let (a, b) = (simulation.join(), simulation.join());
    let (publisher, subscriber) = (&simulation.participants[a], &simulation.participants[b]);
    let Command::Publish(mut publish) = publisher.publish_video(&["h", "m", "l"]) else {
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

#[test]
fn a_whole_picture_that_is_too_much_goes_on_for_half_a_second_and_then_nothing() {
    let mut camera = Camera::of(1);
    let bridged = camera.send(&[0], 2_000) as u64 * FRAME_MS;
    assert!((480..=560).contains(&bridged), "{bridged} ms");
    assert_eq!(camera.send(&[0], 1_000), 0);
}

#[test]
fn one_whose_codec_does_not_tell_where_pictures_begin_ends_with_a_whole_one() {
    for codec in [Codec::H264, Codec::Av1] {
        let mut camera = Camera::coded(codec, 1);
        let bridged = camera.send(&[0], 2_000) as u64 * FRAME_MS / 2;
        assert!((480..=560).contains(&bridged), "{codec:?}: {bridged} ms");
        let received = &camera.simulation.participants[1].received;
        assert!(received.last().unwrap().header.marker, "{codec:?}");
        assert_eq!(camera.send(&[0], 1_000), 0, "{codec:?}");
    }
}

#[test]
fn of_one_with_layers_the_least_goes_on_until_something_is_decided() {
    let mut camera = Camera::of(2);
    let bridged = camera.send(&[0], 8_000) as u64 * FRAME_MS * 2;
    assert!((2_900..=3_300).contains(&bridged), "{bridged} ms");
}

#[test]
fn the_smaller_one_takes_over_from_the_bridge_and_after_it_without_a_gap() {
    for bridged_ms in [200, 2_000] {
        let mut camera = Camera::of(1);
        camera.send(&[0], bridged_ms);
        let came = camera.send(&[0, 2], 1_000);
        assert!(came >= 20, "{came} after {bridged_ms} ms");
        let received = &camera.simulation.participants[1].received;
        let numbers: Vec<u16> = received.iter().map(|got| got.header.sequence).collect();
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
    }
}

#[test]
fn who_is_given_the_better_one_again_begins_anew_and_bridges_anew() {
    let mut camera = Camera::of(1);
    camera.send(&[0], 400);
    camera.choose(0);
    assert_eq!(camera.send(&[0], 2_000), 50);
    camera.choose(2);
    let bridged = camera.send(&[0], 2_000) as u64 * FRAME_MS;
    assert!((480..=560).contains(&bridged), "{bridged} ms");
    camera.choose(0);
    assert!(camera.send(&[0], 2_000) > 40);
}
