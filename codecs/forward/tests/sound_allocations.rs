//! Nothing is allocated for a packet of sound, whether it is brought back, carries others or is asked for again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use allocations::{Counting, asked};
use forward::counters::Counter;
use simulation::participant::{AUDIO_PT, RED_PT, audio_ssrc};
use simulation::sound::{STEP, frame, redundant};
use simulation::{MS, Simulation};
use wire::payload::Kind;
use wire::rtcp::write_nack;

#[global_allocator]
static COUNTING: Counting = Counting;

/// Hands a datagram to the relay and has it protect what it answers; returns what that allocated, and the number
/// of the first RTP packet that would be sent.
fn handled(simulation: &mut Simulation, from: usize, mut datagram: Vec<u8>) -> (u64, Option<u16>) {
    let (now_ns, tuple) = (simulation.now_ns, simulation.participants[from].tuple);
    let before = asked();
    let worker = &mut simulation.worker;
    worker.handle_datagram(now_ns, now_ns, tuple, &mut datagram);
    let outbox = worker.outbox();
    let allocations = asked() - before;
    let first = outbox.spans().first().map(|span| {
        let packet = &outbox.bytes()[span.start as usize..];
        u16::from_be_bytes([packet[2], packet[3]])
    });
    outbox.clear();
    (allocations, first)
}

#[test]
fn nothing_is_kept_for_who_takes_no_redundant_sound() {
    for takes_redundancy in [false, true] {
        let mut simulation = if takes_redundancy {
            Simulation::speech_to(&[0])
        } else {
            Simulation::plain_speech()
        };
        for number in 0..10 {
            simulation.say(0, number, &frame(number));
        }
        simulation.repeat(1, 2);
        let rtp = simulation.participants[0].rtp(
            audio_ssrc(1),
            AUDIO_PT,
            10 * STEP,
            false,
            &frame(10),
            None,
        );
        let (allocations, sequence) = handled(&mut simulation, 0, rtp);
        assert!(sequence.is_some());
        assert_eq!(allocations, u64::from(takes_redundancy));
    }
}

#[test]
fn sound_that_is_repaired_in_every_way_allocates_nothing() {
    let mut simulation = Simulation::speech_to(&[2, 1, 0]);
    for number in 0..100 {
        simulation.say_redundantly(0, number, 2);
    }
    simulation.round_trip(1, 10 * MS);
    let media = simulation.participants[1].slot(Kind::Audio).1;
    let mut allocations = Vec::new();
    for number in 100..600_u32 {
        if number % 10 == 0 {
            simulation.participants[0].skip(audio_ssrc(1));
            continue;
        }
        let (ssrc, payload) = (audio_ssrc(1), redundant(number, 2));
        let timestamp = number * STEP;
        let sender = &mut simulation.participants[0];
        let rtp = sender.rtp(ssrc, RED_PT, timestamp, false, &payload, None);
        let (for_packet, sequence) = handled(&mut simulation, 0, rtp);
        let sequence = sequence.unwrap();
        let nack = simulation.participants[1].rtcp(|out| write_nack(out, 1, media, &[sequence]));
        let (for_request, _) = handled(&mut simulation, 1, nack);
        allocations.push(for_packet + for_request);
        simulation.run_for(20 * MS);
    }
    let (first, others) = allocations.split_first().unwrap();
    assert!(*first > 0, "the first request is where the memory is taken");
    assert_eq!(others.iter().sum::<u64>(), 0);
    assert_eq!(simulation.counted(Counter::IngressPacketsRecovered), 50);
    assert!(simulation.counted(Counter::EgressRedundantBlocks) > 1_000);
    assert!(simulation.counted(Counter::EgressResentPackets) > 400);
}
