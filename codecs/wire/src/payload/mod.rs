//! What the relay reads of a payload: enough to find key frames and to drop layers.
//!
//! Nothing here decodes sound or picture.

pub mod av1;
pub mod h264;
pub mod opus;
mod picture_numbers;
pub mod red;
pub mod vp8;
pub mod vp9;

/// The codecs that the relay carries.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "each variant is the codec's name")]
pub enum Codec {
    Opus,
    Vp8,
    Vp9,
    H264,
    Av1,
}

/// Sound or picture.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "each variant is its own name")]
pub enum Kind {
    Audio,
    Video,
}

impl Codec {
    /// Every codec.
    pub const ALL: [Self; 5] = [Self::Opus, Self::Vp8, Self::Vp9, Self::H264, Self::Av1];

    /// The encoding name in an `a=rtpmap` line, where case does not matter (RFC 8866 §6.6).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::H264 => "H264",
            Self::Av1 => "AV1",
        }
    }

    /// Steps of the RTP timestamp per second (RFC 7587 §4.1; 90 kHz for every video format).
    #[must_use]
    pub const fn clock_rate_hz(self) -> u32 {
        match self.kind() {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        }
    }

    /// Sound or picture.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Opus => Kind::Audio,
            Self::Vp8 | Self::Vp9 | Self::H264 | Self::Av1 => Kind::Video,
        }
    }
}

/// Whether a decoder can start at this packet: it begins a key frame.
///
/// False for sound, which has none, and for a payload that is not what it claims to be.
#[must_use]
pub fn is_key_frame_untrusted(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Opus => false,
        Codec::Vp8 => {
            vp8::Vp8Descriptor::parse_untrusted(payload).is_ok_and(|found| found.key_frame)
        }
        Codec::Vp9 => {
            vp9::Vp9Descriptor::parse_untrusted(payload).is_ok_and(|found| found.key_frame)
        }
        Codec::H264 => {
            h264::H264Descriptor::parse_untrusted(payload).is_ok_and(|found| found.key_frame)
        }
        Codec::Av1 => {
            av1::Av1Descriptor::parse_untrusted(payload).is_ok_and(|found| found.key_frame)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Codec, Kind, is_key_frame_untrusted};
    use proptest::prelude::*;

    #[test]
    fn sound_and_picture_have_their_clocks() {
        for codec in Codec::ALL {
            let (kind, rate) = match codec {
                Codec::Opus => (Kind::Audio, 48_000),
                _ => (Kind::Video, 90_000),
            };
            assert_eq!((codec.kind(), codec.clock_rate_hz()), (kind, rate));
            let namesakes = Codec::ALL
                .into_iter()
                .filter(|other| other.name() == codec.name());
            assert_eq!(namesakes.count(), 1);
        }
    }

    #[test]
    fn each_codecs_key_frame_is_found() {
        let key_frames: [(Codec, &[u8]); 4] = [
            (Codec::Vp8, &[0x10, 0x00]),
            (Codec::Vp9, &[0x08, 0x82]),
            (Codec::H264, &[0x67, 0x42]),
            (Codec::Av1, &[0x18, 0x0a]),
        ];
        for (codec, payload) in key_frames {
            assert!(is_key_frame_untrusted(codec, payload), "{}", codec.name());
            assert!(!is_key_frame_untrusted(codec, &[]), "{}", codec.name());
        }
        assert!(!is_key_frame_untrusted(Codec::Opus, &[0xfc, 0xff, 0xfe]));
    }

    proptest! {
        #[test]
        fn no_payload_is_too_strange(payload in proptest::collection::vec(any::<u8>(), 0..64)) {
            for codec in Codec::ALL {
                let key_frame = is_key_frame_untrusted(codec, &payload);
                prop_assert!(!(key_frame && payload.len() < 2));
            }
        }
    }
}
