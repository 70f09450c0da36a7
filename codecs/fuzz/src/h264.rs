//! A unit says the same alone and in an aggregate.

use wire::payload::h264::H264Descriptor;

/// Wraps what parses as a single unit into a STAP-A and into a first fragment.
pub fn check(input: &[u8]) {
    let Ok(descriptor) = H264Descriptor::parse_untrusted(input) else {
        return;
    };
    let kind = input[0] & 0x1f;
    if !(1..=23).contains(&kind) || input.len() > 1400 {
        return;
    }
    let mut aggregate = vec![0x78];
    aggregate.extend((input.len() as u16).to_be_bytes());
    aggregate.extend(input);
    assert_eq!(H264Descriptor::parse_untrusted(&aggregate), Ok(descriptor));
    let mut fragment = vec![0x7c, 0x80 | kind];
    fragment.extend(&input[1..]);
    assert_eq!(H264Descriptor::parse_untrusted(&fragment), Ok(descriptor));
}
