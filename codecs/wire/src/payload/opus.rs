//! The first byte of an Opus packet (RFC 6716 §3.1).

use crate::Malformed;

/// What the table-of-contents byte says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OpusDescriptor {
    /// Of one frame: 2,500 to 60,000 µs.
    pub frame_duration_us: u32,
    /// Frames in the packet, 1 to 48.
    pub frame_count: u8,
    /// Two channels.
    pub stereo: bool,
    /// The sender has nothing to say: a packet of at most two bytes (RFC 7587 §3.1.3).
    pub is_dtx: bool,
}

impl OpusDescriptor {
    /// Reads the table of contents. Fuzz target `opus`.
    ///
    /// # Errors
    ///
    /// The payload is empty or lacks its frame count, or the count is zero or exceeds 120 ms
    /// (RFC 6716 §3.2.5).
    pub fn parse_untrusted(payload: &[u8]) -> Result<Self, Malformed> {
        let (&contents, rest) = payload.split_first().ok_or(Malformed::Truncated)?;
        let frame_count = match contents & 0x03 {
            0 => 1,
            1 | 2 => 2,
            _ => rest.first().ok_or(Malformed::Truncated)? & 0x3f,
        };
        let descriptor = Self {
            frame_duration_us: frame_duration_us(contents >> 3),
            frame_count,
            stereo: contents & 0x04 != 0,
            is_dtx: payload.len() <= DTX_MAX_BYTES,
        };
        if frame_count == 0 || descriptor.packet_duration_us() > PACKET_MAX_US {
            return Err(Malformed::Value);
        }
        Ok(descriptor)
    }

    /// Of the whole packet, at most 120 ms.
    #[must_use]
    pub const fn packet_duration_us(&self) -> u32 {
        self.frame_duration_us * self.frame_count as u32
    }
}

/// RFC 6716 table 2: SILK, hybrid and CELT configurations.
const fn frame_duration_us(configuration: u8) -> u32 {
    match (configuration, configuration & 0x03) {
        (16.., 0) => 2_500,
        (16.., 1) => 5_000,
        (0..12, 1) | (12..16, 1 | 3) | (16.., 3) => 20_000,
        (0..12, 2) => 40_000,
        (0..12, 3) => 60_000,
        _ => 10_000,
    }
}

/// RFC 6716 §3.2.5.
const PACKET_MAX_US: u32 = 120_000;
/// RFC 7587 §3.1.3: the contents byte and at most one more.
const DTX_MAX_BYTES: usize = 2;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_browsers_send_is_twenty_milliseconds() {
        let descriptor = OpusDescriptor::parse_untrusted(&[0x78, 1, 2]).unwrap();
        assert_eq!(
            (descriptor.frame_duration_us, descriptor.frame_count),
            (20_000, 1)
        );
        assert!(!descriptor.stereo && !descriptor.is_dtx);
        assert!(
            OpusDescriptor::parse_untrusted(&[0xfc, 1, 2])
                .unwrap()
                .stereo
        );
    }

    #[test]
    fn every_configuration_has_the_duration_of_the_table() {
        let silk = [10_000, 20_000, 40_000, 60_000];
        let celt = [2_500, 5_000, 10_000, 20_000];
        let table = silk
            .repeat(3)
            .into_iter()
            .chain([10_000, 20_000].repeat(2))
            .chain(celt.repeat(4));
        for (configuration, duration_us) in (0..32_u8).zip(table) {
            let descriptor = OpusDescriptor::parse_untrusted(&[configuration << 3]).unwrap();
            assert_eq!(descriptor.frame_duration_us, duration_us, "{configuration}");
        }
    }

    #[test]
    fn silence_is_at_most_two_bytes() {
        assert!(OpusDescriptor::parse_untrusted(&[0x78]).unwrap().is_dtx);
        assert!(OpusDescriptor::parse_untrusted(&[0x78, 0]).unwrap().is_dtx);
        assert!(
            !OpusDescriptor::parse_untrusted(&[0x78, 0, 0])
                .unwrap()
                .is_dtx
        );
    }

    #[test]
    fn counts_are_there_and_within_120_ms() {
        assert_eq!(
            OpusDescriptor::parse_untrusted(&[]),
            Err(Malformed::Truncated)
        );
        assert_eq!(
            OpusDescriptor::parse_untrusted(&[0x7b]),
            Err(Malformed::Truncated)
        );
        assert_eq!(
            OpusDescriptor::parse_untrusted(&[0x7b, 0x80]),
            Err(Malformed::Value)
        );
        assert_eq!(
            OpusDescriptor::parse_untrusted(&[0x7b, 7]),
            Err(Malformed::Value)
        );
        assert_eq!(
            OpusDescriptor::parse_untrusted(&[0x7b, 6])
                .unwrap()
                .packet_duration_us(),
            120_000
        );
        assert_eq!(
            OpusDescriptor::parse_untrusted(&[0x83, 48])
                .unwrap()
                .packet_duration_us(),
            120_000
        );
    }

    proptest! {
        #[test]
        fn no_packet_lasts_longer_than_120_ms(payload in proptest::collection::vec(any::<u8>(), 0..4)) {
            if let Ok(descriptor) = OpusDescriptor::parse_untrusted(&payload) {
                prop_assert!((2_500..=120_000).contains(&descriptor.packet_duration_us()));
            }
        }
    }
}
