//! Temporal layers go at once and come back where a decoder can follow; encodings change beneath them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use simulation::participant::{VIDEO_PT, video_ssrc};
use simulation::pictures::{two, vp8};
use simulation::{MS, Simulation};
use wire::payload::Kind;
use wire::payload::vp8::Vp8Descriptor;

/// libwebrtc's pattern of three temporal layers: by frame its layer, and whether it needs nothing above the lowest.
const THREE_LAYERS: [(u8, bool); 8] = [
    (0, false),
    (2, true),
    (1, true),
    (2, false),
    (0, false),
    (2, false),
    (1, false),
    (2, false),
];

fn send_three_layers(simulation: &mut Simulation, frame: u16, encoding: u8, key_frame: bool) {
    let (temporal, is_sync) = THREE_LAYERS[usize::from(frame % 8)];
    let mut payload = vp8(key_frame, frame, (frame / 4) as u8, temporal);
    payload[5] |= u8::from(is_sync) << 5;
    let rid = ["h", "m"][usize::from(encoding)];
    let rtp = simulation.participants[0].rtp(
        video_ssrc(1, encoding),
        VIDEO_PT,
        u32::from(frame) * 3_000,
        true,
        &payload,
        Some(rid),
    );
    simulation.towards_relay(0, rtp);
    simulation.run_for(33 * MS);
}

fn layers_of(received: &[simulation::participant::Received]) -> Vec<u8> {
    let parsed = received
        .iter()
        .map(|got| Vp8Descriptor::parse_untrusted(&got.payload).unwrap());
    parsed
        .filter_map(|descriptor| descriptor.temporal_layer)
        .collect()
}

#[test]
fn layers_come_back_one_at_a_time_where_a_decoder_can_follow() {
    let mut simulation = two(&["h", "m"]);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    for frame in 0..48 {
        if frame == 8 || frame == 25 {
            simulation.command(Command::SetLayer {
                slot,
                encoding: Some(0),
                spatial: None,
                temporal: (frame == 8).then_some(0),
            });
        }
        send_three_layers(&mut simulation, frame, 0, frame == 0);
    }
    let layers = layers_of(&simulation.participants[1].received);
    let (before, low, after) = (&layers[..8], &layers[8..12], &layers[12..]);
    assert_eq!(before, [0, 2, 1, 2, 0, 2, 1, 2]);
    assert_eq!(low, [0, 0, 0, 0]);
    // The frame at 25 is of the highest layer and needs the lowest alone, but those after it need the middle one.
    assert_eq!(after[..5], [0, 1, 0, 1, 0], "{after:?}");
    assert_eq!(after[5..9], [2, 1, 2, 0]);
}

#[test]
fn while_a_lesser_encoding_is_awaited_the_least_is_sent_of_the_better_one() {
    let mut simulation = two(&["h", "m"]);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    for frame in 0..32 {
        if frame == 16 {
            simulation.command(Command::SetLayer {
                slot,
                encoding: Some(1),
                spatial: None,
                temporal: None,
            });
        }
        send_three_layers(&mut simulation, frame, 0, frame == 0);
        send_three_layers(&mut simulation, frame, 1, frame == 0 || frame == 24);
    }
    let layers = layers_of(&simulation.participants[1].received);
    assert_eq!(layers[14..19], [1, 2, 0, 0, 0], "{layers:?}");
    assert_eq!(
        layers[19..],
        [0, 2, 1, 2, 0, 2, 1, 2],
        "all of what was chosen"
    );
}

#[test]
fn while_a_better_encoding_is_awaited_the_lesser_one_goes_on_as_it_was() {
    let mut simulation = two(&["h", "m"]);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    for frame in 0..32 {
        if frame == 0 || frame == 16 {
            simulation.command(Command::SetLayer {
                slot,
                encoding: Some(u8::from(frame == 0)),
                spatial: None,
                temporal: (frame == 16).then_some(0),
            });
        }
        send_three_layers(&mut simulation, frame, 0, frame == 0 || frame == 24);
        send_three_layers(&mut simulation, frame, 1, frame == 0);
    }
    let layers = layers_of(&simulation.participants[1].received);
    let before = &layers[layers.len() - 10..];
    assert_eq!(before, [0, 2, 1, 2, 0, 2, 1, 2, 0, 0], "{layers:?}");
}
