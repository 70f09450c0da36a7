//! What should have packets and has none is told with its age; what is still on purpose is not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::event::{Event, StillSlot, StillTrack};
use simulation::participant::{VIDEO_PT, audio_ssrc, video_ssrc};
use simulation::pictures::vp8;
use simulation::speech::{speak, two};
use simulation::telling::Telling;
use simulation::{MS, SECOND, Simulation};
use wire::payload::Kind;
use wire::rtcp::{ReportBlock, write_bye, write_receiver_report};

/// 20 ms each.
const A_SECOND: u32 = 50;

fn speak_for(simulation: &mut Simulation, first: u32, packets: u32) {
    for packet in first..first + packets {
        speak(simulation, packet);
    }
}

/// The same, and the listener tells every 100 ms what came.
fn speak_and_tell(simulation: &mut Simulation, telling: &mut Telling, first: u32, packets: u32) {
    for packet in first..first + packets {
        speak(simulation, packet);
        if packet % 5 == 4
            && let Some(feedback) = telling.tell(&mut simulation.participants[1])
        {
            simulation.towards_relay(1, feedback);
        }
    }
}

fn told(simulation: &Simulation) -> Vec<(Vec<StillTrack>, Vec<StillSlot>)> {
    let words = simulation.events.iter().filter_map(|event| match event {
        Event::Stillness { tracks, slots } => Some((tracks.clone(), slots.clone())),
        _ => None,
    });
    words.collect()
}

fn last(simulation: &Simulation) -> (Vec<StillTrack>, Vec<StillSlot>) {
    told(simulation)
        .pop()
        .expect("something is told each second")
}

#[test]
fn in_good_times_one_empty_word_a_second_is_all() {
    let mut simulation = two();
    let mut telling = Telling::default();
    speak_and_tell(&mut simulation, &mut telling, 0, A_SECOND);
    simulation.events.clear();
    speak_and_tell(&mut simulation, &mut telling, A_SECOND, 10 * A_SECOND);
    let words = told(&simulation);
    assert!((9..=10).contains(&words.len()), "{}", words.len());
    assert!(
        words
            .iter()
            .all(|(tracks, slots)| tracks.is_empty() && slots.is_empty())
    );
}

#[test]
fn a_track_that_falls_silent_is_told_four_times_a_second_until_it_speaks() {
    let mut simulation = two();
    speak_for(&mut simulation, 0, A_SECOND);
    let track = simulation.participants[0].audio_track();
    simulation.events.clear();
    simulation.run_for(900 * MS);
    assert!(
        told(&simulation)
            .iter()
            .all(|(tracks, _)| tracks.is_empty())
    );
    simulation.run_for(2_100 * MS);
    let ages: Vec<u32> = told(&simulation)
        .iter()
        .flat_map(|(tracks, _)| tracks)
        .map(|still| {
            assert_eq!((still.track, still.ended), (track, false));
            still.silent_ms.unwrap()
        })
        .collect();
    assert!((7..=9).contains(&ages.len()), "{ages:?}");
    assert!((1_000..1_400).contains(&ages[0]), "{ages:?}");
    assert!(
        ages.windows(2)
            .all(|pair| (200..=350).contains(&(pair[1] - pair[0]))),
        "{ages:?}"
    );
    speak_for(&mut simulation, A_SECOND, A_SECOND / 2);
    assert_eq!(last(&simulation).0, []);
}

#[test]
fn a_track_that_never_came_has_no_age() {
    let mut simulation = two();
    simulation.run_for(2 * SECOND);
    let (tracks, slots) = last(&simulation);
    assert_eq!(tracks.len(), 1);
    assert_eq!(
        (tracks[0].silent_ms, tracks[0].zero_ms, tracks[0].ended),
        (None, None, false)
    );
    assert_eq!(slots, [], "what does not come cannot be sent on");
}

#[test]
fn digital_silence_is_told_though_packets_come() {
    let mut simulation = two();
    speak_for(&mut simulation, 0, A_SECOND);
    simulation.participants[0].level = 127;
    speak_for(&mut simulation, A_SECOND, 2 * A_SECOND);
    let still = last(&simulation).0[0];
    assert!(still.silent_ms.unwrap() < 100, "{still:?}");
    assert!(
        (1_500..=2_050).contains(&still.zero_ms.unwrap()),
        "{still:?}"
    );
    simulation.participants[0].level = 126;
    speak_for(&mut simulation, 3 * A_SECOND, A_SECOND / 2);
    assert_eq!(
        last(&simulation).0,
        [],
        "a quiet room is not digital silence"
    );
}

#[test]
fn who_said_goodbye_is_told_as_ended_until_the_next_packet() {
    let mut simulation = two();
    speak_for(&mut simulation, 0, A_SECOND);
    let bye = simulation.participants[0].rtcp(|out| write_bye(out, &[audio_ssrc(1)]));
    simulation.towards_relay(0, bye);
    // It overtook what still waited in its sender.
    speak(&mut simulation, 100);
    simulation.run_for(2 * SECOND);
    assert!(last(&simulation).0[0].ended);
    speak(&mut simulation, 200);
    simulation.run_for(2 * SECOND);
    assert!(!last(&simulation).0[0].ended);
}

