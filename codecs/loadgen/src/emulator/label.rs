//! What a packet is, for the log: addresses are left out, contents are not looked at beyond the RTP header.

use wire::datagram::Protocol;
use wire::rtp::RtpHeader;

/// What tells the flows of a link apart. All zeroes is a packet of which nothing is known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Label {
    /// The protocol above IP by its registered number: 6 is TCP, 17 UDP.
    pub transport: u8,
    /// Of TCP or UDP.
    pub source_port: u16,
    /// Of TCP or UDP.
    pub destination_port: u16,
    /// What it is where it is (S)RTP.
    pub rtp: Option<RtpLabel>,
}

/// The clear part of an RTP packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RtpLabel {
    /// The source.
    pub ssrc: u32,
    /// Its place in the line.
    pub sequence: u16,
    /// In the codec's clock rate.
    pub timestamp: u32,
    /// 0 to 127.
    pub payload_type: u8,
    /// Last of a frame, or first after a silence.
    pub marker: bool,
}

impl Label {
    /// Reads an IP packet's headers as far as they can be read.
    #[must_use]
    pub fn of_untrusted(packet: &[u8]) -> Self {
        let Some((transport, payload)) = transport_untrusted(packet) else {
            return Self::default();
        };
        let alone = Self {
            transport,
            ..Self::default()
        };
        let (Some(source_port), Some(destination_port)) = (number(payload, 0), number(payload, 2))
        else {
            return alone;
        };
        match transport {
            TCP | UDP => Self {
                source_port,
                destination_port,
                rtp: payload
                    .get(UDP_HEADER_BYTES..)
                    .filter(|_| transport == UDP)
                    .and_then(rtp_untrusted),
                ..alone
            },
            _ => alone,
        }
    }
}

/// The protocol above IP and what it carries; nothing of a fragment, but for the first.
fn transport_untrusted(packet: &[u8]) -> Option<(u8, &[u8])> {
    let first = *packet.first()?;
    match first >> 4 {
        // RFC 791 §3.1.
        4 => {
            let header_bytes = usize::from(first & 0x0f) * 4;
            let is_later_fragment = number(packet, 6)? & 0x1fff != 0;
            let payload = packet.get(header_bytes..).unwrap_or_default();
            let payload = if is_later_fragment { &[] } else { payload };
            Some((*packet.get(9)?, payload))
        }
        // RFC 8200 §3; extension headers are not followed.
        6 => Some((*packet.get(6)?, packet.get(40..).unwrap_or_default())),
        _ => None,
    }
}

fn rtp_untrusted(datagram: &[u8]) -> Option<RtpLabel> {
    if Protocol::of_untrusted(datagram) != Some(Protocol::Rtp) {
        return None;
    }
    let header = RtpHeader::parse_untrusted(datagram).ok()?;
    Some(RtpLabel {
        ssrc: header.ssrc,
        sequence: header.sequence,
        timestamp: header.timestamp,
        payload_type: header.payload_type,
        marker: header.marker,
    })
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at + 2)?;
    Some(u16::from_be_bytes(pair.try_into().ok()?))
}

const TCP: u8 = 6;
const UDP: u8 = 17;
const UDP_HEADER_BYTES: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An IPv4 packet with four bytes of options.
    fn ipv4(transport: u8, fragment: u16, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x46, 0, 0, 0, 0, 0];
        packet.extend(fragment.to_be_bytes());
        packet.extend([64, transport]);
        packet.extend([0; 14]);
        packet.extend(payload);
        packet
    }

    fn udp(datagram: &[u8]) -> Vec<u8> {
        [&[0x13, 0x88, 0x27, 0x10, 0, 0, 0, 0], datagram].concat()
    }

    const RTP: [u8; 12] = [0x80, 0xe0, 0, 7, 0, 0, 1, 0, 0, 0, 0, 9];

    #[test]
    fn rtp_is_told_by_its_header() {
        let label = Label::of_untrusted(&ipv4(UDP, 0, &udp(&RTP)));
        let rtp = RtpLabel {
            ssrc: 9,
            sequence: 7,
            timestamp: 256,
            payload_type: 96,
            marker: true,
        };
        assert_eq!(label.rtp, Some(rtp));
        let ports = (label.source_port, label.destination_port);
        assert_eq!((label.transport, ports), (UDP, (5_000, 10_000)));
        let mut ipv6 = vec![0x60, 0, 0, 0, 0, 0, UDP, 64];
        ipv6.extend([0; 32]);
        ipv6.extend(udp(&RTP));
        assert_eq!(Label::of_untrusted(&ipv6).rtp, Some(rtp));
    }

    #[test]
    fn what_is_no_rtp_has_no_rtp_header() {
        let stun = [0; 20];
        let rtcp = [0x80, 200, 0, 1, 0, 0, 0, 1];
        for datagram in [&stun[..], &rtcp[..], &RTP[..11], &[]] {
            let label = Label::of_untrusted(&ipv4(UDP, 0, &udp(datagram)));
            assert_eq!((label.rtp, label.source_port), (None, 5_000));
        }
        let tcp = Label::of_untrusted(&ipv4(TCP, 0, &udp(&RTP)));
        assert_eq!(
            (tcp.transport, tcp.rtp, tcp.source_port),
            (TCP, None, 5_000)
        );
        // The ports of a datagram stand in its first fragment.
        let fragment = Label::of_untrusted(&ipv4(UDP, 8, &udp(&RTP)));
        assert_eq!((fragment.transport, fragment.source_port), (UDP, 0));
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_label(packet in proptest::collection::vec(any::<u8>(), 0..80)) {
            let label = Label::of_untrusted(&packet);
            prop_assert!(label.rtp.is_none() || label.transport == UDP);
        }
    }
}
