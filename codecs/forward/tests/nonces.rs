//! No number leaves a slot twice, whatever is reordered, repeated or forged by who holds the keys.
//!
//! Two packets sealed under one (key, SSRC, index) give GCM's authentication key away (RFC 7714 §8.4).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use std::collections::HashMap;

use forward::counters::Counter;
use forward::event::Event;
use simulation::Simulation;
use simulation::participant::{RTX_OFFSET, RTX_PT, VIDEO_PT, video_ssrc};
use simulation::pictures::{deliver, two, vp8};

/// How often each number of the outgoing media line was sealed.
#[derive(Default)]
struct Sealed(HashMap<u16, usize>);

impl Sealed {
    fn count(&mut self, datagrams: &[Vec<u8>]) -> usize {
        let mut count = 0;
        for sent in datagrams
            .iter()
            .filter(|sent| !(192..=223).contains(&sent[1]))
        {
            let number = u16::from_be_bytes([sent[2], sent[3]]);
            *self.0.entry(number).or_default() += 1;
            count += 1;
        }
        count
    }

    fn twice(&self) -> usize {
        self.0.values().filter(|times| **times > 1).count()
    }
}

fn send(simulation: &mut Simulation, index: u64, key_frame: bool) -> Vec<Vec<u8>> {
    let payload = vp8(key_frame, index as u16 & 0x7fff, 0, 0);
    let ssrc = video_ssrc(1, 0);
    let rtp = simulation.participants[0].protected(ssrc, VIDEO_PT, index, 0, true, &payload, None);
    deliver(simulation, 0, rtp)
}

#[test]
fn an_original_that_comes_after_its_retransmission_is_not_sealed_again() {
    let mut simulation = two(&[]);
    let (ssrc, mut sealed) = (video_ssrc(1, 0), Sealed::default());
    let late = simulation.participants[0].protected(
        ssrc,
        VIDEO_PT,
        101,
        0,
        true,
        &vp8(false, 1, 0, 0),
        None,
    );
    sealed.count(&send(&mut simulation, 100, true));
    sealed.count(&send(&mut simulation, 102, false));
    let again = [&101_u16.to_be_bytes()[..], &vp8(false, 1, 0, 0)].concat();
    let again =
        simulation.participants[0].protected(ssrc + RTX_OFFSET, RTX_PT, 7, 0, true, &again, None);
    assert_eq!(sealed.count(&deliver(&mut simulation, 0, again)), 1);
    assert_eq!(sealed.count(&deliver(&mut simulation, 0, late)), 0);
    assert_eq!(sealed.twice(), 0);
}

#[test]
fn a_jump_of_half_the_circle_begins_anew_and_seals_nothing_twice() {
    let mut simulation = two(&[]);
    let mut sealed = Sealed::default();
    sealed.count(&send(&mut simulation, 100, true));
    for index in 101..66_000 {
        sealed.count(&send(&mut simulation, index, false));
    }
    assert!(
        sealed.twice() < 500,
        "the 16 bits themselves came round once"
    );
    sealed.0.clear();
    let jumped = 65_999 + 0x8000;
    simulation.run_for(simulation::SECOND);
    sealed.count(&send(&mut simulation, jumped, true));
    for index in 1..2_000 {
        sealed.count(&send(&mut simulation, jumped + index, false));
    }
    assert_eq!(
        (sealed.0.len(), sealed.twice()),
        (2_000, 0),
        "{:?}",
        simulation.drops()
    );
}

#[test]
fn a_publisher_that_jumps_about_cannot_break_a_slot_for_the_next() {
    let mut simulation = two(&[]);
    for index in 100..40_000 {
        send(&mut simulation, index, index == 100);
    }
    // The subscriber's link loses what a jump brings, twice.
    let mut index = 40_000;
    for _ in 0..2 {
        index += 32_000;
        simulation.run_for(2 * simulation::SECOND);
        send(&mut simulation, index, true);
    }
    for step in 1..500 {
        for sent in send(&mut simulation, index + step, step % 50 == 0) {
            let now_ns = simulation.now_ns;
            simulation.participants[1].receive(now_ns, sent);
        }
    }
    assert_eq!(simulation.participants[1].undecryptable, 0);
    assert!(simulation.participants[1].received.len() > 400);
}

#[test]
fn changing_ssrc_and_codec_all_the_time_is_refused_and_tells_nobody() {
    let mut simulation = two(&[]);
    for index in 0..1_000_u64 {
        let ssrc = video_ssrc(1, 0) + if index % 2 == 0 { 0 } else { RTX_OFFSET };
        let payload = vp8(true, 1, 0, 0);
        let rtp = simulation.participants[0].protected(
            ssrc,
            VIDEO_PT,
            100 + index,
            0,
            true,
            &payload,
            None,
        );
        deliver(&mut simulation, 0, rtp);
    }
    let told = simulation.worker.take_events();
    let of_media = |event: &&Event| {
        matches!(
            event,
            Event::EncodingStarted { .. } | Event::SlotStarted { .. }
        )
    };
    assert!(told.iter().filter(of_media).count() <= 3, "{told:?}");
    assert!(simulation.counted(Counter::DropChangedTooSoon) > 400);
}
