//! Sound and picture from one participant to another, and VP8 payloads that number themselves.

use forward::command::Command;
use wire::payload::Kind;

use super::Simulation;

/// A VP8 payload with a 15-bit picture id, TL0 index, and a body that names the frame.
pub fn vp8(key_frame: bool, picture_id: u16, tl0: u8, temporal_layer: u8) -> Vec<u8> {
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

/// A publisher of both and a subscriber to both.
pub fn two(rids: &[&str]) -> Simulation {
    two_of(rids, true)
}

/// The same, whose subscriber has negotiated no line for retransmissions.
pub fn two_without_retransmissions() -> Simulation {
    two_of(&[], false)
}

fn two_of(rids: &[&str], retransmits: bool) -> Simulation {
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
    for mut command in commands {
        if let Command::AddSlot(slot) = &mut command
            && !retransmits
        {
            slot.rtx_ssrc = None;
            for codec in &mut slot.codecs {
                codec.rtx_payload_type = None;
            }
        }
        simulation.command(command);
    }
    simulation
}

/// Hands one datagram to the relay and takes what it sends, before any link.
pub fn deliver(simulation: &mut Simulation, from: usize, mut datagram: Vec<u8>) -> Vec<Vec<u8>> {
    let (now_ns, tuple) = (simulation.now_ns, simulation.participants[from].tuple);
    simulation
        .worker
        .handle_datagram(now_ns, now_ns, tuple, &mut datagram);
    let outbox = simulation.worker.outbox();
    let sent = outbox
        .spans()
        .iter()
        .map(|span| outbox.bytes()[span.start as usize..][..usize::from(span.len)].to_vec());
    let sent = sent.collect();
    outbox.clear();
    sent
}
