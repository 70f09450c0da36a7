//! Sound that was lost on its way here and comes with a later packet (RFC 2198).
//!
//! Redundant blocks have no sequence numbers. Those that are younger than the newest packet so far belong to the
//! packets right before the one that carries them. Called by `ingress`; what is found goes the way of every packet.

use wire::payload::red::{RedBlock, RedPayload};

use crate::control::counters::Counter;
use crate::tracks::track::Carriage;

/// A packet's own frame, and all that its payload carries where that is more.
///
/// # Errors
///
/// The payload lies about its parts, or they are not of the one payload type that was negotiated for them.
pub fn unpack_untrusted(
    payload: &[u8],
    carriage: Carriage,
    payload_type: u8,
) -> Result<(&[u8], Option<RedPayload<'_>>), Counter> {
    // A packet of padding only carries nothing, whatever its payload type.
    if carriage != Carriage::Redundancy || payload.is_empty() {
        return Ok((payload, None));
    }
    let red = RedPayload::parse_untrusted(payload).map_err(|_| Counter::DropPayloadMalformed)?;
    if red.primary_type != payload_type {
        return Err(Counter::DropUnknownPayloadType);
    }
    Ok((red.primary, Some(red)))
}

/// What a packet brings with it of those that were lost before it.
#[derive(Clone, Copy, Debug)]
pub struct BroughtBack<'a> {
    red: RedPayload<'a>,
    payload_type: u8,
    /// RTP clock steps between the newest packet before and this one.
    since: u32,
    /// How many there are.
    pub count: usize,
}

/// Which packets of an encoding came with another, so that each is forwarded once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recovery {
    /// Extended sequence number and timestamp of the newest packet.
    newest: Option<(u64, u32)>,
    /// The newest that came with another.
    brought: u64,
    /// One bit for each of the 64 up to it.
    recent: u64,
}

impl Recovery {
    /// Finds what a packet brings back, whose blocks are of `payload_type`; to be called before [`Recovery::follow`].
    pub fn bring_back<'a>(
        &mut self,
        red: RedPayload<'a>,
        payload_type: u8,
        sequence: u64,
        timestamp: u32,
    ) -> Option<BroughtBack<'a>> {
        let (newest, newest_timestamp) = self.newest?;
        let missing = sequence.checked_sub(newest + 1)?;
        let mut found = BroughtBack {
            red,
            payload_type,
            since: timestamp.wrapping_sub(newest_timestamp),
            count: 0,
        };
        found.count = found.fresh().count().min(missing.min(MOST) as usize);
        for behind in (1..=found.count as u64).rev() {
            self.mark(sequence - behind);
        }
        (found.count > 0).then_some(found)
    }

    /// Registers a packet that came by itself.
    pub fn follow(&mut self, sequence: u64, timestamp: u32) {
        if self.newest.is_none_or(|(newest, _)| sequence > newest) {
            self.newest = Some((sequence, timestamp));
        }
    }

    /// Whether a packet has come with another.
    #[must_use]
    pub fn has(&self, sequence: u64) -> bool {
        let age = self.brought.checked_sub(sequence);
        age.is_some_and(|age| age < u64::from(u64::BITS) && self.recent & (1 << age) != 0)
    }

    fn mark(&mut self, sequence: u64) {
        let advance = u32::try_from(sequence.saturating_sub(self.brought)).unwrap_or(u32::MAX);
        self.recent = self.recent.checked_shl(advance).unwrap_or(0) | 1;
        self.brought = sequence;
    }
}

impl<'a> BroughtBack<'a> {
    /// How far before the packet each one stands, and its frame, the oldest first.
    pub fn frames(self) -> impl Iterator<Item = (u64, RedBlock<'a>)> {
        let before = self.fresh().count() - self.count;
        let behind = (1..=self.count as u64).rev();
        behind.zip(self.fresh().skip(before))
    }

    fn fresh(self) -> impl Iterator<Item = RedBlock<'a>> {
        self.red.blocks().filter(move |block| {
            let offset = u32::from(block.timestamp_offset);
            block.payload_type == self.payload_type
                && !block.payload.is_empty()
                && (1..self.since.min(OLDEST_STEPS + 1)).contains(&offset)
        })
    }
}

