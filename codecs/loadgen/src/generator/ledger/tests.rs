use super::*;

mod settling;

const MS: u64 = 1_000_000;
/// Everything below is told in milliseconds since the measurement began.
const START_NS: u64 = 5_000 * MS;

fn at(ms: u64) -> u64 {
    START_NS + ms * MS
}

/// Consultation 0 through the relay with places 0 and 1, consultation 1 without it with 2 and 3; windows of
/// 100 ms for one second.
fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    for way in [Way::Relayed, Way::Bare] {
        let consultation = ledger.open_consultation(way, 2);
        assert!(ledger.enter(consultation, true) && ledger.enter(consultation, true));
    }
    ledger.begin(|| START_NS, 1_000 * MS, 100 * MS);
    ledger
}

fn sends(ledger: &mut Ledger, place: usize, packets: [u32; 2], ms: u64) {
    ledger.record_sent(place, [packets[0], packets[1], 0, 0], at(ms), 10);
}

fn packet(place: usize, line: u32, number: u32, sent_ms: u64, arrival_ms: u64) -> Received {
    Received {
        place,
        stamp: Stamp {
            line,
            number,
            sent_ns: at(sent_ms),
        },
        intact: true,
        repaired: false,
        advanced: 1,
        arrival_ns: at(arrival_ms),
    }
}

fn settled(mut ledger: Ledger) -> Ledger {
    ledger.settle(at(3_000), usize::MAX);
    ledger
}

#[test]
fn what_did_not_arrive_is_lost_where_it_was_sent() {
    let mut ledger = ledger();
    sends(&mut ledger, 1, [0, 5], 50);
    sends(&mut ledger, 2, [1, 0], 50);
    (0..4).for_each(|number| ledger.record_received(packet(0, 5, number, 50, 60)));
    ledger.record_received(packet(3, 8, 0, 50, 51));
    let ledger = settled(ledger);
    let ([relayed, _], [bare, _]) = (ledger.path(Way::Relayed), ledger.path(Way::Bare));
    assert_eq!(
        (
            relayed.expected,
            relayed.received,
            relayed.lost,
            relayed.received_video
        ),
        (5, 4, 1, 4)
    );
    assert_eq!(
        (relayed.worst_consultation_lost, relayed.delay.count),
        (1, 4)
    );
    assert!((relayed.delay.max_us - 10_000.0).abs() < f64::EPSILON);
    assert_eq!((bare.expected, bare.lost, bare.received_video), (1, 0, 0));
    assert_eq!(ledger.lateness.summary().count, 2);
    let [consultations, _] = ledger.consultations();
    assert_eq!(
        consultations.per_consultation.len(),
        1,
        "bare ones are not the relay's"
    );
    assert!((consultations.worst_loss_share - 0.2).abs() < 1e-9);
}

#[test]
fn what_was_sent_outside_does_not_count() {
    let mut ledger = ledger();
    ledger.record_sent(0, [1, 0, 0, 0], START_NS - 1, 0);
    let mut early = packet(1, 0, 0, 0, 50);
    early.stamp.sent_ns = START_NS - 1;
    ledger.record_received(early);
    sends(&mut ledger, 0, [1, 0], 1_000);
    let [path, _] = settled(ledger).path(Way::Relayed);
    assert_eq!((path.expected, path.received, path.delay.count), (0, 0, 0));
}

#[test]
fn a_packet_behind_a_later_one_is_reordered() {
    let mut ledger = ledger();
    for number in [1, 0, 2] {
        let mut received = packet(1, 1, number, 50, 60);
        received.intact = number != 2;
        ledger.record_received(received);
    }
    sends(&mut ledger, 0, [0, 3], 50);
    let ledger = settled(ledger);
    let [path, _] = ledger.path(Way::Relayed);
    assert_eq!((path.reordered, ledger.counts.damaged), (1, 1));
}

#[test]
fn only_consultations_that_were_whole_from_the_beginning_count() {
    let mut ledger = ledger();
    let late = ledger.open_consultation(Way::Relayed, 2);
    assert!(ledger.enter(late, true) && ledger.enter(late, true));
    sends(&mut ledger, 4, [1, 0], 50);
    assert_eq!(ledger.whole(), 1);
    let [path, _] = settled(ledger).path(Way::Relayed);
    assert_eq!(path.expected, 0);
}

#[test]
fn who_leaves_takes_unsettled_packets_along() {
    let mut ledger = ledger();
    sends(&mut ledger, 0, [1, 0], 50);
    ledger.record_received(packet(1, 0, 0, 50, 51));
    ledger.settle(at(600), usize::MAX);
    sends(&mut ledger, 0, [1, 0], 550);
    ledger.leave(1);
    sends(&mut ledger, 0, [1, 0], 650);
    let ledger = settled(ledger);
    let [path, _] = ledger.path(Way::Relayed);
    assert_eq!((path.expected, path.received, ledger.whole()), (1, 1, 0));
}

