//! A publisher's cap is told at once, again each second, and taken back so that it is heard.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::LegId;
use forward::command::Command;
use forward::counters::Counter;
use simulation::participant::{Participant, VIDEO_PT, video_ssrc};
use simulation::pictures::{two, vp8};
use simulation::{Conditions, MS, SECOND, Simulation};

fn limit(simulation: &mut Simulation, participant: usize, bps: u64) {
    let leg = simulation.participants[participant].leg;
    simulation.command(Command::SetPublisherLimit { leg, bps });
    simulation.settle();
}

/// When a participant was told which rate: milliseconds since `since_ns`, bits a second.
fn told(simulation: &Simulation, participant: usize, since_ns: u64) -> Vec<(u64, u64)> {
    let limits = &simulation.participants[participant].limits;
    limits
        .iter()
        .map(|(at_ns, bps, _)| ((at_ns - since_ns) / MS, *bps))
        .collect()
}

#[test]
fn a_limit_is_told_at_once_and_every_second_to_its_leg_alone() {
    let mut simulation = two(&[]);
    let since_ns = simulation.now_ns;
    limit(&mut simulation, 0, 250_000);
    simulation.run_for(3_500 * MS);
    assert_eq!(
        told(&simulation, 0, since_ns),
        [
            (0, 250_000),
            (1_000, 250_000),
            (2_000, 250_000),
            (3_000, 250_000)
        ]
    );
    assert!(simulation.participants[1].limits.is_empty());
    assert_eq!(simulation.counted(Counter::RembsSent), 4);
}

#[test]
fn another_limit_is_told_at_once_and_the_same_one_in_its_turn() {
    let mut simulation = two(&[]);
    let since_ns = simulation.now_ns;
    limit(&mut simulation, 0, 250_000);
    simulation.run_for(400 * MS);
    limit(&mut simulation, 0, 250_000);
    simulation.run_for(100 * MS);
    limit(&mut simulation, 0, 131_072);
    simulation.run_for(1_200 * MS);
    assert_eq!(
        told(&simulation, 0, since_ns),
        [(0, 250_000), (500, 131_072), (1_500, 131_072)]
    );
}

#[test]
fn the_end_of_a_limit_survives_two_losses() {
    let mut simulation = two(&[]);
    limit(&mut simulation, 0, 250_000);
    simulation.run_for(400 * MS);
    let since_ns = simulation.now_ns;
    simulation.participants[0].limits.clear();
    limit(&mut simulation, 0, 0);
    simulation.run_for(200 * MS);
    limit(&mut simulation, 0, 0);
    simulation.run_for(5 * SECOND);
    assert_eq!(
        told(&simulation, 0, since_ns),
        [(0, 0), (1_000, 0), (2_000, 0)]
    );
}

#[test]
fn who_was_never_limited_is_not_released() {
    let mut simulation = two(&[]);
    limit(&mut simulation, 0, 0);
    simulation.run_for(3 * SECOND);
    assert!(simulation.participants[0].limits.is_empty());
}

#[test]
fn a_limit_names_the_pictures_it_is_for() {
    let mut simulation = two(&["h", "m", "l"]);
    for (encoding, rid) in [(0_u8, "h"), (2, "l")] {
        let payload = vp8(true, 1, 0, 0);
        let ssrc = video_ssrc(1, encoding);
        let publisher = &mut simulation.participants[0];
        let rtp = publisher.rtp(ssrc, VIDEO_PT, 3_000, true, &payload, Some(rid));
        simulation.towards_relay(0, rtp);
    }
    simulation.run_for(20 * MS);
    limit(&mut simulation, 0, 300_000);
    let (_, _, sources) = &simulation.participants[0].limits[0];
    assert_eq!(sources, &[video_ssrc(1, 0), video_ssrc(1, 2)]);
}

#[test]
fn a_limit_waits_for_keys_and_a_path() {
    let mut simulation = Simulation::new(1);
    let participant = Participant::new(1);
    let leg = participant.leg;
    let mut joining = participant.join_commands();
    simulation.participants.push(participant);
    simulation
        .links
        .push((Conditions::default(), Conditions::default()));
    let keyed = joining.split_off(1);
    joining.push(Command::SetPublisherLimit { leg, bps: 400_000 });
    for command in joining {
        simulation.command(command);
    }
    simulation.run_for(3 * SECOND);
    assert!(simulation.participants[0].limits.is_empty());
    for command in keyed {
        simulation.command(command);
    }
    let check = simulation.participants[0].check(true);
    simulation.towards_relay(0, check);
    let since_ns = simulation.now_ns;
    simulation.run_for(20 * MS);
    let heard = told(&simulation, 0, since_ns);
    assert_eq!(heard.len(), 1);
    assert!(heard[0].0 <= 10 && heard[0].1 == 400_000, "{heard:?}");
}

#[test]
fn a_limit_for_nobody_is_counted() {
    let mut simulation = two(&[]);
    simulation.command(Command::SetPublisherLimit {
        leg: LegId(99),
        bps: 1,
    });
    assert_eq!(simulation.counted(Counter::CommandsUnknownTarget), 1);
}
