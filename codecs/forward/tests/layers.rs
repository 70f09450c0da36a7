//! Encodings and temporal layers change beneath a slot; its numbers never jump.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use simulation::participant::{VIDEO_PT, video_ssrc};
use simulation::pictures::{two, vp8};
use simulation::{MS, Simulation};
use wire::payload::Kind;
use wire::payload::vp8::Vp8Descriptor;

#[test]
fn a_change_of_encoding_keeps_every_number_continuous() {
    let mut simulation = two(&["h", "m", "l"]);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    // Three encodings with numbers of their own; the chosen one changes each second; key frames on request.
    let mut pictures = [100_u16, 9_000, 32_760];
    let mut wants_key = [true; 3];
    for frame in 0..150_u32 {
        if frame % 30 == 0 {
            let encoding = Some((frame / 30 % 3) as u8);
            simulation.command(Command::SetLayer {
                slot,
                encoding,
                spatial: None,
                temporal: None,
            });
        }
        for encoding in 0..3_u8 {
            let place = usize::from(encoding);
            let key = std::mem::take(&mut wants_key[place]) || frame % 10 == 5;
            let payload = vp8(key, pictures[place] & 0x7fff, pictures[place] as u8, 0);
            pictures[place] += 1;
            let rid = ["h", "m", "l"][place];
            let timestamp = frame * 3_000 + u32::from(encoding) * 1_000_000;
            let rtp = simulation.participants[0].rtp(
                video_ssrc(1, encoding),
                VIDEO_PT,
                timestamp,
                true,
                &payload,
                Some(rid),
            );
            simulation.towards_relay(0, rtp);
        }
        simulation.run_for(33_333_333);
    }
    let received = &simulation.participants[1].received;
    assert!(
        received.len() > 120,
        "{} {:?}",
        received.len(),
        simulation.drops()
    );
    for pair in received.windows(2) {
        assert_eq!(
            pair[1].header.sequence,
            pair[0].header.sequence.wrapping_add(1)
        );
        let step = pair[1]
            .header
            .timestamp
            .wrapping_sub(pair[0].header.timestamp);
        // Two encodings of one capture arrive together: the second follows by one tick.
        assert!((1..=36_000).contains(&step), "{step}");
        let numbers = |got: &simulation::participant::Received| {
            let descriptor = Vp8Descriptor::parse_untrusted(&got.payload).unwrap();
            (
                descriptor.picture_id.unwrap(),
                descriptor.tl0_pic_idx.unwrap(),
            )
        };
        let (before, after) = (numbers(&pair[0]), numbers(&pair[1]));
        assert_eq!(after.0, (before.0 + 1) & 0x7fff);
        assert_eq!(after.1, before.1.wrapping_add(1));
    }
}

#[test]
fn a_temporal_layer_is_left_out_without_a_hole() {
    let mut simulation = two(&[]);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    simulation.command(Command::SetLayer {
        slot,
        encoding: None,
        spatial: None,
        temporal: Some(0),
    });
    for picture in 0..60_u16 {
        let payload = vp8(
            picture == 0,
            picture,
            (picture / 2) as u8,
            (picture % 2) as u8,
        );
        let rtp = simulation.participants[0].rtp(
            video_ssrc(1, 0),
            VIDEO_PT,
            u32::from(picture) * 3_000,
            true,
            &payload,
            None,
        );
        simulation.towards_relay(0, rtp);
        simulation.run_for(33 * MS);
    }
    let received = &simulation.participants[1].received;
    assert_eq!(received.len(), 30);
    assert!(
        received
            .windows(2)
            .all(|pair| pair[1].header.sequence == pair[0].header.sequence.wrapping_add(1))
    );
    assert_eq!(simulation.counted(Counter::DropTemporalLayer), 30);
}

