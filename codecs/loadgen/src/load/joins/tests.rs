#![allow(clippy::indexing_slicing, reason = "what is not there fails the test")]

use super::*;

const MS: u64 = 1_000_000;
const S: u64 = 1_000 * MS;

/// A room of so many, and who is in it.
fn room(joins: &mut Joins, people: usize) -> Vec<usize> {
    let room = joins.open_room();
    (0..people).map(|_| joins.expect(0, room, 0)).collect()
}

fn connect(joins: &mut Joins, number: usize, began_ns: u64) {
    let marks = [
        Mark::Began,
        Mark::Opened,
        Mark::Joined,
        Mark::Answered,
        Mark::Checked,
        Mark::Connected,
    ];
    for (mark, at_ns) in marks
        .into_iter()
        .zip((0..).map(|index| began_ns + index * MS))
    {
        joins.record(number, mark, at_ns);
    }
}

fn failed(outcome: &JoinsOutcome) -> Vec<(&str, usize)> {
    let failed = outcome.failed.iter();
    failed
        .map(|(reason, count)| (reason.as_str(), *count))
        .collect()
}

#[test]
fn who_comes_first_does_not_wait_on_the_sfus_account() {
    let mut joins = Joins::default();
    let people = room(&mut joins, 2);
    connect(&mut joins, people[0], 0);
    joins.watch(60 * S);
    assert_eq!(joins.progress(0), (0, 0, 2), "the other may still come");
    connect(&mut joins, people[1], 60 * S);
    for number in &people {
        joins.record(*number, Mark::FirstMedia, 60 * S + 25 * MS);
    }
    joins.watch(61 * S);
    assert_eq!(joins.progress(0), (2, 0, 2));
    let outcome = joins.outcome(0);
    assert_eq!((outcome.asked, outcome.succeeded, outcome.alone), (2, 2, 0));
    // 5 ms to connect, 20 ms to the first media, for both of them.
    assert_eq!(outcome.join_ms.count, 2);
    assert!(
        (outcome.join_ms.max_us - 25_000.0).abs() < 1.0,
        "{:?}",
        outcome.join_ms
    );
    assert!((outcome.parts.first_media.max_us - 20_000.0).abs() < 1.0);
    assert!((outcome.parts.dtls.max_us - 1_000.0).abs() < 1.0);
    assert!((outcome.began_late.max_us - 60e6).abs() < 1.0);
}

#[test]
fn whoever_the_others_fail_is_alone_and_has_not_failed() {
    let mut joins = Joins::default();
    let people = room(&mut joins, 3);
    connect(&mut joins, people[0], 0);
    joins.fail(people[1], Failure::new("token_invalid"));
    joins.watch(S);
    assert_eq!(joins.progress(0), (0, 1, 3));
    joins.fail(people[2], Failure::new("room_full"));
    joins.watch(S);
    let outcome = joins.outcome(0);
    assert_eq!((outcome.succeeded, outcome.alone), (0, 1));
    assert_eq!(failed(&outcome), [("room_full", 1), ("token_invalid", 1)]);
    assert_eq!(outcome.join_ms.count, 0);
}

#[test]
fn who_sees_nobody_who_is_there_has_failed() {
    let mut joins = Joins::default();
    let people = room(&mut joins, 2);
    for number in &people {
        connect(&mut joins, *number, 0);
    }
    joins.record(people[0], Mark::FirstMedia, 10 * MS);
    joins.watch(PATIENCE_NS);
    assert_eq!(joins.progress(0), (1, 0, 2));
    joins.watch(PATIENCE_NS + 6 * MS);
    assert_eq!(failed(&joins.outcome(0)), [("timeout_media", 1)]);
    // Too late is too late.
    joins.record(people[1], Mark::FirstMedia, 20 * S);
    assert_eq!(joins.progress(0), (1, 1, 2));
}

#[test]
fn what_ends_after_a_join_does_not_undo_it() {
    let mut joins = Joins::default();
    let people = room(&mut joins, 2);
    for number in &people {
        connect(&mut joins, *number, 0);
        joins.record(*number, Mark::FirstMedia, 10 * MS);
        assert!(joins.has_come(*number));
    }
    joins.fail(people[0], Failure::new("socket_lost"));
    joins.leave(people[1]);
    assert_eq!(joins.progress(0), (2, 0, 2));
    assert!(!joins.has_come(people[0]), "it is told once");
}

type Event = fn(&mut Joins, usize);

/// What a join becomes of each thing that can happen to it, in each state it can be in.
#[test]
fn every_event_in_every_state_is_as_the_table_says() {
    let fail = |joins: &mut Joins, one: usize| joins.fail(one, Failure::new("socket_lost"));
    let leave = |joins: &mut Joins, one: usize| joins.leave(one);
    let media = |joins: &mut Joins, one: usize| joins.record(one, Mark::FirstMedia, 7 * MS);
    let late = |joins: &mut Joins, _: usize| joins.watch(100 * S);
    let events: [(&str, Event); 4] = [
        ("fail", fail),
        ("leave", leave),
        ("media", media),
        ("late", late),
    ];
    let (lost, left) = (Failure::new("socket_lost"), Failure::new("left_before"));
    let unseen = Failure::new("timeout_media");
    for (state, expected) in [
        (
            "coming",
            [
                Fate::Failed(lost.clone()),
                Fate::Failed(left.clone()),
                Fate::There,
                Fate::Coming,
            ],
        ),
        (
            "connected",
            [
                Fate::Failed(lost),
                Fate::Failed(left),
                Fate::There,
                Fate::Failed(unseen.clone()),
            ],
        ),
        (
            "there",
            [Fate::There, Fate::There, Fate::There, Fate::There],
        ),
        (
            "failed",
            std::array::from_fn(|_| Fate::Failed(unseen.clone())),
        ),
    ] {
        for ((event, happen), expected) in events.into_iter().zip(expected) {
            let mut joins = Joins::default();
            let people = room(&mut joins, 2);
            connect(&mut joins, people[1], 0);
            let one = people[0];
            if state != "coming" {
                connect(&mut joins, one, 0);
            }
            match state {
                "there" => media(&mut joins, one),
                "failed" => late(&mut joins, one),
                _ => {}
            }
            happen(&mut joins, one);
            assert_eq!(joins.attendances[one].fate, expected, "{state}, {event}");
        }
    }
}
