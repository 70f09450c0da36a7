//! A participant whose address changes though they do not know: they are followed within a round trip.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use std::net::SocketAddr;

use forward::counters::Counter;
use forward::event::Event;
use forward::{LegId, Tuple};
use simulation::participant::{AUDIO_PT, OWN_PASSWORD, audio_ssrc};
use simulation::speech::{speak, two};
use simulation::{Conditions, MS, SECOND, Simulation};
use wire::stun::write_binding_success;

/// A speaker who publishes and a listener who publishes too; the relay knows what both sign with.
fn met() -> Simulation {
    let mut simulation = two();
    let publish = simulation.participants[1].publish_audio();
    simulation.command(publish);
    for person in 0..2 {
        let command = simulation.participants[person].set_peer();
        simulation.command(command);
    }
    for packet in 0..10 {
        speak(&mut simulation, packet);
        says(&mut simulation, packet);
    }
    simulation
}

/// Lets the listener say something.
fn says(simulation: &mut Simulation, packet: u32) {
    let rtp = sound_of_listener(simulation, packet);
    simulation.towards_relay(1, rtp);
    simulation.settle();
}

fn sound_of_listener(simulation: &mut Simulation, packet: u32) -> Vec<u8> {
    simulation.participants[1].rtp(audio_ssrc(2), AUDIO_PT, packet * 960, false, &[1], None)
}

fn elsewhere(port: u16) -> SocketAddr {
    ([198, 51, 100, 7], port).into()
}

fn hand(simulation: &mut Simulation, remote: SocketAddr, mut datagram: Vec<u8>) {
    let tuple = Tuple { socket: 0, remote };
    simulation
        .worker
        .handle_datagram(simulation.now_ns, simulation.now_ns, tuple, &mut datagram);
}

/// What waits to be sent to an address; whatever waits is gone.
fn leaving(simulation: &mut Simulation, remote: SocketAddr) -> Vec<Vec<u8>> {
    let outbox = simulation.worker.outbox();
    let spans = outbox.spans().iter();
    let theirs = spans.filter(|span| span.tuple.remote == remote);
    let sent = theirs
        .map(|span| outbox.bytes()[span.start as usize..][..usize::from(span.len)].to_vec())
        .collect();
    outbox.clear();
    sent
}

#[test]
fn a_new_port_is_followed_within_a_round_trip_though_no_check_comes() {
    let mut simulation = met();
    let link = Conditions {
        delay_ns: 15 * MS,
        ..Conditions::default()
    };
    simulation.links[1] = (link, link);
    simulation.run_for(SECOND);
    simulation.participants[1].tuple.remote = elsewhere(5_555);
    let before = simulation.participants[1].received.len();
    // 20 ms each: the question and its answer take 30, what was sent meanwhile is lost.
    for packet in 10..20 {
        let rtp = sound_of_listener(&mut simulation, packet);
        simulation.towards_relay(1, rtp);
        speak(&mut simulation, packet);
    }
    simulation.run_for(SECOND);
    let heard = simulation.participants[1].received.len() - before;
    assert!((6..10).contains(&heard), "{heard} of 10");
    assert_eq!(simulation.participants[1].questions, 1);
    assert_eq!(simulation.counted(Counter::AddressChanges), 1);
    let moved = Event::AddressChanged { leg: LegId(2) };
    assert_eq!(
        simulation
            .events
            .iter()
            .filter(|event| **event == moved)
            .count(),
        1
    );
    assert!(simulation.drops().is_empty(), "{:?}", simulation.drops());
}

#[test]
fn nothing_that_is_sent_from_the_new_port_is_lost() {
    let mut simulation = met();
    let heard = simulation.participants[1].received.len();
    simulation.participants[0].tuple.remote = elsewhere(5_555);
    for packet in 10..20 {
        speak(&mut simulation, packet);
    }
    assert_eq!(simulation.participants[1].received.len(), heard + 10);
    let mut pairs = simulation.participants[1].received.windows(2);
    assert!(pairs.all(|pair| pair[1].header.sequence == pair[0].header.sequence.wrapping_add(1)));
}

#[test]
fn until_it_answers_an_address_gets_questions_alone_and_few() {
    let mut simulation = met();
    for packet in 10..60 {
        let rtp = sound_of_listener(&mut simulation, packet);
        hand(&mut simulation, elsewhere(5_555), rtp);
        for datagram in leaving(&mut simulation, elsewhere(5_555)) {
            assert!(
                datagram.len() < 150 && datagram[0] == 0,
                "a question of STUN"
            );
        }
        // What is said to them goes to where they were.
        speak(&mut simulation, packet);
    }
    let asked = simulation.counted(Counter::AddressesAsked);
    assert!((4..=6).contains(&asked), "{asked} in a second");
    assert_eq!(simulation.counted(Counter::AddressChanges), 0);
    assert_eq!(simulation.participants[1].received.len(), 60);
}

#[test]
fn media_that_is_not_theirs_asks_nobody_anything() {
    let mut simulation = met();
    let seen = sound_of_listener(&mut simulation, 10);
    simulation.towards_relay(1, seen.clone());
    simulation.settle();
    let mut forged = sound_of_listener(&mut simulation, 11);
    *forged.last_mut().unwrap() ^= 1;
    for datagram in [seen, forged] {
        hand(&mut simulation, elsewhere(5_555), datagram);
    }
    assert!(leaving(&mut simulation, elsewhere(5_555)).is_empty());
    assert_eq!(simulation.counted(Counter::AddressesAsked), 0);
    assert_eq!(simulation.counted(Counter::DropSrtpReplayed), 1);
    assert_eq!(simulation.counted(Counter::DropSrtpAuthentication), 1);
}

