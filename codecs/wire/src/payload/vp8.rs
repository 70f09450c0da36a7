//! The VP8 payload descriptor (RFC 7741 §4.2) and the bit that makes a key frame (§4.3).

use super::picture_numbers::{PictureId, patch_byte, patch_picture_id};
use crate::Malformed;
use crate::reader::Reader;

/// What precedes the frame's bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one bit of the descriptor"
)]
pub struct Vp8Descriptor {
    /// The packet begins a partition.
    pub start_of_partition: bool,
    /// 0 to 7; the first partition is 0.
    pub partition_index: u8,
    /// No other frame refers to this one.
    pub non_reference: bool,
    /// Counts frames, in 7 or 15 bits.
    pub picture_id: Option<u16>,
    /// How wide the picture id is; a source keeps its width.
    pub picture_id_is_15_bit: bool,
    /// Counts frames of the lowest temporal layer.
    pub tl0_pic_idx: Option<u8>,
    /// 0 to 3.
    pub temporal_layer: Option<u8>,
    /// The frame depends on the lowest temporal layer only.
    pub layer_sync: bool,
    /// The packet begins a key frame.
    pub key_frame: bool,
    /// Where the frame's bytes begin.
    pub descriptor_len: usize,
    /// For [`Vp8Descriptor::patch`].
    pub picture_id_offset: Option<usize>,
    /// For [`Vp8Descriptor::patch`].
    pub tl0_offset: Option<usize>,
}

impl Vp8Descriptor {
    /// Reads the descriptor. Fuzz target `vp8`.
    ///
    /// # Errors
    ///
    /// `Truncated`: the payload ends within its descriptor, or right behind it.
    pub fn parse_untrusted(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let first = reader.u8()?;
        let extended = if first & X_BIT != 0 { reader.u8()? } else { 0 };
        let picture = if extended & I_BIT != 0 {
            Some(PictureId::parse_untrusted(&mut reader, payload.len())?)
        } else {
            None
        };
        let tl0_offset = (extended & L_BIT != 0).then_some(payload.len() - reader.len());
        let tl0_pic_idx = tl0_offset.map(|_| reader.u8()).transpose()?;
        let layer = if extended & (T_BIT | K_BIT) != 0 {
            reader.u8()?
        } else {
            0
        };
        let descriptor_len = payload.len() - reader.len();
        let frame_head = reader.u8()?;
        let (start_of_partition, partition_index) = (first & S_BIT != 0, first & 0x07);
        Ok(Self {
            start_of_partition,
            partition_index,
            non_reference: first & N_BIT != 0,
            picture_id: picture.map(|picture| picture.value),
            picture_id_is_15_bit: picture.is_some_and(|picture| picture.is_15_bit),
            tl0_pic_idx,
            temporal_layer: (extended & T_BIT != 0).then_some(layer >> 6),
            layer_sync: extended & T_BIT != 0 && layer & Y_BIT != 0,
            // RFC 7741 §4.3: the P bit of the frame's first byte is zero.
            key_frame: start_of_partition && partition_index == 0 && frame_head & P_BIT == 0,
            descriptor_len,
            picture_id_offset: picture.map(|picture| picture.offset),
            tl0_offset,
        })
    }

    /// Whether the packet begins a frame: the start of its first partition (RFC 7741 §4.2).
    #[must_use]
    pub const fn starts_frame(&self) -> bool {
        self.start_of_partition && self.partition_index == 0
    }

    /// Rewrites the counters in place, where the descriptor has them, at their own width.
    pub fn patch(&self, payload: &mut [u8], picture_id: Option<u16>, tl0: Option<u8>) {
        if let (Some(value), Some(offset)) = (picture_id, self.picture_id_offset) {
            patch_picture_id(payload, offset, self.picture_id_is_15_bit, value);
        }
        if let (Some(value), Some(offset)) = (tl0, self.tl0_offset) {
            patch_byte(payload, offset, value);
        }
    }
}