/// libwebrtc repeats two frames at most.
const MOST: u64 = 4;
/// 200 ms at Opus' 48 kHz (RFC 7587 §4.1), for so long sound is asked for again too: what is older has been concealed by
/// then. A block may be 341 ms old.
const OLDEST_STEPS: u32 = 9_600;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;
    use wire::payload::red::{overhead, wrap};

    const OPUS: u8 = 111;
    const STEP: u32 = 960;

    /// A payload with frames of one byte, each so many packets before the primary.
    fn payload(behind: &[u16]) -> Vec<u8> {
        let frames: Vec<_> = behind.iter().map(|behind| [*behind as u8]).collect();
        let blocks = behind.iter().zip(&frames);
        let blocks: Vec<_> = blocks
            .map(|(behind, frame)| RedBlock {
                payload_type: OPUS,
                timestamp_offset: behind * STEP as u16,
                payload: frame,
            })
            .collect();
        let mut out = vec![0; 1 + overhead(&blocks)];
        wrap(&mut out, 1, OPUS, &blocks).unwrap();
        out
    }

    /// What the packet `sequence` brings back: numbers and frames.
    fn brought(recovery: &mut Recovery, sequence: u64, payload: &[u8]) -> Vec<(u64, u8)> {
        let red = RedPayload::parse_untrusted(payload).unwrap();
        let timestamp = sequence as u32 * STEP;
        let found = recovery.bring_back(red, OPUS, sequence, timestamp);
        recovery.follow(sequence, timestamp);
        let frames = found.into_iter().flat_map(BroughtBack::frames);
        frames
            .map(|(behind, block)| (sequence - behind, block.payload.first().copied().unwrap()))
            .collect()
    }

    fn after(sequence: u64) -> Recovery {
        let mut recovery = Recovery::default();
        recovery.follow(sequence, sequence as u32 * STEP);
        recovery
    }

    #[test]
    fn what_is_missing_right_before_a_packet_comes_with_it_once() {
        let mut recovery = after(10);
        assert!(brought(&mut recovery, 11, &payload(&[2, 1])).is_empty());
        assert_eq!(brought(&mut recovery, 13, &payload(&[2, 1])), [(12, 1)]);
        assert_eq!(
            brought(&mut recovery, 16, &payload(&[2, 1])),
            [(14, 2), (15, 1)]
        );
        assert!(brought(&mut recovery, 12, &payload(&[2, 1])).is_empty());
        let known: Vec<_> = (5..20).filter(|number| recovery.has(*number)).collect();
        assert_eq!(known, [12, 14, 15]);
    }

    #[test]
    fn of_a_long_hole_the_newest_come() {
        assert_eq!(
            brought(&mut after(10), 20, &payload(&[2, 1])),
            [(18, 2), (19, 1)]
        );
    }

    #[test]
    fn what_is_too_old_to_be_heard_does_not_come() {
        assert_eq!(
            brought(&mut after(10), 30, &payload(&[11, 10, 1])),
            [(28, 10), (29, 1)]
        );
    }

    #[test]
    fn a_frame_that_has_come_by_itself_does_not_come_again() {
        // 11 was a packet without a frame that is repeated: the block is of 10.
        assert!(brought(&mut after(10), 12, &payload(&[2])).is_empty());
    }

    #[test]
    fn before_anything_came_nothing_is_missing() {
        assert!(brought(&mut Recovery::default(), 10, &payload(&[2, 1])).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_comes_twice_and_nothing_from_before_the_newest(
            steps in proptest::collection::vec((0..70_u64, proptest::collection::vec(1..17_u16, 0..8)), 1..60),
        ) {
            let mut recovery = after(100);
            let (mut newest, mut seen) = (100, vec![100]);
            for (step, behind) in steps {
                let sequence = newest + step;
                let back = brought(&mut recovery, sequence, &payload(&behind));
                prop_assert!(back.len() <= MOST as usize);
                for (number, _) in &back {
                    prop_assert!(*number > newest && *number < sequence);
                    prop_assert!(!seen.contains(number));
                    prop_assert!(recovery.has(*number));
                }
                seen.extend(back.iter().map(|(number, _)| *number));
                seen.push(sequence);
                newest = newest.max(sequence);
            }
        }
    }
}
