//! Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 §2).

use super::packet::{self, PacketWriter};
use crate::Malformed;
use crate::reader::Reader;

/// Application layer feedback (RFC 4585 §6.4); the name inside says which.
pub(super) const FORMAT: u8 = 15;

/// Whether an application's feedback calls itself REMB.
pub(super) fn is_named(body: &[u8]) -> bool {
    body.get(8..12) == Some(NAME)
}

/// A parsed estimate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Remb<'a> {
    /// Who estimates.
    pub sender_ssrc: u32,
    /// For all the sources together; saturates at 64 bits.
    pub bitrate_bps: u64,
    ssrcs: &'a [u8],
}

impl<'a> Remb<'a> {
    pub(super) fn parse_untrusted(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let sender_ssrc = reader.u32()?;
        // The media SSRC is unused, then comes the name that `is_named` has seen.
        reader.bytes(8)?;
        let count = usize::from(reader.u8()?);
        let rate = reader.u24()?;
        if reader.len() != 4 * count {
            return Err(Malformed::Length);
        }
        let (exponent, mantissa) = (rate >> MANTISSA_BITS, u64::from(rate & MANTISSA_MAX));
        // Six bits of exponent keep the shift below 64.
        let bitrate_bps = mantissa.saturating_mul(1 << exponent);
        Ok(Self {
            sender_ssrc,
            bitrate_bps,
            ssrcs: reader.rest(),
        })
    }

    /// The sources it applies to.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        let mut reader = Reader::new(self.ssrcs);
        std::iter::from_fn(move || reader.u32().ok())
    }
}

/// Writes an estimate, rounded down to 18 significant bits.
///
/// `None` if it does not fit or there are more than 255 sources.
pub fn write_remb(
    out: &mut [u8],
    sender_ssrc: u32,
    bitrate_bps: u64,
    ssrcs: &[u32],
) -> Option<usize> {
    let significant = u64::BITS - bitrate_bps.leading_zeros();
    let exponent = significant.saturating_sub(MANTISSA_BITS);
    let mantissa = u32::try_from(bitrate_bps >> exponent).ok()?;
    let mut packet = PacketWriter::new(out, packet::PAYLOAD_SPECIFIC_FEEDBACK, FORMAT.into())?;
    packet.fields.u32(sender_ssrc)?;
    packet.fields.u32(0)?;
    packet.fields.bytes(NAME)?;
    packet.fields.u8(u8::try_from(ssrcs.len()).ok()?)?;
    packet.fields.u24(exponent << MANTISSA_BITS | mantissa)?;
    ssrcs.iter().try_for_each(|&ssrc| packet.fields.u32(ssrc))?;
    packet.finish()
}

/// draft-alvestrand-rmcat-remb-03 §2.2.
const NAME: &[u8] = b"REMB";
/// draft-alvestrand-rmcat-remb-03 §2.2.
const MANTISSA_BITS: u32 = 18;
const MANTISSA_MAX: u32 = (1 << MANTISSA_BITS) - 1;
