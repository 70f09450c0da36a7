//! What a worker tells Python; mirrored one to one by `relay/_engine.pyi`.

use wire::extensions::video_layers_allocation::VideoLayersAllocation;
use wire::payload::Codec;

use crate::tracks::encoding::LayerBytes;
use crate::worker::ids::{LegId, SlotId, TrackId};

/// Something a person, a policy or an operator may care about; tens a second, never one a packet.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field is the name of its type")]
pub enum Event {
    /// The first authenticated, nominated path to a leg, or a path again after consent ran out.
    Connected { leg: LegId },
    /// The participant is now reached at another address.
    AddressChanged { leg: LegId },
    /// No authenticated check for 30 s (RFC 7675): nothing more is sent there.
    ConsentLost { leg: LegId },
    /// A DTLS record from an authenticated path.
    Dtls { leg: LegId, datagram: Vec<u8> },
    /// The first SRTP packet of a leg that authenticated.
    MediaStarted { leg: LegId },
    /// An encoding's first packet, or its first after a silence or a change of codec.
    EncodingStarted {
        track: TrackId,
        encoding: u8,
        codec: Codec,
    },
    /// No packet of an encoding for 2 s.
    EncodingStopped { track: TrackId, encoding: u8 },
    /// The first packet forwarded on a slot since it was bound.
    SlotStarted { slot: SlotId },
    /// What a publisher says of the layers it sends has changed; at most once a second.
    LayersChanged {
        track: TrackId,
        layers: Box<VideoLayersAllocation>,
    },
    /// How loud a track is (RFC 6464), at most 5 a second.
    SpeakerLevel {
        track: TrackId,
        level_dbov_negative: u8,
        voice: bool,
    },
    /// What paths towards participants carry, where that is new; each at least once a second.
    Estimates { estimates: Box<[LegEstimate]> },
    /// What one feedback told of a leg that is tapped, and when it came, monotonic.
    Feedback {
        leg: LegId,
        at_ns: u64,
        samples: Box<[congestion::Sample]>,
    },
    /// Cumulative figures of every encoding and slot, once a second.
    Report {
        tracks: Vec<TrackReport>,
        slots: Vec<SlotReport>,
    },
    /// Everything that should have packets and has had none for a second, four times a second; what is not named has
    /// some. Nothing at all is told once a second.
    Stillness {
        tracks: Vec<StillTrack>,
        slots: Vec<StillSlot>,
    },
}

/// What a leg's path towards its participant is thought to carry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LegEstimate {
    /// The leg.
    pub leg: LegId,
    /// How its path stands.
    pub standing: congestion::Standing,
    /// By how much less than its rate should be sent anew, while pictures wait for it in the relay.
    pub owed_bps: u64,
    /// What became of the sound sent there.
    pub sound: SoundTold,
}

/// What a participant has told of the packets of sound it was sent, by transport-wide feedback; cumulative.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SoundTold {
    /// Packets it spoke of.
    pub packets: u64,
    /// Those of them that have not arrived.
    pub lost: u64,
}

/// A track somebody should receive, of which nothing comes, or nothing but digital silence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StillTrack {
    /// The track.
    pub track: TrackId,
    /// Since its last packet, of whichever encoding; `None` before any.
    pub silent_ms: Option<u32>,
    /// Since its last packet that was louder than digital silence (RFC 6464); `None` where levels are not told.
    pub zero_ms: Option<u32>,
    /// Whether its sender said that it would send no more (RFC 3550 §6.6).
    pub ended: bool,
}

/// A slot that should carry a track whose packets come, and sends nothing, or to no avail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StillSlot {
    /// The slot.
    pub slot: SlotId,
    /// Since its last packet; `None` before any.
    pub sent_ms: Option<u32>,
    /// For how long it has been sending without word that anything arrived.
    pub unheard_ms: u32,
}

/// How one encoding of a track arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TrackReport {
    /// The track.
    pub track: TrackId,
    /// Which of its encodings.
    pub encoding: u8,
    /// RTP packets received, retransmissions excluded.
    pub packets: u64,
    /// Bytes of those packets, headers included.
    pub bytes: u64,
    /// Expected minus received (RFC 3550 A.3); negative when duplicates arrived.
    pub lost: i64,
    /// Interarrival jitter (RFC 3550 A.8), microseconds.
    pub jitter_us: u32,
    /// Key frames seen.
    pub key_frames: u64,
    /// Time since the last packet, milliseconds.
    pub silent_ms: u32,
    /// What of the bytes was of each spatial and temporal layer.
    pub layer_bytes: LayerBytes,
}

/// How one slot is received, by the subscriber's own reports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SlotReport {
    /// The slot.
    pub slot: SlotId,
    /// RTP packets sent, retransmissions excluded.
    pub packets: u64,
    /// Bytes of those packets, headers included.
    pub bytes: u64,
    /// Fraction lost of the last receiver report, 1/256.
    pub fraction_lost_q8: u8,
    /// Cumulative loss of the last receiver report.
    pub cumulative_lost: i32,
    /// Jitter the subscriber saw, microseconds.
    pub jitter_us: u32,
    /// Round trip from the last receiver report, microseconds.
    pub rtt_us: Option<u32>,
    /// Age of the last receiver report, milliseconds.
    pub report_age_ms: Option<u32>,
    /// Packets the subscriber asked for again.
    pub nacks: u64,
    /// Key frames the subscriber asked for.
    pub key_frame_requests: u64,
    /// The encoding that feeds it just now, whichever was chosen.
    pub fed_by: Option<u8>,
}
