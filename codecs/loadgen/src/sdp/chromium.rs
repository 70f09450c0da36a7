//! What Chromium 156 offers, in its order (`tests/captures/sdp_chromium_sdk.sdp`).

/// One video format of an offer.
#[derive(Clone, Copy, Debug)]
pub struct VideoCodec {
    /// Its number in packets.
    pub payload_type: u8,
    /// As `a=rtpmap` names it.
    pub name: &'static str,
    /// As `a=fmtp` has them; empty where there are none.
    pub parameters: &'static str,
    /// The number of its retransmissions; 0 where there are none.
    pub rtx_payload_type: u8,
}

const fn codec(
    payload_type: u8,
    name: &'static str,
    parameters: &'static str,
    rtx_payload_type: u8,
) -> VideoCodec {
    VideoCodec {
        payload_type,
        name,
        parameters,
        rtx_payload_type,
    }
}

// Both directions have these, by their numbers.
const H264_102: VideoCodec = codec(
    102,
    "H264",
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
    103,
);
const H264_104: VideoCodec = codec(
    104,
    "H264",
    "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f",
    107,
);
const H264_108: VideoCodec = codec(
    108,
    "H264",
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    109,
);
const H264_114: VideoCodec = codec(
    114,
    "H264",
    "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f",
    115,
);
const H264_116: VideoCodec = codec(
    116,
    "H264",
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f",
    117,
);
const H264_39: VideoCodec = codec(
    39,
    "H264",
    "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=4d001f",
    40,
);

/// Of an m-line on which it sends.
pub const SENT: &[VideoCodec] = &[
    codec(96, "VP8", "", 97),
    H264_102,
    H264_104,
    H264_108,
    H264_114,
    H264_116,
    H264_39,
    codec(45, "AV1", "level-idx=5;profile=0;tier=0", 46),
    codec(98, "VP9", "profile-id=0", 99),
    codec(100, "VP9", "profile-id=2", 101),
    codec(118, "red", "", 119),
    codec(120, "ulpfec", "", 0),
];

/// Of an m-line on which it receives.
pub const RECEIVED: &[VideoCodec] = &[
    codec(96, "VP8", "", 97),
    codec(98, "VP9", "profile-id=0", 99),
    codec(100, "VP9", "profile-id=2", 101),
    codec(35, "VP9", "profile-id=1", 36),
    codec(37, "VP9", "profile-id=3", 38),
    H264_102,
    H264_104,
    H264_108,
    H264_114,
    H264_116,
    H264_39,
    codec(
        41,
        "H264",
        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=f4001f",
        42,
    ),
    codec(
        43,
        "H264",
        "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=f4001f",
        44,
    ),
    codec(45, "AV1", "level-idx=5;profile=0;tier=0", 46),
    codec(47, "AV1", "level-idx=5;profile=1;tier=0", 48),
    codec(118, "red", "", 119),
    codec(120, "ulpfec", "", 0),
    codec(49, "flexfec-03", "repair-window=10000000", 0),
];

/// Sound: number, name with clock and channels, parameters.
pub const AUDIO: &[(u8, &str, &str)] = &[
    (111, "opus/48000/2", "minptime=10;useinbandfec=1"),
    (63, "red/48000/2", "111/111"),
    (9, "G722/8000", ""),
    (0, "PCMU/8000", ""),
    (8, "PCMA/8000", ""),
    (13, "CN/8000", ""),
    (110, "telephone-event/48000", ""),
    (126, "telephone-event/8000", ""),
];

/// Header extensions of sound.
pub const AUDIO_EXTENSIONS: &[(u8, &str)] = &[
    (1, AUDIO_LEVEL),
    (2, ABS_SEND_TIME),
    (3, TRANSPORT_SEQUENCE),
    (4, MID),
];

/// Header extensions of pictures.
pub const VIDEO_EXTENSIONS: &[(u8, &str)] = &[
    (14, "urn:ietf:params:rtp-hdrext:toffset"),
    (2, ABS_SEND_TIME),
    (13, "urn:3gpp:video-orientation"),
    (3, TRANSPORT_SEQUENCE),
    (
        5,
        "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    ),
    (
        6,
        "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
    ),
    (
        7,
        "http://www.webrtc.org/experiments/rtp-hdrext/video-timing",
    ),
    (
        8,
        "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
    ),
    (4, MID),
    (10, RID),
    (11, REPAIRED_RID),
    (
        12,
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    ),
    (
        9,
        "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
    ),
];

/// Loudness (RFC 6464).
pub const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/// When the packet left.
pub const ABS_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
/// Transport-wide counter.
pub const TRANSPORT_SEQUENCE: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// The m-line (RFC 9143).
pub const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// The encoding (RFC 8852).
pub const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
/// The encoding that a retransmission repairs (RFC 8852).
pub const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
