//! What stands before, and behind, the stamp of a payload, by codec.

use std::ops::Range;

use super::{h264, opus, vp8};
use crate::setup::VideoCodec;

/// What a packet begins with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lead {
    /// 20 ms of sound.
    Opus,
    /// A part of a VP8 frame.
    Vp8 {
        /// The frame's number.
        picture_id: u16,
        /// Whether it is the first part.
        first: bool,
        /// Whether it is a key frame's.
        key_frame: bool,
    },
    /// A part of an H.264 frame.
    H264(h264::Unit),
}

impl Lead {
    /// Writes it and says where the stamp and its pattern go; `None` if it does not fit.
    pub fn write(self, payload: &mut [u8]) -> Option<Range<usize>> {
        let end = payload.len();
        match self {
            Self::Opus => {
                *payload.first_mut()? = opus::CONTENTS;
                Some(1..end)
            }
            Self::Vp8 {
                picture_id,
                first,
                key_frame,
            } => Some(vp8::write_lead(payload, picture_id, first, key_frame)?..end),
            Self::H264(unit) => unit.write(payload),
        }
    }
}

/// Where stamp and pattern are in a picture's payload from the network.
#[must_use]
pub fn stamped_untrusted(codec: VideoCodec, payload: &[u8]) -> Option<&[u8]> {
    match codec {
        VideoCodec::Vp8 => payload.get(vp8::lead_bytes(payload)?..),
        VideoCodec::H264 => h264::stamped_untrusted(payload),
    }
}

/// Whether a key frame begins with a payload from the network.
#[must_use]
pub fn begins_key_frame_untrusted(codec: VideoCodec, payload: &[u8]) -> bool {
    use wire::payload::{h264::H264Descriptor, vp8::Vp8Descriptor};
    match codec {
        VideoCodec::Vp8 => Vp8Descriptor::parse_untrusted(payload).is_ok_and(|read| read.key_frame),
        VideoCodec::H264 => {
            H264Descriptor::parse_untrusted(payload).is_ok_and(|read| read.key_frame)
        }
    }
}
