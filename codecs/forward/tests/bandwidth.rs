//! What a path carries is learnt from its participant's feedback, asked for by bursts, and told to Python.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use simulation::adapted::{Consultation, LEG};
use simulation::participant::RTX_OFFSET;
use simulation::telling::transport_sequence;
use simulation::{MS, SECOND};
use wire::payload::Kind;
use wire::rtcp::{write_remb, write_transport_feedback};

#[test]
fn a_path_is_known_from_its_feedback() {
    let mut consultation = Consultation::over(0);
    consultation.run(5 * SECOND);
    let latest = consultation.estimates().last().unwrap().standing;
    let round_trip_ms = latest.round_trip_us / 1_000;
    // Two ways of 20 ms, and up to a frame until it is told.
    assert!((40..=90).contains(&round_trip_ms), "{round_trip_ms}");
    assert!(latest.wait_ms < 1.0, "{}", latest.wait_ms);
    assert!(latest.rate_bps >= 300_000, "{}", latest.rate_bps);
    assert_eq!(
        consultation
            .simulation
            .counted(Counter::DropFeedbackUnknown),
        0
    );
}

#[test]
fn what_became_of_the_sound_is_told_beside_the_path() {
    let mut consultation = Consultation::over(0);
    consultation.simulation.links[1].1.loss_per_mille = 100;
    consultation.run(20 * SECOND);
    let sound = consultation.estimates().last().unwrap().sound;
    // Fifty packets a second, of which the last are told later.
    assert!((900..=1_000).contains(&sound.packets), "{sound:?}");
    let percent = sound.lost * 100 / sound.packets;
    assert!((6..=14).contains(&percent), "{sound:?}");
}

#[test]
fn python_is_told_no_more_than_twenty_times_a_second_and_once_at_least() {
    let mut consultation = Consultation::over(0);
    consultation.run(10 * SECOND);
    let told = consultation.estimates().len();
    assert!((10..=200).contains(&told), "{told}");
}

#[test]
fn every_packet_carries_the_next_transport_wide_number() {
    let mut consultation = Consultation::over(0);
    consultation.command(Command::SetUsefulRate {
        leg: LEG,
        bps: 5_000_000,
    });
    consultation.run(2 * SECOND);
    let received = &consultation.simulation.participants[1].received;
    let numbers: Vec<u16> = received.iter().map(transport_sequence).collect();
    assert!(numbers.len() > 300);
    assert!(
        numbers
            .windows(2)
            .all(|pair| pair[1] == pair[0].wrapping_add(1))
    );
}

#[test]
fn nothing_is_asked_of_a_path_of_which_no_more_is_of_use() {
    let mut consultation = Consultation::over(0);
    consultation.run(20 * SECOND);
    assert_eq!(consultation.simulation.counted(Counter::Probes), 0);
    assert_eq!(
        consultation.simulation.counted(Counter::EgressProbePackets),
        0
    );
}

#[test]
fn bursts_find_what_a_path_carries_beyond_what_it_is_sent() {
    for rate_bps in [1_000_000, 3_000_000] {
        let mut consultation = Consultation::over(rate_bps);
        consultation.command(Command::SetUsefulRate {
            leg: LEG,
            bps: 10_000_000,
        });
        consultation.run(20 * SECOND);
        let found_bps = consultation.rate_bps();
        let percent = found_bps * 100 / rate_bps;
        assert!((70..=105).contains(&percent), "{found_bps} of {rate_bps}");
        assert!(consultation.simulation.counted(Counter::Probes) >= 2);
    }
}

#[test]
fn a_burst_is_what_was_sent_already_or_padding_and_leaves_no_gap() {
    let mut consultation = Consultation::over(0);
    consultation.command(Command::SetUsefulRate {
        leg: LEG,
        bps: 5_000_000,
    });
    consultation.run(5 * SECOND);
    let subscriber = &consultation.simulation.participants[1];
    let line = subscriber.slot(Kind::Video).1;
    let media: Vec<_> = subscriber
        .received
        .iter()
        .filter(|got| got.header.ssrc == line)
        .collect();
    let added: Vec<_> = subscriber
        .received
        .iter()
        .filter(|got| got.header.ssrc == line + RTX_OFFSET)
        .collect();
    let probes = consultation.simulation.counted(Counter::EgressProbePackets);
    assert_eq!(added.len() as u64, probes);
    assert!(probes >= 5);
    assert_eq!(
        consultation.simulation.counted(Counter::EgressRtxPackets),
        0
    );
    assert!(subscriber.nacked.is_empty());
    assert_eq!(subscriber.undecryptable, 0);
    for got in added.iter().filter(|got| !got.payload.is_empty()) {
        let original = u16::from_be_bytes([got.payload[0], got.payload[1]]);
        let sent = media
            .iter()
            .find(|sent| sent.header.sequence == original)
            .unwrap();
        assert_eq!(sent.payload, got.payload[2..]);
    }
    let numbers: Vec<u16> = added.iter().map(|got| got.header.sequence).collect();
    assert!(
        numbers
            .windows(2)
            .all(|pair| pair[1] == pair[0].wrapping_add(1))
    );
}

