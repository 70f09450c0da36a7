//! Full intra request: a key frame is demanded (RFC 5104 §4.3.1).

use super::packet::{self, PacketWriter};
use crate::Malformed;
use crate::reader::Reader;

/// Feedback message type (RFC 5104 §4.3.1).
pub(super) const FORMAT: u8 = 4;

/// A parsed request; its media SSRC field is unused (RFC 5104 §4.3.1.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fir<'a> {
    /// Who demands.
    pub sender_ssrc: u32,
    entries: &'a [u8],
}

/// One source and the number of the demand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FirEntry {
    /// The source that shall send a key frame.
    pub ssrc: u32,
    /// The same number again repeats the same demand (RFC 5104 §4.3.1.1).
    pub sequence: u8,
}

impl<'a> Fir<'a> {
    pub(super) fn parse_untrusted(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let sender_ssrc = reader.u32()?;
        reader.u32()?;
        if reader.is_empty() || !reader.len().is_multiple_of(ENTRY_BYTES) {
            return Err(Malformed::Length);
        }
        Ok(Self {
            sender_ssrc,
            entries: reader.rest(),
        })
    }

    /// At least one.
    pub fn entries(&self) -> impl Iterator<Item = FirEntry> + use<'a> {
        let mut reader = Reader::new(self.entries);
        std::iter::from_fn(move || {
            let ssrc = reader.u32().ok()?;
            let [sequence, _, _, _] = reader.array().ok()?;
            Some(FirEntry { ssrc, sequence })
        })
    }
}

/// Writes a request; `None` if it does not fit or names no source.
pub fn write_fir(out: &mut [u8], sender_ssrc: u32, entries: &[FirEntry]) -> Option<usize> {
    if entries.is_empty() {
        return None;
    }
    let mut packet = PacketWriter::new(out, packet::PAYLOAD_SPECIFIC_FEEDBACK, FORMAT.into())?;
    packet.fields.u32(sender_ssrc)?;
    packet.fields.u32(0)?;
    for entry in entries {
        packet.fields.u32(entry.ssrc)?;
        packet.fields.u32(u32::from(entry.sequence) << 24)?;
    }
    packet.finish()
}

/// RFC 5104 §4.3.1.1.
const ENTRY_BYTES: usize = 8;
