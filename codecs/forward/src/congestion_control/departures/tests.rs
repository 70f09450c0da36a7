#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use wire::rtcp::{Rtcp, RtcpPacket, write_transport_feedback};

use super::*;

use super::ring::{LEAST_PAGES, MOST_PAGES, PAGE};

const START_US: u64 = 10_000_000;
const LEAST: usize = LEAST_PAGES * PAGE;
const MOST: usize = MOST_PAGES * PAGE;

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
fn padding_that_leaves_again_was_lost_too() {
    let mut departures = sent(3);
    departures.leave_again(1);
    let samples = hear(&mut departures, START_US, 0, 0, &[Some(1); 3]).unwrap();
    let arrived: Vec<_> = samples.iter().map(|it| it.arrival_us.is_some()).collect();
    assert_eq!(arrived, [true, false, true]);
    let SoundTold { packets, lost } = departures.sound_told();
    assert_eq!((packets, lost), (0, 0));
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
    let mut departures = sent(MOST as u64 + 10);
    let known = |number: &u64| departures.packets.get(*number).is_some();
    let first = (1 << 16..1 << 17).find(known).unwrap();
    assert!(first > 1 << 16 && first.is_multiple_of(PAGE as u64));
    let base = first as u16 - 5;
    let samples = hear(&mut departures, START_US, base, 0, &[Some(1); 8]).unwrap();
    let numbers: Vec<u64> = samples.iter().map(|sample| sample.sequence).collect();
    assert_eq!(numbers, [first, first + 1, first + 2]);
}

/// A leg that was sent so many packets a second, for so long, and how many of the last ones it remembers.
fn remembered_of(phases: &[(u64, u64)]) -> (Departures, u64) {
    let mut departures = Departures::new();
    let mut now_us = START_US;
    for (per_second, seconds) in phases {
        for _ in 0..per_second * seconds {
            now_us += 1_000_000 / per_second;
            if now_us / 50_000 != (now_us - 1_000_000 / per_second) / 50_000 {
                departures.stock(now_us);
            }
            departures.enter(now_us, 500, 0, Kind::Video, 1);
        }
    }
    let next = departures.packets.next();
    let known = (1 << 16..next).rev();
    let remembered = known.take_while(|number| departures.packets.get(*number).is_some());
    let remembered = remembered.count() as u64;
    (departures, remembered)
}

#[test]
fn two_seconds_are_remembered_as_far_as_4096_packets_reach() {
    for per_second in [600, 1_000, 1_900, 2_048] {
        let (departures, remembered) = remembered_of(&[(per_second, 20)]);
        assert!(remembered >= 2 * per_second, "{remembered} at {per_second}");
        let capacity = departures.packets.capacity() as u64;
        assert!(capacity <= 2 * per_second + 5 * PAGE as u64, "{capacity}");
    }
    let (departures, remembered) = remembered_of(&[(50_000, 3)]);
    assert!(remembered >= 4_096, "{remembered}");
    assert!(departures.packets.capacity() <= MOST + 2 * PAGE);
}

#[test]
fn who_is_sent_little_keeps_what_there_always_was_and_who_is_sent_nothing_no_memory() {
    assert_eq!(Departures::new().packets.capacity(), 0);
    let (departures, remembered) = remembered_of(&[(50, 120)]);
    assert_eq!(departures.packets.capacity(), LEAST);
    assert!(remembered > (LEAST - PAGE) as u64);
}

#[test]
fn memory_follows_a_rate_down_and_up_again() {
    let (departures, _) = remembered_of(&[(2_000, 10), (100, 60)]);
    assert!(departures.packets.capacity() <= LEAST + 2 * PAGE);
    let (_, remembered) = remembered_of(&[(2_000, 10), (100, 60), (2_000, 10)]);
    assert!(remembered >= 4_000, "{remembered}");
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
