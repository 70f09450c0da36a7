//! A path of a subscriber without a line for retransmissions is asked by padding between its pictures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use simulation::SECOND;
use simulation::adapted::{Consultation, LEG};
use simulation::participant::Received;
use wire::payload::Kind;

/// The same consultation, of whose path more is of use than it is sent.
fn asked(rate_bps: u64) -> Consultation {
    let mut consultation = Consultation::without_retransmissions(rate_bps);
    consultation.command(Command::SetUsefulRate {
        leg: LEG,
        bps: 10_000_000,
    });
    consultation
}

/// Pictures and padding as they were received, by number, which has not gone round.
fn in_order(consultation: &Consultation) -> Vec<&Received> {
    let mut received: Vec<&Received> = consultation.received(Kind::Video).collect();
    received.sort_by_key(|got| got.header.sequence);
    received
}

#[test]
fn bursts_of_padding_find_what_a_path_carries() {
    for rate_bps in [1_000_000, 3_000_000] {
        let mut consultation = asked(rate_bps);
        consultation.run(20 * SECOND);
        let found_bps = consultation.rate_bps();
        let percent = found_bps * 100 / rate_bps;
        assert!((70..=105).contains(&percent), "{found_bps} of {rate_bps}");
        let counted = |counter| consultation.simulation.counted(counter);
        assert!(counted(Counter::Probes) >= 2);
        assert_eq!(counted(Counter::DropProbeWithoutLine), 0);
    }
}

#[test]
fn padding_lies_between_pictures_and_leaves_no_gap() {
    let mut consultation = asked(0);
    consultation.run(5 * SECOND);
    consultation.settle();
    let received = in_order(&consultation);
    let mut padding = 0;
    for pair in received.windows(2) {
        let (before, got) = (&pair[0].header, &pair[1]);
        assert_eq!(got.header.sequence, before.sequence + 1);
        if !got.payload.is_empty() {
            continue;
        }
        padding += 1;
        assert!(before.marker || pair[0].payload.is_empty());
        assert_eq!(got.header.timestamp, before.timestamp);
        assert_eq!(got.header.payload_type, before.payload_type);
        assert!(!got.header.marker);
    }
    assert!(padding >= 15, "{padding}");
    let counted = |counter| consultation.simulation.counted(counter);
    assert_eq!(counted(Counter::EgressProbePackets), padding);
    assert_eq!(counted(Counter::EgressRtxPackets), 0);
    let subscriber = &consultation.simulation.participants[1];
    assert!(subscriber.nacked.is_empty() && subscriber.undecryptable == 0);
    assert_eq!(consultation.pictures(), 125);
    let line = subscriber.slot(Kind::Video).1;
    let reports = subscriber.sender_reports.iter();
    let last = reports.rev().find(|report| report.ssrc == line).unwrap();
    assert!(u64::from(last.packet_count) > 125 * 4 * 4 / 5 + padding / 2);
}

#[test]
fn padding_that_is_lost_comes_again_and_nothing_else() {
    let mut consultation = asked(0);
    consultation.simulation.links[1].1.loss_per_mille = 200;
    consultation.run(20 * SECOND);
    consultation.simulation.links[1].1.loss_per_mille = 0;
    consultation.settle();
    let mut highest = 0;
    let mut again = 0;
    for got in consultation.received(Kind::Video) {
        let sequence = got.header.sequence;
        if sequence < highest {
            assert!(got.payload.is_empty(), "a picture is not kept");
            again += 1;
        }
        highest = highest.max(sequence);
    }
    let left = consultation.simulation.counted(Counter::EgressRtxPackets);
    assert!(again >= 3 && again <= left, "{again} of {left}");
    // What left twice was the same datagram: the replay window of the receiver had not seen it.
    assert_eq!(consultation.simulation.participants[1].undecryptable, 0);
    assert!(consultation.simulation.counted(Counter::DropRtxNotCached) > 50);
}

#[test]
fn a_picture_that_has_not_ended_is_not_broken_into() {
    let mut consultation = asked(0);
    consultation.marks_ends = false;
    consultation.run(5 * SECOND);
    let counted = |counter| consultation.simulation.counted(counter);
    assert!(counted(Counter::Probes) >= 1);
    assert_eq!(counted(Counter::EgressProbePackets), 0);
    assert_eq!(counted(Counter::DropProbeWithoutLine), 0);
}

#[test]
fn padding_follows_a_picture_that_pauses() {
    let mut consultation = asked(2_000_000);
    consultation.run(SECOND);
    let slot = consultation.simulation.participants[1].slot(Kind::Video).0;
    consultation.command(Command::SetPaused { slot, paused: true });
    let before = consultation.simulation.counted(Counter::EgressProbePackets);
    consultation.run(12 * SECOND);
    let counted = consultation.simulation.counted(Counter::EgressProbePackets);
    assert!(counted > before, "{counted}");
    consultation.command(Command::SetPaused {
        slot,
        paused: false,
    });
    consultation.run(2 * SECOND);
    consultation.settle();
    let received = in_order(&consultation);
    let numbers: Vec<u16> = received.iter().map(|got| got.header.sequence).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
    assert_eq!(consultation.simulation.participants[1].undecryptable, 0);
}
