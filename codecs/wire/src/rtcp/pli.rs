//! Picture loss indication: a key frame is needed (RFC 4585 §6.3.1).

use super::packet::{self, PacketWriter};
use crate::Malformed;
use crate::reader::Reader;

/// Feedback message type (RFC 4585 §6.3).
pub(super) const FORMAT: u8 = 1;

/// A parsed indication.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pli {
    /// Who cannot decode.
    pub sender_ssrc: u32,
    /// The source that shall send a key frame.
    pub media_ssrc: u32,
}

impl Pli {
    pub(super) fn parse_untrusted(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let pli = Self {
            sender_ssrc: reader.u32()?,
            media_ssrc: reader.u32()?,
        };
        // RFC 4585 §6.3.1.2: there are no parameters.
        if reader.is_empty() {
            Ok(pli)
        } else {
            Err(Malformed::Length)
        }
    }
}

/// Writes an indication; `None` if it does not fit.
pub fn write_pli(out: &mut [u8], sender_ssrc: u32, media_ssrc: u32) -> Option<usize> {
    let mut packet = PacketWriter::new(out, packet::PAYLOAD_SPECIFIC_FEEDBACK, FORMAT.into())?;
    packet.fields.u32(sender_ssrc)?;
    packet.fields.u32(media_ssrc)?;
    packet.finish()
}
