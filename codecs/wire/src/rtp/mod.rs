//! The RTP header, read and written (RFC 3550 §5.1, RFC 8285).

mod elements;
mod header_writer;

pub use elements::Extensions;
pub use header_writer::HeaderWriter;

use crate::Malformed;
use crate::reader::Reader;

/// Bytes of the fixed header (RFC 3550 §5.1).
pub const FIXED_HEADER_BYTES: usize = 12;

/// The clear part of an RTP packet; SRTP leaves it readable, so this works on ciphertext too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RtpHeader {
    /// Video: last packet of a frame. Audio: first after a silence.
    pub marker: bool,
    /// As negotiated, 0..=127.
    pub payload_type: u8,
    /// Wraps; see [`crate::sequence`].
    pub sequence: u16,
    /// In the codec's clock rate.
    pub timestamp: u32,
    /// The source within its leg.
    pub ssrc: u32,
    /// Bytes before the payload: fixed header, contributing sources and extension block.
    pub header_len: usize,
    /// Whether the payload ends in padding; how long it is, only the plaintext tells.
    pub has_padding: bool,
    /// The extension block, if it has a form of RFC 8285; another profile's is skipped.
    pub extension: Option<ExtensionBlock>,
}

/// Where the header extension elements are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ExtensionBlock {
    /// How each element's id and length are packed.
    pub form: ExtensionForm,
    /// Offset of the first element in the packet.
    pub start: usize,
    /// Bytes of elements, a multiple of four.
    pub len: usize,
}

/// The two element headers of RFC 8285.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExtensionForm {
    /// RFC 8285 §4.2.
    OneByte,
    /// RFC 8285 §4.3.
    TwoByte,
}

impl RtpHeader {
    /// Reads the header of an RTP or SRTP packet.
    ///
    /// Fuzz target `rtp`.
    ///
    /// # Errors
    ///
    /// The version is not 2, or contributing sources or extension run past the packet.
    pub fn parse_untrusted(packet: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(packet);
        let [flags, second] = reader.array()?;
        if flags >> 6 != VERSION {
            return Err(Malformed::Version);
        }
        let sequence = reader.u16()?;
        let timestamp = reader.u32()?;
        let ssrc = reader.u32()?;
        reader.bytes(4 * usize::from(flags & 0x0f))?;
        let extension = if flags & EXTENSION_BIT == 0 {
            None
        } else {
            block(&mut reader, packet)?
        };
        Ok(Self {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            sequence,
            timestamp,
            ssrc,
            header_len: packet.len() - reader.len(),
            has_padding: flags & PADDING_BIT != 0,
            extension,
        })
    }

    /// The payload of the decrypted packet, without its padding; empty if there is only padding.
    ///
    /// # Errors
    ///
    /// The packet is shorter than its header, or its padding count is zero or exceeds the
    /// payload (security: one publisher's lie must not reach a subscriber's parser).
    pub fn payload_untrusted<'a>(&self, packet: &'a [u8]) -> Result<&'a [u8], Malformed> {
        let padded = packet.get(self.header_len..).ok_or(Malformed::Truncated)?;
        if !self.has_padding {
            return Ok(padded);
        }
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

    /// The header extension elements in their order, `(id, value)`.
    ///
    /// An element that runs past the block is an `Err` item, the last one.
    #[must_use]
    pub fn extensions<'a>(&self, packet: &'a [u8]) -> Extensions<'a> {
        Extensions::new(self.extension, packet)
    }
}

fn block(reader: &mut Reader<'_>, packet: &[u8]) -> Result<Option<ExtensionBlock>, Malformed> {
    let profile = reader.u16()?;
    let len = 4 * usize::from(reader.u16()?);
    let start = packet.len() - reader.len();
    reader.bytes(len)?;
    let form = match profile {
        ONE_BYTE_PROFILE => ExtensionForm::OneByte,
        // RFC 8285 §4.3: the low four bits are for the application and carry nothing here.
        0x1000..=0x100f => ExtensionForm::TwoByte,
        _ => return Ok(None),
    };
    Ok(Some(ExtensionBlock { form, start, len }))
}

/// RFC 3550 §5.1.
const VERSION: u8 = 2;
/// RFC 3550 §5.1.
const PADDING_BIT: u8 = 0x20;
/// RFC 3550 §5.1.
const EXTENSION_BIT: u8 = 0x10;
/// RFC 8285 §4.2.
const ONE_BYTE_PROFILE: u16 = 0xbede;
/// RFC 8285 §4.3, with application bits of zero.
const TWO_BYTE_PROFILE: u16 = 0x1000;

#[cfg(test)]
mod tests;