/// Has the relay ask an address; gives the question.
fn asked(simulation: &mut Simulation, remote: SocketAddr) -> Vec<u8> {
    let rtp = sound_of_listener(simulation, 10);
    hand(simulation, remote, rtp);
    leaving(simulation, remote).pop().unwrap()
}

fn answer(question: &[u8], password: &[u8]) -> Vec<u8> {
    let id = question[8..20].try_into().unwrap();
    let mut out = vec![0; 256];
    let len = write_binding_success(&mut out, &id, elsewhere(1), password).unwrap();
    out.truncate(len);
    out
}

#[test]
fn only_the_participants_own_answer_from_that_address_counts() {
    let mut simulation = met();
    let question = asked(&mut simulation, elsewhere(5_555));
    let good = answer(&question, OWN_PASSWORD);
    let mut of_another = question.clone();
    of_another[12] ^= 1;
    hand(
        &mut simulation,
        elsewhere(5_555),
        answer(&question, b"another-password-of-22"),
    );
    hand(
        &mut simulation,
        elsewhere(5_555),
        answer(&of_another, OWN_PASSWORD),
    );
    hand(&mut simulation, elsewhere(5_556), good.clone());
    assert_eq!(simulation.counted(Counter::AddressChanges), 0);
    assert_eq!(simulation.counted(Counter::DropStunIntegrity), 1);
    assert_eq!(simulation.counted(Counter::DropStunUnexpected), 2);
    hand(&mut simulation, elsewhere(5_555), good.clone());
    assert_eq!(simulation.counted(Counter::AddressChanges), 1);
    // Nobody asked any more.
    hand(&mut simulation, elsewhere(5_555), good);
    assert_eq!(simulation.counted(Counter::AddressChanges), 1);
}

#[test]
fn a_neighbours_path_is_not_given_to_somebody_else() {
    let mut simulation = met();
    let theirs = simulation.participants[0].tuple.remote;
    let question = asked(&mut simulation, elsewhere(5_555));
    simulation.participants[0].tuple.remote = elsewhere(5_555);
    let check = simulation.participants[0].check(true);
    simulation.towards_relay(0, check);
    simulation.settle();
    hand(
        &mut simulation,
        elsewhere(5_555),
        answer(&question, OWN_PASSWORD),
    );
    assert_eq!(simulation.counted(Counter::DropStunPathTaken), 1);
    let rtp = sound_of_listener(&mut simulation, 11);
    hand(&mut simulation, theirs, rtp);
    assert_eq!(
        simulation.counted(Counter::AddressesAsked),
        1,
        "a path in use is its owner's"
    );
}

#[test]
fn an_answer_that_comes_late_moves_nobody() {
    let mut simulation = met();
    let question = asked(&mut simulation, elsewhere(5_555));
    simulation.run_for(6 * SECOND);
    hand(
        &mut simulation,
        elsewhere(5_555),
        answer(&question, OWN_PASSWORD),
    );
    assert_eq!(simulation.counted(Counter::AddressChanges), 0);
    assert_eq!(simulation.counted(Counter::DropStunUnexpected), 1);
}

#[test]
fn many_addresses_are_asked_seldom_and_none_by_much_more_than_it_sent() {
    let mut simulation = met();
    for port in 0..100 {
        let rtp = sound_of_listener(&mut simulation, 10 + u32::from(port));
        let bytes = rtp.len();
        hand(&mut simulation, elsewhere(6_000 + port), rtp);
        for question in leaving(&mut simulation, elsewhere(6_000 + port)) {
            assert!(question.len() <= 3 * bytes);
        }
    }
    let asked = simulation.counted(Counter::AddressesAsked);
    assert!((1..=6).contains(&asked), "{asked} at once");
}

#[test]
fn who_looks_for_legs_by_numbers_of_their_own_is_looked_for_seldom() {
    let mut simulation = met();
    for number in 0..10_000_u32 {
        let mut rtp = vec![0x80, AUDIO_PT, 0, 0, 0, 0, 0, 0];
        rtp.extend(number.wrapping_mul(0x9e37_79b9).to_be_bytes());
        rtp.extend([0; 40]);
        hand(&mut simulation, elsewhere(5_555), rtp);
    }
    assert!(leaving(&mut simulation, elsewhere(5_555)).is_empty());
    assert_eq!(simulation.counted(Counter::DropUnknownSource), 10_000);
    // Whoever is there feels nothing, and a second later somebody who moves is found again.
    simulation.run_for(SECOND);
    assert!(!asked(&mut simulation, elsewhere(5_557)).is_empty());
}

#[test]
fn a_leg_that_leaves_takes_its_question_along() {
    let mut simulation = met();
    let question = asked(&mut simulation, elsewhere(5_555));
    simulation.command(forward::command::Command::RemoveLeg { leg: LegId(2) });
    hand(
        &mut simulation,
        elsewhere(5_555),
        answer(&question, OWN_PASSWORD),
    );
    assert_eq!(simulation.counted(Counter::DropStunUnexpected), 1);
}

#[test]
fn who_has_fallen_silent_is_back_with_their_first_packet() {
    let mut simulation = met();
    for second in 0..40 {
        let check = simulation.participants[0].check(true);
        simulation.towards_relay(0, check);
        simulation.run_for(SECOND);
        speak(&mut simulation, 100 + second);
    }
    assert!(
        simulation
            .events
            .contains(&Event::ConsentLost { leg: LegId(2) })
    );
    let before = simulation.participants[1].received.len();
    simulation.participants[1].tuple.remote = elsewhere(5_555);
    says(&mut simulation, 10);
    simulation.run_for(20 * MS);
    assert_eq!(
        simulation.events.last(),
        Some(&Event::Connected { leg: LegId(2) })
    );
    assert_eq!(speak(&mut simulation, 200), before + 1);
}
