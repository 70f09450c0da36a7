//! The VP9 payload descriptor (RFC 9628 §4.2).

use super::picture_numbers::{PictureId, patch_byte, patch_picture_id};
use crate::Malformed;
use crate::reader::Reader;

/// What precedes the frame's bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one bit of the descriptor"
)]
pub struct Vp9Descriptor {
    /// Counts pictures, in 7 or 15 bits.
    pub picture_id: Option<u16>,
    /// How wide the picture id is; a source keeps its width.
    pub picture_id_is_15_bit: bool,
    /// Counts pictures of the lowest temporal layer; absent in flexible mode.
    pub tl0_pic_idx: Option<u8>,
    /// 0 to 7.
    pub temporal_layer: Option<u8>,
    /// 0 to 7.
    pub spatial_layer: Option<u8>,
    /// A receiver may move up to this temporal layer here.
    pub switching_point: bool,
    /// Depends on the next lower spatial layer of the same picture.
    pub inter_layer_predicted: bool,
    /// Depends on an earlier picture.
    pub inter_picture_predicted: bool,
    /// First packet of a layer's frame.
    pub begins_frame: bool,
    /// Last packet of a layer's frame.
    pub ends_frame: bool,
    /// No higher spatial layer refers to this frame.
    pub not_a_spatial_reference: bool,
    /// The packet begins a key picture.
    pub key_frame: bool,
    /// Where the frame's bytes begin.
    pub descriptor_len: usize,
    /// For [`Vp9Descriptor::patch`].
    pub picture_id_offset: Option<usize>,
    /// For [`Vp9Descriptor::patch`].
    pub tl0_offset: Option<usize>,
}

