//! Source descriptions (RFC 3550 §6.5).

use super::packet::{self, PacketWriter};
use crate::Malformed;
use crate::reader::Reader;

/// A parsed source description.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SourceDescription<'a> {
    count: u8,
    chunks: &'a [u8],
}

/// One source and its items.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SdesChunk<'a> {
    /// The source described.
    pub ssrc: u32,
    items: &'a [u8],
}

impl<'a> SourceDescription<'a> {
    pub(super) fn parse_untrusted(count: u8, body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        for _ in 0..count {
            SdesChunk::parse_untrusted(&mut reader).map_err(|_| Malformed::Length)?;
        }
        Ok(Self {
            count,
            chunks: body,
        })
    }

    /// The sources described, at most 31.
    pub fn chunks(&self) -> impl Iterator<Item = SdesChunk<'a>> + use<'a> {
        let mut reader = Reader::new(self.chunks);
        (0..self.count).map_while(move |_| SdesChunk::parse_untrusted(&mut reader).ok())
    }
}

impl<'a> SdesChunk<'a> {
    /// A chunk ends with one to four zeros, on a word boundary.
    fn parse_untrusted(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let ssrc = reader.u32()?;
        let start = *reader;
        while reader.u8()? != END_OF_ITEMS {
            let len = usize::from(reader.u8()?);
            reader.bytes(len)?;
        }
        let used = start.len() - reader.len();
        reader.bytes(used.next_multiple_of(4) - used)?;
        let items = start.rest().get(..used - 1).ok_or(Malformed::Length)?;
        Ok(Self { ssrc, items })
    }

    /// `(type, text)` of each item.
    pub fn items(&self) -> impl Iterator<Item = (u8, &'a [u8])> + use<'a> {
        let mut reader = Reader::new(self.items);
        std::iter::from_fn(move || {
            let [kind, len] = reader.array().ok()?;
            Some((kind, reader.bytes(usize::from(len)).ok()?))
        })
    }

    /// The name that ties a participant's sources together (RFC 3550 §6.5.1).
    #[must_use]
    pub fn cname(&self) -> Option<&'a [u8]> {
        self.items()
            .find_map(|(kind, text)| (kind == CNAME).then_some(text))
    }
}

/// Writes the description of one source; `None` if it does not fit or exceeds 255 bytes.
pub fn write_sdes_cname(out: &mut [u8], ssrc: u32, cname: &[u8]) -> Option<usize> {
    let mut packet = PacketWriter::new(out, packet::SOURCE_DESCRIPTION, 1)?;
    packet.fields.u32(ssrc)?;
    packet.fields.u8(CNAME)?;
    packet.fields.u8(u8::try_from(cname.len()).ok()?)?;
    packet.fields.bytes(cname)?;
    packet.fields.u8(END_OF_ITEMS)?;
    packet.finish()
}

/// RFC 3550 §6.5.1.
const CNAME: u8 = 1;
/// RFC 3550 §6.5.
const END_OF_ITEMS: u8 = 0;
