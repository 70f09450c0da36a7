//! Generic NACK: the packets that did not arrive (RFC 4585 §6.2.1).

use super::packet::{self, PacketWriter};
use crate::Malformed;
use crate::reader::Reader;

/// Feedback message type (RFC 4585 §6.2).
pub(super) const FORMAT: u8 = 1;

/// A parsed NACK.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Nack<'a> {
    /// Who misses them.
    pub sender_ssrc: u32,
    /// The source they belong to.
    pub media_ssrc: u32,
    pairs: &'a [u8],
}

impl<'a> Nack<'a> {
    pub(super) fn parse_untrusted(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let (sender_ssrc, media_ssrc) = (reader.u32()?, reader.u32()?);
        // RFC 4585 §6.2.1: at least one pair. A body is made of whole words.
        if reader.is_empty() {
            return Err(Malformed::Length);
        }
        Ok(Self {
            sender_ssrc,
            media_ssrc,
            pairs: reader.rest(),
        })
    }

    /// The sequence numbers asked for; a packet of 1,500 bytes names at most 6,324.
    pub fn sequences(&self) -> impl Iterator<Item = u16> + use<'a> {
        let mut reader = Reader::new(self.pairs);
        let pairs = std::iter::from_fn(move || Some((reader.u16().ok()?, reader.u16().ok()?)));
        pairs.flat_map(|(first, following)| {
            let later = (0..FOLLOWING)
                .filter(move |place| following >> place & 1 == 1)
                .map(move |place| first.wrapping_add(place + 1));
            std::iter::once(first).chain(later)
        })
    }
}

/// Writes a NACK for sequence numbers in serial order; `None` if it does not fit or none is given.
///
/// Numbers out of order cost space, never correctness.
pub fn write_nack(
    out: &mut [u8],
    sender_ssrc: u32,
    media_ssrc: u32,
    sequences: &[u16],
) -> Option<usize> {
    let mut packet = PacketWriter::new(out, packet::TRANSPORT_LAYER_FEEDBACK, FORMAT.into())?;
    packet.fields.u32(sender_ssrc)?;
    packet.fields.u32(media_ssrc)?;
    let (&head, tail) = sequences.split_first()?;
    let (mut first, mut following) = (head, 0_u16);
    for &sequence in tail {
        match sequence.wrapping_sub(first) {
            0 => {}
            steps @ 1..=FOLLOWING => following |= 1 << (steps - 1),
            _ => {
                packet.fields.u16(first)?;
                packet.fields.u16(following)?;
                (first, following) = (sequence, 0);
            }
        }
    }
    packet.fields.u16(first)?;
    packet.fields.u16(following)?;
    packet.finish()
}

/// Bits of the mask that follows each number (RFC 4585 §6.2.1).
const FOLLOWING: u16 = 16;
