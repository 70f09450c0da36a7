//! Memory for what has left is taken with the first packet and between packets; no other packet allocates.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use allocations::{Counting, asked};
use forward::counters::Counter;
use simulation::participant::{VIDEO_PT, video_ssrc};
use simulation::pictures::{two, vp8};
use simulation::{MS, Simulation};

#[global_allocator]
static COUNTING: Counting = Counting;

/// Sends a picture of this many packets; returns how often the relay asked for memory meanwhile.
fn allocations_of(simulation: &mut Simulation, frame: u16, packets: u16) -> u64 {
    let (now_ns, tuple) = (simulation.now_ns, simulation.participants[0].tuple);
    let (ssrc, timestamp) = (video_ssrc(1, 0), u32::from(frame) * 900);
    let mut allocations = 0;
    for part in 0..packets {
        let payload = if part == 0 {
            vp8(frame == 0, frame, 0, 0)
        } else {
            vec![0x80, 0x80, 0x80 | (frame >> 8) as u8, frame as u8, 0]
        };
        let marker = part == packets - 1;
        let publisher = &mut simulation.participants[0];
        let mut rtp = publisher.rtp(ssrc, VIDEO_PT, timestamp, marker, &payload, None);
        let before = asked();
        let worker = &mut simulation.worker;
        worker.handle_datagram(now_ns, now_ns, tuple, &mut rtp);
        worker.outbox();
        allocations += asked() - before;
        worker.outbox().clear();
    }
    simulation.run_for(10 * MS);
    allocations
}

#[test]
fn no_packet_waits_for_the_allocator_once_media_runs() {
    for packets in [1, 8] {
        let mut simulation = two(&[]);
        let first: u64 = (0..100)
            .map(|frame| allocations_of(&mut simulation, frame, packets))
            .sum();
        assert!(first >= 8, "memory is taken with the first packet: {first}");
        let others: u64 = (100..1_500)
            .map(|frame| allocations_of(&mut simulation, frame, packets))
            .sum();
        assert_eq!(others, 0, "{packets} packets every 10 ms");
        let left = simulation.counted(Counter::EgressVideoPackets);
        assert_eq!(left, 1_500 * u64::from(packets));
    }
}
