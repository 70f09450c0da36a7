//! An Opus packet lasts between 2.5 and 120 ms.

use wire::payload::opus::OpusDescriptor;

/// Checks the bounds of RFC 6716 §3.2.5.
pub fn check(input: &[u8]) {
    let Ok(descriptor) = OpusDescriptor::parse_untrusted(input) else {
        return;
    };
    assert!((2_500..=120_000).contains(&descriptor.packet_duration_us()));
    assert!((1..=48).contains(&descriptor.frame_count));
    assert_eq!(descriptor.is_dtx, input.len() <= 2);
}