impl Vp9Descriptor {
    /// Reads the descriptor. Fuzz target `vp9`.
    ///
    /// # Errors
    ///
    /// The payload ends within its descriptor or right behind it, or lists more references than
    /// RFC 9628 §4.2 allows.
    pub fn parse_untrusted(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let first = reader.u8()?;
        let (predicted, flexible) = (first & P_BIT != 0, first & F_BIT != 0);
        let picture = if first & I_BIT != 0 {
            Some(PictureId::parse_untrusted(&mut reader, payload.len())?)
        } else {
            None
        };
        let layer = if first & L_BIT != 0 {
            Some(reader.u8()?)
        } else {
            None
        };
        let tl0_offset = (layer.is_some() && !flexible).then_some(payload.len() - reader.len());
        let tl0_pic_idx = tl0_offset.map(|_| reader.u8()).transpose()?;
        if flexible && predicted {
            skip_references(&mut reader)?;
        }
        if first & V_BIT != 0 {
            skip_scalability_structure(&mut reader)?;
        }
        if reader.is_empty() {
            return Err(Malformed::Truncated);
        }
        let begins_frame = first & B_BIT != 0;
        let spatial_layer = layer.map(|layer| layer >> 1 & 0x07);
        Ok(Self {
            picture_id: picture.map(|picture| picture.value),
            picture_id_is_15_bit: picture.is_some_and(|picture| picture.is_15_bit),
            tl0_pic_idx,
            temporal_layer: layer.map(|layer| layer >> 5),
            spatial_layer,
            switching_point: layer.is_some_and(|layer| layer & U_BIT != 0),
            inter_layer_predicted: layer.is_some_and(|layer| layer & D_BIT != 0),
            inter_picture_predicted: predicted,
            begins_frame,
            ends_frame: first & E_BIT != 0,
            not_a_spatial_reference: first & Z_BIT != 0,
            // Higher spatial layers of a key picture lean on the lowest: a decoder starts there.
            key_frame: begins_frame && !predicted && spatial_layer.unwrap_or(0) == 0,
            descriptor_len: payload.len() - reader.len(),
            picture_id_offset: picture.map(|picture| picture.offset),
            tl0_offset,
        })
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

/// RFC 9628 §4.2: one to three differences, the N bit says that another follows.
fn skip_references(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    for _ in 0..REFERENCES_MAX {
        if reader.u8()? & 0x01 == 0 {
            return Ok(());
        }
    }
    Err(Malformed::Length)
}

/// RFC 9628 §4.2.1.
fn skip_scalability_structure(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    let head = reader.u8()?;
    if head & 0x10 != 0 {
        let spatial_layers = usize::from(head >> 5) + 1;
        reader.bytes(4 * spatial_layers)?;
    }
    if head & 0x08 != 0 {
        for _ in 0..reader.u8()? {
            let references = usize::from(reader.u8()? >> 2 & 0x03);
            reader.bytes(references)?;
        }
    }
    Ok(())
}

/// RFC 9628 §4.2.
const REFERENCES_MAX: usize = 3;

// The bits of RFC 9628 §4.2, in the order of its figure.
const I_BIT: u8 = 0x80;
const P_BIT: u8 = 0x40;
const L_BIT: u8 = 0x20;
const F_BIT: u8 = 0x10;
const B_BIT: u8 = 0x08;
const E_BIT: u8 = 0x04;
const V_BIT: u8 = 0x02;
const Z_BIT: u8 = 0x01;
const U_BIT: u8 = 0x10;
const D_BIT: u8 = 0x01;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use proptest::prelude::*;

    /// Non-flexible, begin of frame, two spatial layers with sizes, two pictures in the group.
    const FULL: [u8; 20] = [
        0b1010_1010,
        0x92,
        0x34,
        0b0011_0001,
        9,
        0b0011_1000,
        1,
        64,
        0,
        180,
        2,
        128,
        1,
        104,
        2,
        0b0000_0100,
        1,
        0b0010_0000,
        0x82,
        0x49,
    ];

    #[test]
    fn a_full_descriptor_is_read() {
        let descriptor = Vp9Descriptor::parse_untrusted(&FULL).unwrap();
        assert_eq!(
            (descriptor.picture_id, descriptor.picture_id_offset),
            (Some(0x1234), Some(1))
        );
        assert_eq!(
            (descriptor.tl0_pic_idx, descriptor.tl0_offset),
            (Some(9), Some(4))
        );
        assert_eq!(
            (descriptor.temporal_layer, descriptor.spatial_layer),
            (Some(1), Some(0))
        );
        assert!(descriptor.switching_point && descriptor.inter_layer_predicted);
        assert!(descriptor.begins_frame && !descriptor.ends_frame && descriptor.key_frame);
        assert!(!descriptor.inter_picture_predicted && !descriptor.not_a_spatial_reference);
        assert_eq!(descriptor.descriptor_len, 18);
    }

    #[test]
    fn every_truncation_of_the_descriptor_is_refused() {
        for len in 0..=18 {
            assert_eq!(
                Vp9Descriptor::parse_untrusted(&FULL[..len]),
                Err(Malformed::Truncated),
                "{len} bytes"
            );
        }
    }

    #[test]
    fn flexible_mode_lists_up_to_three_references_and_has_no_level_zero_index() {
        let flexible = [0b1111_1000, 0x05, 0x40, 0x03, 0x05, 0x06, 0xff];
        let descriptor = Vp9Descriptor::parse_untrusted(&flexible).unwrap();
        assert_eq!(descriptor.tl0_pic_idx, None);
        assert_eq!(
            (descriptor.picture_id, descriptor.picture_id_is_15_bit),
            (Some(5), false)
        );
        assert_eq!(
            (descriptor.temporal_layer, descriptor.descriptor_len),
            (Some(2), 6)
        );
        assert!(descriptor.inter_picture_predicted && !descriptor.key_frame);
        let four = [0b1111_1000, 0x05, 0x40, 0x03, 0x05, 0x07, 0x02, 0xff];
        assert_eq!(
            Vp9Descriptor::parse_untrusted(&four),
            Err(Malformed::Length)
        );
    }

    #[test]
    fn a_key_picture_begins_in_its_lowest_spatial_layer() {
        assert!(
            Vp9Descriptor::parse_untrusted(&[0x08, 0])
                .unwrap()
                .key_frame
        );
        assert!(
            !Vp9Descriptor::parse_untrusted(&[0x00, 0])
                .unwrap()
                .key_frame,
            "not the first packet"
        );
        assert!(
            !Vp9Descriptor::parse_untrusted(&[0x48, 0])
                .unwrap()
                .key_frame,
            "predicted"
        );
        assert!(
            !Vp9Descriptor::parse_untrusted(&[0x28, 0x03, 0, 0])
                .unwrap()
                .key_frame,
            "a higher layer"
        );
    }

    proptest! {
        #[test]
        fn a_patch_changes_the_two_counters_and_nothing_else(
            payload in proptest::collection::vec(any::<u8>(), 1..60), picture_id: u16, tl0: u8,
        ) {
            let Ok(before) = Vp9Descriptor::parse_untrusted(&payload) else { return Ok(()) };
            let mut patched = payload.clone();
            before.patch(&mut patched, Some(picture_id), Some(tl0));
            let after = Vp9Descriptor::parse_untrusted(&patched).unwrap();
            let mask = if before.picture_id_is_15_bit { 0x7fff } else { 0x7f };
            prop_assert_eq!(after.picture_id, before.picture_id.map(|_| picture_id & mask));
            prop_assert_eq!(after.tl0_pic_idx, before.tl0_pic_idx.map(|_| tl0));
            before.patch(&mut patched, before.picture_id, before.tl0_pic_idx);
            prop_assert_eq!(patched, payload);
        }
    }
}
