//! A direction under virtual time.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::emulator::trace::Trace;

const MS: u64 = 1_000_000;

fn link(settings: &[(&str, Value)]) -> Link<u64> {
    let mut link = Link::new(7);
    for (key, value) in settings {
        set(&mut link, 0, key, value);
    }
    link
}

fn set(link: &mut Link<u64>, at_ns: u64, key: &str, value: &Value) {
    let load = |text: &str| Trace::parse(text);
    link.set(at_ns, Setting::parse(key, value, &load).expect("it can be"));
}

/// All that leaves until a time.
fn departures(link: &mut Link<u64>, until_ns: u64) -> Vec<Departure<u64>> {
    std::iter::from_fn(|| link.poll(until_ns)).collect()
}

fn of(verdict: Verdict, departures: &[Departure<u64>]) -> Vec<u64> {
    let those = departures.iter().filter(|each| each.verdict == verdict);
    those.map(|each| each.payload).collect()
}

#[test]
fn a_bare_link_passes_packets_on_at_once() {
    let mut link = link(&[]);
    link.admit(5 * MS, 1_500, 1);
    assert_eq!(link.next_timeout(), Some(5 * MS));
    let departure = link.poll(5 * MS).expect("nothing keeps it");
    assert_eq!((departure.due_ns, departure.queued_ns), (5 * MS, 0));
    assert_eq!((link.held(), link.next_timeout()), (0, None));
}

#[test]
fn a_packet_waits_for_those_before_it_and_is_then_on_its_way() {
    // 1,250 bytes are 10 ms.
    let mut link = link(&[("rate_bps", json!(1_000_000)), ("delay_ms", json!(50))]);
    link.admit(0, 1_250, 1);
    link.admit(2 * MS, 1_250, 2);
    link.admit(40 * MS, 1_250, 3);
    let seen: Vec<_> = departures(&mut link, 1_000 * MS)
        .iter()
        .map(|each| (each.payload, each.due_ns / MS, each.queued_ns / MS))
        .collect();
    assert_eq!(seen, [(1, 60, 10), (2, 70, 18), (3, 100, 10)]);
}

#[test]
fn a_link_that_is_looked_at_late_was_not_late_itself() {
    let settings = [
        ("rate_bps", json!(2_000_000)),
        ("delay_ms", json!(20)),
        ("jitter_ms", json!(5)),
        ("loss", json!(0.1)),
    ];
    let (mut often, mut late) = (link(&settings), link(&settings));
    let mut seen = Vec::new();
    for index in 0..500 {
        often.admit(index * 3 * MS, 700, index);
        late.admit(index * 3 * MS, 700, index);
        seen.extend(departures(&mut often, index * 3 * MS));
    }
    seen.extend(departures(&mut often, 10_000 * MS));
    let mut seen_late = departures(&mut late, 10_000 * MS);
    seen.sort_by_key(|each| each.payload);
    seen_late.sort_by_key(|each| each.payload);
    assert_eq!(seen, seen_late);
}

#[test]
fn a_full_queue_drops_what_comes_and_never_more_than_its_time_waits() {
    // 300 ms of 1 Mbit/s are 37,500 bytes: 30 packets.
    let mut link = link(&[("rate_bps", json!(1_000_000)), ("queue_ms", json!(300))]);
    for index in 0..40 {
        link.admit(0, 1_250, index);
    }
    let departures = departures(&mut link, 1_000 * MS);
    assert_eq!(
        of(Verdict::QueueFull, &departures),
        (30..40).collect::<Vec<_>>()
    );
    assert_eq!(
        of(Verdict::Delivered, &departures),
        (0..30).collect::<Vec<_>>()
    );
    let longest_ns = departures.iter().map(|each| each.queued_ns).max();
    assert_eq!(longest_ns, Some(300 * MS));
}

#[test]
fn a_queue_too_short_for_a_packet_still_lets_one_through() {
    let mut link = link(&[("rate_bps", json!(1_000_000)), ("queue_bytes", json!(100))]);
    link.admit(0, 1_250, 1);
    link.admit(MS, 50, 2);
    let departures = departures(&mut link, 1_000 * MS);
    assert_eq!(of(Verdict::Delivered, &departures), [1]);
    assert_eq!(of(Verdict::QueueFull, &departures), [2]);
}

