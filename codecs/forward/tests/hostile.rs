//! What a stranger, or a participant who breaks the rules, can do: nothing to anybody else.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use forward::event::Event;
use forward::{LegId, Tuple};
use proptest::prelude::*;
use simulation::participant::{AUDIO_PT, Participant, audio_ssrc};
use simulation::speech::{speak, two};
use simulation::{SECOND, Simulation};
use wire::payload::Kind;
use wire::rtcp::{write_bye, write_nack, write_pli};

fn stranger() -> Tuple {
    Tuple {
        socket: 0,
        remote: ([203, 0, 113, 9], 4_242).into(),
    }
}

#[test]
fn a_strangers_dtls_and_media_stop_at_the_door_and_get_no_answer() {
    let mut simulation = two();
    simulation.run_for(SECOND);
    let hello = [&[22, 254, 253][..], &[0; 139]].concat();
    let rtp = simulation.participants[0].rtp(audio_ssrc(1), AUDIO_PT, 0, false, &[1], None);
    for mut datagram in [hello, rtp] {
        simulation.worker.handle_datagram(
            simulation.now_ns,
            simulation.now_ns,
            stranger(),
            &mut datagram,
        );
    }
    assert_eq!(simulation.counted(Counter::DropUnknownSource), 2);
    assert!(simulation.worker.outbox().spans().is_empty());
    assert!(
        !simulation
            .worker
            .take_events()
            .iter()
            .any(|event| matches!(event, Event::Dtls { .. }))
    );
    assert_eq!(speak(&mut simulation, 0), 1);
}

#[test]
fn checks_that_do_not_authenticate_get_silence() {
    let mut simulation = two();
    let mut forged = Participant::new(1);
    let valid = forged.check(true);
    for byte in 0..valid.len() {
        let mut broken = valid.clone();
        broken[byte] ^= 0x40;
        simulation.worker.handle_datagram(
            simulation.now_ns,
            simulation.now_ns,
            stranger(),
            &mut broken,
        );
    }
    let mut unknown = Participant::new(77).check(true);
    simulation.worker.handle_datagram(
        simulation.now_ns,
        simulation.now_ns,
        stranger(),
        &mut unknown,
    );
    assert!(simulation.worker.outbox().spans().is_empty());
    assert_eq!(speak(&mut simulation, 0), 1);
}

#[test]
fn a_neighbour_cannot_take_over_an_address_in_use() {
    let mut simulation = two();
    let victim = simulation.participants[0].tuple;
    let mut check = simulation.participants[1].check(true);
    simulation
        .worker
        .handle_datagram(simulation.now_ns, simulation.now_ns, victim, &mut check);
    assert_eq!(simulation.counted(Counter::DropStunPathTaken), 1);
    assert_eq!(speak(&mut simulation, 0), 1);
}

#[test]
fn a_replayed_nomination_from_elsewhere_diverts_nothing() {
    let mut simulation = two();
    let check = simulation.participants[1].check(true);
    simulation.towards_relay(1, check.clone());
    simulation.settle();
    let mut replayed = check;
    simulation.worker.handle_datagram(
        simulation.now_ns,
        simulation.now_ns,
        stranger(),
        &mut replayed,
    );
    assert!(
        simulation.worker.outbox().spans().is_empty(),
        "not even an answer"
    );
    assert_eq!(speak(&mut simulation, 0), 1);
}

#[test]
fn a_hundred_thousand_bad_tags_change_nothing() {
    let mut simulation = two();
    let tuple = simulation.participants[0].tuple;
    let good = simulation.participants[0].rtp(audio_ssrc(1), AUDIO_PT, 0, false, &[1], None);
    for attempt in 0..100_000_usize {
        let mut bad = good.clone();
        let last = bad.len() - 1 - attempt % 16;
        bad[last] ^= 1;
        simulation
            .worker
            .handle_datagram(simulation.now_ns, simulation.now_ns, tuple, &mut bad);
    }
    assert_eq!(simulation.counted(Counter::DropSrtpAuthentication), 100_000);
    assert_eq!(speak(&mut simulation, 1), 1);
}

