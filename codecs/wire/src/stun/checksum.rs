//! The two check values of a STUN message (RFC 8489 §14.5, §14.7).

use aws_lc_rs::{constant_time, hmac};

use super::HEADER_BYTES;

/// Whether `attribute` starts with the MESSAGE-INTEGRITY of the bytes before it.
pub(super) fn integrity_matches(covered: &[u8], attribute: &[u8], key: &[u8]) -> bool {
    let Some(claimed) = attribute.get(4..24) else {
        return false;
    };
    constant_time::verify_slices_are_equal(integrity(covered, key).as_ref(), claimed).is_ok()
}

/// Whether `attribute` starts with the FINGERPRINT of the bytes before it.
pub(super) fn fingerprint_matches(covered: &[u8], attribute: &[u8]) -> bool {
    attribute.get(4..8) == Some(&fingerprint(covered).to_be_bytes()[..])
}

/// HMAC-SHA1 over the message as if it ended with MESSAGE-INTEGRITY (RFC 8489 §14.5).
pub(super) fn integrity(covered: &[u8], key: &[u8]) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let mut context = hmac::Context::with_key(&key);
    if let Some(([t0, t1, _, _], rest)) = covered.split_first_chunk() {
        // A FINGERPRINT that follows is counted in the header's length but not here.
        let [l0, l1] = ((covered.len() + 24 - HEADER_BYTES) as u16).to_be_bytes();
        context.update(&[*t0, *t1, l0, l1]);
        context.update(rest);
    }
    context.sign()
}

/// CRC-32 of ITU V.42, masked so that it is not mistaken for an application's own (§14.7).
pub(super) fn fingerprint(covered: &[u8]) -> u32 {
    let crc = covered.iter().fold(u32::MAX, |crc, &byte| {
        let index = (crc ^ u32::from(byte)) & 0xff;
        // The mask keeps the index within the table.
        crc >> 8 ^ CRC_TABLE.get(index as usize).copied().unwrap_or_default()
    });
    !crc ^ FINGERPRINT_MASK
}

/// "STUN" in ASCII (RFC 8489 §14.7).
const FINGERPRINT_MASK: u32 = 0x5354_554e;

/// The remainders of single bytes, for the reflected polynomial of ITU V.42.
const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut remainder = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            remainder = remainder >> 1 ^ if remainder & 1 == 1 { 0xedb8_8320 } else { 0 };
            bit += 1;
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated at compile time, bound above"
        )]
        {
            table[byte] = remainder;
        }
        byte += 1;
    }
    table
};
