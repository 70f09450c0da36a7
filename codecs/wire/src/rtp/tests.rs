#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::{ExtensionForm, HeaderWriter, RtpHeader};
use crate::Malformed;
use proptest::collection::vec;
use proptest::prelude::*;

const PLAIN: [u8; 12] = [0x80, 0xe0, 0x12, 0x34, 0, 0, 0, 9, 0xca, 0xfe, 0xba, 0xbe];

/// A header whose extension block has this profile and these elements.
fn with_block(profile: u16, elements: &[u8]) -> Vec<u8> {
    assert_eq!(elements.len() % 4, 0, "a block is made of words");
    let mut packet = PLAIN.to_vec();
    packet[0] |= 0x10;
    packet.extend(profile.to_be_bytes());
    packet.extend(((elements.len() / 4) as u16).to_be_bytes());
    packet.extend(elements);
    packet
}

fn elements(packet: &[u8]) -> Vec<Result<(u8, Vec<u8>), Malformed>> {
    let header = RtpHeader::parse_untrusted(packet).unwrap();
    header
        .extensions(packet)
        .map(|item| item.map(|(id, value)| (id, value.to_vec())))
        .collect()
}

#[test]
fn a_plain_header_is_read() {
    let header = RtpHeader::parse_untrusted(&PLAIN).unwrap();
    assert!(header.marker && !header.has_padding);
    assert_eq!(
        (header.payload_type, header.sequence, header.timestamp),
        (96, 0x1234, 9)
    );
    assert_eq!(
        (header.ssrc, header.header_len, header.extension),
        (0xcafe_babe, 12, None)
    );
}

#[test]
fn every_truncation_of_a_full_header_is_refused() {
    let mut packet = with_block(0xbede, &[0x10, 7, 0, 0]);
    packet[0] |= 2;
    packet.splice(12..12, [0; 8]);
    assert_eq!(
        RtpHeader::parse_untrusted(&packet).unwrap().header_len,
        packet.len()
    );
    for len in 0..packet.len() {
        assert!(
            RtpHeader::parse_untrusted(&packet[..len]).is_err(),
            "{len} bytes"
        );
    }
}

#[test]
fn another_version_is_refused() {
    for version in [0x00, 0x40, 0xc0] {
        let mut packet = PLAIN;
        packet[0] = version;
        assert_eq!(RtpHeader::parse_untrusted(&packet), Err(Malformed::Version));
    }
}

#[test]
fn contributing_sources_past_the_packet_are_refused() {
    let mut packet = PLAIN.to_vec();
    packet[0] |= 0x0f;
    packet.extend([0; 59]);
    assert_eq!(
        RtpHeader::parse_untrusted(&packet),
        Err(Malformed::Truncated)
    );
    packet.push(0);
    assert_eq!(RtpHeader::parse_untrusted(&packet).unwrap().header_len, 72);
}

#[test]
fn padding_is_stripped_and_its_lies_are_refused() {
    let payload = |tail: &[u8]| {
        let mut packet = PLAIN.to_vec();
        packet[0] |= 0x20;
        packet.extend(tail);
        let header = RtpHeader::parse_untrusted(&packet).unwrap();
        header.payload_untrusted(&packet).map(<[u8]>::to_vec)
    };
    assert_eq!(payload(&[5, 6, 0, 2]), Ok(vec![5, 6]));
    assert_eq!(payload(&[0, 0, 0, 4]), Ok(vec![]));
    assert_eq!(payload(&[0; 255].map(|_| 255)), Ok(vec![]));
    assert_eq!(payload(&[0, 0, 0, 5]), Err(Malformed::Padding));
    assert_eq!(payload(&[1, 2, 3, 0]), Err(Malformed::Padding));
    assert_eq!(payload(&[]), Err(Malformed::Padding));
}

#[test]
fn a_header_of_another_packet_cannot_reach_past_this_one() {
    let header = RtpHeader::parse_untrusted(&with_block(0xbede, &[0x10, 7, 0, 0])).unwrap();
    assert_eq!(header.payload_untrusted(&PLAIN), Err(Malformed::Truncated));
    assert_eq!(header.extensions(&PLAIN).next(), None);
}

#[test]
fn one_byte_elements_skip_padding_and_stop_at_reserved_ids() {
    let packet = with_block(0xbede, &[0x11, 1, 2, 0, 0x20, 9, 0, 0]);
    assert_eq!(elements(&packet), [Ok((1, vec![1, 2])), Ok((2, vec![9]))]);
    // RFC 8285 §4.2: both end the block without making it a lie.
    assert_eq!(
        elements(&with_block(0xbede, &[0x10, 7, 0xf0, 1])),
        [Ok((1, vec![7]))]
    );
    assert_eq!(
        elements(&with_block(0xbede, &[0x10, 7, 0x03, 1])),
        [Ok((1, vec![7]))]
    );
}

#[test]
fn two_byte_elements_may_be_empty_and_long() {
    let mut block = vec![15, 0, 0, 200, 20];
    block.extend(1..=20);
    block.extend([0, 0, 0]);
    let packet = with_block(0x1003, &block);
    assert_eq!(
        elements(&packet),
        [Ok((15, vec![])), Ok((200, (1..=20).collect()))]
    );
}

#[test]
fn an_element_past_its_block_is_the_last_item() {
    // The bytes behind the block would have satisfied the lie.
    let mut packet = with_block(0xbede, &[0x10, 7, 0x2f, 1]);
    packet.extend([0; 64]);
    assert_eq!(
        elements(&packet),
        [Ok((1, vec![7])), Err(Malformed::Extension)]
    );
    let mut packet = with_block(0x1000, &[1, 1, 7, 9]);
    packet.extend([0; 64]);
    assert_eq!(
        elements(&packet),
        [Ok((1, vec![7])), Err(Malformed::Extension)]
    );
    assert_eq!(
        elements(&with_block(0x1000, &[1, 3, 7, 9])),
        [Err(Malformed::Extension)]
    );
}

