//! What a leg's participant tells of its path is copied to Python, for who asks for it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use congestion::Sample;
use forward::LegId;
use forward::command::Command;
use forward::counters::Counter;
use forward::event::Event;
use simulation::participant::{AUDIO_PT, audio_ssrc};
use simulation::pictures::two;
use simulation::telling::Telling;
use simulation::{MS, SECOND, Simulation};

const PUBLISHER: LegId = LegId(1);
const SUBSCRIBER: LegId = LegId(2);
const ONE_WAY_NS: u64 = 20 * MS;
const PACKET_NS: u64 = 20 * MS;
const TOLD_NS: u64 = 100 * MS;

/// Sound from one participant to another, who tells of it ten times a second.
struct Call {
    simulation: Simulation,
    telling: Telling,
    packets: u32,
}

impl Call {
    fn new() -> Self {
        let mut simulation = two(&[]);
        for link in &mut simulation.links {
            link.0.delay_ns = ONE_WAY_NS;
            link.1.delay_ns = ONE_WAY_NS;
        }
        Self {
            simulation,
            telling: Telling::default(),
            packets: 0,
        }
    }

    fn run(&mut self, duration_ns: u64) {
        for step in 1..=duration_ns / PACKET_NS {
            let timestamp = self.packets * 960;
            self.packets += 1;
            let packet = self.simulation.participants[0].rtp(
                audio_ssrc(1),
                AUDIO_PT,
                timestamp,
                false,
                &[7; 80],
                None,
            );
            self.simulation.towards_relay(0, packet);
            self.simulation.run_for(PACKET_NS);
            if step % (TOLD_NS / PACKET_NS) == 0 {
                let told = self.telling.tell(&mut self.simulation.participants[1]);
                self.simulation.towards_relay(1, told.unwrap());
            }
        }
        // The last feedback is on its way.
        self.simulation.run_for(2 * ONE_WAY_NS);
    }

    fn tap(&mut self, leg: LegId, enabled: bool) {
        self.simulation
            .command(Command::TapFeedback { leg, enabled });
    }

    /// What was copied since the last time: when each feedback came, and what it told.
    fn take(&mut self) -> Vec<(u64, Box<[Sample]>)> {
        let events = std::mem::take(&mut self.simulation.events);
        let copied = events.into_iter().filter_map(|event| match event {
            Event::Feedback {
                leg,
                at_ns,
                samples,
            } => {
                assert_eq!(leg, SUBSCRIBER);
                Some((at_ns, samples))
            }
            _ => None,
        });
        copied.collect()
    }
}

#[test]
fn nothing_is_copied_unasked_and_nothing_any_more_after_the_end() {
    let mut call = Call::new();
    call.run(SECOND);
    assert!(call.take().is_empty());
    call.tap(SUBSCRIBER, true);
    call.run(SECOND);
    assert_eq!(call.take().len(), 10);
    call.tap(SUBSCRIBER, false);
    call.run(SECOND);
    assert!(call.take().is_empty());
    assert!(call.simulation.counted(Counter::TransportFeedbackReceived) >= 30);
}

#[test]
fn a_copy_says_when_each_packet_left_and_came_and_when_that_was_told() {
    let mut call = Call::new();
    call.tap(SUBSCRIBER, true);
    call.run(SECOND);
    let copied = call.take();
    let samples: Vec<Sample> = copied
        .iter()
        .flat_map(|(_, samples)| samples.iter().copied())
        .collect();
    assert!(samples.len() >= 45, "{}", samples.len());
    // Its clock is its own, and tells in steps of 250 µs.
    let transits: Vec<i64> = samples
        .iter()
        .map(|sample| sample.arrival_us.unwrap() - sample.sent_us.cast_signed())
        .collect();
    let (least, most) = (
        transits.iter().min().unwrap(),
        transits.iter().max().unwrap(),
    );
    assert!(most - least <= 250, "{least} to {most}");
    for pair in samples.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        assert_eq!(pair[1].sent_us, pair[0].sent_us + PACKET_NS / 1_000);
        // Its headers, of IP too, are on the wire.
        assert!((112..200).contains(&pair[1].size_bytes));
    }
    for (at_ns, samples) in &copied {
        let round_trip_ns = at_ns - samples.last().unwrap().sent_us * 1_000;
        assert!(
            (2 * ONE_WAY_NS..TOLD_NS).contains(&round_trip_ns),
            "{round_trip_ns}"
        );
    }
}

#[test]
fn a_leg_that_is_sent_nothing_has_nothing_to_tell() {
    let mut call = Call::new();
    call.tap(PUBLISHER, true);
    assert_eq!(call.simulation.counted(Counter::CommandsRefused), 1);
    call.tap(LegId(99), true);
    assert_eq!(call.simulation.counted(Counter::CommandsUnknownTarget), 1);
}
