#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

pub(super) fn only(bytes: &[u8]) -> Result<RtcpPacket<'_>, Malformed> {
    let mut packets = Rtcp::packets_untrusted(bytes);
    let packet = packets.next().unwrap();
    assert_eq!(packets.next(), None, "one packet");
    packet
}

pub(super) fn packet(format: u8, packet_type: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x80 | format, packet_type];
    bytes.extend(((body.len() / 4) as u16).to_be_bytes());
    bytes.extend(body);
    bytes
}

/// A compound with one packet of each kind.
pub(super) fn compound() -> Vec<u8> {
    let mut out = [0; 1500];
    let mut len = 0;
    let block = ReportBlock {
        ssrc: 5,
        cumulative_lost: -3,
        ..Default::default()
    };
    let info = SenderInfo {
        ssrc: 1,
        ntp: 2,
        ..Default::default()
    };
    len += write_sender_report(&mut out[len..], &info, &[block]).unwrap();
    len += write_receiver_report(&mut out[len..], 1, &[block, block]).unwrap();
    len += write_sdes_cname(&mut out[len..], 1, b"v1").unwrap();
    len += write_nack(&mut out[len..], 1, 2, &[7, 9]).unwrap();
    len += write_pli(&mut out[len..], 1, 2).unwrap();
    len += write_fir(
        &mut out[len..],
        1,
        &[FirEntry {
            ssrc: 2,
            sequence: 3,
        }],
    )
    .unwrap();
    len += write_remb(&mut out[len..], 1, 1_000_000, &[2, 3]).unwrap();
    let (bytes, _) =
        write_transport_feedback(&mut out[len..], 1, 2, 0, 0, 0, &[Some(0), None]).unwrap();
    len += bytes;
    len += write_bye(&mut out[len..], &[1, 2]).unwrap();
    out[..len].to_vec()
}

#[test]
fn a_compound_yields_its_packets_in_order() {
    let compound = compound();
    let packets: Vec<_> = Rtcp::packets_untrusted(&compound)
        .map(Result::unwrap)
        .collect();
    assert!(matches!(
        packets[..],
        [
            RtcpPacket::SenderReport(_),
            RtcpPacket::ReceiverReport(_),
            RtcpPacket::SourceDescription(_),
            RtcpPacket::Nack(_),
            RtcpPacket::Pli(Pli {
                sender_ssrc: 1,
                media_ssrc: 2
            }),
            RtcpPacket::Fir(_),
            RtcpPacket::Remb(_),
            RtcpPacket::TransportFeedback(_),
            RtcpPacket::Bye(_),
        ]
    ));
}

#[test]
fn every_truncation_of_a_compound_is_noticed_unless_it_ends_a_packet() {
    let compound = compound();
    let mut ends = vec![0];
    while let Some([_, _, high, low]) = compound
        .get(ends[ends.len() - 1]..)
        .and_then(|rest| rest.first_chunk())
    {
        ends.push(ends[ends.len() - 1] + 4 + 4 * usize::from(u16::from_be_bytes([*high, *low])));
    }
    for len in 0..=compound.len() {
        let whole = Rtcp::packets_untrusted(&compound[..len]).all(|packet| packet.is_ok());
        assert_eq!(whole, ends.contains(&len), "{len} bytes");
    }
}

#[test]
fn short_datagrams_of_every_packet_type_are_survived() {
    for packet_type in 192..=223 {
        for flags in [0x80, 0x81, 0x8f, 0x9f, 0xa0, 0xa1, 0xbf] {
            for len in 2..=64_usize {
                for words in [0, 1, (len / 4).saturating_sub(1), 0xffff] {
                    let mut bytes = vec![0; len];
                    bytes[..2].copy_from_slice(&[flags, packet_type]);
                    if let Some(field) = bytes.get_mut(2..4) {
                        field.copy_from_slice(&(words as u16).to_be_bytes());
                    }
                    assert!(Rtcp::packets_untrusted(&bytes).count() <= 16);
                }
            }
        }
    }
}

#[test]
fn nothing_follows_an_error() {
    let mut bytes = packet(0, 201, &[]);
    bytes.extend(compound());
    let mut packets = Rtcp::packets_untrusted(&bytes);
    assert_eq!(packets.next(), Some(Err(Malformed::Truncated)));
    assert_eq!(packets.next(), None);
}

#[test]
fn padding_stands_only_at_the_end_and_tells_the_truth() {
    let padded = |padding: &[u8]| {
        let mut bytes = packet(1, 206, &[&[0, 0, 0, 1, 0, 0, 0, 2], padding].concat());
        bytes[0] |= 0x20;
        bytes
    };
    let pli = Ok(RtcpPacket::Pli(Pli {
        sender_ssrc: 1,
        media_ssrc: 2,
    }));
    assert_eq!(only(&padded(&[0, 0, 0, 4])), pli);
    assert_eq!(only(&padded(&[0, 0, 0, 0, 0, 0, 0, 8])), pli);
    for lie in [0, 16, 255] {
        assert_eq!(
            only(&padded(&[0, 0, 0, lie])),
            Err(Malformed::Padding),
            "{lie}"
        );
    }
    let mut first_padded = padded(&[0, 0, 0, 4]);
    first_padded.extend(packet(1, 206, &[0; 8]));
    let mut packets = Rtcp::packets_untrusted(&first_padded);
    assert_eq!(packets.next(), Some(Err(Malformed::Padding)));
    assert_eq!(only(&[0xa0, 201, 0, 0]), Err(Malformed::Padding));
}

