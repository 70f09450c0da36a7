//! Pictures that are too much for a path wait in the relay, and sound passes them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use simulation::adapted::{Consultation, FRAME_NS};
use simulation::{MS, SECOND};
use wire::payload::Kind;
use wire::rtcp::write_pli;

#[test]
fn sound_passes_pictures_that_wait_for_their_path() {
    let mut consultation = Consultation::paced_over(2_500_000);
    consultation.packet_bytes = 1_100;
    consultation.run(10 * SECOND);
    assert_eq!(
        consultation.simulation.counted(Counter::DropWaitedTooLong),
        0
    );
    // The pictures take 800 kbit/s, and go on to.
    consultation.simulation.links[1].1.rate_bps = 400_000;
    consultation.run(3 * SECOND);
    let settled_ns = consultation.simulation.now_ns;
    consultation.run(5 * SECOND);
    let mut sound_ms = consultation.sound_ms(settled_ns);
    sound_ms.sort_unstable();
    assert!(sound_ms.len() > 240, "{}: no sound is lost", sound_ms.len());
    let (median_ms, longest_ms) = (sound_ms[sound_ms.len() / 2], sound_ms[sound_ms.len() - 1]);
    assert!(
        median_ms <= 100 && longest_ms <= 250,
        "{median_ms}, {longest_ms}"
    );
    assert!(consultation.simulation.counted(Counter::DropWaitedTooLong) > 0);
}

#[test]
fn pictures_that_waited_arrive_in_order_and_without_a_gap() {
    let mut consultation = Consultation::paced_over(2_500_000);
    consultation.run(4 * SECOND);
    // One frame as long as half a second of its path, then usual ones again.
    consultation.packet_bytes = 1_400;
    consultation.run(12 * FRAME_NS);
    consultation.packet_bytes = 300;
    consultation.run(4 * SECOND);
    consultation.settle();
    let pictures = consultation.received(Kind::Video);
    let numbers: Vec<u16> = pictures.map(|got| got.header.sequence).collect();
    assert_eq!(numbers.len(), usize::from(consultation.frame) * 4);
    assert!(
        numbers
            .windows(2)
            .all(|pair| pair[1] == pair[0].wrapping_add(1))
    );
    assert_eq!(
        consultation.simulation.counted(Counter::DropWaitedTooLong),
        0
    );
}

#[test]
fn a_key_frame_that_takes_its_path_a_second_arrives_and_the_picture_goes_on() {
    let mut consultation = Consultation::paced_over(2_500_000);
    consultation.encoder_follows = true;
    consultation.key_frame_packets = 20;
    consultation.run(6 * SECOND);
    consultation.simulation.links[1].1.rate_bps = 200_000;
    consultation.run(13 * SECOND);
    let given_up = consultation.simulation.counted(Counter::DropWaitedTooLong);
    let before = consultation.pictures();
    consultation.run(9 * SECOND);
    let arrived = consultation.pictures() - before;
    assert!(
        arrived >= 9 * 25 * 8 / 10,
        "{arrived} pictures in nine seconds"
    );
    let dropped = consultation.simulation.counted(Counter::DropWaitedTooLong) - given_up;
    assert!(
        dropped < 50,
        "{dropped} packets: more than what one key frame overtook"
    );
    let before_ns = consultation.simulation.now_ns - 9 * SECOND;
    let mut sound_ms = consultation.sound_ms(before_ns);
    sound_ms.sort_unstable();
    assert!(sound_ms[sound_ms.len() / 2] <= 100, "{sound_ms:?}");
}

/// A consultation in whose relay a long key frame waits for a narrow path.
fn with_a_key_frame_that_waits() -> Consultation {
    let mut consultation = Consultation::paced_over(2_500_000);
    consultation.encoder_follows = true;
    consultation.key_frame_packets = 20;
    consultation.run(5 * SECOND);
    consultation.simulation.links[1].1.rate_bps = 200_000;
    // The one of the twentieth second has just come.
    consultation.run(15 * SECOND + 3 * FRAME_NS);
    consultation
}

#[test]
fn what_waits_for_its_path_is_not_sent_once_its_publisher_is_muted() {
    for muted in [false, true] {
        let mut consultation = with_a_key_frame_that_waits();
        let track = consultation.simulation.participants[0].video_track();
        consultation.command(Command::SetForwarding {
            track,
            enabled: !muted,
        });
        // What is in the path itself arrives.
        consultation.settle();
        let packets = |consultation: &Consultation| consultation.received(Kind::Video).count();
        let before = packets(&consultation);
        consultation.simulation.run_for(2 * SECOND);
        assert_eq!(packets(&consultation) > before, !muted, "muted: {muted}");
    }
}