#[test]
fn a_publisher_that_changes_its_ssrc_is_followed_without_a_jump() {
    let mut simulation = two(&["h"]);
    for frame in 0..40_u16 {
        // Another SSRC of the same encoding takes over, with numbers of its own, and a key frame later.
        let ssrc = video_ssrc(1, u8::from(frame >= 20));
        let payload = vp8(frame == 0 || frame == 24, frame, frame as u8, 0);
        let rtp = simulation.participants[0].rtp(
            ssrc,
            VIDEO_PT,
            u32::from(frame) * 3_000,
            true,
            &payload,
            Some("h"),
        );
        simulation.towards_relay(0, rtp);
        simulation.run_for(33 * MS);
    }
    let received = &simulation.participants[1].received;
    assert_eq!(received.len(), 20 + 16, "{:?}", simulation.drops());
    assert!(
        received
            .windows(2)
            .all(|pair| pair[1].header.sequence == pair[0].header.sequence.wrapping_add(1))
    );
}

#[test]
fn a_track_published_anew_is_found_without_being_named_again() {
    let mut simulation = two(&["h", "m", "l"]);
    let mut picture = 0;
    let mut send = |simulation: &mut Simulation, rid: Option<&str>| {
        let payload = vp8(picture % 10 == 0, picture, 0, 0);
        let timestamp = u32::from(picture) * 3_000;
        let ssrc = video_ssrc(1, 1);
        let rtp = simulation.participants[0].rtp(ssrc, VIDEO_PT, timestamp, true, &payload, rid);
        simulation.towards_relay(0, rtp);
        simulation.run_for(33 * MS);
        picture += 1;
    };
    for named in 0..20 {
        send(&mut simulation, (named < 10).then_some("m"));
    }
    assert_eq!(simulation.participants[1].received.len(), 20);
    let track = simulation.participants[0].video_track();
    simulation.command(Command::Unpublish { track });
    simulation.command(simulation.participants[0].publish_video(&["h", "m", "l"]));
    let slot = simulation.participants[1].slot(Kind::Video).0;
    simulation.command(Command::Bind {
        slot,
        track: Some(track),
    });
    for _ in 0..20 {
        send(&mut simulation, None);
    }
    assert_eq!(
        simulation.participants[1].received.len(),
        40,
        "{:?}",
        simulation.drops()
    );
}

#[test]
fn a_paused_slot_is_silent_and_goes_on_from_a_key_frame_without_a_gap() {
    let mut simulation = two(&[]);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    let mut asked = 0;
    for picture in 0..90_u16 {
        if picture == 30 || picture == 60 {
            let paused = picture == 30;
            asked = simulation.participants[0].plis;
            simulation.command(Command::SetPaused { slot, paused });
        }
        // After the pause a key frame comes six frames later, because it was asked for.
        let payload = vp8(picture == 0 || picture == 66, picture, picture as u8, 0);
        let timestamp = u32::from(picture) * 3_000;
        let ssrc = video_ssrc(1, 0);
        let rtp = simulation.participants[0].rtp(ssrc, VIDEO_PT, timestamp, true, &payload, None);
        simulation.towards_relay(0, rtp);
        simulation.run_for(33 * MS);
        if picture == 59 {
            assert_eq!(simulation.participants[1].received.len(), 30);
            assert_eq!(
                simulation.participants[0].plis, asked,
                "nobody waits for one"
            );
        }
    }
    let received = &simulation.participants[1].received;
    assert_eq!(received.len(), 30 + 24, "{:?}", simulation.drops());
    assert!(simulation.participants[0].plis > asked);
    assert_eq!(simulation.counted(Counter::DropPaused), 30);
    assert!(
        received
            .windows(2)
            .all(|pair| pair[1].header.sequence == pair[0].header.sequence.wrapping_add(1))
    );
    let pause = received[30]
        .header
        .timestamp
        .wrapping_sub(received[29].header.timestamp);
    assert!(
        (100_000..=115_000).contains(&pause),
        "{pause}: as long as it was"
    );
}

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
