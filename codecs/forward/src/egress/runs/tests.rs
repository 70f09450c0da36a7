//! Runs over everything a batch may hold.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::egress::outbox::Open;
use crate::worker::ids::LegKey;

fn span(peer: u16, index: usize, len: u16, may_grow: bool) -> Span {
    let remote = ([127, 0, 0, 1], 1_000 + peer).into();
    let open = Open {
        leg: LegKey::default(),
        ssrc: 1,
        index: 1,
        header_len: 12,
        plain_len: len.saturating_sub(16),
        overhead: len.min(16),
        is_padding: !may_grow,
        is_video: true,
    };
    // `start` only names the span here.
    Span {
        tuple: Tuple {
            socket: (peer % 2) as u8,
            remote,
        },
        start: index as u32,
        len,
        arrival_ns: 0,
        is_video: true,
        open: Some(open),
    }
}

fn spans_of(peers_and_lengths: &[(u16, u16)], may_grow: bool) -> Vec<Span> {
    peers_and_lengths
        .iter()
        .enumerate()
        .map(|(index, (peer, len))| span(*peer, index, *len, may_grow))
        .collect()
}

fn grouped(spans: &mut [Span]) -> Grouping {
    let mut grouping = Grouping::default();
    grouping.equalise(spans);
    grouping.cut(spans, |_| true);
    grouping
}

fn lengths(spans: &mut [Span]) -> Vec<Vec<u16>> {
    let grouping = grouped(spans);
    let of_run = |run| grouping.of_run(run, spans).map(|span| span.len).collect();
    grouping.runs().iter().map(of_run).collect()
}

#[test]
fn a_shorter_datagram_ends_a_run() {
    let of = [(0, 1_100), (0, 1_100), (0, 300), (0, 300), (0, 1_100)];
    let expected: [&[u16]; 3] = [&[1_100, 1_100, 300], &[300], &[1_100]];
    assert_eq!(lengths(&mut spans_of(&of, true)), expected);
}

#[test]
fn a_frames_packets_become_equal_and_sound_ends_the_run() {
    let of = [(0, 920), (0, 920), (0, 921), (0, 921), (0, 130), (0, 140)];
    let expected: [&[u16]; 2] = [&[921, 921, 921, 921, 130], &[140]];
    assert_eq!(lengths(&mut spans_of(&of, true)), expected);
}

#[test]
fn nothing_grows_by_more_than_four_bytes() {
    let of = [(0, 920), (0, 922), (0, 924), (0, 925), (0, 921)];
    let expected: [&[u16]; 2] = [&[924, 924, 924], &[925, 925]];
    assert_eq!(lengths(&mut spans_of(&of, true)), expected);
}

#[test]
fn what_may_not_grow_keeps_its_length_and_others_grow_to_it() {
    let mut spans = spans_of(&[(0, 920), (0, 922), (0, 921), (0, 922)], true);
    for fixed in spans.iter_mut().skip(1).step_by(2) {
        fixed.open = None;
    }
    assert_eq!(lengths(&mut spans), [[922; 4]]);
    let mut spans = spans_of(&[(0, 920), (0, 921), (0, 921)], false);
    assert_eq!(lengths(&mut spans), [vec![920], vec![921, 921]]);
}

#[test]
fn interleaved_receivers_are_told_apart() {
    let mut spans = spans_of(&[(0, 900), (2, 900), (0, 900), (2, 900)], true);
    assert_eq!(lengths(&mut spans), [[900, 900], [900, 900]]);
}

#[test]
fn one_that_was_not_finished_is_in_no_run() {
    let mut spans = spans_of(&[(0, 900), (0, 900), (0, 900)], true);
    let mut grouping = Grouping::default();
    grouping.equalise(&mut spans);
    grouping.cut(&mut spans, |span| span.start != 1);
    let [run] = grouping.runs() else {
        panic!("{:?}", grouping.runs())
    };
    let sent: Vec<_> = grouping
        .of_run(run, &spans)
        .map(|span| span.start)
        .collect();
    assert_eq!(sent, [0, 2]);
}

#[test]
fn a_run_stays_below_what_one_message_may_carry() {
    let counts = |of: &[(u16, u16)]| -> Vec<_> {
        let grouping = grouped(&mut spans_of(of, true));
        grouping.runs().iter().map(|run| run.count).collect()
    };
    assert_eq!(counts(&[(0, 1_200); 130]), [54, 54, 22]);
    assert_eq!(counts(&[(0, 100); 130]), [64, 64, 2]);
}

fn batches() -> impl Strategy<Value = Vec<(u16, u16, bool)>> {
    let len = prop_oneof![Just(1_100_u16), 1_090_u16..1_110, Just(120), 20_u16..2_000];
    proptest::collection::vec((0_u16..5, len, any::<bool>()), 0..300)
}

proptest! {
    #[test]
    fn each_tuple_gets_its_datagrams_in_order_and_every_run_is_one_the_kernel_takes(of in batches()) {
        let given: Vec<Span> = of
            .iter()
            .enumerate()
            .map(|(index, (peer, len, may_grow))| span(*peer, index, *len, *may_grow))
            .collect();
        let mut spans = given.clone();
        let grouping = grouped(&mut spans);
        let mut sent: HashMap<Tuple, Vec<u32>> = HashMap::new();
        for run in grouping.runs() {
            let lengths: Vec<_> = grouping.of_run(run, &spans).map(|span| span.len).collect();
            let (last, others) = lengths.split_last().expect("a run holds at least one datagram");
            prop_assert!(others.iter().all(|len| *len == run.segment_bytes));
            prop_assert!(*last <= run.segment_bytes);
            prop_assert!(lengths.len() <= MAX_SEGMENTS);
            let total = lengths.iter().map(|len| usize::from(*len)).sum::<usize>();
            prop_assert_eq!(total, run.total_bytes);
            prop_assert!(total <= MAX_RUN_BYTES);
            for span in grouping.of_run(run, &spans) {
                prop_assert_eq!(span.tuple, run.tuple);
                sent.entry(run.tuple).or_default().push(span.start);
            }
        }
        let mut expected: HashMap<Tuple, Vec<u32>> = HashMap::new();
        for (before, after) in given.iter().zip(&spans) {
            expected.entry(before.tuple).or_default().push(before.start);
            prop_assert!(before.len <= after.len && after.len - before.len <= room(before));
        }
        prop_assert_eq!(sent, expected);
    }

    #[test]
    fn padding_never_makes_more_messages(of in batches()) {
        let spans = |grows: bool| -> Vec<Span> {
            let spans = of.iter().enumerate();
            spans.map(|(index, (peer, len, _))| span(*peer, index, *len, grows)).collect()
        };
        let messages = |grows| grouped(&mut spans(grows)).runs().len();
        prop_assert!(messages(true) <= messages(false));
    }

    #[test]
    fn runs_of_one_socket_lie_together(peers in proptest::collection::vec(0_u16..6, 0..60)) {
        let of: Vec<_> = peers.iter().map(|peer| (*peer, 500)).collect();
        let grouping = grouped(&mut spans_of(&of, true));
        let sockets: Vec<_> = grouping.runs().iter().map(|run| run.tuple.socket).collect();
        prop_assert!(sockets.is_sorted());
    }
}
