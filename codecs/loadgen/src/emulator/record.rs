//! One line of the log, in binary: 48 bytes, little endian. `benchmarks/adaptation/truth_log.py` reads them.

use super::change::Direction;
use super::label::Label;
use super::tally::Verdict;

/// The first bytes of a log; behind them stands when the link began, on the monotonic clock, in nanoseconds (8 bytes).
pub const MAGIC: [u8; 8] = *b"VVLINK01";
/// Of one record.
pub const RECORD_BYTES: usize = 48;

/// What became of one packet.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// When it came, from the link's beginning.
    pub came_ns: u64,
    /// When it was really handed over, or dropped, from the link's beginning.
    pub left_ns: u64,
    /// How long it was in the queue, its own transmission included.
    pub queued_ns: u64,
    /// How much later it was handed over than it should have been.
    pub late_ns: u64,
    /// Of IP.
    pub bytes: usize,
    /// What became of it.
    pub verdict: Verdict,
    /// Where it went.
    pub direction: Direction,
    /// Whether the link made it.
    pub is_copy: bool,
    /// Whose it is.
    pub label: Label,
}

impl Record {
    /// As it stands in the log.
    #[must_use]
    pub fn bytes(&self) -> [u8; RECORD_BYTES] {
        let rtp = self.label.rtp;
        let parts: [&[u8]; 15] = [
            &self.came_ns.to_le_bytes(),
            &self.left_ns.to_le_bytes(),
            &us(self.queued_ns).to_le_bytes(),
            &us(self.late_ns).to_le_bytes(),
            &rtp.map_or(0, |rtp| rtp.ssrc).to_le_bytes(),
            &rtp.map_or(0, |rtp| rtp.timestamp).to_le_bytes(),
            &(self.bytes.min(usize::from(u16::MAX)) as u16).to_le_bytes(),
            &rtp.map_or(0, |rtp| rtp.sequence).to_le_bytes(),
            &self.label.source_port.to_le_bytes(),
            &self.label.destination_port.to_le_bytes(),
            &[self.verdict as u8, self.direction as u8],
            &[self.label.transport],
            &[rtp.map_or(NO_PAYLOAD_TYPE, |rtp| rtp.payload_type)],
            &[u8::from(rtp.is_some_and(|rtp| rtp.marker))],
            &[u8::from(self.is_copy), 0, 0],
        ];
        let mut bytes = [0; RECORD_BYTES];
        let places = bytes.iter_mut();
        for (place, byte) in places.zip(parts.into_iter().flatten()) {
            *place = *byte;
        }
        bytes
    }
}

/// An hour and more fit.
fn us(ns: u64) -> u32 {
    u32::try_from(ns / 1_000).unwrap_or(u32::MAX)
}

/// Of what is no RTP.
const NO_PAYLOAD_TYPE: u8 = 255;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::label::RtpLabel;

    #[test]
    fn every_figure_has_its_place() {
        let record = Record {
            came_ns: 1,
            left_ns: 2,
            queued_ns: 3_999,
            late_ns: u64::MAX,
            bytes: 1_500,
            verdict: Verdict::QueueFull,
            direction: Direction::Up,
            is_copy: true,
            label: Label {
                transport: 17,
                source_port: 5,
                destination_port: 6,
                rtp: Some(RtpLabel {
                    ssrc: 7,
                    sequence: 8,
                    timestamp: 9,
                    payload_type: 96,
                    marker: true,
                }),
            },
        };
        let expected: [[u8; 8]; 6] = [
            [1, 0, 0, 0, 0, 0, 0, 0],
            [2, 0, 0, 0, 0, 0, 0, 0],
            [3, 0, 0, 0, 255, 255, 255, 255],
            [7, 0, 0, 0, 9, 0, 0, 0],
            [0xdc, 5, 8, 0, 5, 0, 6, 0],
            [3, 1, 17, 96, 1, 1, 0, 0],
        ];
        assert_eq!(record.bytes().as_slice(), expected.as_flattened());
        let unknown = Record {
            label: Label::default(),
            ..record
        };
        assert_eq!(unknown.bytes().get(43), Some(&NO_PAYLOAD_TYPE));
    }
}
