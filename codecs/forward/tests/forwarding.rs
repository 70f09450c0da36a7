//! What one participant sends, another receives: rewritten, complete, in order, from a key frame on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use forward::event::Event;
use simulation::participant::{AUDIO_PT, VIDEO_PT, audio_ssrc, video_ssrc};
use simulation::{MS, SECOND, Simulation};
use wire::payload::Kind;
use wire::payload::vp8::Vp8Descriptor;

/// A VP8 payload with a 15-bit picture id, TL0 index, and a body that names the frame.
fn vp8(key_frame: bool, picture_id: u16, tl0: u8, temporal_layer: u8) -> Vec<u8> {
    let mut payload = vec![
        0x90,
        0xe0,
        0x80 | (picture_id >> 8) as u8,
        picture_id as u8,
        tl0,
        temporal_layer << 6,
    ];
    payload.extend([u8::from(!key_frame), 0, 0, 0x9d, 0x01, 0x2a]);
    payload.extend(picture_id.to_be_bytes());
    payload.extend([0; 300]);
    payload
}

fn two(rids: &[&str]) -> Simulation {
    let mut simulation = Simulation::new(1);
    let (a, b) = (simulation.join(), simulation.join());
    let publisher = &simulation.participants[a];
    let subscriber = &simulation.participants[b];
    let commands = [
        publisher.publish_audio(),
        publisher.publish_video(rids),
        subscriber.add_slot(Kind::Audio),
        subscriber.add_slot(Kind::Video),
        Command::Bind {
            slot: subscriber.slot(Kind::Audio).0,
            track: Some(publisher.audio_track()),
        },
        Command::Bind {
            slot: subscriber.slot(Kind::Video).0,
            track: Some(publisher.video_track()),
        },
    ];
    for command in commands {
        simulation.command(command);
    }
    simulation
}

#[test]
fn sound_is_rewritten_and_arrives_whole() {
    let mut simulation = two(&[]);
    for packet in 0..50_u32 {
        let rtp = simulation.participants[0].rtp(
            audio_ssrc(1),
            AUDIO_PT,
            packet * 960,
            packet == 0,
            &packet.to_be_bytes(),
            None,
        );
        simulation.towards_relay(0, rtp);
        simulation.run_for(20 * MS);
    }
    let ssrc = simulation.participants[1].slot(Kind::Audio).1;
    let received: Vec<_> = simulation.participants[1]
        .received
        .iter()
        .filter(|got| got.header.ssrc == ssrc)
        .collect();
    assert_eq!(received.len(), 50, "{:?}", simulation.drops());
    for (index, got) in received.iter().enumerate() {
        assert_eq!(got.payload, (index as u32).to_be_bytes());
        assert_eq!(got.header.payload_type, 63);
        let first = received[0].header;
        assert_eq!(
            got.header.sequence,
            first.sequence.wrapping_add(index as u16)
        );
        assert_eq!(
            got.header.timestamp,
            first.timestamp.wrapping_add(index as u32 * 960)
        );
        let ids: Vec<u8> = got
            .header
            .extensions(&got.packet)
            .map(|extension| extension.unwrap().0)
            .collect();
        assert_eq!(
            ids,
            [3, 2, 4, 1],
            "own transport sequence, send time and mid, and the carried audio level"
        );
    }
    assert!(received[0].header.sequence < 0x8000);
    assert!(simulation.events.contains(&Event::SpeakerLevel {
        track: simulation.participants[0].audio_track(),
        level_dbov_negative: 30,
        voice: true
    }));
}

#[test]
fn a_picture_begins_with_a_key_frame_that_was_asked_for() {
    let mut simulation = two(&[]);
    let send = |simulation: &mut Simulation, key_frame, picture| {
        let rtp = simulation.participants[0].rtp(
            video_ssrc(1, 0),
            VIDEO_PT,
            u32::from(picture) * 3_000,
            true,
            &vp8(key_frame, picture, 0, 0),
            None,
        );
        simulation.towards_relay(0, rtp);
        simulation.run_for(33 * MS);
    };
    for picture in 0..10 {
        send(&mut simulation, false, picture);
    }
    assert_eq!(simulation.participants[1].received.len(), 0);
    assert_eq!(
        simulation.participants[0].plis, 1,
        "asked once, not ten times"
    );
    assert_eq!(simulation.counted(Counter::DropAwaitingKeyFrame), 10);
    send(&mut simulation, true, 10);
    send(&mut simulation, false, 11);
    assert_eq!(simulation.participants[1].received.len(), 2);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    assert_eq!(
        simulation
            .events
            .iter()
            .filter(|event| **event == Event::SlotStarted { slot })
            .count(),
        1
    );
}

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
fn mute_holds_everything_back_and_unmute_begins_at_a_key_frame() {
    let mut simulation = two(&[]);
    let track = simulation.participants[0].video_track();
    let send = |simulation: &mut Simulation, key_frame, picture: u16| {
        let rtp = simulation.participants[0].rtp(
            video_ssrc(1, 0),
            VIDEO_PT,
            u32::from(picture) * 3_000,
            true,
            &vp8(key_frame, picture, 0, 0),
            None,
        );
        simulation.towards_relay(0, rtp);
        simulation.run_for(33 * MS);
        simulation.participants[1].received.len()
    };
    assert_eq!(send(&mut simulation, true, 0), 1);
    simulation.command(Command::SetForwarding {
        track,
        enabled: false,
    });
    assert_eq!(send(&mut simulation, true, 1), 1);
    simulation.run_for(SECOND);
    simulation.command(Command::SetForwarding {
        track,
        enabled: true,
    });
    simulation.settle();
    assert_eq!(send(&mut simulation, false, 2), 1);
    assert_eq!(send(&mut simulation, true, 3), 2);
    let received = &simulation.participants[1].received;
    assert_eq!(
        received[1].header.sequence,
        received[0].header.sequence.wrapping_add(1)
    );
    assert!(simulation.participants[0].plis >= 1);
}

#[test]
fn an_encoding_that_stops_is_noticed_and_what_is_gone_leaves_nothing() {
    let mut simulation = two(&[]);
    let rtp = simulation.participants[0].rtp(audio_ssrc(1), AUDIO_PT, 0, true, &[1, 2, 3], None);
    simulation.towards_relay(0, rtp);
    simulation.run_for(3 * SECOND);
    let track = simulation.participants[0].audio_track();
    assert!(
        simulation
            .events
            .contains(&Event::EncodingStopped { track, encoding: 0 })
    );
    for leg in [1, 2] {
        simulation.command(Command::RemoveLeg {
            leg: forward::LegId(leg),
        });
    }
    let check = simulation.participants[0].check(true);
    simulation.towards_relay(0, check);
    simulation.run_for(SECOND);
    assert_eq!(simulation.counted(Counter::DropStunUnknownUfrag), 1);
    let Some(Event::Report { tracks, slots }) = simulation.events.last() else {
        panic!("a report each second")
    };
    assert!(tracks.is_empty() && slots.is_empty());
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
