//! A path of a subscriber without a line for retransmissions is asked by padding between its pictures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::SlotId;
use forward::command::{AddSlot, Command};
use forward::counters::Counter;
use simulation::SECOND;
use simulation::adapted::{Consultation, FRAME_NS, LEG};
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

/// Another slot for pictures towards the subscriber, without a line for retransmissions either.
fn second_slot(consultation: &Consultation) -> AddSlot {
    let Command::AddSlot(mut slot) = consultation.simulation.participants[1].add_slot(Kind::Video)
    else {
        panic!("a slot is added")
    };
    slot.slot = SlotId(90);
    slot.ssrc += 90;
    slot.rtx_ssrc = None;
    slot.codecs[0].rtx_payload_type = None;
    *slot
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

#[test]
fn padding_follows_a_picture_that_stops_half_way() {
    for way in ["paused", "unbound", "muted", "unpublished", "away"] {
        let mut consultation = asked(2_000_000);
        consultation.run(SECOND);
        consultation.marks_ends = false;
        consultation.run(FRAME_NS);
        consultation.marks_ends = true;
        let slot = consultation.simulation.participants[1].slot(Kind::Video).0;
        let track = consultation.simulation.participants[0].video_track();
        match way {
            "paused" => consultation.command(Command::SetPaused { slot, paused: true }),
            "unbound" => consultation.command(Command::Bind { slot, track: None }),
            "unpublished" => consultation.command(Command::Unpublish { track }),
            "muted" => consultation.command(Command::SetForwarding {
                track,
                enabled: false,
            }),
            _ => consultation.sends_pictures = false,
        }
        let padding = |consultation: &Consultation| {
            consultation.simulation.counted(Counter::EgressProbePackets)
        };
        let before = padding(&consultation);
        consultation.run(12 * SECOND);
        assert!(padding(&consultation) > before, "{way}");
        match way {
            "paused" => consultation.command(Command::SetPaused {
                slot,
                paused: false,
            }),
            "unbound" => consultation.command(Command::Bind {
                slot,
                track: Some(track),
            }),
            "muted" => consultation.command(Command::SetForwarding {
                track,
                enabled: true,
            }),
            _ => consultation.sends_pictures = true,
        }
        consultation.run(2 * SECOND);
        consultation.settle();
        let received = in_order(&consultation);
        let numbers: Vec<u16> = received.iter().map(|got| got.header.sequence).collect();
        let goes_on = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
        assert!(goes_on, "{way}");
        assert_eq!(consultation.simulation.participants[1].undecryptable, 0);
    }
}

#[test]
fn one_picture_that_has_not_ended_does_not_keep_padding_from_another_slot() {
    let mut consultation = asked(2_000_000);
    consultation.run(SECOND);
    let publisher = &consultation.simulation.participants[0];
    let track = publisher.video_track();
    let slot = second_slot(&consultation);
    let (name, ssrc) = (slot.slot, slot.ssrc);
    consultation.command(Command::AddSlot(Box::new(slot)));
    consultation.command(Command::Bind {
        slot: name,
        track: Some(track),
    });
    consultation.run(SECOND);
    // The first slot stays bound to what no longer comes to an end, the second one rests.
    consultation.command(Command::SetPaused {
        slot: name,
        paused: true,
    });
    consultation.marks_ends = false;
    let before = consultation.simulation.counted(Counter::EgressProbePackets);
    consultation.run(12 * SECOND);
    let after = consultation.simulation.counted(Counter::EgressProbePackets);
    assert!(after > before, "{after}");
    let received = consultation.simulation.participants[1].received.iter();
    let mut of_second = received.filter(|got| got.header.ssrc == ssrc);
    assert!(of_second.any(|got| got.payload.is_empty()));
}