#[test]
fn another_profiles_block_is_skipped() {
    let packet = with_block(0x1234, &[1, 2, 3, 4]);
    let header = RtpHeader::parse_untrusted(&packet).unwrap();
    assert_eq!((header.extension, header.header_len), (None, 20));
    assert_eq!(elements(&packet), []);
}

#[test]
fn a_written_header_without_elements_has_no_block() {
    let mut out = [0xff; 12];
    let writer = HeaderWriter::new(&mut out, true, 96, 0x1234, 9, 0xcafe_babe).unwrap();
    assert_eq!(writer.finish(), 12);
    assert_eq!(out, PLAIN);
}

#[test]
fn the_writer_refuses_what_the_form_cannot_hold() {
    assert!(HeaderWriter::new(&mut [0; 11], false, 0, 0, 0, 0).is_none());
    assert!(HeaderWriter::new(&mut [0; 12], false, 128, 0, 0, 0).is_none());
    let mut out = [0; 20];
    let mut writer = HeaderWriter::new(&mut out, false, 0, 0, 0, 0).unwrap();
    assert_eq!(writer.extension(0, &[1]), None);
    assert_eq!(writer.extension(15, &[1]), None);
    assert_eq!(writer.extension(1, &[]), None);
    assert_eq!(writer.extension(1, &[0; 17]), None);
    assert_eq!(
        writer.extension(1, &[0; 4]),
        None,
        "20 bytes hold three of value"
    );
    assert_eq!(writer.extension(1, &[7; 2]), Some(17..19));
    assert_eq!(writer.extension(2, &[7]), None);
    assert_eq!(writer.finish(), 20);
    assert_eq!(elements(&out), [Ok((1, vec![7, 7]))]);
}

#[test]
fn a_long_value_is_written_in_the_two_byte_form_and_read_back() {
    let mut out = [0xff; 200];
    let long = [7; 40];
    let header = HeaderWriter::new(&mut out, false, 96, 1, 2, 3).unwrap();
    let mut header = header.with_two_byte_elements();
    assert!(header.extension(3, b"ab").is_some());
    assert_eq!(header.extension(12, &long), Some(22..62));
    assert_eq!(header.extension(15, b"a"), None);
    let len = header.finish();
    let read = RtpHeader::parse_untrusted(&out[..len]).unwrap();
    assert_eq!(read.extension.unwrap().form, ExtensionForm::TwoByte);
    let elements: Vec<_> = read.extensions(&out[..len]).map(Result::unwrap).collect();
    assert_eq!(elements, [(3, &b"ab"[..]), (12, &long[..])]);
}

proptest! {
    #[test]
    fn a_written_header_reads_back(
        marker: bool, payload_type in 0..=127_u8, sequence: u16, timestamp: u32, ssrc: u32,
        elements in vec((1..=14_u8, vec(any::<u8>(), 1..=16)), 0..10),
        payload in vec(any::<u8>(), 0..40),
    ) {
        let mut out = [0xaa; 1500];
        let mut writer =
            HeaderWriter::new(&mut out, marker, payload_type, sequence, timestamp, ssrc).unwrap();
        let ranges: Vec<_> =
            elements.iter().map(|(id, value)| writer.extension(*id, value).unwrap()).collect();
        let header_len = writer.finish();
        out[header_len..header_len + payload.len()].copy_from_slice(&payload);
        let packet = &out[..header_len + payload.len()];

        let header = RtpHeader::parse_untrusted(packet).unwrap();
        prop_assert_eq!(header.header_len, header_len);
        prop_assert_eq!((header.marker, header.payload_type), (marker, payload_type));
        prop_assert_eq!((header.sequence, header.timestamp, header.ssrc), (sequence, timestamp, ssrc));
        prop_assert_eq!(header.extension.is_some(), !elements.is_empty());
        prop_assert_eq!(header.payload_untrusted(packet).unwrap(), payload);
        let read: Vec<_> = header.extensions(packet).map(Result::unwrap).collect();
        let written: Vec<_> = elements.iter().map(|(id, value)| (*id, &value[..])).collect();
        prop_assert_eq!(read, written);
        for (range, (_, value)) in ranges.into_iter().zip(&elements) {
            prop_assert_eq!(&packet[range], &value[..]);
        }
    }

    #[test]
    fn arbitrary_bytes_never_reach_outside_the_packet(
        mut packet in vec(any::<u8>(), 0..120), form in prop_oneof![Just(0xbede_u16), Just(0x1000)]
    ) {
        // Half the effort on what has a chance: version 2 with an extension block.
        if let [first, ..] = &mut packet[..] { *first = 0x90 | *first & 0x20; }
        if let Some(profile) = packet.get_mut(12..14) { profile.copy_from_slice(&form.to_be_bytes()); }
        if let Some(words) = packet.get_mut(14..16) { words[0] = 0; words[1] %= 24; }
        if let Ok(header) = RtpHeader::parse_untrusted(&packet) {
            prop_assert!(header.header_len <= packet.len());
            let block = header.extension.unwrap();
            prop_assert!(matches!(block.form, ExtensionForm::OneByte | ExtensionForm::TwoByte));
            let taken: usize =
                header.extensions(&packet).filter_map(Result::ok).map(|(_, value)| value.len()).sum();
            prop_assert!(taken <= block.len);
            if let Ok(payload) = header.payload_untrusted(&packet) {
                prop_assert!(payload.len() + header.header_len <= packet.len());
            }
        }
    }
}
