//! What arrives on the relay's one UDP port.

/// Longest datagram the relay looks into; a longer one is dropped and counted.
///
/// Source: Ethernet's payload; nothing a browser sends is larger, and Janus draws the same line.
pub const MAX_DATAGRAM_BYTES: usize = 1500;

/// The protocol a datagram belongs to, told from its first two bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "each variant is the name of its protocol")]
pub enum Protocol {
    Dtls,
    Rtcp,
    Rtp,
    Stun,
}

impl Protocol {
    /// Tells apart the protocols that share the port (RFC 7983 §7).
    ///
    /// RTP and RTCP also share a first byte; the packet type separates them (RFC 5761 §4).
    /// `None` is a range we do not speak, or less than the fixed header of what it claims
    /// to be; the caller counts it and drops it. Total over all inputs: fuzz target `datagram`.
    #[must_use]
    pub const fn of_untrusted(datagram: &[u8]) -> Option<Self> {
        match (datagram, datagram.len()) {
            ([0..=3, ..], 20..) => Some(Self::Stun),
            ([20..=63, ..], 13..) => Some(Self::Dtls),
            ([128..=191, 192..=223, ..], 8..) => Some(Self::Rtcp),
            ([128..=191, ..], 12..) => Some(Self::Rtp),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_DATAGRAM_BYTES, Protocol};
    use proptest::prelude::*;

    #[test]
    fn each_protocol_is_told_from_its_first_bytes() {
        let datagram = |first: u8, second: u8| {
            let mut bytes = [0; 20];
            bytes[..2].copy_from_slice(&[first, second]);
            Protocol::of_untrusted(&bytes)
        };
        assert_eq!(datagram(0, 1), Some(Protocol::Stun));
        assert_eq!(datagram(3, 1), Some(Protocol::Stun));
        assert_eq!(datagram(4, 0), None);
        assert_eq!(datagram(19, 0), None);
        assert_eq!(datagram(20, 254), Some(Protocol::Dtls));
        assert_eq!(datagram(63, 254), Some(Protocol::Dtls));
        assert_eq!(datagram(64, 0), None);
        assert_eq!(datagram(127, 0), None);
        assert_eq!(datagram(128, 111), Some(Protocol::Rtp));
        assert_eq!(datagram(128, 191), Some(Protocol::Rtp));
        assert_eq!(datagram(128, 200), Some(Protocol::Rtcp));
        assert_eq!(datagram(191, 223), Some(Protocol::Rtcp));
        assert_eq!(datagram(128, 224), Some(Protocol::Rtp));
        assert_eq!(datagram(192, 200), None);
    }

    #[test]
    fn a_datagram_shorter_than_its_fixed_header_is_nobodys() {
        let shortest = |first: u8, second: u8| {
            (0..=64).find(|&len| {
                let bytes: Vec<u8> = [first, second]
                    .into_iter()
                    .chain([0; 62])
                    .take(len)
                    .collect();
                Protocol::of_untrusted(&bytes).is_some()
            })
        };
        assert_eq!(shortest(0, 1), Some(20));
        assert_eq!(shortest(22, 254), Some(13));
        assert_eq!(shortest(128, 200), Some(8));
        assert_eq!(shortest(128, 96), Some(12));
    }

    #[test]
    fn the_limit_admits_an_ethernet_payload_and_no_jumbo_frame() {
        assert!((1280..=1500).contains(&MAX_DATAGRAM_BYTES));
    }

    proptest! {
        #[test]
        fn only_the_first_two_bytes_and_the_length_decide(
            head in any::<[u8; 2]>(), tail in proptest::collection::vec(any::<u8>(), 0..80)
        ) {
            let whole: Vec<u8> = head.into_iter().chain(tail.iter().copied()).collect();
            let blank: Vec<u8> = head.into_iter().chain(tail.iter().map(|_| 0)).collect();
            prop_assert_eq!(Protocol::of_untrusted(&whole), Protocol::of_untrusted(&blank));
        }
    }
}
