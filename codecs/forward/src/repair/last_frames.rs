//! The last frames of a sound track, which packets to some of its subscribers carry once more (RFC 2198).
//!
//! Kept once for a track, however many subscribers are sent them, and only while one is. `fan_out` writes,
//! `egress` reads.

use std::cmp::Reverse;

use wire::payload::opus::OpusDescriptor;
use wire::payload::red::{
    HEADER_BYTES, MAX_BLOCK_BYTES, MAX_TIMESTAMP_OFFSET, PRIMARY_HEADER_BYTES, RedBlock, overhead,
    wrap,
};

use crate::egress::rewrite::Written;
use crate::ingress::incoming::Incoming;

/// The last frames that were forwarded, in no order.
#[derive(Default)]
pub struct LastFrames {
    frames: [Frame; MAX_DISTANCE as usize],
}

struct Frame {
    sequence: u64,
    timestamp: u32,
    /// 0 marks one that was never written.
    len: u16,
    bytes: [u8; MAX_BLOCK_BYTES],
}

/// The frames that one packet carries once more; none is usual.
#[derive(Clone, Copy, Debug, Default)]
pub struct Redundancy<'a> {
    /// Filled from its end, since the newest is found first and stands last.
    blocks: [RedBlock<'a>; MAX_DISTANCE as usize],
    count: usize,
}

impl LastFrames {
    /// Keeps a packet's frame in the place of the oldest; silence, and what no block can hold, is not kept.
    pub fn keep(&mut self, packet: &Incoming<'_>) {
        if !is_speech(packet.payload) || packet.payload.len() > MAX_BLOCK_BYTES {
            return;
        }
        let known = self
            .frames
            .iter()
            .any(|frame| frame.sequence == packet.sequence);
        let oldest = self.frames.iter_mut().min_by_key(|frame| frame.sequence);
        let Some(oldest) = oldest.filter(|oldest| !known && oldest.sequence < packet.sequence)
        else {
            return;
        };
        if let Some(bytes) = oldest.bytes.get_mut(..packet.payload.len()) {
            bytes.copy_from_slice(packet.payload);
            oldest.sequence = packet.sequence;
            oldest.timestamp = packet.header.timestamp;
            oldest.len = packet.payload.len() as u16;
        }
    }

    /// The frames right before a packet, `distance` at most and none before the number `first`, as blocks of
    /// `payload_type`. A packet that is silence carries none.
    #[must_use]
    pub fn before(
        &self,
        packet: &Incoming<'_>,
        first: u64,
        distance: u8,
        payload_type: u8,
    ) -> Redundancy<'_> {
        let mut found = Redundancy::default();
        if !is_speech(packet.payload) {
            return found;
        }
        let own = packet.payload.len() + PRIMARY_HEADER_BYTES;
        let mut room = MAX_PAYLOAD_BYTES.saturating_sub(own);
        let mut frames = self.frames.each_ref();
        frames.sort_unstable_by_key(|frame| Reverse(frame.sequence));
        let earlier = frames
            .into_iter()
            .filter(|frame| frame.len > 0 && (first..packet.sequence).contains(&frame.sequence))
            .take(distance.into());
        for frame in earlier {
            let Some(block) = frame.block(packet, payload_type) else {
                continue;
            };
            let Some(left) = room.checked_sub(HEADER_BYTES + block.payload.len()) else {
                continue;
            };
            room = left;
            found.add(block);
        }
        found
    }
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            sequence: 0,
            timestamp: 0,
            len: 0,
            bytes: [0; MAX_BLOCK_BYTES],
        }
    }
}

impl Frame {
    /// The frame as a block of a packet; `None` where it is older than a block can say.
    fn block(&self, packet: &Incoming<'_>, payload_type: u8) -> Option<RedBlock<'_>> {
        let offset = packet.header.timestamp.wrapping_sub(self.timestamp);
        let timestamp_offset = u16::try_from(offset).ok()?;
        // The numbers tell what the timestamps cannot: those come round within a day.
        let is_near = packet.sequence - self.sequence <= MAX_PACKETS_BEFORE;
        (is_near && (1..=MAX_TIMESTAMP_OFFSET).contains(&timestamp_offset)).then_some(RedBlock {
            payload_type,
            timestamp_offset,
            payload: self.bytes.get(..usize::from(self.len))?,
        })
    }
}

impl<'a> Redundancy<'a> {
    /// The blocks, the oldest first.
    #[must_use]
    pub fn blocks(&self) -> &[RedBlock<'a>] {
        let first = self.blocks.len().saturating_sub(self.count);
        self.blocks.get(first..).unwrap_or_default()
    }

    /// By how much they make a packet longer.
    #[must_use]
    pub fn bytes(&self) -> usize {
        overhead(self.blocks())
    }

    /// Puts them into a packet whose payload was written as a frame of `payload_type`.
    pub fn wrap(&self, payload_type: u8, written: Written, out: &mut [u8]) -> Option<Written> {
        let payload = out.get_mut(written.header_len..)?;
        let primary_len = written.len.checked_sub(written.header_len)?;
        let len = wrap(payload, primary_len, payload_type, self.blocks())?;
        Some(Written {
            len: written.header_len + len,
            ..written
        })
    }

    fn add(&mut self, block: RedBlock<'a>) {
        let place = self.blocks.iter_mut().rev().nth(self.count);
        if let Some(place) = place {
            *place = block;
            self.count += 1;
        }
    }
}

/// Whether a payload is a frame of sound; silence is one of at most two bytes (RFC 7587 §3.1.3), which the next
/// one makes good.
fn is_speech(payload: &[u8]) -> bool {
    OpusDescriptor::parse_untrusted(payload).is_ok_and(|descriptor| !descriptor.is_dtx)
}

/// How many packets a frame is carried again at most: 20 % of lost packets leave 0.8 % of lost frames then, where
/// losses are independent; a third would repair half a per cent and cost as much again.
pub const MAX_DISTANCE: u8 = 2;
/// With header, tag and IPv6 below 1,200 bytes, which every path carries (RFC 8831 §5).
const MAX_PAYLOAD_BYTES: usize = 1_100;
/// More packets than this are more than 2^14 steps of the clock for every frame of 2.5 ms or longer (RFC 7587 §4.1).
const MAX_PACKETS_BEFORE: u64 = 136;

#[cfg(test)]
mod tests;