#[test]
fn a_burst_leaves_at_the_rate_it_asks_for() {
    let mut consultation = Consultation::over(0);
    consultation.command(Command::SetUsefulRate {
        leg: LEG,
        bps: 5_000_000,
    });
    consultation.run(SECOND);
    let received = &consultation.simulation.participants[1].received;
    let line = consultation.simulation.participants[1].slot(Kind::Video).1 + RTX_OFFSET;
    let first = received
        .iter()
        .find(|got| got.header.ssrc == line)
        .unwrap()
        .at_ns;
    let within = |span_ns: u64| {
        let during = received
            .iter()
            .filter(|got| (first..first + span_ns).contains(&got.at_ns));
        during.map(|got| got.packet.len() as u64 + 44).sum::<u64>() * 8 * SECOND / span_ns
    };
    // The first burst asks for three times the 300 kbit/s of the start.
    let (short_bps, long_bps) = (within(10 * MS), within(60 * MS));
    assert!((600_000..=1_500_000).contains(&short_bps), "{short_bps}");
    assert!(long_bps < 900_000, "{long_bps}: a burst is short");
}

#[test]
fn a_path_that_narrows_is_noticed() {
    let mut consultation = Consultation::over(2_000_000);
    consultation.command(Command::SetUsefulRate {
        leg: LEG,
        bps: 5_000_000,
    });
    consultation.run(15 * SECOND);
    let before_bps = consultation.rate_bps();
    consultation.simulation.links[1].1.rate_bps = 200_000;
    consultation.run(3 * SECOND);
    let after_bps = consultation.rate_bps();
    assert!(before_bps > 1_000_000, "{before_bps}");
    assert!(after_bps < 250_000, "{after_bps}");
}

#[test]
fn a_receivers_own_estimate_is_a_cap() {
    let mut consultation = Consultation::over(0);
    consultation.run(2 * SECOND);
    let remb =
        consultation.simulation.participants[1].rtcp(|out| write_remb(out, 1, 120_000, &[1]));
    consultation.simulation.towards_relay(1, remb);
    consultation.run(SECOND);
    let rate_bps = consultation.rate_bps();
    assert!(rate_bps <= 120_000, "{rate_bps}");
    assert_eq!(consultation.simulation.counted(Counter::RembsReceived), 1);
}

#[test]
fn feedback_on_what_was_never_sent_is_counted_and_moves_nothing() {
    let mut consultation = Consultation::over(0);
    consultation.run(2 * SECOND);
    let before_bps = consultation.rate_bps();
    let lie = consultation.simulation.participants[1].rtcp(|out| {
        let written = write_transport_feedback(out, 1, 2, 30_000, 9, 77, &[Some(1); 100]);
        written.map(|(len, _)| len)
    });
    consultation.simulation.towards_relay(1, lie);
    consultation.simulation.run_for(100 * MS);
    assert_eq!(
        consultation
            .simulation
            .counted(Counter::DropFeedbackUnknown),
        1
    );
    assert_eq!(consultation.rate_bps(), before_bps);
}

#[test]
fn a_flood_of_feedback_is_bounded() {
    let mut consultation = Consultation::over(0);
    consultation.run(2 * SECOND);
    for _ in 0..1_000 {
        let feedback = consultation.simulation.participants[1].rtcp(|out| {
            let written = write_transport_feedback(out, 1, 2, 10, 9, 77, &[Some(1); 10]);
            written.map(|(len, _)| len)
        });
        consultation.simulation.towards_relay(1, feedback);
    }
    consultation.simulation.run_for(100 * MS);
    let flood = consultation.simulation.counted(Counter::DropFeedbackFlood);
    assert!(flood >= 800, "{flood}");
    let rate_bps = consultation.rate_bps();
    assert!((50_000..=20_000_000).contains(&rate_bps), "{rate_bps}");
}

#[test]
fn feedback_of_a_leg_that_is_sent_nothing_is_none_of_its_business() {
    let mut consultation = Consultation::over(0);
    consultation.run(SECOND);
    let lie = consultation.simulation.participants[0].rtcp(|out| {
        let written = write_transport_feedback(out, 1, 2, 0, 9, 77, &[Some(1); 100]);
        written.map(|(len, _)| len)
    });
    consultation.simulation.towards_relay(0, lie);
    consultation.run(SECOND);
    assert_eq!(
        consultation
            .simulation
            .counted(Counter::DropFeedbackUnknown),
        1
    );
    assert!(
        consultation
            .estimates()
            .iter()
            .all(|estimate| estimate.leg == LEG)
    );
}

#[test]
fn a_path_is_asked_before_its_first_picture_which_may_wait_for_the_answer() {
    let mut consultation = Consultation::over(2_000_000);
    let slot = consultation.simulation.participants[1].slot(Kind::Video).0;
    consultation.command(Command::SetPaused { slot, paused: true });
    consultation.command(Command::SetUsefulRate {
        leg: LEG,
        bps: 5_000_000,
    });
    consultation.run(10 * SECOND);
    let found_bps = consultation.rate_bps();
    assert!(found_bps > 1_000_000, "{found_bps}");
    assert_eq!(consultation.simulation.participants[1].undecryptable, 0);
    assert_eq!(
        consultation.simulation.counted(Counter::EgressVideoPackets),
        0
    );
}
