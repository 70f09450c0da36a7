//! What Python may ask of a worker; mirrored one to one by `relay/_engine.pyi`.

use wire::extensions::{ExtensionMap, SmallToken};
use wire::payload::{Codec, Kind};

use crate::legs::ice_lite::Credentials;
use crate::srtp::Profile;
use crate::worker::ids::{LegId, SlotId, TrackId};

/// An instruction to a worker. None fails loudly: one that names a thing that is gone is counted
/// (`commands_unknown_target`), because a participant may leave while it is on its way.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the name of its type")]
#[expect(
    clippy::large_enum_variant,
    reason = "a few a minute and leg: a box would only hide what is asked"
)]
pub enum Command {
    /// Opens a leg that answers STUN checks carrying these credentials.
    AddLeg {
        leg: LegId,
        credentials: Credentials,
        reduced_size_rtcp: bool,
    },
    /// Gives a leg new ICE credentials; the old ones stay valid until the new are used.
    RestartIce {
        leg: LegId,
        credentials: Credentials,
    },
    /// What a leg's participant signs with: only with it can an address be asked whether it is theirs.
    SetPeer {
        leg: LegId,
        credentials: Credentials,
    },
    /// Media may flow: the DTLS handshake is done and the certificate was the promised one.
    SetKeys { leg: LegId, keys: Box<Keys> },
    /// The header extensions negotiated with a leg, the same ids both ways.
    SetExtensions { leg: LegId, map: ExtensionMap },
    /// Sends one DTLS record where the leg is reached.
    SendDtls { leg: LegId, datagram: Vec<u8> },
    /// Announces a track that a leg will send.
    Publish(Box<Publish>),
    /// Forgets a track; slots bound to it fall silent.
    Unpublish { track: TrackId },
    /// Lets a track out, or holds everything of it back (mute, admission).
    SetForwarding { track: TrackId, enabled: bool },
    /// Opens a line towards a leg's participant.
    AddSlot(Box<AddSlot>),
    /// Closes a line.
    RemoveSlot { slot: SlotId },
    /// Chooses what a slot carries; `None` silences it.
    Bind {
        slot: SlotId,
        track: Option<TrackId>,
    },
    /// Chooses the encoding (`None`: the best alive) and its highest spatial and temporal layers (`None`: all).
    SetLayer {
        slot: SlotId,
        encoding: Option<u8>,
        spatial: Option<u8>,
        temporal: Option<u8>,
    },
    /// Sends nothing on a slot for now, or goes on, from a key frame; its numbers stay without a gap.
    SetPaused { slot: SlotId, paused: bool },
    /// Says up to which rate a leg's participant could make use of its path: bursts ask for no more; 0 for none.
    SetUsefulRate { leg: LegId, bps: u64 },
    /// Chooses how many of the frames before it, 0 to 2, each packet of sound on a slot carries once more; of
    /// effect where the subscriber takes them (RFC 2198).
    SetRedundancy { slot: SlotId, distance: u8 },
    /// Has what a leg's participant tells of its path copied to Python, or no longer.
    TapFeedback { leg: LegId, enabled: bool },
    /// Asks a track's publisher for a key frame, throttled like every other request.
    RequestKeyFrame { track: TrackId },
    /// Caps all that a leg's participant sends, told by REMB now and each second; 0 releases it.
    SetPublisherLimit { leg: LegId, bps: u64 },
    /// Closes a leg, its tracks and its slots.
    RemoveLeg { leg: LegId },
}

/// SRTP master keys and salts of one leg, by direction relative to the relay.
#[derive(Clone)]
pub struct Keys {
    /// The negotiated protection profile.
    pub profile: Profile,
    /// Master key of what the participant sends.
    pub inbound_key: Vec<u8>,
    /// Master salt of what the participant sends.
    pub inbound_salt: Vec<u8>,
    /// Master key of what the relay sends.
    pub outbound_key: Vec<u8>,
    /// Master salt of what the relay sends.
    pub outbound_salt: Vec<u8>,
}

impl std::fmt::Debug for Keys {
    // Key material never reaches a log.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Keys")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// One payload type of an m-line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CodecBinding {
    /// RTP payload type on this leg.
    pub payload_type: u8,
    /// What it means.
    pub codec: Codec,
    /// Payload type of its retransmissions (RFC 4588 `apt`), where negotiated.
    pub rtx_payload_type: Option<u8>,
    /// Payload type of its frames with earlier ones before them (RFC 2198), where negotiated.
    pub red_payload_type: Option<u8>,
}

/// The payload types of one m-line where they are looked up: beside what else a packet needs, and not a
/// cache miss away from it.
pub(crate) type Codecs = smallvec::SmallVec<[CodecBinding; 8]>;

/// A track that a leg will send.
#[derive(Clone, Debug)]
pub struct Publish {
    /// Who sends it.
    pub leg: LegId,
    /// Its name in the process.
    pub track: TrackId,
    /// The m-line it comes on.
    pub mid: SmallToken,
    /// Audio or video.
    pub kind: Kind,
    /// What its payload types mean.
    pub codecs: Vec<CodecBinding>,
    /// Simulcast encodings in falling quality; empty without simulcast.
    pub rids: Vec<SmallToken>,
    /// Signalled `(ssrc, rtx ssrc)` pairs, in the order of the encodings.
    pub ssrcs: Vec<(u32, Option<u32>)>,
    /// Whether transport-wide feedback was negotiated.
    pub transport_cc: bool,
    /// Whether generic NACK was negotiated.
    pub nack: bool,
}

/// A line towards a participant.
#[derive(Clone, Debug)]
pub struct AddSlot {
    /// Towards whom.
    pub leg: LegId,
    /// Its name in the process.
    pub slot: SlotId,
    /// The m-line it leaves on.
    pub mid: SmallToken,
    /// Audio or video.
    pub kind: Kind,
    /// The SSRC of everything it ever sends.
    pub ssrc: u32,
    /// The SSRC of its retransmissions.
    pub rtx_ssrc: Option<u32>,
    /// What may be sent on it.
    pub codecs: Vec<CodecBinding>,
}