#[test]
fn feedback_padded_as_libwebrtc_does_is_read() {
    // A run of small deltas, one byte each, then one to three bytes of padding up to the word.
    for (received, padding) in [(1_u8, &[1][..]), (4, &[0, 2]), (3, &[0, 0, 3])] {
        let head = [
            0, 0, 0, 1, 0, 0, 0, 2, 0, 9, 0, received, 0, 0, 0, 0, 0x20, received,
        ];
        let deltas = vec![4; usize::from(received)];
        let body = [&head[..], &deltas, padding].concat();
        let mut bytes = packet(15, 205, &body);
        bytes[0] |= 0x20;
        let RtcpPacket::TransportFeedback(feedback) = only(&bytes).unwrap() else {
            panic!("it is feedback");
        };
        assert_eq!(feedback.statuses().count(), usize::from(received));
    }
}

#[test]
fn counts_past_the_packet_are_refused() {
    let lies = [
        packet(2, 200, &[0; 24 + 24]),
        packet(1, 201, &[0; 4 + 20]),
        packet(2, 202, &[0; 8]),
        packet(3, 203, &[0; 8]),
        packet(1, 205, &[0; 8]),
        packet(4, 206, &[0; 12]),
        packet(1, 206, &[0; 12]),
        packet(
            15,
            206,
            &[&[0; 8], &b"REMB"[..], &[2, 0, 0, 0], &[0; 4]].concat(),
        ),
        packet(15, 206, &[&[0; 8], &b"REMB"[..], &[255, 0, 0, 0]].concat()),
        packet(0, 203, &[9, b'b', b'y', b'e']),
    ];
    for lie in lies {
        assert_eq!(only(&lie), Err(Malformed::Length), "{lie:?}");
    }
    assert_eq!(only(&packet(0, 200, &[0; 4])), Err(Malformed::Truncated));
    assert_eq!(only(&[0x40, 200, 0, 0]), Err(Malformed::Version));
}

#[test]
fn a_description_item_past_its_chunk_is_refused() {
    let unterminated = packet(1, 202, &[0, 0, 0, 1, 1, 2, b'a', b'b']);
    assert_eq!(only(&unterminated), Err(Malformed::Length));
    let past = packet(1, 202, &[0, 0, 0, 1, 1, 9, b'a', 0]);
    assert_eq!(only(&past), Err(Malformed::Length));
}

#[test]
fn two_described_sources_keep_their_names() {
    let body = [
        0, 0, 0, 1, 1, 1, b'a', 0, 0, 0, 0, 2, 6, 1, b'x', 1, 2, b'b', b'c', 0,
    ];
    let bytes = packet(2, 202, &body);
    let Ok(RtcpPacket::SourceDescription(description)) = only(&bytes) else {
        panic!("parses")
    };
    let chunks: Vec<_> = description.chunks().collect();
    assert_eq!((chunks[0].ssrc, chunks[0].cname()), (1, Some(&b"a"[..])));
    assert_eq!((chunks[1].ssrc, chunks[1].cname()), (2, Some(&b"bc"[..])));
    assert_eq!(chunks[1].items().count(), 2);
}

#[test]
fn a_goodbye_may_give_a_reason() {
    let bytes = packet(1, 203, &[0, 0, 0, 7, 3, b'b', b'y', b'e']);
    let Ok(RtcpPacket::Bye(bye)) = only(&bytes) else {
        panic!("parses")
    };
    assert_eq!(bye.ssrcs().collect::<Vec<_>>(), [7]);
}

#[test]
fn what_the_relay_does_not_act_on_is_passed_over() {
    for (format, packet_type) in [(0, 204), (0, 207), (3, 205), (2, 206), (15, 206)] {
        let bytes = packet(format, packet_type, &[0; 16]);
        assert_eq!(
            only(&bytes),
            Ok(RtcpPacket::Other {
                packet_type,
                format
            })
        );
    }
}

#[test]
fn an_estimate_saturates() {
    let rate = |exponent: u32, mantissa: u32| {
        let field = exponent << 18 | mantissa;
        let body = [&[0; 8], &b"REMB"[..], &field.to_be_bytes()].concat();
        let bytes = packet(15, 206, &body);
        let Ok(RtcpPacket::Remb(remb)) = only(&bytes) else {
            panic!("parses")
        };
        remb.bitrate_bps
    };
    assert_eq!(rate(63, 0x3_ffff), u64::MAX);
    assert_eq!(rate(63, 0), 0);
    assert_eq!(rate(3, 125_000), 1_000_000);
}

#[test]
fn writers_refuse_what_the_format_cannot_hold() {
    let mut out = [0; 4000];
    assert_eq!(
        write_receiver_report(&mut out, 1, &[ReportBlock::default(); 32]),
        None
    );
    assert_eq!(write_bye(&mut out, &[0; 32]), None);
    assert_eq!(write_sdes_cname(&mut out, 1, &[b'a'; 256]), None);
    assert_eq!(write_remb(&mut out, 1, 1, &[0; 256]), None);
    assert_eq!(write_nack(&mut out, 1, 2, &[]), None);
    assert_eq!(write_fir(&mut out, 1, &[]), None);
    assert_eq!(write_pli(&mut out[..11], 1, 2), None);
}
