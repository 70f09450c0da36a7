//! What a receiver tells about one source (RFC 3550 §6.4.1).

use crate::Malformed;
use crate::reader::Reader;
use crate::writer::Writer;

/// Reception of one source, in a sender or a receiver report.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ReportBlock {
    /// The source it speaks of.
    pub ssrc: u32,
    /// Since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Since the beginning; 24 bits, negative when duplicates outnumber losses.
    pub cumulative_lost: i32,
    /// Highest sequence number, extended by the count of its wraps.
    pub highest_sequence: u32,
    /// In units of the codec's clock.
    pub jitter: u32,
    /// Middle 32 bits of the NTP time in the last sender report; zero if there was none.
    pub last_sr: u32,
    /// Since that report, in 1/65,536 s.
    pub delay_since_last_sr: u32,
}

impl ReportBlock {
    fn parse_untrusted(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let ssrc = reader.u32()?;
        let [fraction_lost, a, b, c] = reader.array()?;
        Ok(Self {
            ssrc,
            fraction_lost,
            // An arithmetic shift extends the sign of the 24 bits.
            cumulative_lost: i32::from_be_bytes([a, b, c, 0]) >> 8,
            highest_sequence: reader.u32()?,
            jitter: reader.u32()?,
            last_sr: reader.u32()?,
            delay_since_last_sr: reader.u32()?,
        })
    }

    fn write(&self, fields: &mut Writer<'_>) -> Option<()> {
        let [_, a, b, c] = self.cumulative_lost.clamp(LOST_MIN, LOST_MAX).to_be_bytes();
        fields.u32(self.ssrc)?;
        fields.bytes(&[self.fraction_lost, a, b, c])?;
        fields.u32(self.highest_sequence)?;
        fields.u32(self.jitter)?;
        fields.u32(self.last_sr)?;
        fields.u32(self.delay_since_last_sr)
    }
}

/// Cuts `count` blocks off the front; what follows is a profile's own (RFC 3550 §6.4.3).
pub(super) fn blocks_untrusted<'a>(
    count: u8,
    reader: &mut Reader<'a>,
) -> Result<&'a [u8], Malformed> {
    reader
        .bytes(BLOCK_BYTES * usize::from(count))
        .map_err(|_| Malformed::Length)
}

/// Iterates over blocks that [`blocks_untrusted`] has cut.
pub(super) fn blocks(bytes: &[u8]) -> impl Iterator<Item = ReportBlock> {
    bytes
        .chunks_exact(BLOCK_BYTES)
        .filter_map(|block| ReportBlock::parse_untrusted(block).ok())
}

pub(super) fn write_blocks(fields: &mut Writer<'_>, blocks: &[ReportBlock]) -> Option<()> {
    blocks.iter().try_for_each(|block| block.write(fields))
}

/// RFC 3550 §6.4.1.
const BLOCK_BYTES: usize = 24;
/// The bounds of 24 bits; RFC 3550 §A.3 says to clamp, not to wrap.
const LOST_MAX: i32 = 0x7f_ffff;
const LOST_MIN: i32 = -0x80_0000;
