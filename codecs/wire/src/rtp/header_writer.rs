//! Writes an RTP header with its extension elements (RFC 3550 §5.1, RFC 8285 §4.2, §4.3).

use std::ops::Range;

use super::{
    EXTENSION_BIT, ExtensionForm, FIXED_HEADER_BYTES, ONE_BYTE_PROFILE, TWO_BYTE_PROFILE, VERSION,
};

/// Builds a header at the front of the caller's buffer.
#[derive(Debug)]
pub struct HeaderWriter<'a> {
    out: &'a mut [u8],
    len: usize,
    form: ExtensionForm,
}

impl<'a> HeaderWriter<'a> {
    /// Writes the fixed header; `None` if it does not fit or the payload type exceeds 127.
    #[must_use]
    pub fn new(
        out: &'a mut [u8],
        marker: bool,
        payload_type: u8,
        sequence: u16,
        timestamp: u32,
        ssrc: u32,
    ) -> Option<Self> {
        if payload_type > 0x7f {
            return None;
        }
        let [s0, s1] = sequence.to_be_bytes();
        let [t0, t1, t2, t3] = timestamp.to_be_bytes();
        let [r0, r1, r2, r3] = ssrc.to_be_bytes();
        let second = payload_type | if marker { 0x80 } else { 0 };
        *out.first_chunk_mut()? = [VERSION << 6, second, s0, s1, t0, t1, t2, t3, r0, r1, r2, r3];
        Some(Self {
            out,
            len: FIXED_HEADER_BYTES,
            form: ExtensionForm::OneByte,
        })
    }

    /// Has the elements that follow be of the two-byte form, for a value of more than 16 bytes; all elements of a
    /// block are of one form, so none may have been written before.
    #[must_use]
    pub const fn with_two_byte_elements(mut self) -> Self {
        self.form = ExtensionForm::TwoByte;
        self
    }

    /// Appends an element and says where its value lies, so that it can be patched later.
    ///
    /// `None`, and no change, if the id is not in 1..=14, the value not of 1..=16 bytes (of 1..=255 in the two-byte
    /// form), or the block with its padding would not fit the buffer.
    pub fn extension(&mut self, id: u8, value: &[u8]) -> Option<Range<usize>> {
        let (profile, head_len, most_bytes) = match self.form {
            ExtensionForm::OneByte => (ONE_BYTE_PROFILE, 1, 16),
            ExtensionForm::TwoByte => (TWO_BYTE_PROFILE, 2, 255),
        };
        if !(1..=14).contains(&id) || !(1..=most_bytes).contains(&value.len()) {
            return None;
        }
        let at = self.len.max(ELEMENTS_START);
        let range = at + head_len..at + head_len + value.len();
        let padded_end = range.end.next_multiple_of(4);
        let words = u16::try_from((padded_end - ELEMENTS_START) / 4).ok()?;
        let block = self.out.get_mut(FIXED_HEADER_BYTES..padded_end)?;
        let (head, elements) = block.split_first_chunk_mut()?;
        let [p0, p1] = profile.to_be_bytes();
        let [w0, w1] = words.to_be_bytes();
        *head = [p0, p1, w0, w1];
        let element = elements.get_mut(at - ELEMENTS_START..)?;
        let (element_header, rest) = element.split_at_mut_checked(head_len)?;
        // The length check above keeps the low nibble within 0..=15, and the byte within 255.
        match element_header {
            [both] => *both = id << 4 | (value.len() - 1) as u8,
            [first, second] => (*first, *second) = (id, value.len() as u8),
            _ => return None,
        }
        let (target, padding) = rest.split_at_mut_checked(value.len())?;
        target.copy_from_slice(value);
        padding.fill(0);
        *self.out.first_mut()? |= EXTENSION_BIT;
        self.len = range.end;
        Some(range)
    }

    /// The header's length; the payload goes right behind it.
    #[must_use]
    pub fn finish(self) -> usize {
        self.len.next_multiple_of(4)
    }
}

/// The fixed header, then the block's profile and length.
const ELEMENTS_START: usize = FIXED_HEADER_BYTES + 4;
