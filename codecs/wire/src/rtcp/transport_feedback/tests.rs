#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::rtcp::{Rtcp, RtcpPacket};
use proptest::collection::vec;
use proptest::prelude::*;

/// A feedback body of these chunks and deltas.
fn body(status_count: u16, chunks: &[u16], deltas: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 1, 0, 0, 0, 2];
    body.extend(100_u16.to_be_bytes());
    body.extend(status_count.to_be_bytes());
    body.extend([0, 0, 7, 9]);
    body.extend(chunks.iter().flat_map(|chunk| chunk.to_be_bytes()));
    body.extend(deltas);
    body
}

fn arrivals(body: &[u8]) -> Result<Vec<Option<i64>>, Malformed> {
    let feedback = TransportFeedback::parse_untrusted(body)?;
    Ok(feedback.statuses().map(|(_, arrival)| arrival).collect())
}

#[test]
fn each_chunk_form_is_read() {
    // Three small deltas, then five lost; one bit: 1 0 1; two bits: large, lost, small.
    let run = [0x2003, 0x0005];
    let lost = [None; 5];
    let expected = [&[Some(4), Some(8), Some(8)][..], &lost].concat();
    assert_eq!(arrivals(&body(8, &run, &[4, 4, 0])), Ok(expected));
    let one_bit = [0x8000 | 0b101 << 11];
    assert_eq!(
        arrivals(&body(3, &one_bit, &[1, 2])),
        Ok(vec![Some(1), None, Some(3)])
    );
    let two_bit = [0xc000 | 0b10_00_01 << 8];
    let expected = vec![Some(-2), None, Some(253)];
    assert_eq!(
        arrivals(&body(3, &two_bit, &[0xff, 0xfe, 0xff])),
        Ok(expected)
    );
}

#[test]
fn numbers_wrap_and_fields_are_where_they_belong() {
    let mut bytes = body(3, &[0x2003], &[1, 1, 1]);
    bytes[8..10].copy_from_slice(&[0xff, 0xff]);
    let feedback = TransportFeedback::parse_untrusted(&bytes).unwrap();
    assert_eq!((feedback.sender_ssrc, feedback.media_ssrc), (1, 2));
    assert_eq!(
        (feedback.reference_time_64ms, feedback.feedback_count),
        (7, 9)
    );
    let numbers: Vec<u16> = feedback.statuses().map(|(sequence, _)| sequence).collect();
    assert_eq!(numbers, [65_535, 0, 1]);
    assert_eq!(feedback.statuses().len(), 3);
}

#[test]
fn the_reserved_symbol_is_refused() {
    assert_eq!(
        arrivals(&body(1, &[0x6001], &[0; 8])),
        Err(Malformed::Reserved)
    );
    assert_eq!(
        arrivals(&body(7, &[0xc003], &[0; 16])),
        Err(Malformed::Reserved)
    );
    assert_eq!(
        arrivals(&body(6, &[0xc003], &[])),
        Ok(vec![None; 6]),
        "beyond the count"
    );
}

#[test]
fn counts_and_deltas_that_are_not_there_are_refused() {
    assert_eq!(arrivals(&body(0, &[], &[])), Err(Malformed::Length));
    assert_eq!(arrivals(&body(1, &[], &[])), Err(Malformed::Length));
    assert_eq!(
        arrivals(&body(65_535, &[0x2001], &[0; 64])),
        Err(Malformed::Length)
    );
    assert_eq!(
        arrivals(&body(3, &[0x2003], &[0, 0])),
        Err(Malformed::Length)
    );
    assert_eq!(arrivals(&body(1, &[0x4001], &[0])), Err(Malformed::Length));
    assert_eq!(
        arrivals(&body(5, &[0x0000, 0x2005], &[0; 5])),
        Err(Malformed::Length)
    );
}

#[test]
fn a_run_length_bomb_is_bounded_by_its_count() {
    let bomb = body(65_535, &[0x1fff; 9], &[]);
    let feedback = TransportFeedback::parse_untrusted(&bomb).unwrap();
    assert_eq!(feedback.statuses().count(), 65_535);
    assert!(arrivals(&body(65_535, &[0x3fff; 9], &[0; 1400])).is_err());
}

