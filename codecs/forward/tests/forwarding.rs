//! What one participant sends, another receives: rewritten, complete, in order, from a key frame on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use forward::event::Event;
use simulation::participant::{AUDIO_PT, VIDEO_PT, audio_ssrc, video_ssrc};
use simulation::pictures::{two, vp8};
use simulation::{MS, SECOND, Simulation};
use wire::payload::Kind;

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
        simulation.participants[0].plis, 2,
        "asked at once and after 300 ms, not ten times"
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
    simulation.events.clear();
    simulation.run_for(SECOND);
    let mut parts = 0;
    for event in &simulation.events {
        if let Event::Report { tracks, slots } = event {
            assert!(tracks.is_empty() && slots.is_empty());
            parts += 1;
        }
    }
    assert_eq!(parts, 8, "each part each second");
}