#[test]
fn what_is_muted_or_watched_by_nobody_is_not_told() {
    for still in [
        |simulation: &Simulation| Command::SetForwarding {
            track: simulation.participants[0].audio_track(),
            enabled: false,
        },
        |simulation: &Simulation| Command::Bind {
            slot: simulation.participants[1].slot(Kind::Audio).0,
            track: None,
        },
    ] {
        let mut simulation = two();
        speak_for(&mut simulation, 0, A_SECOND);
        let command = still(&simulation);
        simulation.command(command);
        simulation.events.clear();
        simulation.run_for(3 * SECOND);
        assert!(
            told(&simulation)
                .iter()
                .all(|word| *word == (vec![], vec![]))
        );
    }
}

fn watched() -> Simulation {
    let mut simulation = simulation::pictures::two(&[]);
    for picture in 0..30 {
        show(&mut simulation, picture == 0, picture);
    }
    simulation
}

fn show(simulation: &mut Simulation, key_frame: bool, picture: u16) {
    let (ssrc, timestamp) = (video_ssrc(1, 0), u32::from(picture) * 3_000);
    let payload = vp8(key_frame, picture, 0, 0);
    let rtp = simulation.participants[0].rtp(ssrc, VIDEO_PT, timestamp, true, &payload, None);
    simulation.towards_relay(0, rtp);
    simulation.run_for(33 * MS);
}

#[test]
fn a_slot_that_waits_for_a_key_frame_in_vain_sends_nothing_and_is_told() {
    let mut simulation = simulation::pictures::two(&[]);
    let slot = simulation.participants[1].slot(Kind::Video).0;
    for picture in 0..45 {
        show(&mut simulation, false, picture);
    }
    let (_, slots) = last(&simulation);
    assert_eq!(
        (slots.len(), slots[0].slot, slots[0].sent_ms),
        (1, slot, None)
    );
    for picture in 45..60 {
        show(&mut simulation, picture == 45, picture);
    }
    assert_eq!(last(&simulation).1, []);
}

#[test]
fn a_paused_slot_is_not_told() {
    let mut simulation = watched();
    let slot = simulation.participants[1].slot(Kind::Video).0;
    simulation.command(Command::SetPaused { slot, paused: true });
    simulation.events.clear();
    for picture in 30..120 {
        show(&mut simulation, false, picture);
    }
    assert!(told(&simulation).iter().all(|(_, slots)| slots.is_empty()));
}

#[test]
fn a_slot_of_which_no_feedback_comes_is_told_until_some_does() {
    let mut simulation = two();
    let mut telling = Telling::default();
    let slot = simulation.participants[1].slot(Kind::Audio).0;
    speak_and_tell(&mut simulation, &mut telling, 0, A_SECOND);
    simulation.links[1].1.loss_per_mille = 1_000;
    speak_and_tell(&mut simulation, &mut telling, A_SECOND, 2 * A_SECOND);
    let (tracks, slots) = last(&simulation);
    assert_eq!((tracks.len(), slots.len(), slots[0].slot), (0, 1, slot));
    assert!(slots[0].sent_ms.unwrap() < 100, "{slots:?}");
    assert!((1_500..=2_250).contains(&slots[0].unheard_ms), "{slots:?}");
    simulation.links[1].1.loss_per_mille = 0;
    speak_and_tell(&mut simulation, &mut telling, 3 * A_SECOND, A_SECOND / 2);
    assert_eq!(last(&simulation).1, []);
}

#[test]
fn a_report_with_a_higher_number_is_word_of_an_arrival_and_one_with_the_same_is_not() {
    let mut simulation = two();
    let ssrc = simulation.participants[1].slot(Kind::Audio).1;
    let mut unheard_ms = Vec::new();
    for (round, highest_sequence) in [100, 150, 150, 150].into_iter().enumerate() {
        speak_for(&mut simulation, round as u32 * A_SECOND, A_SECOND);
        let block = ReportBlock {
            ssrc,
            highest_sequence,
            ..ReportBlock::default()
        };
        let report = simulation.participants[1].rtcp(|out| write_receiver_report(out, 1, &[block]));
        simulation.towards_relay(1, report);
        simulation.run_for(SECOND / 4);
        unheard_ms.push(last(&simulation).1.first().map(|still| still.unheard_ms));
    }
    assert_eq!(unheard_ms[..2], [None, None]);
    let late = unheard_ms[2..]
        .iter()
        .copied()
        .collect::<Option<Vec<_>>>()
        .unwrap();
    assert!((1_250..=1_600).contains(&late[0]), "{late:?}");
    assert!((2_500..=2_900).contains(&late[1]), "{late:?}");
}

#[test]
fn what_goes_out_after_a_pause_is_given_time_to_be_told_of() {
    let mut simulation = two();
    let mut telling = Telling::default();
    speak_and_tell(&mut simulation, &mut telling, 0, A_SECOND);
    simulation.run_for(10 * SECOND);
    speak_for(&mut simulation, 1_000, A_SECOND / 2);
    assert_eq!(
        last(&simulation).1,
        [],
        "ten seconds without are no fault of the path"
    );
}
