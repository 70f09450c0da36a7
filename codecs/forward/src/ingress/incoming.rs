//! A packet that has been let in: authenticated, placed, and read as far as forwarding needs.

use wire::Malformed;
use wire::extensions::{ExtensionKind, ExtensionMap};
use wire::payload::vp8::Vp8Descriptor;
use wire::payload::vp9::Vp9Descriptor;
use wire::payload::{Codec, is_key_frame_untrusted};
use wire::rtp::RtpHeader;

use crate::ingress::structures::Described;
use crate::repair::recovery::BroughtBack;
use crate::slots::line::PictureIds;

/// One media packet on its way through.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// As it came, but for SSRC, payload type and sequence number of a retransmission.
    pub header: RtpHeader,
    /// Header and payload, in clear.
    pub packet: &'a [u8],
    /// The payload without padding; empty for a packet of padding only.
    pub payload: &'a [u8],
    /// Extended sequence number of its encoding.
    pub sequence: u64,
    /// Which encoding of its track.
    pub encoding: u8,
    /// The encodings of its track that are alive, one bit each.
    pub alive: u8,
    /// Whether its encoding began again under another SSRC: its numbers have nothing to do with the earlier ones.
    pub restarted: bool,
    /// What the payload is.
    pub codec: Codec,
    /// What its descriptor says.
    pub frame: FrameInfo,
    /// When it arrived, monotonic ns.
    pub arrival_ns: u64,
    /// Whether it waited for its subscriber's path: that time is not the relay's.
    pub has_waited: bool,
    /// Its NTP time on the relay's clock, where the publisher's reports tell.
    pub captured_ntp: Option<u64>,
    /// What it brings with it of those that were lost before it.
    pub brought_back: Option<BroughtBack<'a>>,
}

impl<'a> Incoming<'a> {
    /// The packets right before this one that were lost and came with it, the oldest first.
    pub fn lost_before(&self) -> impl Iterator<Item = Incoming<'a>> {
        let frames = self.brought_back.into_iter().flat_map(BroughtBack::frames);
        frames.map(move |(behind, block)| Incoming {
            header: RtpHeader {
                marker: false,
                sequence: self.header.sequence.wrapping_sub(behind as u16),
                timestamp: self
                    .header
                    .timestamp
                    .wrapping_sub(block.timestamp_offset.into()),
                // What the extensions say is of the packet that came.
                extension: None,
                ..self.header
            },
            payload: block.payload,
            sequence: self.sequence - behind,
            captured_ntp: None,
            brought_back: None,
            ..*self
        })
    }
}

/// What forwarding wants to know of a payload.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FrameInfo {
    /// A decoder may start here.
    pub key_frame: bool,
    /// First packet of a frame, where the codec tells.
    pub starts_frame: bool,
    /// Last packet of a frame, where the codec tells.
    pub ends_frame: bool,
    /// 0 where the codec has none.
    pub temporal_layer: u8,
    /// 0 where the codec has none.
    pub spatial_layer: u8,
    /// What its dependency descriptor says, where it has one that is understood.
    pub described: Option<Described>,
    /// Layers up to this frame's refer to nothing but what every receiver of lower ones has.
    pub layer_sync: bool,
    /// Where the codec numbers its frames.
    pub picture: Option<PictureIds>,
    descriptor: Descriptor,
}

#[derive(Clone, Copy, Debug, Default)]
enum Descriptor {
    #[default]
    Opaque,
    Vp8(Vp8Descriptor),
    Vp9(Vp9Descriptor),
}

impl FrameInfo {
    /// Reads the payload descriptor of a codec.
    ///
    /// # Errors
    ///
    /// The descriptor lies about its length: no subscriber should see it.
    pub fn parse_untrusted(codec: Codec, payload: &[u8]) -> Result<Self, Malformed> {
        if payload.is_empty() {
            return Ok(Self::default());
        }
        match codec {
            Codec::Vp8 => Vp8Descriptor::parse_untrusted(payload).map(|descriptor| Self {
                key_frame: descriptor.key_frame,
                starts_frame: descriptor.starts_frame(),
                temporal_layer: descriptor.temporal_layer.unwrap_or(0),
                layer_sync: descriptor.layer_sync,
                picture: descriptor.picture_id.map(|picture_id| PictureIds {
                    picture_id,
                    tl0_index: descriptor.tl0_pic_idx.unwrap_or(0),
                    ..PictureIds::default()
                }),
                descriptor: Descriptor::Vp8(descriptor),
                ..Self::default()
            }),
            Codec::Vp9 => Vp9Descriptor::parse_untrusted(payload).map(|descriptor| Self {
                key_frame: descriptor.key_frame,
                starts_frame: descriptor.begins_frame,
                ends_frame: descriptor.ends_frame,
                temporal_layer: descriptor.temporal_layer.unwrap_or(0),
                spatial_layer: descriptor.spatial_layer.unwrap_or(0),
                layer_sync: descriptor.switching_point,
                picture: descriptor.picture_id.map(|picture_id| PictureIds {
                    picture_id,
                    tl0_index: descriptor.tl0_pic_idx.unwrap_or(0),
                    ..PictureIds::default()
                }),
                descriptor: Descriptor::Vp9(descriptor),
                ..Self::default()
            }),
            Codec::H264 | Codec::Av1 => Ok(Self {
                key_frame: is_key_frame_untrusted(codec, payload),
                ..Self::default()
            }),
            Codec::Opus => Ok(Self {
                key_frame: true,
                starts_frame: true,
                ..Self::default()
            }),
        }
    }

    /// Whether the codec's picture numbers may be closed over frames left out. VP9's may not: its frames
    /// refer to each other by the distance of their numbers (RFC 9628 §4.2).
    #[must_use]
    pub const fn numbers_close(&self) -> bool {
        matches!(self.descriptor, Descriptor::Vp8(_))
    }

    /// Whether the codec tells where its frames start, or they are told apart by their RTP timestamps only.
    #[must_use]
    pub const fn tells_starts(&self, codec: Codec) -> bool {
        match codec {
            Codec::Vp8 | Codec::Vp9 | Codec::Opus => true,
            Codec::H264 | Codec::Av1 => self.described.is_some(),
        }
    }

    /// Writes the outgoing picture numbers into a copied payload.
    pub fn patch(&self, payload: &mut [u8], shift: PictureIds) {
        let Some(picture) = self.picture.map(|picture| picture.shifted(shift)) else {
            return;
        };
        match &self.descriptor {
            Descriptor::Vp8(numbers) => {
                numbers.patch(payload, Some(picture.picture_id), Some(picture.tl0_index));
            }
            Descriptor::Vp9(numbers) => {
                numbers.patch(payload, Some(picture.picture_id), Some(picture.tl0_index));
            }
            Descriptor::Opaque => {}
        }
    }
}

/// Extensions that travel unchanged from publisher to subscriber, in the order they are written.
pub const CARRIED: [ExtensionKind; 4] = [
    ExtensionKind::AudioLevel,
    ExtensionKind::VideoOrientation,
    ExtensionKind::PlayoutDelay,
    ExtensionKind::AbsCaptureTime,
];

/// Finds one extension of a packet.
///
/// `None` when it is absent, or the block lies.
#[must_use]
pub fn extension<'a>(
    header: &RtpHeader,
    packet: &'a [u8],
    map: &ExtensionMap,
    kind: ExtensionKind,
) -> Option<&'a [u8]> {
    let id = map.id(kind)?;
    header
        .extensions(packet)
        .map_while(Result::ok)
        .find(|(found, _)| *found == id)
        .map(|(_, value)| value)
}
