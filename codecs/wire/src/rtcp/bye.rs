//! Goodbye (RFC 3550 §6.6).

use super::packet::{self, PacketWriter};
use crate::Malformed;
use crate::reader::Reader;

/// A parsed goodbye; the reason's text is checked and left alone, it may name a person.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bye<'a> {
    ssrcs: &'a [u8],
}

impl<'a> Bye<'a> {
    pub(super) fn parse_untrusted(count: u8, body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let ssrcs = reader
            .bytes(4 * usize::from(count))
            .map_err(|_| Malformed::Length)?;
        if !reader.is_empty() {
            let reason_len = usize::from(reader.u8()?);
            reader.bytes(reason_len).map_err(|_| Malformed::Length)?;
        }
        Ok(Self { ssrcs })
    }

    /// The sources that end, at most 31.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        let mut reader = Reader::new(self.ssrcs);
        std::iter::from_fn(move || reader.u32().ok())
    }
}

/// Writes a goodbye without a reason; `None` if it does not fit or there are more than 31 sources.
pub fn write_bye(out: &mut [u8], ssrcs: &[u32]) -> Option<usize> {
    let mut packet = PacketWriter::new(out, packet::BYE, ssrcs.len())?;
    ssrcs.iter().try_for_each(|&ssrc| packet.fields.u32(ssrc))?;
    packet.finish()
}
