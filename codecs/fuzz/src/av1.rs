//! A well-formed payload is not empty, and cutting off its last byte never begins a new sequence.

use wire::payload::av1::Av1Descriptor;

/// Checks the header's own rules.
pub fn check(input: &[u8]) {
    let Ok(descriptor) = Av1Descriptor::parse_untrusted(input) else {
        return;
    };
    assert!(input.len() > usize::from(descriptor.element_count));
    assert!(descriptor.element_count <= 3);
    assert!(!(descriptor.key_frame && descriptor.continues_previous));
    if let Ok(shorter) = Av1Descriptor::parse_untrusted(&input[..input.len() - 1]) {
        assert_eq!(shorter, descriptor);
    }
}