#[test]
fn a_new_measurement_begins_with_nothing() {
    let mut ledger = ledger();
    sends(&mut ledger, 0, [1, 1], 50);
    let mut ledger = settled(ledger);
    ledger.begin(|| at(5_000), 1_000 * MS, 100 * MS);
    sends(&mut ledger, 0, [1, 0], 50);
    sends(&mut ledger, 0, [1, 0], 5_050);
    ledger.settle(at(9_000), usize::MAX);
    assert_eq!(ledger.path(Way::Relayed)[0].expected, 1);
    assert_eq!(ledger.lateness.summary().count, 1);
}

#[test]
fn a_retransmission_repairs_and_is_still_a_loss() {
    let mut ledger = ledger();
    sends(&mut ledger, 0, [0, 2], 50);
    ledger.record_received(packet(1, 1, 0, 50, 51));
    ledger.record_received(Received {
        repaired: true,
        ..packet(1, 1, 1, 50, 90)
    });
    let [path, _] = settled(ledger).path(Way::Relayed);
    assert_eq!((path.lost, path.repaired, path.delay.count), (1, 1, 1));
}

#[test]
fn each_of_several_receivers_is_to_get_each_packet() {
    let mut ledger = Ledger::default();
    let consultation = ledger.open_consultation(Way::Relayed, 3);
    (0..3).for_each(|_| assert!(ledger.enter(consultation, true)));
    ledger.begin(|| START_NS, 1_000 * MS, 100 * MS);
    sends(&mut ledger, 0, [2, 0], 50);
    for (place, number) in [(1, 0), (1, 1), (2, 0)] {
        ledger.record_received(packet(place, 0, number, 50, 51));
    }
    let [path, _] = settled(ledger).path(Way::Relayed);
    assert_eq!((path.expected, path.lost, path.reordered), (4, 1, 0));
}

#[test]
fn a_leg_that_only_receives_is_nobody_more() {
    let mut ledger = ledger();
    assert!(
        ledger.enter(0, false),
        "place 4, of somebody in consultation 0"
    );
    ledger.begin(|| START_NS, 1_000 * MS, 100 * MS);
    sends(&mut ledger, 0, [1, 0], 50);
    ledger.record_received(packet(4, 0, 0, 50, 51));
    assert_eq!(ledger.whole(), 1);
    let [path, _] = settled(ledger).path(Way::Relayed);
    assert_eq!((path.expected, path.received), (1, 1));
}

#[test]
fn of_several_encodings_what_the_relay_chose_is_to_arrive() {
    let mut ledger = ledger();
    ledger.record_sent(0, [1, 2, 5, 9], at(50), 10);
    ledger.record_received(packet(1, 0, 0, 50, 51));
    for (number, advanced) in [(0, 1), (1, 1), (4, 3)] {
        ledger.record_received(Received {
            advanced,
            ..packet(1, 2, number, 50, 51)
        });
    }
    let [path, _] = settled(ledger).path(Way::Relayed);
    assert_eq!((path.expected, path.received, path.lost), (6, 4, 2));
    assert_eq!(path.withheld, 11);
}

#[test]
fn what_an_adapting_relay_keeps_back_is_withheld_and_what_it_drops_is_lost() {
    let mut ledger = Ledger::of_relay(true);
    for way in [Way::Relayed, Way::Bare] {
        let consultation = ledger.open_consultation(way, 2);
        assert!(ledger.enter(consultation, true) && ledger.enter(consultation, true));
    }
    ledger.begin(|| START_NS, 1_000 * MS, 100 * MS);
    sends(&mut ledger, 0, [1, 10], 50);
    sends(&mut ledger, 2, [1, 10], 50);
    // Of the relayed picture seven were kept back, of three that got numbers one did not come.
    for (number, advanced) in [(0, 1), (9, 2)] {
        ledger.record_received(Received {
            advanced,
            ..packet(1, 1, number, 50, 51)
        });
    }
    let ledger = settled(ledger);
    let ([relayed, _], [bare, _]) = (ledger.path(Way::Relayed), ledger.path(Way::Bare));
    assert_eq!(
        (relayed.expected, relayed.lost, relayed.withheld),
        (4, 2, 7)
    );
    assert_eq!((bare.expected, bare.lost, bare.withheld), (11, 11, 0));
}

#[test]
fn a_packet_for_somebody_else_is_not_received() {
    let mut ledger = ledger();
    sends(&mut ledger, 0, [1, 0], 50);
    ledger.record_received(packet(2, 0, 0, 50, 51));
    ledger.record_received(packet(1, 99, 0, 50, 51));
    assert_eq!((ledger.counts.misdelivered, ledger.counts.unusable), (1, 1));
    assert_eq!(settled(ledger).path(Way::Relayed)[0].lost, 1);
}

#[test]
fn a_freeze_counts_where_and_when_it_ended() {
    let mut ledger = ledger();
    sends(&mut ledger, 0, [1, 0], 50);
    ledger.record_freeze(1, at(300), 250 * MS);
    ledger.record_freeze(3, at(300), 250 * MS);
    ledger.record_sent(0, [1, 0, 0, 0], at(650), 2 * MS);
    ledger.record_freeze(0, at(810), 200 * MS);
    let [all, clean] = settled(ledger).consultations();
    assert_eq!((all.freezes, all.frozen_ms), (2, 450));
    assert_eq!(
        (clean.freezes, clean.frozen_ms),
        (1, 250),
        "not over a void window"
    );
}
