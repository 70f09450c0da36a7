//! Frames of sound that a later packet carries once more (RFC 2198), in payloads of `audio/red`.
//!
//! A payload is a chain of block headers, the earlier frames, the oldest first, and the packet's own frame,
//! the primary, which has the rest.

use crate::Malformed;
use crate::reader::Reader;
use crate::writer::Writer;

/// A frame that is carried once more.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RedBlock<'a> {
    /// What the frame is, 0..=127.
    pub payload_type: u8,
    /// How much earlier than the primary it was captured, in steps of the RTP clock.
    pub timestamp_offset: u16,
    /// The frame.
    pub payload: &'a [u8],
}

/// A redundant payload, taken apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RedPayload<'a> {
    /// What the primary is, 0..=127.
    pub primary_type: u8,
    /// The frame that the packet's timestamp is of.
    pub primary: &'a [u8],
    headers: &'a [u8],
    frames: &'a [u8],
}

impl<'a> RedPayload<'a> {
    /// Reads the chain of headers. Fuzz target `red`.
    ///
    /// # Errors
    ///
    /// The chain does not end, has more than 32 blocks, or claims more bytes than follow it.
    pub fn parse_untrusted(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let (mut blocks, mut frames_len) = (0, 0);
        let primary_type = loop {
            let first = reader.u8()?;
            if first & ANOTHER_FOLLOWS_BIT == 0 {
                break first;
            }
            if blocks == MAX_BLOCKS {
                return Err(Malformed::Length);
            }
            blocks += 1;
            frames_len += len_of(reader.u24()?);
        };
        let headers = payload
            .get(..blocks * HEADER_BYTES)
            .ok_or(Malformed::Truncated)?;
        let frames = reader.bytes(frames_len).map_err(|_| Malformed::Length)?;
        Ok(Self {
            primary_type,
            primary: reader.rest(),
            headers,
            frames,
        })
    }

    /// The earlier frames, in the order in which they stand.
    #[must_use]
    pub const fn blocks(&self) -> RedBlocks<'a> {
        RedBlocks {
            headers: self.headers,
            frames: self.frames,
        }
    }
}

/// The earlier frames of a redundant payload.
#[derive(Clone, Debug)]
pub struct RedBlocks<'a> {
    headers: &'a [u8],
    frames: &'a [u8],
}

impl<'a> Iterator for RedBlocks<'a> {
    type Item = RedBlock<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&[first, a, b, c], headers) = self.headers.split_first_chunk()?;
        let numbers = u32::from_be_bytes([0, a, b, c]);
        let (payload, frames) = self.frames.split_at_checked(len_of(numbers))?;
        (self.headers, self.frames) = (headers, frames);
        Some(RedBlock {
            payload_type: first & !ANOTHER_FOLLOWS_BIT,
            timestamp_offset: (numbers >> LENGTH_BITS) as u16,
            payload,
        })
    }
}

/// Puts earlier frames, the oldest first, before the primary of `primary_len` bytes that `out` begins with.
///
/// Returns the length of it all. `None`, and no change, where a number is too large for its field, there are
/// more than 32 frames, or `out` is too short.
#[must_use]
pub fn wrap(
    out: &mut [u8],
    primary_len: usize,
    primary_type: u8,
    blocks: &[RedBlock<'_>],
) -> Option<usize> {
    let fits = |block: &RedBlock<'_>| {
        block.payload_type < ANOTHER_FOLLOWS_BIT
            && block.timestamp_offset <= MAX_TIMESTAMP_OFFSET
            && block.payload.len() <= MAX_BLOCK_BYTES
    };
    if primary_type >= ANOTHER_FOLLOWS_BIT || blocks.len() > MAX_BLOCKS || !blocks.iter().all(fits)
    {
        return None;
    }
    let before = overhead(blocks);
    let whole = out.get_mut(..before.checked_add(primary_len)?)?;
    whole.copy_within(..primary_len, before);
    let mut writer = Writer::new(whole);
    for block in blocks {
        writer.u8(ANOTHER_FOLLOWS_BIT | block.payload_type)?;
        let offset = u32::from(block.timestamp_offset) << LENGTH_BITS;
        writer.u24(offset | block.payload.len() as u32)?;
    }
    writer.u8(primary_type)?;
    for block in blocks {
        writer.bytes(block.payload)?;
    }
    Some(before + primary_len)
}

