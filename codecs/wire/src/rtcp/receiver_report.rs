//! Receiver reports (RFC 3550 §6.4.2).

use super::packet::{self, PacketWriter};
use super::report_block::{ReportBlock, blocks, blocks_untrusted, write_blocks};
use crate::Malformed;
use crate::reader::Reader;

/// A parsed receiver report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReceiverReport<'a> {
    /// Who reports.
    pub sender_ssrc: u32,
    blocks: &'a [u8],
}

impl<'a> ReceiverReport<'a> {
    pub(super) fn parse_untrusted(count: u8, body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let sender_ssrc = reader.u32()?;
        Ok(Self {
            sender_ssrc,
            blocks: blocks_untrusted(count, &mut reader)?,
        })
    }

    /// One block per source, at most 31.
    pub fn report_blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        blocks(self.blocks)
    }
}

/// Writes a report; `None` if it does not fit or there are more than 31 blocks.
pub fn write_receiver_report(
    out: &mut [u8],
    sender_ssrc: u32,
    blocks: &[ReportBlock],
) -> Option<usize> {
    let mut packet = PacketWriter::new(out, packet::RECEIVER_REPORT, blocks.len())?;
    packet.fields.u32(sender_ssrc)?;
    write_blocks(&mut packet.fields, blocks)?;
    packet.finish()
}
