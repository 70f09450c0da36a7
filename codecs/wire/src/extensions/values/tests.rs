#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use proptest::prelude::*;

#[test]
fn absolute_send_time_counts_in_6_18_fixed_point() {
    assert_eq!(AbsSendTime::from_ns(0), AbsSendTime(0));
    assert_eq!(AbsSendTime::from_ns(1_000_000_000), AbsSendTime(1 << 18));
    assert_eq!(AbsSendTime::from_ns(1_500_000_000).to_bytes(), [0x06, 0, 0]);
    assert_eq!(
        AbsSendTime::from_ns(63_999_999_999),
        AbsSendTime(0x00ff_ffff)
    );
    assert_eq!(AbsSendTime::from_ns(64_000_000_000), AbsSendTime(0));
    assert!(AbsSendTime::from_ns(u64::MAX).0 < 1 << 24);
}

#[test]
fn a_wrong_length_is_refused() {
    for len in 0..40 {
        let value = vec![0; len];
        assert_eq!(AbsSendTime::parse_untrusted(&value).is_ok(), len == 3);
        assert_eq!(TransportSequence::parse_untrusted(&value).is_ok(), len == 2);
        assert_eq!(AudioLevel::parse_untrusted(&value).is_ok(), len == 1);
        assert_eq!(VideoOrientation::parse_untrusted(&value).is_ok(), len == 1);
        assert_eq!(PlayoutDelay::parse_untrusted(&value).is_ok(), len == 3);
        assert_eq!(
            AbsCaptureTime::parse_untrusted(&value).is_ok(),
            len == 8 || len == 16
        );
    }
}

#[test]
fn known_bytes_mean_what_their_documents_say() {
    let level = AudioLevel {
        voice: true,
        level_dbov_negative: 35,
    };
    assert_eq!(AudioLevel::parse_untrusted(&[0xa3]), Ok(level));
    let turned = VideoOrientation {
        back_camera: true,
        flipped: false,
        rotation: Rotation::Deg270,
    };
    assert_eq!(VideoOrientation::parse_untrusted(&[0xfb]), Ok(turned));
    let delay = PlayoutDelay {
        min_10ms: 1,
        max_10ms: 0x2bc,
    };
    assert_eq!(
        PlayoutDelay::parse_untrusted(&[0x00, 0x12, 0xbc]),
        Ok(delay)
    );
    assert_eq!(
        PlayoutDelay::parse_untrusted(&[0x00, 0x20, 0x01]),
        Err(Malformed::Value)
    );
}

proptest! {
    #[test]
    fn every_value_reads_back(
        send_time in 0..1_u32 << 24, sequence: u16, voice: bool, level in 0..=127_u8,
        back_camera: bool, flipped: bool, quarter in 0..4_usize,
        bounds in (0..=0xfff_u16, 0..=0xfff_u16), ntp: u64, offset: Option<i64>,
    ) {
        let sent = AbsSendTime(send_time);
        prop_assert_eq!(AbsSendTime::parse_untrusted(&sent.to_bytes()), Ok(sent));
        let counted = TransportSequence(sequence);
        prop_assert_eq!(TransportSequence::parse_untrusted(&counted.to_bytes()), Ok(counted));
        let heard = AudioLevel { voice, level_dbov_negative: level };
        prop_assert_eq!(AudioLevel::parse_untrusted(&heard.to_bytes()), Ok(heard));
        let rotation =
            [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270][quarter];
        let turned = VideoOrientation { back_camera, flipped, rotation };
        prop_assert_eq!(VideoOrientation::parse_untrusted(&turned.to_bytes()), Ok(turned));
        let (min_10ms, max_10ms) = (bounds.0.min(bounds.1), bounds.0.max(bounds.1));
        let delay = PlayoutDelay { min_10ms, max_10ms };
        prop_assert_eq!(PlayoutDelay::parse_untrusted(&delay.to_bytes()), Ok(delay));
        let captured = AbsCaptureTime { ntp, offset };
        let (bytes, len) = captured.to_bytes();
        prop_assert_eq!(AbsCaptureTime::parse_untrusted(&bytes[..len]), Ok(captured));
    }
}