#[test]
fn feedback_about_somebody_elses_ssrc_is_ignored() {
    let mut simulation = two();
    speak(&mut simulation, 0);
    let theirs = simulation.participants[1].slot(Kind::Audio).1;
    let byes = simulation.participants[1].rtcp(|out| write_bye(out, &[audio_ssrc(1)]));
    let pli = simulation.participants[0].rtcp(|out| write_pli(out, 1, theirs));
    let nack = simulation.participants[0].rtcp(|out| write_nack(out, 1, theirs, &[1]));
    for (participant, datagram) in [(1, byes), (0, pli), (0, nack)] {
        simulation.towards_relay(participant, datagram);
    }
    simulation.settle();
    assert_eq!(simulation.counted(Counter::DropRtcpForeignSsrc), 3);
    assert_eq!(simulation.counted(Counter::ByesReceived), 0);
}

#[test]
fn a_flood_of_ssrcs_is_bounded_and_the_real_one_goes_on() {
    let mut simulation = two();
    speak(&mut simulation, 0);
    for ssrc in 0..1_000 {
        let rtp =
            simulation.participants[0].protected(50_000 + ssrc, AUDIO_PT, 1, 0, false, &[1], None);
        simulation.towards_relay(0, rtp);
    }
    simulation.settle();
    assert!(simulation.counted(Counter::DropSsrcLimit) > 900);
    // Its own SSRCs have confused its own encoding: for a second, not for ever.
    simulation.run_for(SECOND);
    let before = simulation.participants[1].received.len();
    assert_eq!(speak(&mut simulation, 1), before + 1);
}

#[test]
fn media_before_the_handshake_is_counted_and_dropped() {
    let mut simulation = Simulation::new(1);
    let mut early = Participant::new(9);
    let [add_leg, ..] = &early.join_commands()[..] else {
        panic!("a leg is added first")
    };
    simulation.command(add_leg.clone());
    let tuple = early.tuple;
    let mut check = early.check(true);
    simulation
        .worker
        .handle_datagram(simulation.now_ns, simulation.now_ns, tuple, &mut check);
    let mut rtp = early.rtp(audio_ssrc(9), AUDIO_PT, 0, false, &[1], None);
    simulation
        .worker
        .handle_datagram(simulation.now_ns, simulation.now_ns, tuple, &mut rtp);
    assert_eq!(simulation.counted(Counter::DropNoKeys), 1);
}

#[test]
fn keys_are_set_once_a_leg() {
    let mut simulation = two();
    let keys = Box::new(simulation.participants[0].keys());
    simulation.command(Command::SetKeys {
        leg: LegId(1),
        keys,
    });
    assert_eq!(simulation.counted(Counter::CommandsRefused), 1);
    assert_eq!(speak(&mut simulation, 0), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever an authenticated participant sends, correctly protected: no panic, and the others hear on.
    #[test]
    fn authenticated_nonsense_harms_nobody(packets in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..200)), 1..20)) {
        let mut simulation = two();
        for (rtcp, body) in packets {
            let datagram = if rtcp {
                let mut body = [&[0x80, 200][..], &body].concat();
                body.resize(body.len().max(8).next_multiple_of(4), 0);
                simulation.participants[1].rtcp(|out| { out[..body.len()].copy_from_slice(&body); Some(body.len()) })
            } else {
                simulation.participants[1].protected(7, 96, 9, 0, false, &body, None)
            };
            simulation.towards_relay(1, datagram);
        }
        simulation.settle();
        prop_assert_eq!(speak(&mut simulation, 0), 1);
    }

    /// Whatever arrives from a known address: no panic.
    #[test]
    fn bytes_are_only_bytes(datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..1_600), 1..40)) {
        let mut simulation = two();
        let tuple = simulation.participants[0].tuple;
        for mut datagram in datagrams {
            simulation.worker.handle_datagram(simulation.now_ns, simulation.now_ns, tuple, &mut datagram);
        }
        simulation.worker.outbox().clear();
        prop_assert_eq!(speak(&mut simulation, 0), 1);
    }
}

#[test]
fn truncations_of_every_length_are_dropped() {
    let mut simulation = two();
    let tuple = simulation.participants[0].tuple;
    for first in 0..=255_u8 {
        for len in 0..=64 {
            let mut datagram = vec![first; len];
            simulation.worker.handle_datagram(
                simulation.now_ns,
                simulation.now_ns,
                tuple,
                &mut datagram,
            );
        }
    }
    simulation.worker.outbox().clear();
    assert_eq!(speak(&mut simulation, 0), 1);
}