#[test]
fn what_waits_goes_on_at_the_new_rate_and_a_queue_in_time_follows_it() {
    let mut link = link(&[("rate_bps", json!(2_000_000)), ("queue_ms", json!(300))]);
    for index in 0..20 {
        link.admit(0, 1_250, index);
    }
    // Ten are through; of the others each takes four times as long.
    set(&mut link, 50 * MS, "rate_bps", &json!(500_000));
    link.admit(50 * MS, 1_250, 100);
    let before = departures(&mut link, 50 * MS);
    assert_eq!(of(Verdict::Delivered, &before).len(), 10);
    let after = departures(&mut link, 1_000 * MS);
    let due_ms: Vec<u64> = after
        .iter()
        .filter(|each| each.verdict == Verdict::Delivered)
        .map(|each| each.due_ns / MS)
        .collect();
    assert_eq!(
        due_ms,
        (1..=11).map(|index| 50 + 20 * index).collect::<Vec<_>>()
    );
}

#[test]
fn a_link_that_stands_still_keeps_what_waits() {
    let mut link = link(&[("rate_bps", json!(1_000_000)), ("queue_ms", json!(100))]);
    link.admit(0, 1_250, 0);
    set(&mut link, 5 * MS, "rate_bps", &json!(0));
    for index in 1..20 {
        link.admit(6 * MS, 1_250, index);
    }
    // The queue is as long as it was: 100 ms of 1 Mbit/s.
    let meanwhile = departures(&mut link, 5_000 * MS);
    assert_eq!(of(Verdict::QueueFull, &meanwhile).len(), 10);
    assert_eq!((meanwhile.len(), link.held()), (10, 10));
    set(&mut link, 5_000 * MS, "rate_bps", &json!(1_000_000));
    let after = departures(&mut link, 6_000 * MS);
    assert_eq!(after.first().map(|each| each.due_ns), Some(5_005 * MS));
    assert_eq!(of(Verdict::Delivered, &after), (0..10).collect::<Vec<_>>());
}

#[test]
fn nothing_gets_in_during_a_blackout_and_what_was_on_its_way_arrives() {
    let mut link = link(&[("delay_ms", json!(50))]);
    link.admit(0, 100, 1);
    set(&mut link, 10 * MS, "blackout", &json!(true));
    link.admit(20 * MS, 100, 2);
    set(&mut link, 30 * MS, "blackout", &json!(false));
    link.admit(40 * MS, 100, 3);
    let departures = departures(&mut link, 100 * MS);
    assert_eq!(of(Verdict::Blackout, &departures), [2]);
    assert_eq!(of(Verdict::Delivered, &departures), [1, 3]);
}

#[test]
fn copies_are_packets_like_others() {
    let mut link = link(&[
        ("duplicate", json!(1)),
        ("queue_bytes", json!(300)),
        ("rate_bps", json!(1_000_000)),
    ]);
    for index in 0..2 {
        link.admit(0, 100, index);
    }
    let departures = departures(&mut link, 1_000 * MS);
    assert_eq!(of(Verdict::Delivered, &departures), [0, 0, 1]);
    assert_eq!(of(Verdict::QueueFull, &departures), [1]);
    let copies: Vec<bool> = departures.iter().map(|each| each.is_copy).collect();
    assert_eq!(copies, [true, false, true, false]);
}

#[test]
fn a_copy_waits_for_nobody_where_nothing_waits() {
    let mut link = link(&[("duplicate", json!(1)), ("queue_bytes", json!(100))]);
    link.admit(0, 1_500, 0);
    assert_eq!(of(Verdict::Delivered, &departures(&mut link, 0)), [0, 0]);
}

#[test]
fn a_trace_is_replayed_over_and_over() {
    // Three packets in every 10 ms, 1,000 turns.
    let mut link = link(&[
        ("trace_path", json!("2\n2\n10\n")),
        ("queue_bytes", json!(100_000)),
    ]);
    let mut seen = Vec::new();
    for now_ms in 0..10_000 {
        link.admit(now_ms * MS, 1_500, now_ms);
        seen.extend(departures(&mut link, now_ms * MS));
    }
    let delivered: Vec<_> = seen
        .iter()
        .filter(|each| each.verdict == Verdict::Delivered)
        .collect();
    let bytes: usize = delivered.iter().map(|each| each.bytes).sum();
    // What is not served of an opportunity is four bytes of each 1,504, and those go to the next packet.
    let carried = 3 * 1_000 * 1_504;
    assert!(bytes.abs_diff(carried) <= 3 * 1_504, "{bytes} of {carried}");
    assert!(
        delivered
            .iter()
            .all(|each| [2, 0].contains(&(each.due_ns / MS % 10)))
    );
}