// The bits of RFC 7741 §4.2, in the order of its figure.
const X_BIT: u8 = 0x80;
const N_BIT: u8 = 0x20;
const S_BIT: u8 = 0x10;
const I_BIT: u8 = 0x80;
const L_BIT: u8 = 0x40;
const T_BIT: u8 = 0x20;
const K_BIT: u8 = 0x10;
const Y_BIT: u8 = 0x20;
/// RFC 7741 §4.3.
const P_BIT: u8 = 0x01;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use proptest::prelude::*;

    /// Every optional field, a 15-bit picture id, and the first byte of a key frame.
    const FULL: [u8; 7] = [0x90, 0xf0, 0x92, 0x34, 0x07, 0b0110_0011, 0x00];

    #[test]
    fn a_full_descriptor_is_read() {
        let descriptor = Vp8Descriptor::parse_untrusted(&FULL).unwrap();
        assert_eq!(descriptor.picture_id, Some(0x1234));
        assert_eq!(
            (
                descriptor.picture_id_is_15_bit,
                descriptor.picture_id_offset
            ),
            (true, Some(2))
        );
        assert_eq!(
            (descriptor.tl0_pic_idx, descriptor.tl0_offset),
            (Some(7), Some(4))
        );
        assert_eq!(
            (descriptor.temporal_layer, descriptor.layer_sync),
            (Some(1), true)
        );
        assert_eq!(descriptor.descriptor_len, 6);
        assert!(descriptor.key_frame && descriptor.starts_frame() && !descriptor.non_reference);
    }

    #[test]
    fn every_truncation_is_refused() {
        for len in 0..FULL.len() {
            assert_eq!(
                Vp8Descriptor::parse_untrusted(&FULL[..len]),
                Err(Malformed::Truncated),
                "{len} bytes"
            );
        }
    }

    #[test]
    fn a_bare_descriptor_is_one_byte() {
        let descriptor = Vp8Descriptor::parse_untrusted(&[0x33, 0x01]).unwrap();
        assert_eq!(
            (descriptor.descriptor_len, descriptor.partition_index),
            (1, 3)
        );
        assert!(descriptor.start_of_partition && descriptor.non_reference);
        assert!(!descriptor.key_frame && !descriptor.starts_frame());
        assert_eq!(
            (descriptor.picture_id, descriptor.tl0_pic_idx),
            (None, None)
        );
        assert_eq!(descriptor.temporal_layer, None);
    }

    #[test]
    fn only_the_start_of_the_first_partition_tells_a_key_frame() {
        assert!(
            Vp8Descriptor::parse_untrusted(&[0x10, 0x00])
                .unwrap()
                .key_frame
        );
        assert!(
            !Vp8Descriptor::parse_untrusted(&[0x10, 0x01])
                .unwrap()
                .key_frame
        );
        assert!(
            !Vp8Descriptor::parse_untrusted(&[0x00, 0x00])
                .unwrap()
                .key_frame
        );
        assert!(
            !Vp8Descriptor::parse_untrusted(&[0x11, 0x00])
                .unwrap()
                .key_frame
        );
    }

    #[test]
    fn the_key_index_alone_says_nothing_of_layers() {
        let descriptor = Vp8Descriptor::parse_untrusted(&[0x90, 0x10, 0xff, 0x01]).unwrap();
        assert_eq!(
            (descriptor.temporal_layer, descriptor.layer_sync),
            (None, false)
        );
        assert_eq!(descriptor.descriptor_len, 3);
    }

    proptest! {
        #[test]
        fn a_patch_changes_the_two_counters_and_nothing_else(
            first: u8, extended: u8, rest in proptest::collection::vec(any::<u8>(), 6..20),
            picture_id: u16, tl0: u8,
        ) {
            let payload: Vec<u8> = [first | 0x80, extended].into_iter().chain(rest).collect();
            let before = Vp8Descriptor::parse_untrusted(&payload).unwrap();
            let mut patched = payload.clone();
            before.patch(&mut patched, Some(picture_id), Some(tl0));
            let after = Vp8Descriptor::parse_untrusted(&patched).unwrap();
            let mask = if before.picture_id_is_15_bit { 0x7fff } else { 0x7f };
            prop_assert_eq!(after.picture_id, before.picture_id.map(|_| picture_id & mask));
            prop_assert_eq!(after.tl0_pic_idx, before.tl0_pic_idx.map(|_| tl0));
            let restored = Vp8Descriptor {
                picture_id: before.picture_id, tl0_pic_idx: before.tl0_pic_idx, ..after
            };
            prop_assert_eq!(restored, before);
            before.patch(&mut patched, before.picture_id, before.tl0_pic_idx);
            prop_assert_eq!(&patched, &payload);
            before.patch(&mut patched, None, None);
            prop_assert_eq!(patched, payload);
        }

        #[test]
        fn a_patch_of_another_payload_stays_inside_it(len in 0..8_usize) {
            let mut short = vec![0; len];
            Vp8Descriptor::parse_untrusted(&FULL).unwrap().patch(&mut short, Some(1), Some(2));
            prop_assert_eq!(short.len(), len);
        }
    }
}