/// By how much [`wrap`] makes a payload longer.
#[must_use]
pub fn overhead(blocks: &[RedBlock<'_>]) -> usize {
    let frames = blocks
        .iter()
        .map(|block| HEADER_BYTES + block.payload.len());
    frames.sum::<usize>() + PRIMARY_HEADER_BYTES
}

const fn len_of(numbers: u32) -> usize {
    numbers as usize & MAX_BLOCK_BYTES
}

/// RFC 2198 §3: the timestamp offset has 14 bits, 341 ms of Opus.
pub const MAX_TIMESTAMP_OFFSET: u16 = (1 << 14) - 1;
/// RFC 2198 §3: the block length has 10 bits.
pub const MAX_BLOCK_BYTES: usize = (1 << LENGTH_BITS) - 1;
/// RFC 2198 §3: of an earlier frame.
pub const HEADER_BYTES: usize = 4;
/// RFC 2198 §3: of the primary.
pub const PRIMARY_HEADER_BYTES: usize = 1;
/// RFC 2198 §3: the F bit.
const ANOTHER_FOLLOWS_BIT: u8 = 0x80;
const LENGTH_BITS: u32 = 10;
/// What libwebrtc reads of one packet (`RedPayloadSplitter`); it writes two at most.
const MAX_BLOCKS: usize = 32;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use proptest::prelude::*;

    /// Two frames of 3 and 2 bytes, 40 and 20 ms before the primary `[7]`.
    const TWO: &[u8] = &[
        0xef, 0x1e, 0x00, 0x03, 0xef, 0x0f, 0x00, 0x02, 0x6f, 1, 2, 3, 4, 5, 7,
    ];

    #[test]
    fn frames_are_read_as_they_stand_and_the_primary_has_the_rest() {
        let red = RedPayload::parse_untrusted(TWO).unwrap();
        assert_eq!((red.primary_type, red.primary), (111, &[7][..]));
        let blocks: Vec<_> = red.blocks().collect();
        let block = |timestamp_offset, payload| RedBlock {
            payload_type: 111,
            timestamp_offset,
            payload,
        };
        assert_eq!(blocks, [block(1_920, &[1, 2, 3][..]), block(960, &[4, 5])]);
    }

    #[test]
    fn a_primary_alone_is_one_byte_longer_than_itself() {
        let red = RedPayload::parse_untrusted(&[0x6f, 8, 9]).unwrap();
        assert_eq!((red.primary, red.blocks().count()), (&[8, 9][..], 0));
        let mut out = [8, 9, 0];
        assert_eq!(wrap(&mut out, 2, 111, &[]), Some(3));
        assert_eq!(out, [0x6f, 8, 9]);
    }

    #[test]
    fn a_chain_that_does_not_end_or_claims_too_much_is_refused() {
        for len in 0..=8 {
            let refused = RedPayload::parse_untrusted(&TWO[..len]);
            assert_eq!(refused, Err(Malformed::Truncated), "{len} bytes");
        }
        for len in 9..14 {
            let refused = RedPayload::parse_untrusted(&TWO[..len]);
            assert_eq!(refused, Err(Malformed::Length), "{len} bytes");
        }
        let empty = |blocks| [[0x80, 0, 0, 0].repeat(blocks), vec![0x6f]].concat();
        assert!(RedPayload::parse_untrusted(&empty(32)).is_ok());
        assert_eq!(
            RedPayload::parse_untrusted(&empty(33)),
            Err(Malformed::Length)
        );
    }

    #[test]
    fn what_has_no_room_is_not_written_and_changes_nothing() {
        let frame = [1; MAX_BLOCK_BYTES + 1];
        let good = RedBlock {
            payload_type: 127,
            timestamp_offset: MAX_TIMESTAMP_OFFSET,
            payload: &frame[..MAX_BLOCK_BYTES],
        };
        let long = RedBlock {
            payload: &frame,
            ..good
        };
        let old = RedBlock {
            timestamp_offset: MAX_TIMESTAMP_OFFSET + 1,
            ..good
        };
        let other = RedBlock {
            payload_type: 128,
            ..good
        };
        let mut out = [0xaa; 2_000];
        for refused in [long, old, other] {
            assert_eq!(wrap(&mut out, 100, 111, &[refused]), None);
        }
        assert_eq!(wrap(&mut out, 100, 128, &[good]), None);
        assert_eq!(wrap(&mut out, 2_000 - 1_027, 111, &[good]), None);
        assert_eq!(out, [0xaa; 2_000]);
        assert_eq!(wrap(&mut out, 2_000 - 1_028, 111, &[good]), Some(2_000));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            frames in proptest::collection::vec(
                (0..128_u8, 0..=MAX_TIMESTAMP_OFFSET, proptest::collection::vec(any::<u8>(), 0..40)),
                0..5,
            ),
            primary_type in 0..128_u8,
            primary in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let blocks: Vec<_> = frames
                .iter()
                .map(|(payload_type, timestamp_offset, payload)| RedBlock {
                    payload_type: *payload_type,
                    timestamp_offset: *timestamp_offset,
                    payload,
                })
                .collect();
            let mut out = primary.clone();
            out.resize(primary.len() + overhead(&blocks), 0);
            let len = wrap(&mut out, primary.len(), primary_type, &blocks);
            prop_assert_eq!(len, Some(out.len()));
            let red = RedPayload::parse_untrusted(&out).unwrap();
            prop_assert_eq!((red.primary_type, red.primary), (primary_type, &primary[..]));
            prop_assert!(red.blocks().eq(blocks));
        }

        #[test]
        fn whatever_is_read_is_accounted_for(payload in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(red) = RedPayload::parse_untrusted(&payload) {
                let blocks: Vec<_> = red.blocks().collect();
                prop_assert_eq!(overhead(&blocks) + red.primary.len(), payload.len());
            }
        }
    }
}
