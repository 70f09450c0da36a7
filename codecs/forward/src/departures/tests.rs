#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use wire::rtcp::{Rtcp, RtcpPacket, write_transport_feedback};

use super::*;

const START_US: u64 = 10_000_000;

/// Feedback on consecutive numbers; arrivals in steps of 250 µs since the reference.
fn hear(
    departures: &mut Departures,
    now_us: u64,
    base: u16,
    reference_64ms: u32,
    arrivals: &[Option<i64>],
) -> Option<Vec<Sample>> {
    let mut bytes = [0; 1_200];
    let (len, told) =
        write_transport_feedback(&mut bytes, 1, 2, base, 0, reference_64ms, arrivals).unwrap();
    assert_eq!(told, arrivals.len());
    let Some(Ok(RtcpPacket::TransportFeedback(feedback))) =
        Rtcp::packets_untrusted(&bytes[..len]).next()
    else {
        panic!("what was written is feedback");
    };
    let mut samples = Vec::new();
    let ours = departures.look_up_untrusted(&feedback, now_us, &mut samples);
    assert_eq!(ours, !samples.is_empty());
    ours.then_some(samples)
}

fn sent(packets: u64) -> Departures {
    let mut departures = Departures::new();
    for packet in 0..packets {
        let size_bytes = 500 + packet as usize % 7;
        departures.enter(START_US + packet * 1_000, size_bytes, 0, Kind::Video, 1);
    }
    departures
}

#[test]
fn what_left_is_found_with_the_time_it_left_and_came() {
    let mut departures = sent(3);
    departures.enter(START_US + 5_000, 900, 4, Kind::Video, 1);
    let arrivals = [Some(4), None, Some(9), Some(30)];
    let samples = hear(&mut departures, START_US + 80_000, 0, 100, &arrivals).unwrap();
    let found: Vec<_> = samples
        .iter()
        .map(|sample| (sample.sent_us - START_US, sample.arrival_us, sample.cluster))
        .collect();
    let reference_us = 100 * 64_000;
    assert_eq!(
        found,
        [
            (0, Some(reference_us + 1_000), 0),
            (1_000, None, 0),
            (2_000, Some(reference_us + 2_250), 0),
            (5_000, Some(reference_us + 7_500), 4),
        ]
    );
    assert_eq!(samples[3].size_bytes, 900);
    assert_eq!(samples[0].sequence, 1 << 16);
}

#[test]
fn of_sound_it_is_counted_once_what_was_said_of_each_packet() {
    let mut departures = sent(1);
    for _ in 0..4 {
        departures.enter(START_US, 150, 0, Kind::Audio, 1);
    }
    let say = |departures: &mut Departures, arrivals: &[_]| {
        hear(departures, START_US, 0, 0, arrivals).unwrap();
        let SoundTold { packets, lost } = departures.sound_told();
        (packets, lost)
    };
    let came = Some(1);
    let first = say(&mut departures, &[None, came, None, came]);
    assert_eq!(first, (3, 1));
    let later = say(&mut departures, &[None, None, came]);
    assert_eq!(later, (3, 0), "one was late, and what came has come");
    assert_eq!(say(&mut departures, &[came; 9]), (4, 0));
}

#[test]
fn sound_that_leaves_again_was_lost_whatever_is_said_of_it() {
    let mut departures = Departures::new();
    for _ in 0..4 {
        departures.enter(START_US, 150, 0, Kind::Audio, 1);
    }
    departures.leave_again(1);
    let came = Some(1);
    let samples = hear(&mut departures, START_US, 0, 0, &[None, came, came]).unwrap();
    let arrived: Vec<_> = samples
        .iter()
        .map(|sample| sample.arrival_us.is_some())
        .collect();
    assert_eq!(arrived, [false, false, true]);
    for number in [0, 2, 3, 4, 60_000] {
        departures.leave_again(number);
    }
    hear(&mut departures, START_US, 0, 0, &[came; 4]).unwrap();
    let SoundTold { packets, lost } = departures.sound_told();
    assert_eq!((packets, lost), (4, 3), "2 had come already");
}

#[test]
fn what_never_left_is_not_believed() {
    let mut departures = sent(3);
    let arrivals = [Some(1); 10];
    let samples = hear(&mut departures, START_US, 1, 0, &arrivals).unwrap();
    assert_eq!(samples.len(), 2, "two of the ten left");
    assert_eq!(hear(&mut departures, START_US, 3, 0, &arrivals), None);
    assert_eq!(hear(&mut departures, START_US, 20_000, 0, &arrivals), None);
    assert_eq!(
        hear(&mut Departures::new(), START_US, 0, 0, &[Some(1)]),
        None
    );
}

#[test]
fn what_is_forgotten_is_passed_over() {
    let mut departures = sent(WINDOW as u64 + 10);
    let samples = hear(&mut departures, START_US, 5, 0, &[Some(1); 8]).unwrap();
    let numbers: Vec<_> = samples
        .iter()
        .map(|sample| sample.sequence - (1 << 16))
        .collect();
    assert_eq!(numbers, [10, 11, 12]);
}

#[test]
fn numbers_and_clocks_go_round() {
    let mut departures = sent(65_540);
    let base = 65_530_u16;
    let samples = hear(&mut departures, START_US, base, 0xff_ffff, &[Some(0); 10]).unwrap();
    assert_eq!(samples.len(), 10);
    assert_eq!(samples[9].sequence, (1 << 16) + 65_539);
    let before_us = samples[9].arrival_us.unwrap();
    let samples = hear(&mut departures, START_US, base, 0, &[Some(0)]).unwrap();
    assert_eq!(
        samples[0].arrival_us,
        Some(before_us + REFERENCE_US),
        "the clock's next step after its last"
    );
}

#[test]
fn a_departure_is_dated_across_the_circle_of_microseconds() {
    let mut departures = Departures::new();
    let late_us = u64::from(u32::MAX) - 10;
    departures.enter(late_us, 100, 0, Kind::Video, 1);
    let samples = hear(&mut departures, late_us + 50_000, 0, 0, &[Some(0)]).unwrap();
    assert_eq!(samples[0].sent_us, late_us);
}
