//! Transport-wide feedback: which packets arrived, and when.
//!
//! Source: draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.

mod statuses;
mod writer;

pub use statuses::Statuses;
pub use writer::write_transport_feedback;

use crate::Malformed;
use crate::reader::Reader;
use statuses::{Chunk, Symbol};

/// Feedback message type (§3.1).
pub(super) const FORMAT: u8 = 15;

/// A parsed feedback: its chunks cover its count, and its deltas are all there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TransportFeedback<'a> {
    /// Who received.
    pub sender_ssrc: u32,
    /// Any source of the transport; carries no meaning.
    pub media_ssrc: u32,
    /// Transport-wide number of the first status.
    pub base_sequence: u16,
    /// How many numbers are spoken of, 1 to 65,535. Nothing bounds it by the packet's size
    /// (a run is two bytes), so a caller compares it with what is in flight before iterating.
    pub status_count: u16,
    /// The receiver's clock in steps of 64 ms, 24 bits.
    pub reference_time_64ms: u32,
    /// Counts feedbacks, to see lost ones.
    pub feedback_count: u8,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    pub(super) fn parse_untrusted(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let sender_ssrc = reader.u32()?;
        let media_ssrc = reader.u32()?;
        let base_sequence = reader.u16()?;
        let status_count = reader.u16()?;
        let reference_time_64ms = reader.u24()?;
        let feedback_count = reader.u8()?;
        let (chunks, deltas) = split_untrusted(reader, status_count)?;
        Ok(Self {
            sender_ssrc,
            media_ssrc,
            base_sequence,
            status_count,
            reference_time_64ms,
            feedback_count,
            chunks,
            deltas,
        })
    }

    /// For each number in order, whether the packet arrived, and when: in units of 250 µs since
    /// the reference time, already summed up.
    #[must_use]
    pub fn statuses(&self) -> Statuses<'a> {
        Statuses::new(
            self.base_sequence,
            self.status_count,
            self.chunks,
            self.deltas,
        )
    }
}

/// Finds where the chunks end by walking them, not their statuses: a run costs one step.
fn split_untrusted(mut reader: Reader<'_>, status_count: u16) -> Result<(&[u8], &[u8]), Malformed> {
    if status_count == 0 {
        return Err(Malformed::Length);
    }
    let start = reader.rest();
    let (mut left, mut delta_bytes) = (status_count, 0);
    while left > 0 {
        let chunk = Chunk::parse_untrusted(reader.u16().map_err(|_| Malformed::Length)?)?;
        let covered = chunk.len().min(left);
        delta_bytes += chunk.delta_bytes(covered)?;
        left -= covered;
    }
    let chunks = start
        .get(..start.len() - reader.len())
        .ok_or(Malformed::Length)?;
    // What follows the deltas pads the packet to a word.
    let deltas = reader.bytes(delta_bytes).map_err(|_| Malformed::Length)?;
    Ok((chunks, deltas))
}

#[cfg(test)]
mod tests;
