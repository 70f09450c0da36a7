//! A value that is read is written back the same.

use wire::extensions::{
    AbsCaptureTime, AbsSendTime, AudioLevel, ExtensionKind, ExtensionMap, PlayoutDelay,
    TransportSequence, VideoOrientation,
};

/// Reads the input as every kind of value, and as pairs of kind and id.
pub fn check(input: &[u8]) {
    if let Ok(value) = AbsSendTime::parse_untrusted(input) {
        assert_eq!(value.to_bytes(), input);
    }
    if let Ok(value) = TransportSequence::parse_untrusted(input) {
        assert_eq!(value.to_bytes(), input);
    }
    if let Ok(value) = AudioLevel::parse_untrusted(input) {
        assert_eq!(value.to_bytes(), input);
    }
    if let Ok(value) = VideoOrientation::parse_untrusted(input) {
        assert_eq!(
            VideoOrientation::parse_untrusted(&value.to_bytes()),
            Ok(value)
        );
    }
    if let Ok(value) = PlayoutDelay::parse_untrusted(input) {
        assert!(value.min_10ms <= value.max_10ms);
        assert_eq!(value.to_bytes(), input);
    }
    if let Ok(value) = AbsCaptureTime::parse_untrusted(input) {
        let (bytes, len) = value.to_bytes();
        assert_eq!(&bytes[..len], input);
    }
    let mut map = ExtensionMap::new();
    for pair in input.chunks_exact(2) {
        let kind = ExtensionKind::ALL[usize::from(pair[0]) % ExtensionKind::COUNT];
        if map.set(kind, pair[1]).is_ok() {
            assert_eq!(
                (map.id(kind), map.kind(pair[1])),
                (Some(pair[1]), Some(kind))
            );
        }
    }
}
