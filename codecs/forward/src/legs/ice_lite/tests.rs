use super::routes::PENDING_NS;
use super::*;

fn tuple(port: u16) -> Tuple {
    Tuple {
        socket: 0,
        remote: ([127, 0, 0, 1], port).into(),
    }
}

fn check(port: u16, transaction: u64, nominates: bool) -> Check {
    Check {
        tuple: tuple(port),
        nominates,
        transaction,
        bytes: 100,
    }
}

fn connected() -> IceLite {
    let mut ice = IceLite::new(
        Credentials {
            ufrag: b"u".into(),
            password: b"p".into(),
        },
        0,
    );
    assert_eq!(
        ice.handle_check(check(1, 1, true), 0),
        CheckOutcome::Connected
    );
    ice
}

#[test]
fn a_path_is_known_after_a_check_and_used_after_a_nomination() {
    let mut ice = IceLite::new(
        Credentials {
            ufrag: b"u".into(),
            password: b"p".into(),
        },
        0,
    );
    assert!(!ice.knows(tuple(1)));
    ice.handle_check(check(1, 1, false), 0);
    assert!(ice.knows(tuple(1)));
    assert_eq!(ice.route(100, 0), None);
    assert_eq!(ice.handshake_route(), Some(tuple(1)));
    assert_eq!(
        ice.handle_check(check(1, 2, true), 0),
        CheckOutcome::Connected
    );
    assert_eq!(ice.route(100, 0), Some(tuple(1)));
}

#[test]
fn a_new_path_is_trusted_once_media_authenticates_from_it() {
    let mut ice = connected();
    ice.handle_check(check(2, 2, true), 0);
    assert!(
        !ice.handle_authentic(tuple(1)),
        "late media by the old path moves nothing"
    );
    assert!(ice.handle_authentic(tuple(2)));
    assert_eq!(ice.route(100_000, 0), Some(tuple(2)));
}

#[test]
fn an_unproven_path_gets_three_times_what_it_sent_and_the_old_one_the_rest() {
    let mut ice = connected();
    ice.handle_check(check(2, 2, true), 0);
    assert_eq!(ice.route(300, 0), Some(tuple(2)));
    assert_eq!(ice.route(1, 0), Some(tuple(1)));
    ice.credit(tuple(2), 100);
    assert_eq!(ice.route(300, 0), Some(tuple(2)));
    assert_eq!(ice.route(1, PENDING_NS + 1), Some(tuple(1)));
}

#[test]
fn a_replayed_nomination_moves_nothing_and_refreshes_nothing() {
    let mut ice = connected();
    ice.handle_check(check(1, 2, true), NANO);
    let replay = Check {
        tuple: tuple(66),
        ..check(1, 2, true)
    };
    assert_eq!(ice.handle_check(replay, 40 * NANO), CheckOutcome::Replayed);
    assert!(!ice.knows(tuple(66)));
    assert_eq!(ice.route(10, 40 * NANO), Some(tuple(1)));
    assert!(ice.consent_expired(40 * NANO));
}

#[test]
fn consent_lasts_thirty_seconds_after_the_last_check() {
    let ice = connected();
    assert!(!ice.consent_expired(30 * NANO));
    assert!(ice.consent_expired(30 * NANO + 1));
}

#[test]
fn the_path_that_leaves_is_the_oldest_and_never_the_one_in_use() {
    let mut ice = connected();
    for port in 2..=MAX_PATHS as u16 {
        ice.handle_check(check(port, u64::from(port), false), u64::from(port));
    }
    assert_eq!(ice.surplus(), Some(tuple(2)));
    ice.forget(tuple(2));
    assert_eq!(ice.surplus(), None);
}

#[test]
fn checks_beyond_fifty_a_second_are_not_answered() {
    let mut ice = connected();
    let answered = (0..200)
        .filter(|turn| {
            ice.handle_check(check(1, 1_000 + turn, false), 0) != CheckOutcome::RateLimited
        })
        .count();
    assert_eq!(answered, 49);
}

fn over_tcp(port: u16, transaction: u64, nominates: bool) -> Check {
    let socket = crate::worker::ids::FIRST_TCP_SOCKET;
    Check {
        tuple: Tuple {
            socket,
            ..tuple(port)
        },
        ..check(port, transaction, nominates)
    }
}

#[test]
fn a_connection_that_ended_is_followed_by_the_next_one_at_once() {
    let mut ice = connected();
    let first = over_tcp(2, 2, true);
    ice.handle_check(first, 0);
    assert!(ice.handle_authentic(first.tuple));
    assert_eq!(ice.selected(), Some(first.tuple));
    ice.forget(first.tuple);
    assert_eq!(ice.route(100_000, NANO), None);
    // A datagram's sender may be invented: it gets no more than it has paid for.
    ice.handle_check(check(3, 3, true), NANO);
    assert_eq!(ice.route(100_000, NANO), None);
    let second = over_tcp(4, 4, true);
    assert_eq!(ice.handle_check(second, NANO), CheckOutcome::Refreshed);
    assert_eq!(ice.route(100_000, NANO), Some(second.tuple));
}

#[test]
fn a_connection_in_the_place_of_a_path_in_use_has_to_prove_itself() {
    let mut ice = connected();
    let other = over_tcp(2, 2, true);
    ice.handle_check(other, 0);
    assert_eq!(ice.route(300, 0), Some(other.tuple));
    assert_eq!(ice.route(1, 0), Some(tuple(1)));
    assert!(ice.handle_authentic(other.tuple));
    assert_eq!(ice.route(100_000, 0), Some(other.tuple));
}

#[test]
fn consent_goes_on_after_a_path_ended_from_its_last_check() {
    let mut ice = connected();
    ice.handle_check(over_tcp(1, 2, false), 40 * NANO);
    ice.handle_check(check(1, 3, false), 50 * NANO);
    ice.forget(tuple(1));
    assert!(!ice.consent_expired(80 * NANO));
    assert!(ice.consent_expired(80 * NANO + 1));
    ice.handle_check(over_tcp(1, 4, false), 81 * NANO);
    assert!(!ice.consent_expired(111 * NANO));
}