#[test]
fn nobody_is_asked_for_a_key_frame_while_one_waits() {
    let mut consultation = with_a_key_frame_that_waits();
    let media = consultation.simulation.participants[1].slot(Kind::Video).1;
    let ask = |consultation: &mut Consultation| {
        let before = consultation.simulation.participants[0].plis;
        let pli = consultation.simulation.participants[1].rtcp(|out| write_pli(out, 1, media));
        consultation.simulation.towards_relay(1, pli);
        consultation.run(FRAME_NS * 5);
        consultation.simulation.participants[0].plis - before
    };
    assert_eq!(ask(&mut consultation), 0);
    consultation.run(6 * SECOND);
    assert_eq!(ask(&mut consultation), 1);
}

#[test]
fn nothing_waits_while_nobody_spends_the_rate() {
    let mut consultation = Consultation::over(2_500_000);
    consultation.packet_bytes = 1_400;
    consultation.run(5 * SECOND);
    consultation.settle();
    let pictures = consultation.received(Kind::Video);
    assert_eq!(pictures.count(), usize::from(consultation.frame) * 4);
}

#[test]
fn what_is_sent_again_keeps_to_the_rate_and_sound_passes_it() {
    let mut consultation = Consultation::paced_over(2_500_000);
    consultation.encoder_follows = true;
    consultation.run(6 * SECOND);
    consultation.simulation.links[1].1.rate_bps = 500_000;
    consultation.run(8 * SECOND);
    let again =
        |consultation: &Consultation| consultation.simulation.counted(Counter::EgressRtxPackets);
    let (before, asked_ns) = (again(&consultation), consultation.simulation.now_ns);
    consultation.ask_again(30);
    consultation.simulation.run_for(25 * MS);
    let at_once = again(&consultation) - before;
    // Seven hundredths of a second of the rate, and the packet that ends it.
    assert!((1..=12).contains(&at_once), "{at_once}");
    consultation.run(SECOND);
    let later = again(&consultation) - before;
    assert!(later >= 20, "{later}");
    let sound_ms = consultation.sound_ms(asked_ns);
    let longest_ms = sound_ms.iter().max().unwrap();
    assert!(*longest_ms <= 180, "{longest_ms}");
}

#[test]
fn what_cannot_be_sent_again_soon_is_given_up() {
    let mut consultation = Consultation::paced_over(2_500_000);
    consultation.run(6 * SECOND);
    consultation.simulation.links[1].1.rate_bps = 100_000;
    consultation.run(5 * SECOND);
    let again =
        |consultation: &Consultation| consultation.simulation.counted(Counter::EgressRtxPackets);
    let before = again(&consultation);
    consultation.ask_again(60);
    consultation.simulation.run_for(600 * MS);
    let soon = again(&consultation) - before;
    assert!((1..=10).contains(&soon), "{soon}");
    consultation.run(2 * SECOND);
    assert_eq!(
        again(&consultation) - before,
        soon,
        "nothing comes after that"
    );
}

#[test]
fn what_was_granted_leaves_by_the_clock_though_more_was_asked_for_than_is_heard() {
    let mut consultation = Consultation::paced_over(2_500_000);
    consultation.encoder_follows = true;
    consultation.run(6 * SECOND);
    consultation.simulation.links[1].1.rate_bps = 500_000;
    consultation.run(8 * SECOND);
    // Nothing else waits, nor comes.
    consultation.simulation.run_for(100 * MS);
    let counted = |consultation: &Consultation| {
        [Counter::NacksReceived, Counter::EgressRtxPackets]
            .map(|counter| consultation.simulation.counted(counter))
    };
    let before = counted(&consultation);
    let mut asked = consultation.last_of_pictures(24);
    let newest = asked[0];
    asked.extend((1_000..2_100).map(|step| newest.wrapping_add(step)));
    consultation.ask_for(&asked);
    consultation.simulation.run_for(SECOND);
    let after = counted(&consultation);
    let (heard, again) = (after[0] - before[0], after[1] - before[1]);
    assert_eq!(heard, 1_000, "the rest is not");
    assert!(again >= 20, "{again}");
}

#[test]
fn what_waits_to_be_sent_again_is_not_queued_twice() {
    let mut consultation = Consultation::paced_over(2_500_000);
    consultation.run(6 * SECOND);
    consultation.simulation.links[1].1.rate_bps = 100_000;
    consultation.run(5 * SECOND);
    let counted = |consultation: &Consultation| {
        [Counter::EgressRtxPackets, Counter::DropRtxThrottled]
            .map(|counter| consultation.simulation.counted(counter))
    };
    let missing = consultation.last_of_pictures(30);
    let before = counted(&consultation);
    consultation.ask_for(&missing);
    // Longer than a round trip, shorter than it may wait.
    consultation.simulation.run_for(200 * MS);
    let waiting = 30 - (counted(&consultation)[0] - before[0]);
    assert!(waiting >= 20, "{waiting}");
    consultation.ask_for(&missing);
    consultation.simulation.run_for(50 * MS);
    let refused = counted(&consultation)[1] - before[1];
    assert!(refused >= waiting, "{refused} of {waiting}");
}
