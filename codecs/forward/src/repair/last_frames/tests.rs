#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use wire::payload::Codec;
use wire::payload::red::RedPayload;
use wire::rtp::RtpHeader;

use super::*;
use crate::ingress::incoming::FrameInfo;

const OPUS: u8 = 111;
const STEP: u32 = 960;
const FIRST: u64 = 1 << 16;

/// 20 ms of sound (RFC 6716 §3.1: hybrid, full band, one frame) that tells its number.
fn frame(number: u8, len: usize) -> Vec<u8> {
    let mut payload = vec![number; len];
    payload[0] = 0x78;
    payload
}

fn packet(sequence: u64, timestamp: u32, payload: &[u8]) -> Incoming<'_> {
    Incoming {
        header: RtpHeader {
            marker: false,
            payload_type: OPUS,
            sequence: sequence as u16,
            timestamp,
            ssrc: 1,
            header_len: 12,
            has_padding: false,
            extension: None,
        },
        packet: payload,
        payload,
        sequence,
        encoding: 0,
        alive: 1,
        restarted: false,
        codec: Codec::Opus,
        frame: FrameInfo::default(),
        arrival_ns: 0,
        has_waited: false,
        captured_ntp: None,
        brought_back: None,
    }
}

/// Frames of so many bytes, each with the number of its packet after [`FIRST`], kept in this order.
fn kept(frames: &[(u8, usize)]) -> LastFrames {
    let mut last = LastFrames::default();
    for (number, len) in frames {
        let sequence = FIRST + u64::from(*number);
        last.keep(&packet(
            sequence,
            u32::from(*number) * STEP,
            &frame(*number, *len),
        ));
    }
    last
}

/// Steps before the packet, and the number in the frame, of what is carried again with packet `number`.
fn carried(last: &LastFrames, number: u8, len: usize, distance: u8) -> Vec<(u32, u8)> {
    let payload = frame(number, len);
    let sequence = FIRST + u64::from(number);
    let packet = packet(sequence, u32::from(number) * STEP, &payload);
    let found = last.before(&packet, FIRST, distance, OPUS);
    let steps = |block: &RedBlock<'_>| u32::from(block.timestamp_offset) / STEP;
    found
        .blocks()
        .iter()
        .map(|block| (steps(block), block.payload[1]))
        .collect()
}

#[test]
fn the_frames_before_a_packet_stand_the_oldest_first() {
    let last = kept(&[(1, 80), (2, 80), (3, 80)]);
    assert_eq!(carried(&last, 4, 80, 2), [(2, 2), (1, 3)]);
    assert_eq!(carried(&last, 4, 80, 1), [(1, 3)]);
    assert!(carried(&last, 4, 80, 0).is_empty());
    assert_eq!(carried(&last, 3, 80, 2), [(1, 2)], "not itself");
}

#[test]
fn a_late_frame_takes_its_place_and_comes_once() {
    let last = kept(&[(1, 80), (4, 80), (3, 80), (3, 80), (2, 80)]);
    assert_eq!(carried(&last, 5, 80, 2), [(2, 3), (1, 4)]);
}

#[test]
fn silence_is_not_repeated_and_repeats_nothing() {
    let last = kept(&[(1, 80), (2, 1), (3, 2)]);
    assert_eq!(carried(&last, 4, 80, 2), [(3, 1)]);
    let payload = [0x78];
    let silence = packet(FIRST + 4, 4 * STEP, &payload);
    assert!(last.before(&silence, FIRST, 2, OPUS).blocks().is_empty());
}

#[test]
fn a_frame_that_no_block_can_hold_is_left_out() {
    let last = kept(&[(1, 80), (2, MAX_BLOCK_BYTES + 1)]);
    assert_eq!(carried(&last, 3, 80, 2), [(2, 1)]);
    assert_eq!(
        carried(&kept(&[(1, 80), (2, MAX_BLOCK_BYTES)]), 3, 60, 2),
        [(1, 2)],
        "nor one more than a path carries"
    );
    assert!(carried(&kept(&[(2, MAX_BLOCK_BYTES)]), 3, 80, 2).is_empty());
}

#[test]
fn a_frame_older_than_a_block_can_say_is_left_out() {
    let last = kept(&[(1, 80)]);
    assert_eq!(carried(&last, 18, 80, 2), [(17, 1)], "340 ms");
    assert!(carried(&last, 19, 80, 2).is_empty(), "360 ms");
    let payload = frame(9, 80);
    let a_day_later = packet(FIRST + 4_473_925, 2 * STEP, &payload);
    assert!(
        last.before(&a_day_later, FIRST, 2, OPUS)
            .blocks()
            .is_empty()
    );
}

#[test]
fn what_a_slot_was_not_sent_is_not_carried_to_it() {
    let last = kept(&[(1, 80), (2, 80)]);
    let payload = frame(3, 80);
    let packet = packet(FIRST + 3, 3 * STEP, &payload);
    for (first, frames) in [(1, 2), (2, 1), (3, 0)] {
        let found = last.before(&packet, FIRST + first, 2, OPUS);
        assert_eq!(found.blocks().len(), frames);
    }
}

proptest! {
    #[test]
    fn what_is_wrapped_can_be_taken_apart_and_is_never_too_long(
        lens in proptest::collection::vec(3..1_300_usize, 1..6),
        distance in 0..4_u8,
    ) {
        let numbered: Vec<(u8, usize)> = (1..).zip(lens).collect();
        let Some(((number, len), before)) = numbered.split_last() else {
            return Ok(());
        };
        let last = kept(before);
        let payload = frame(*number, *len);
        let packet = packet(FIRST + u64::from(*number), u32::from(*number) * STEP, &payload);
        let found = last.before(&packet, FIRST, distance, OPUS);
        if found.blocks().is_empty() {
            return Ok(());
        }
        let mut out = [&[0; 12][..], &payload, &[0; 2_048]].concat();
        let written = Written { header_len: 12, len: 12 + payload.len(), has_padding: false };
        let written = found.wrap(OPUS, written, &mut out).unwrap();
        prop_assert_eq!(written.len, 12 + payload.len() + found.bytes());
        prop_assert!(written.len <= 12 + MAX_PAYLOAD_BYTES);
        let red = RedPayload::parse_untrusted(&out[12..written.len]).unwrap();
        prop_assert_eq!(red.primary, &payload[..]);
        prop_assert!(red.blocks().eq(found.blocks().iter().copied()));
        prop_assert!(red.blocks().count() <= usize::from(MAX_DISTANCE));
    }
}
