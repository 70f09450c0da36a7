//! A message is read without leaving its datagram, and no stranger's seal fits.

use wire::stun::{StunMessage, write_binding_success};

/// Tries the input as a datagram, and as the attributes of a well-framed one.
pub fn check(input: &[u8]) {
    check_datagram(input);
    let attributes = &input[..input.len().min(1400) / 4 * 4];
    let mut framed = vec![0, 1];
    framed.extend((attributes.len() as u16).to_be_bytes());
    framed.extend([0x21, 0x12, 0xa4, 0x42, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    framed.extend(attributes);
    check_datagram(&framed);
}

fn check_datagram(datagram: &[u8]) {
    let Ok(message) = StunMessage::parse_untrusted(datagram) else {
        return;
    };
    assert!(datagram.len() >= 20 && datagram.len().is_multiple_of(4));
    assert!(message.unknown_required.as_slice().len() <= 4);
    assert!(
        message
            .unknown_required
            .as_slice()
            .iter()
            .all(|&kind| kind < 0x8000)
    );
    assert!(
        message
            .username
            .is_none_or(|name| name.len() + 24 <= datagram.len())
    );
    assert!(
        message
            .error_code
            .is_none_or(|code| (300..=699).contains(&code))
    );
    // RFC 5769 in the corpus is sealed with another key: nothing ever is with this one.
    assert!(!message.verify_integrity(b"a key that nobody was ever given"));
    if message.has_valid_fingerprint() {
        let mut changed = datagram.to_vec();
        changed[8] ^= 1;
        let still = StunMessage::parse_untrusted(&changed);
        assert!(!still.is_ok_and(|message| message.has_valid_fingerprint()));
    }
    if let Some(mapped) = message.xor_mapped_address {
        let mut out = [0; 100];
        let len = write_binding_success(&mut out, &message.transaction_id, mapped, b"password")
            .expect("an answer takes at most 76 bytes");
        let answer = StunMessage::parse_untrusted(&out[..len]).expect("what was written parses");
        let told = answer
            .xor_mapped_address
            .map(|address| (address.ip(), address.port()));
        assert_eq!(told, Some((mapped.ip().to_canonical(), mapped.port())));
        assert!(answer.verify_integrity(b"password") && answer.has_valid_fingerprint());
    }
}
