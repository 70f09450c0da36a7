//! The two counters that VP8 and VP9 carry alike, read and rewritten in place.
//!
//! Source: RFC 7741 §4.2, RFC 9628 §4.2.

use crate::Malformed;
use crate::reader::Reader;

/// A picture id and where it is.
#[derive(Clone, Copy)]
pub(super) struct PictureId {
    pub(super) value: u16,
    pub(super) is_15_bit: bool,
    pub(super) offset: usize,
}

impl PictureId {
    /// Reads 7 bits, or 15 if the M bit says so.
    pub(super) fn parse_untrusted(
        reader: &mut Reader<'_>,
        payload_len: usize,
    ) -> Result<Self, Malformed> {
        let offset = payload_len - reader.len();
        let first = reader.u8()?;
        let is_15_bit = first & M_BIT != 0;
        let high = u16::from(first & !M_BIT);
        let value = if is_15_bit {
            high << 8 | u16::from(reader.u8()?)
        } else {
            high
        };
        Ok(Self {
            value,
            is_15_bit,
            offset,
        })
    }
}

/// Overwrites a picture id, keeping its width: a wider number loses its upper bits.
pub(super) fn patch_picture_id(payload: &mut [u8], offset: usize, is_15_bit: bool, value: u16) {
    let [high, low] = value.to_be_bytes();
    match (is_15_bit, payload.get_mut(offset..)) {
        (true, Some([first, second, ..])) => (*first, *second) = (high | M_BIT, low),
        (false, Some([only, ..])) => *only = low & !M_BIT,
        _ => {}
    }
}

/// Overwrites the temporal level zero index.
pub(super) fn patch_byte(payload: &mut [u8], offset: usize, value: u8) {
    if let Some(byte) = payload.get_mut(offset) {
        *byte = value;
    }
}

/// The id has 15 bits (RFC 7741 §4.2, RFC 9628 §4.2).
const M_BIT: u8 = 0x80;
