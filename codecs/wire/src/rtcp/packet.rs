//! The header that all RTCP packets share (RFC 3550 §6.4.1).

use crate::Malformed;
use crate::reader::Reader;
use crate::writer::Writer;

/// RFC 3550 §12.1.
pub(super) const SENDER_REPORT: u8 = 200;
/// RFC 3550 §12.1.
pub(super) const RECEIVER_REPORT: u8 = 201;
/// RFC 3550 §12.1.
pub(super) const SOURCE_DESCRIPTION: u8 = 202;
/// RFC 3550 §12.1.
pub(super) const BYE: u8 = 203;
/// RTPFB (RFC 4585 §6.1).
pub(super) const TRANSPORT_LAYER_FEEDBACK: u8 = 205;
/// PSFB (RFC 4585 §6.1).
pub(super) const PAYLOAD_SPECIFIC_FEEDBACK: u8 = 206;

/// One packet cut out of its compound, padding removed.
pub(super) struct Header<'a> {
    pub(super) packet_type: u8,
    pub(super) format: u8,
    pub(super) body: &'a [u8],
}

impl<'a> Header<'a> {
    pub(super) fn parse_untrusted(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let [flags, packet_type] = reader.array()?;
        if flags >> 6 != VERSION {
            return Err(Malformed::Version);
        }
        let len = 4 * usize::from(reader.u16()?);
        let padded = reader.bytes(len).map_err(|_| Malformed::Length)?;
        let body = if flags & PADDING_BIT == 0 {
            padded
        } else if reader.is_empty() {
            without_padding(padded)?
        } else {
            // RFC 3550 §6.4.1: only the last packet of a compound is padded.
            return Err(Malformed::Padding);
        };
        Ok(Self {
            packet_type,
            format: flags & FORMAT_MASK,
            body,
        })
    }
}

/// RFC 3550 §6.4.1: the last byte counts itself. The count should be a multiple of four, but
/// libwebrtc pads transport-wide feedback by one to three bytes (seen in Chromium 156).
fn without_padding(padded: &[u8]) -> Result<&[u8], Malformed> {
    let padding = padded.last().copied().map_or(0, usize::from);
    if padding == 0 {
        return Err(Malformed::Padding);
    }
    let len = padded
        .len()
        .checked_sub(padding)
        .ok_or(Malformed::Padding)?;
    padded.get(..len).ok_or(Malformed::Padding)
}

/// Writes one packet; its length is filled in at the end.
pub(super) struct PacketWriter<'a> {
    pub(super) fields: Writer<'a>,
}

impl<'a> PacketWriter<'a> {
    /// `format` is a count or a feedback type; `None` if it exceeds five bits.
    pub(super) fn new(out: &'a mut [u8], packet_type: u8, format: usize) -> Option<Self> {
        let format = u8::try_from(format)
            .ok()
            .filter(|&format| format <= FORMAT_MASK)?;
        let mut fields = Writer::new(out);
        fields.u8(VERSION << 6 | format)?;
        fields.u8(packet_type)?;
        fields.u16(0)?;
        Some(Self { fields })
    }

    /// Ends the packet on a word boundary and returns its length.
    pub(super) fn finish(mut self) -> Option<usize> {
        self.fields.pad_to_word()?;
        let words = u16::try_from(self.fields.len() / 4 - 1).ok()?;
        self.fields.patch_u16(2, words)?;
        Some(self.fields.len())
    }
}

/// RFC 3550 §6.4.1.
const VERSION: u8 = 2;
/// RFC 3550 §6.4.1.
const PADDING_BIT: u8 = 0x20;
/// RFC 3550 §6.4.1, RFC 4585 §6.1.
const FORMAT_MASK: u8 = 0x1f;
