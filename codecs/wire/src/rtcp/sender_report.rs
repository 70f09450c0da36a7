//! Sender reports (RFC 3550 §6.4.1).

use super::packet::{self, PacketWriter};
use super::report_block::{ReportBlock, blocks, blocks_untrusted, write_blocks};
use crate::Malformed;
use crate::reader::Reader;

/// What a sender tells of itself: the mapping that keeps sound and picture together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SenderInfo {
    /// The source.
    pub ssrc: u32,
    /// Time of this report, NTP 32.32 fixed point.
    pub ntp: u64,
    /// The same instant on the source's RTP clock.
    pub rtp_timestamp: u32,
    /// Sent so far.
    pub packet_count: u32,
    /// Sent so far, without headers and padding.
    pub octet_count: u32,
}

/// A parsed sender report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SenderReport<'a> {
    /// The sender about itself.
    pub info: SenderInfo,
    blocks: &'a [u8],
}

impl<'a> SenderReport<'a> {
    pub(super) fn parse_untrusted(count: u8, body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let info = SenderInfo {
            ssrc: reader.u32()?,
            ntp: reader.u64()?,
            rtp_timestamp: reader.u32()?,
            packet_count: reader.u32()?,
            octet_count: reader.u32()?,
        };
        Ok(Self {
            info,
            blocks: blocks_untrusted(count, &mut reader)?,
        })
    }

    /// What the sender receives, at most 31.
    pub fn report_blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        blocks(self.blocks)
    }
}

/// Writes a report; `None` if it does not fit or there are more than 31 blocks.
pub fn write_sender_report(
    out: &mut [u8],
    info: &SenderInfo,
    blocks: &[ReportBlock],
) -> Option<usize> {
    let mut packet = PacketWriter::new(out, packet::SENDER_REPORT, blocks.len())?;
    packet.fields.u32(info.ssrc)?;
    packet.fields.u64(info.ntp)?;
    packet.fields.u32(info.rtp_timestamp)?;
    packet.fields.u32(info.packet_count)?;
    packet.fields.u32(info.octet_count)?;
    write_blocks(&mut packet.fields, blocks)?;
    packet.finish()
}