fn any_setting() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        (0_u64..5_000_000).prop_map(|rate_bps| ("rate_bps", json!(rate_bps))),
        Just(("rate_bps", Value::Null)),
        Just(("trace_path", json!("0\n3\n3\n9\n"))),
        (0_u64..500).prop_map(|queue_ms| ("queue_ms", json!(queue_ms))),
        (0_u64..50_000).prop_map(|bytes| ("queue_bytes", json!(bytes))),
        (0_u64..100).prop_map(|delay_ms| ("delay_ms", json!(delay_ms))),
        (0_u64..30).prop_map(|jitter_ms| ("jitter_ms", json!(jitter_ms))),
        (0.0..0.5).prop_map(|share| ("loss", json!(share))),
        (0.0..1.0).prop_map(|p| ("loss", json!({"p": p, "r": 0.3}))),
        (0.0..0.5).prop_map(|share| ("duplicate", json!(share))),
        any::<bool>().prop_map(|blackout| ("blackout", json!(blackout))),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Admit(usize),
    Set(&'static str, Value),
}

fn any_step() -> impl Strategy<Value = (u64, Step)> {
    let step = prop_oneof![
        8 => (20_usize..1_500).prop_map(Step::Admit),
        1 => any_setting().prop_map(|(key, value)| Step::Set(key, value)),
    ];
    (0_u64..4 * MS, step)
}

proptest! {
    #[test]
    fn nothing_is_lost_sight_of_and_nobody_is_overtaken(
        settings in proptest::collection::vec(any_setting(), 0..6),
        steps in proptest::collection::vec(any_step(), 1..300),
    ) {
        let mut link = link(&settings);
        let (mut now_ns, mut admitted, mut seen) = (0, Vec::new(), Vec::new());
        for (passed_ns, step) in steps {
            now_ns += passed_ns;
            match step {
                Step::Admit(bytes) => {
                    link.admit(now_ns, bytes, admitted.len() as u64);
                    admitted.push(bytes as u64);
                }
                Step::Set(key, value) => set(&mut link, now_ns, key, &value),
            }
            while let Some(departure) = link.poll(now_ns) {
                prop_assert!(departure.came_ns + departure.queued_ns <= departure.due_ns);
                prop_assert!(departure.due_ns <= now_ns);
                seen.push(departure);
            }
            prop_assert!(link.next_timeout().is_none_or(|at_ns| at_ns > now_ns));
            // In = out + dropped + held, in packets and in bytes, where a copy is one more that came.
            let left: u64 = seen.iter().map(|each| each.bytes as u64).sum();
            let copies = link.copies();
            prop_assert_eq!(admitted.iter().sum::<u64>() + copies.bytes, left + link.held_bytes());
            prop_assert_eq!(admitted.len() as u64 + copies.packets, (seen.len() + link.held()) as u64);
        }
        // At its end everything comes out, in the order in which it went in.
        set(&mut link, now_ns, "rate_bps", &Value::Null);
        seen.extend(departures(&mut link, u64::MAX));
        prop_assert_eq!(link.held(), 0);
        prop_assert!(of(Verdict::Delivered, &seen).is_sorted());
        let originals = seen.iter().filter(|each| !each.is_copy).count();
        prop_assert_eq!(originals, admitted.len());
        prop_assert_eq!((seen.len() - originals) as u64, link.copies().packets);
    }

    #[test]
    fn a_link_repeats_itself_for_the_same_seed(seed in any::<u64>()) {
        let once = || {
            let mut link = Link::new(seed);
            for (key, value) in [("loss", json!(0.3)), ("jitter_ms", json!(9)), ("duplicate", json!(0.2))] {
                set(&mut link, 0, key, &value);
            }
            (0..100).for_each(|index| link.admit(index * MS, 500, index));
            departures(&mut link, u64::MAX)
        };
        prop_assert_eq!(once(), once());
    }
}
