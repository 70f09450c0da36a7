//! When the fate of a window is known, and what comes before and after.
use super::*;

#[test]
fn a_late_send_makes_its_own_window_void_and_no_other() {
    let mut ledger = ledger();
    for ms in [50, 150, 250] {
        sends(&mut ledger, 0, [1, 0], ms);
    }
    ledger.record_sent(0, [1, 0, 0, 0], at(160), 2 * MS);
    ledger.record_received(packet(1, 0, 0, 50, 51));
    ledger.record_received(packet(1, 0, 1, 150, 199));
    let ledger = settled(ledger);
    let [all, clean] = ledger.path(Way::Relayed);
    assert_eq!(
        (all.expected, all.lost, clean.expected, clean.lost),
        (4, 2, 2, 1)
    );
    assert_eq!((all.delay.count, clean.delay.count), (2, 1));
    assert!((ledger.windows().void_share() - 0.1).abs() < 1e-9);
    assert!((ledger.windows().stolen_share() - 0.0).abs() < 1e-9);
    assert!((ledger.windows().late_share() - 0.1).abs() < 1e-9);
}

#[test]
fn stolen_time_makes_void_what_is_beside_it_too() {
    let mut ledger = ledger();
    for window in 0..10 {
        sends(&mut ledger, 0, [1, 0], window * 100 + 50);
        ledger.watch(at((window + 1) * 100 + 3), || window == 4);
    }
    let ledger = settled(ledger);
    let [all, clean] = ledger.path(Way::Relayed);
    assert_eq!((all.expected, clean.expected), (10, 7));
    assert!((ledger.windows().void_share() - 0.3).abs() < 1e-9);
    assert!((ledger.windows().stolen_share() - 0.3).abs() < 1e-9);
    assert!((ledger.windows().late_share() - 0.0).abs() < 1e-9);
}

#[test]
fn a_stall_over_several_edges_makes_all_of_them_void() {
    let mut ledger = ledger();
    ledger.watch(at(101), || false);
    ledger.watch(at(430), || true);
    assert!(
        (ledger.windows().void_share() - 0.5).abs() < 1e-9,
        "windows 0 to 4"
    );
    ledger.watch(at(450), || panic!("no edge has passed"));
}

#[test]
fn a_window_is_settled_when_its_fate_is_known_and_not_before() {
    let mut ledger = ledger();
    sends(&mut ledger, 0, [1, 0], 50);
    ledger.settle(at(599), usize::MAX);
    assert_eq!(ledger.path(Way::Relayed)[0].expected, 0);
    ledger.record_received(packet(1, 0, 0, 50, 598));
    ledger.settle(at(600), 1);
    assert_eq!(
        ledger.path(Way::Relayed)[0].expected,
        1,
        "one entry at a time"
    );
    ledger.settle(at(600), usize::MAX);
    assert_eq!(ledger.path(Way::Relayed)[0].received, 1);
}

#[test]
fn what_comes_after_its_window_was_settled_is_late_and_not_lost() {
    let mut ledger = ledger();
    sends(&mut ledger, 0, [2, 0], 50);
    ledger.record_received(packet(1, 0, 0, 50, 60));
    ledger.settle(at(700), usize::MAX);
    assert!(ledger.awaits_packets());
    ledger.record_received(packet(1, 0, 1, 50, 900));
    assert!(!ledger.awaits_packets());
    let [all, clean] = settled(ledger).path(Way::Relayed);
    assert_eq!((all.received, clean.received, all.lost), (2, 2, 0));
    assert!((all.delay.max_us - 850_000.0).abs() < f64::EPSILON);
}
