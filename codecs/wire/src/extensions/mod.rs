//! What header extension elements mean: their kinds, their ids on a leg, their values.

pub mod dependency_descriptor;
mod map;
mod token;
mod values;
pub mod video_layers_allocation;

pub use map::ExtensionMap;
pub use token::SmallToken;
pub use values::{
    AbsCaptureTime, AbsSendTime, AudioLevel, PlayoutDelay, Rotation, TransportSequence,
    VideoOrientation,
};

/// The header extensions that the relay reads, rewrites or writes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ExtensionKind {
    /// Media section of the packet (RFC 9143 §15).
    Mid,
    /// Encoding of a simulcast source (RFC 8852).
    Rid,
    /// Encoding that a retransmission repairs (RFC 8852).
    RepairedRid,
    /// When the packet left its sender.
    AbsSendTime,
    /// Counter across all sources of a transport (TWCC).
    TransportSequence,
    /// Loudness (RFC 6464).
    AudioLevel,
    /// How the picture is to be turned (3GPP TS 26.114 §7.4.5).
    VideoOrientation,
    /// Bounds for the receiver's jitter buffer.
    PlayoutDelay,
    /// When the frame was captured.
    AbsCaptureTime,
    /// Bitrate and size of each layer.
    VideoLayersAllocation,
    /// Which frames a frame depends on (AV1 RTP specification, appendix A).
    DependencyDescriptor,
}

impl ExtensionKind {
    /// How many kinds there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Every kind, in the order of [`ExtensionKind::index`].
    pub const ALL: [Self; 11] = [
        Self::Mid,
        Self::Rid,
        Self::RepairedRid,
        Self::AbsSendTime,
        Self::TransportSequence,
        Self::AudioLevel,
        Self::VideoOrientation,
        Self::PlayoutDelay,
        Self::AbsCaptureTime,
        Self::VideoLayersAllocation,
        Self::DependencyDescriptor,
    ];

    /// Position in [`ExtensionKind::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The kind that an `a=extmap` line names; `None` is one the relay does not know.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.uri() == uri)
    }

    /// The name in an `a=extmap` line (RFC 8285 §5).
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Mid => "urn:ietf:params:rtp-hdrext:sdes:mid",
            Self::Rid => "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
            Self::RepairedRid => "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
            Self::AbsSendTime => "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
            Self::TransportSequence => {
                "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
            }
            Self::AudioLevel => "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            Self::VideoOrientation => "urn:3gpp:video-orientation",
            Self::PlayoutDelay => "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
            Self::AbsCaptureTime => "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
            Self::VideoLayersAllocation => {
                "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00"
            }
            Self::DependencyDescriptor => {
                "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ExtensionKind;

    #[test]
    fn every_kind_is_found_by_its_own_name_and_place() {
        for (place, kind) in ExtensionKind::ALL.into_iter().enumerate() {
            assert_eq!(kind.index(), place);
            assert_eq!(ExtensionKind::from_uri(kind.uri()), Some(kind));
        }
        assert_eq!(ExtensionKind::COUNT, ExtensionKind::ALL.len());
        assert_eq!(
            ExtensionKind::from_uri("urn:ietf:params:rtp-hdrext:toffset"),
            None
        );
        assert_eq!(ExtensionKind::from_uri(""), None);
    }
}
