//! The threat model's rows that concern bytes alone; each test names the class of attack.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]

use wire::datagram::{MAX_DATAGRAM_BYTES, Protocol};
use wire::payload::{Codec, is_key_frame_untrusted};
use wire::rtcp::{Rtcp, RtcpPacket};
use wire::rtp::RtpHeader;
use wire::stun::{BindingRequest, StunMessage, write_binding_request};

/// Everything that could be asked of a datagram before it is authenticated or after.
fn parse_as_everything(datagram: &[u8]) {
    let _ = Protocol::of_untrusted(datagram);
    if let Ok(message) = StunMessage::parse_untrusted(datagram) {
        assert!(!message.verify_integrity(b"nobody's password"));
        let _ = message.has_valid_fingerprint();
    }
    if let Ok(header) = RtpHeader::parse_untrusted(datagram) {
        assert!(header.extensions(datagram).count() <= datagram.len());
        if let Ok(payload) = header.payload_untrusted(datagram) {
            for codec in Codec::ALL {
                let _ = is_key_frame_untrusted(codec, payload);
            }
        }
    }
    for packet in Rtcp::packets_untrusted(datagram) {
        let Ok(packet) = packet else { continue };
        let items = match packet {
            RtcpPacket::SenderReport(report) => report.report_blocks().count(),
            RtcpPacket::ReceiverReport(report) => report.report_blocks().count(),
            RtcpPacket::SourceDescription(description) => description
                .chunks()
                .map(|chunk| 1 + chunk.items().count())
                .sum(),
            RtcpPacket::Bye(bye) => bye.ssrcs().count(),
            RtcpPacket::Nack(nack) => nack.sequences().count() / 17,
            RtcpPacket::Fir(fir) => fir.entries().count(),
            RtcpPacket::Remb(remb) => remb.ssrcs().count(),
            RtcpPacket::TransportFeedback(_) | RtcpPacket::Pli(_) | RtcpPacket::Other { .. } => 0,
        };
        assert!(items <= datagram.len());
    }
}

/// Short SRTP and SRTCP, and STUN cut anywhere: every length for every pair of first bytes.
#[test]
fn no_short_datagram_of_any_type_reaches_past_its_end() {
    for first in 0..=255_u8 {
        for second in 0..=255_u8 {
            for fill in [0x00, 0xff] {
                let mut bytes = [fill; 64];
                bytes[..2].copy_from_slice(&[first, second]);
                for len in 0..=64 {
                    parse_as_everything(&bytes[..len]);
                }
            }
        }
    }
}

/// STUN parser panics: a genuine check with every byte replaced by every value.
#[test]
fn no_single_lie_in_a_connectivity_check_is_believed() {
    let request = BindingRequest {
        transaction_id: [7; 12],
        username: b"theirs:ours",
        priority: 1,
        tie_breaker: 2,
        controlling: true,
        use_candidate: true,
    };
    let mut genuine = [0; 200];
    let len = write_binding_request(&mut genuine, &request, b"password").unwrap();
    let genuine = &genuine[..len];
    for at in 0..len {
        for value in 0..=255 {
            let mut lying = genuine.to_vec();
            lying[at] = value;
            let Ok(message) = StunMessage::parse_untrusted(&lying) else {
                continue;
            };
            // The fingerprint lies behind what MESSAGE-INTEGRITY covers.
            let sealed = message.verify_integrity(b"password") && message.has_valid_fingerprint();
            assert_eq!(sealed, lying == genuine, "byte {at} as {value}");
        }
    }
}

/// Padding and extension lies of one publisher, for every count that a byte can claim.
#[test]
fn no_padding_or_extension_lie_yields_a_payload() {
    for payload_len in 0..=300_usize {
        for padding in 0..=255_u8 {
            let mut packet = vec![0xa0, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
            packet.resize(12 + payload_len, 0x55);
            if payload_len > 0 {
                packet[11 + payload_len] = padding;
            }
            let header = RtpHeader::parse_untrusted(&packet).unwrap();
            let honest = padding > 0 && usize::from(padding) <= payload_len;
            let expected = honest.then(|| payload_len - usize::from(padding));
            assert_eq!(
                header.payload_untrusted(&packet).ok().map(<[u8]>::len),
                expected
            );
        }
    }
    for words in 0..=0xffff_u16 {
        let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde];
        packet.extend(words.to_be_bytes());
        packet.resize(16 + 64, 0x1f);
        assert_eq!(RtpHeader::parse_untrusted(&packet).is_ok(), words <= 16);
    }
}

/// One-byte and two-byte elements mixed up: the profile decides, the bytes do not.
#[test]
fn elements_of_the_other_form_stay_inside_their_block() {
    let one_byte_elements = [0x10, b'0', 0x32, 1, 2, 3, 0x5f, 0];
    let two_byte_elements = [1, 1, b'0', 3, 4, 1, 2, 3];
    for profile in [0xbede_u16, 0x1000, 0x100f] {
        for elements in [one_byte_elements, two_byte_elements] {
            let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
            packet.extend(profile.to_be_bytes());
            packet.extend([0, 2]);
            packet.extend(elements);
            packet.extend([0xee; 64]);
            let header = RtpHeader::parse_untrusted(&packet).unwrap();
            for (_, value) in header.extensions(&packet).map_while(Result::ok) {
                assert!(!value.contains(&0xee), "a value from behind the block");
            }
        }
    }
}

/// RTCP abuse: all that the largest admitted datagram can ask for is bounded by its size, but for
/// feedback statuses, whose count is told before one is looked at.
#[test]
fn a_full_datagram_of_run_length_bombs_is_parsed_without_expanding_them() {
    let mut bomb = vec![0x8f, 205, 0, 8];
    bomb.extend([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xff, 0xff, 0, 0, 0, 0]);
    bomb.extend([0x1f, 0xff].repeat(8));
    let compound = bomb.repeat(MAX_DATAGRAM_BYTES / bomb.len());
    let mut claimed = 0;
    for packet in Rtcp::packets_untrusted(&compound) {
        // Eight runs of 8,191 fall seven short of 65,535: a lie.
        assert!(packet.is_err());
        claimed += 1;
    }
    assert_eq!(claimed, 1, "nothing is read behind a lie");

    bomb[14..16].copy_from_slice(&[0xff, 0xf8]);
    let compound = bomb.repeat(MAX_DATAGRAM_BYTES / bomb.len());
    for packet in Rtcp::packets_untrusted(&compound) {
        let Ok(RtcpPacket::TransportFeedback(feedback)) = packet else {
            panic!("parses")
        };
        assert_eq!(feedback.status_count, 65_528);
        assert_eq!(feedback.statuses().len(), 65_528);
        assert!(feedback.statuses().all(|(_, arrival)| arrival.is_none()));
    }
}

/// Jumbo and maximal datagrams are past the limit, and harmless if someone forgets it.
#[test]
fn an_oversized_datagram_is_past_the_limit_and_survived() {
    for len in [MAX_DATAGRAM_BYTES + 1, 9_000, 65_507] {
        for head in [
            [0x00, 0x01],
            [0x16, 0xfe],
            [0x90, 0x60],
            [0x80, 0xc8],
            [0x8f, 0xcd],
        ] {
            for fill in [0x00, 0x80, 0xff] {
                let mut datagram = vec![fill; len];
                datagram[..2].copy_from_slice(&head);
                parse_as_everything(&datagram);
            }
        }
    }
}