fn round_trip(arrivals: &[Option<i64>], room: usize) -> Option<(usize, Vec<Option<i64>>)> {
    let mut out = vec![0xaa; room];
    let (len, covered) = write_transport_feedback(&mut out, 1, 2, 65_000, 3, 0xab_cdef, arrivals)?;
    let mut packets = Rtcp::packets_untrusted(&out[..len]);
    let Some(Ok(RtcpPacket::TransportFeedback(feedback))) = packets.next() else {
        panic!("what was written is a feedback")
    };
    assert_eq!(packets.next(), None);
    assert_eq!(feedback.reference_time_64ms, 0xab_cdef);
    assert_eq!(
        (feedback.base_sequence, feedback.feedback_count),
        (65_000, 3)
    );
    assert_eq!(usize::from(feedback.status_count), covered);
    Some((
        len,
        feedback.statuses().map(|(_, arrival)| arrival).collect(),
    ))
}

#[test]
fn a_step_that_does_not_fit_splits_the_feedback() {
    let arrivals = [Some(0), None, Some(32_767), Some(65_535)];
    assert_eq!(round_trip(&arrivals, 100).unwrap().1, arrivals[..3]);
    assert_eq!(round_trip(&[Some(40_000)], 100), None);
    assert_eq!(round_trip(&[Some(i64::MIN)], 100), None);
    assert_eq!(
        round_trip(&[Some(-1), Some(i64::MAX)], 100).unwrap().1,
        [Some(-1)]
    );
    assert_eq!(round_trip(&[], 100), None);
}

#[test]
fn even_arrivals_cost_one_chunk_and_losses_almost_nothing() {
    let even: Vec<_> = (0..40).map(|at| Some(at * 20)).collect();
    assert_eq!(round_trip(&even, 1200).unwrap().0, 20 + 2 + 40 + 2);
    assert_eq!(round_trip(&[None; 400], 1200).unwrap().0, 20 + 2 + 2);
}

#[test]
fn a_feedback_never_speaks_of_more_than_its_count_can_say() {
    let lost = vec![None; 70_000];
    assert_eq!(round_trip(&lost, 30_000).unwrap().1.len(), 65_535);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        steps in vec((0..10_u8, -40_000..40_000_i64, 0..300_i64), 1..400), room in 0..1500_usize
    ) {
        let mut now = 0;
        let arrivals: Vec<Option<i64>> = steps.into_iter().map(|(kind, far, near)| {
            if kind < 3 { return None; }
            now += if kind == 3 { far } else { near };
            Some(now)
        }).collect();
        if let Some((len, read)) = round_trip(&arrivals, room) {
            prop_assert!(len <= room && len % 4 == 0);
            prop_assert_eq!(&read[..], &arrivals[..read.len()]);
        } else {
            prop_assert!(room < 24 || arrivals[0].is_some_and(|at| i16::try_from(at).is_err()));
        }
    }

    #[test]
    fn a_long_history_is_covered_by_successive_feedbacks(
        steps in vec(prop_oneof![4 => (0..200_i64).prop_map(Some), 1 => Just(None)], 1..3000)
    ) {
        let mut now = 0;
        let arrivals: Vec<Option<i64>> =
            steps.into_iter().map(|step| step.map(|step| { now += step; now })).collect();
        let mut done = 0;
        while done < arrivals.len() {
            // A new reference time for each, as a receiver does.
            let base = arrivals[done..].iter().flatten().next().copied().unwrap_or(0);
            let rest: Vec<_> =
                arrivals[done..].iter().map(|arrival| arrival.map(|at| at - base)).collect();
            let (_, read) = round_trip(&rest, 1200).unwrap();
            prop_assert_eq!(&read[..], &rest[..read.len()]);
            done += read.len();
        }
    }

    #[test]
    fn arbitrary_feedback_yields_exactly_its_count_or_is_refused(
        status_count in 0..200_u16, tail in vec(any::<u8>(), 0..80)
    ) {
        let bytes = body(status_count, &[], &tail);
        if let Ok(feedback) = TransportFeedback::parse_untrusted(&bytes) {
            prop_assert_eq!(feedback.statuses().count(), usize::from(status_count));
        }
    }
}
