//! A round trip is the path's: what a report waited for its reader, here or there, is not in it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::event::Event;
use simulation::participant::{VIDEO_PT, video_ssrc};
use simulation::pictures::{two, vp8};
use simulation::{MS, SECOND, Simulation, UNIX_MINUS_MONOTONIC_NS};
use wire::payload::Kind;
use wire::rtcp::{ReportBlock, write_receiver_report};

const STALL_NS: u64 = 400 * MS;
const ONE_WAY_NS: u64 = 20 * MS;
const UNIX_EPOCH_IN_NTP_S: u64 = 2_208_988_800;

/// The middle of a virtual instant's NTP time, as reports have it: 1/65,536 s (RFC 3550 §4).
fn compact(at_ns: u64) -> u32 {
    let unix_ns = at_ns.wrapping_add_signed(UNIX_MINUS_MONOTONIC_NS);
    let seconds = unix_ns / SECOND + UNIX_EPOCH_IN_NTP_S;
    ((seconds << 16) | (((unix_ns % SECOND) << 16) / SECOND)) as u32
}

/// A publisher whose picture a subscriber has seen for two seconds.
fn consultation() -> Simulation {
    let mut simulation = two(&[]);
    for picture in 0..100_u16 {
        let ssrc = video_ssrc(1, 0);
        let payload = vp8(picture == 0, picture, 0, 0);
        let timestamp = u32::from(picture) * 1_800;
        let rtp = simulation.participants[0].rtp(ssrc, VIDEO_PT, timestamp, true, &payload, None);
        simulation.towards_relay(0, rtp);
        simulation.run_for(20 * MS);
    }
    simulation
}

#[test]
fn a_receiver_report_that_waited_for_the_worker_tells_of_the_path_alone() {
    let mut simulation = consultation();
    simulation.links[1].0.delay_ns = ONE_WAY_NS;
    let ssrc = simulation.participants[1].slot(Kind::Video).1;
    // What the relay said at some time, as if it had come after as long a way.
    let said_ns = simulation.now_ns - 2 * ONE_WAY_NS;
    let block = ReportBlock {
        ssrc,
        last_sr: compact(said_ns),
        delay_since_last_sr: compact(simulation.now_ns).wrapping_sub(compact(said_ns + ONE_WAY_NS)),
        ..ReportBlock::default()
    };
    let report = simulation.participants[1].rtcp(|out| write_receiver_report(out, 1, &[block]));
    simulation.stalled_until_ns = simulation.now_ns + STALL_NS;
    simulation.towards_relay(1, report);
    simulation.events.clear();
    simulation.run_for(STALL_NS + 2 * SECOND);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    let of_slot = simulation
        .events
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Report { slots, .. } => slots.iter().find(|one| one.slot == slot),
            _ => None,
        });
    let round_trip_us = of_slot.unwrap().rtt_us.unwrap();
    assert!(
        u64::from(round_trip_us).abs_diff(2 * ONE_WAY_NS / 1_000) < 1_000,
        "{round_trip_us} us"
    );
}

#[test]
fn a_sender_report_is_answered_with_all_the_time_it_lay_here() {
    let mut simulation = consultation();
    let ssrc = video_ssrc(1, 0);
    let said_ns = simulation.now_ns;
    let ntp = u64::from(compact(said_ns)) << 16;
    let report = simulation.participants[0].sender_report(ssrc, ntp, 0);
    simulation.stalled_until_ns = simulation.now_ns + STALL_NS;
    simulation.towards_relay(0, report);
    simulation.run_for(STALL_NS + 2 * SECOND);
    let blocks = &simulation.participants[0].report_blocks;
    let (at_ns, block) = blocks.last().unwrap();
    assert_eq!((block.ssrc, block.last_sr), (ssrc, compact(said_ns)));
    let lay = compact(*at_ns).wrapping_sub(compact(said_ns));
    assert!(
        lay.abs_diff(block.delay_since_last_sr) < 65,
        "{lay} and {}, in 1/65,536 s",
        block.delay_since_last_sr
    );
}
