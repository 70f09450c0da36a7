//! A participant who moves, restarts or falls silent: keys, sequence and seat stay.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use forward::event::Event;
use forward::{Credentials, FIRST_TCP_SOCKET, LegId, Tuple};
use simulation::participant::{AUDIO_PT, Participant, audio_ssrc};
use simulation::speech::{speak, two};
use simulation::{MS, SECOND, Simulation};

#[test]
fn consent_that_runs_out_stops_everything_until_a_check_comes() {
    let mut simulation = two();
    for second in 0..40 {
        let check = simulation.participants[0].check(true);
        simulation.towards_relay(0, check);
        speak(&mut simulation, second);
        simulation.run_for(SECOND - 20 * MS);
    }
    assert!(
        simulation
            .events
            .contains(&Event::ConsentLost { leg: LegId(2) })
    );
    let stopped = simulation.participants[1].received.len();
    assert!(stopped <= 32, "{stopped}");
    let check = simulation.participants[1].check(true);
    simulation.towards_relay(1, check);
    simulation.settle();
    assert_eq!(
        simulation.events.last(),
        Some(&Event::Connected { leg: LegId(2) })
    );
    assert_eq!(speak(&mut simulation, 99), stopped + 1);
}

#[test]
fn a_walk_from_wifi_to_4g_keeps_keys_and_sequence() {
    let mut simulation = two();
    for packet in 0..10 {
        speak(&mut simulation, packet);
    }
    simulation.participants[0].tuple.remote = ([198, 51, 100, 7], 5_555).into();
    let check = simulation.participants[0].check(true);
    simulation.towards_relay(0, check);
    simulation.settle();
    for packet in 10..20 {
        speak(&mut simulation, packet);
    }
    let received = &simulation.participants[1].received;
    assert_eq!(received.len(), 20);
    assert!(
        received
            .windows(2)
            .all(|pair| pair[1].header.sequence == pair[0].header.sequence.wrapping_add(1))
    );
    assert!(
        simulation
            .events
            .contains(&Event::AddressChanged { leg: LegId(1) })
    );
}

#[test]
fn an_ice_restart_accepts_old_and_new_until_the_new_is_used() {
    let mut simulation = two();
    simulation.command(Command::RestartIce {
        leg: LegId(1),
        credentials: Credentials {
            ufrag: b"frag9".into(),
            password: Participant::new(9).password(),
        },
    });
    let answered = |simulation: &mut Simulation, mut check: Vec<u8>| {
        let (before, tuple) = (
            simulation.counted(Counter::StunAnswered),
            simulation.participants[0].tuple,
        );
        simulation
            .worker
            .handle_datagram(simulation.now_ns, simulation.now_ns, tuple, &mut check);
        simulation.counted(Counter::StunAnswered) > before
    };
    let old = simulation.participants[0].check(true);
    assert!(answered(&mut simulation, old));
    let new = Participant::new(9).check(true);
    assert!(answered(&mut simulation, new));
    let stale = simulation.participants[0].check(true);
    assert!(!answered(&mut simulation, stale));
    assert_eq!(speak(&mut simulation, 0), 1);
}

/// A path from elsewhere, to one of the relay's sockets.
fn elsewhere(socket: u8, port: u16) -> Tuple {
    Tuple {
        socket,
        remote: ([198, 51, 100, 7], port).into(),
    }
}

/// Has the listener nominate a connection of this port.
fn connect(simulation: &mut Simulation, port: u16) -> Tuple {
    let tuple = elsewhere(FIRST_TCP_SOCKET, port);
    simulation.participants[1].tuple = tuple;
    let check = simulation.participants[1].check(true);
    simulation.towards_relay(1, check);
    simulation.settle();
    tuple
}

#[test]
fn a_listener_goes_over_to_tcp_and_to_the_next_connection_when_that_one_ends() {
    let mut simulation = two();
    assert_eq!(speak(&mut simulation, 0), 1);
    let first = connect(&mut simulation, 5_000);
    let proof = simulation.participants[1].rtp(audio_ssrc(2), AUDIO_PT, 0, false, b"here", None);
    simulation.towards_relay(1, proof);
    simulation.settle();
    assert_eq!(speak(&mut simulation, 1), 2);

    assert!(simulation.worker.knows(first));
    simulation.worker.handle_closed(first);
    assert!(!simulation.worker.knows(first));
    assert_eq!(speak(&mut simulation, 2), 2, "there is no path");

    connect(&mut simulation, 5_001);
    assert!(speak(&mut simulation, 3) > 2);
    simulation.run_for(SECOND);
    assert_eq!(simulation.counted(Counter::LegsByTcp), 1);
    assert_eq!(simulation.counted(Counter::LegsByUdp), 1);
    let lost = Event::ConsentLost { leg: LegId(2) };
    assert!(!simulation.events.contains(&lost));
}

#[test]
fn a_connection_passes_a_check_before_anything_else_and_is_asked_nothing() {
    let mut simulation = two();
    let command = simulation.participants[0].set_peer();
    simulation.command(command);
    speak(&mut simulation, 0);
    let rtp = simulation.participants[0].rtp(audio_ssrc(1), AUDIO_PT, 960, false, b"here", None);
    for (socket, asked) in [(FIRST_TCP_SOCKET, 0), (0, 1)] {
        let from = elsewhere(socket, 5_000);
        let mut datagram = rtp.clone();
        simulation.worker.handle_datagram(
            simulation.now_ns,
            simulation.now_ns,
            from,
            &mut datagram,
        );
        assert_eq!(simulation.counted(Counter::AddressesAsked), asked);
        assert_eq!(simulation.counted(Counter::DropUnknownSource), 1);
    }
}
