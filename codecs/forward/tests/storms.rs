//! Whoever asks again and again is answered now and then.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use simulation::participant::{VIDEO_PT, video_ssrc};
use simulation::pictures::{two, vp8};
use simulation::{MS, Simulation};
use wire::payload::Kind;
use wire::rtcp::{write_nack, write_pli};

#[test]
fn twenty_subscribers_asking_ten_times_a_second_cost_one_key_frame_a_second() {
    let mut simulation = Simulation::new(6);
    let publisher = simulation.join();
    simulation.command(simulation.participants[publisher].publish_video(&[]));
    let track = simulation.participants[publisher].video_track();
    for _ in 0..20 {
        let subscriber = simulation.join();
        simulation.command(simulation.participants[subscriber].add_slot(Kind::Video));
        let slot = simulation.participants[subscriber].slot(Kind::Video).0;
        simulation.command(Command::Bind {
            slot,
            track: Some(track),
        });
    }
    for turn in 0..100_u16 {
        let rtp = simulation.participants[publisher].rtp(
            video_ssrc(1, 0),
            VIDEO_PT,
            u32::from(turn) * 9_000,
            true,
            &vp8(true, turn, 0, 0),
            None,
        );
        simulation.towards_relay(publisher, rtp);
        for subscriber in 1..=20 {
            let media = simulation.participants[subscriber].slot(Kind::Video).1;
            let pli = simulation.participants[subscriber].rtcp(|out| write_pli(out, 1, media));
            simulation.towards_relay(subscriber, pli);
        }
        simulation.run_for(100 * MS);
    }
    assert_eq!(simulation.counted(Counter::PlisReceived), 2_000);
    assert!(
        simulation.participants[publisher].plis <= 11,
        "{}",
        simulation.participants[publisher].plis
    );
}

#[test]
fn a_nack_storm_gets_what_its_slot_may_spend_and_no_more() {
    let mut simulation = two(&[]);
    for frame in 0..50 {
        for part in 0..4 {
            let rtp = simulation.participants[0].rtp(
                video_ssrc(1, 0),
                VIDEO_PT,
                frame * 3_000,
                part == 3,
                &vp8(true, frame as u16, 0, 0),
                None,
            );
            simulation.towards_relay(0, rtp);
        }
    }
    simulation.run_for(40 * MS);
    let (media, before) = (
        simulation.participants[1].slot(Kind::Video).1,
        simulation.counted(Counter::EgressRtxPackets),
    );
    let newest = simulation.participants[1]
        .received
        .last()
        .unwrap()
        .header
        .sequence;
    let all: Vec<u16> = (0..200)
        .rev()
        .map(|back| newest.wrapping_sub(back))
        .collect();
    for _ in 0..100 {
        let storm = simulation.participants[1].rtcp(|out| write_nack(out, 1, media, &all));
        simulation.towards_relay(1, storm);
        simulation.run_for(10 * MS);
    }
    let answered = simulation.counted(Counter::EgressRtxPackets) - before;
    // 64 KiB of packets of 330 bytes; nothing is sent meanwhile by which more would be earned.
    assert!((50..=200).contains(&answered), "{answered}");
    assert!(simulation.counted(Counter::DropRtxThrottled) >= 100);
    assert!(
        simulation.counted(Counter::NacksReceived) <= 2_200,
        "a thousand a second"
    );
}
