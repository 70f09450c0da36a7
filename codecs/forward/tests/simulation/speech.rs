//! The smallest consultation: one speaks, the other listens.

use forward::command::Command;
use wire::payload::Kind;

use super::participant::{AUDIO_PT, audio_ssrc};
use super::{MS, Simulation};

/// A speaker and a listener, bound.
pub fn two() -> Simulation {
    let mut simulation = Simulation::new(1);
    let (a, b) = (simulation.join(), simulation.join());
    let (publisher, subscriber) = (&simulation.participants[a], &simulation.participants[b]);
    let commands = [
        publisher.publish_audio(),
        subscriber.add_slot(Kind::Audio),
        Command::Bind {
            slot: subscriber.slot(Kind::Audio).0,
            track: Some(publisher.audio_track()),
        },
    ];
    for command in commands {
        simulation.command(command);
    }
    simulation
}

/// Speaks one packet; returns how many the listener has heard.
pub fn speak(simulation: &mut Simulation, packet: u32) -> usize {
    let rtp = simulation.participants[0].rtp(
        audio_ssrc(1),
        AUDIO_PT,
        packet * 960,
        false,
        &packet.to_be_bytes(),
        None,
    );
    simulation.towards_relay(0, rtp);
    simulation.run_for(20 * MS);
    simulation.participants[1].received.len()
}
