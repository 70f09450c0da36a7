//! What the generator is asked to do.

use std::net::SocketAddrV4;

use serde::Deserialize;
use wire::extensions::{ExtensionKind, ExtensionMap};

/// A whole run.
#[derive(Clone)]
pub struct Setup {
    /// Sizes and phases repeat for the same seed.
    pub seed: u64,
    /// The core the generator keeps to.
    pub core: usize,
    /// Media flows so long before anything is measured, seconds.
    pub warm_up_s: f64,
    /// What is sent within so many seconds counts.
    pub measure_s: f64,
    /// 1 is real pace; 0.5 sends half as many frames and packets a second.
    pub pace: f64,
    /// The protection profile of all, by its registered number.
    pub profile_iana: u16,
    /// Header extension ids, the same for all.
    pub extensions: Extensions,
    /// How many datagrams, sent and received, are shown as they were on the wire.
    pub samples: usize,
    /// The core of what is measured, only to see when the host takes it away.
    pub relay_core: usize,
    /// Time is cut into windows of this length, of which some are void.
    pub window_ms: u64,
    /// Whether equal packets of a frame leave as one run (`UDP_SEGMENT`), as no browser sends them.
    pub batched_sends: bool,
    /// Whether participants read runs as they were sent (`UDP_GRO`).
    pub receives_runs: bool,
    /// What cameras encode with.
    pub codec: VideoCodec,
    /// Each with its participants, who all see and hear one another.
    pub consultations: Vec<Vec<ParticipantSetup>>,
}

/// What a camera encodes with.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum VideoCodec {
    /// RFC 7741.
    #[default]
    Vp8,
    /// RFC 6184, packetization mode 1.
    H264,
}

/// Header extension ids (RFC 8285 §4.2), those a browser offers first; 0 where none was agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extensions {
    /// Loudness.
    pub audio_level: u8,
    /// When the packet left.
    pub abs_send_time: u8,
    /// Transport-wide counter.
    pub transport_sequence: u8,
    /// The m-line.
    pub mid: u8,
    /// The encoding of a simulcast camera.
    pub rid: u8,
    /// The encoding that a retransmission repairs.
    pub repaired_rid: u8,
}

/// One participant: where it sends, with which keys, on which lines.
#[derive(Clone)]
pub struct ParticipantSetup {
    /// The relay's address for it; without one it sends to the other of two participants directly.
    pub relay: Option<SocketAddrV4>,
    /// What its checks are signed with; without it there are neither checks nor RTCP.
    pub ice: Option<IceSetup>,
    /// Keys of what it sends.
    pub sends: KeySetup,
    /// Keys of what it receives.
    pub receives: KeySetup,
    /// Its microphone.
    pub audio: LineSetup,
    /// Its camera.
    pub video: LineSetup,
}

/// The relay's ICE credentials for a leg.
#[derive(Clone, Debug, PartialEq)]
pub struct IceSetup {
    /// Names the leg.
    pub ufrag: String,
    /// Signs the checks.
    pub password: String,
    /// The participant's own, for the checks of a full agent.
    pub own: Option<OwnIce>,
}

/// A participant's own ICE credentials.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnIce {
    /// Names the participant.
    pub ufrag: String,
    /// Signs its answers.
    pub password: String,
}

/// An SRTP master key and salt, as hexadecimal digits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeySetup {
    /// As long as the profile says.
    pub key: String,
    /// As long as the profile says.
    pub salt: String,
}

/// One RTP line of a participant.
#[derive(Clone, Debug, PartialEq)]
pub struct LineSetup {
    /// Source of its packets.
    pub ssrc: u32,
    /// Payload type.
    pub payload_type: u8,
    /// The m-line.
    pub mid: String,
    /// The encoding, where there are several.
    pub rid: Option<String>,
    /// Where retransmissions go, if they were agreed.
    pub rtx: Option<RtxSetup>,
}

/// The line of a line's retransmissions (RFC 4588 §4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RtxSetup {
    /// Source of its packets.
    pub ssrc: u32,
    /// Payload type.
    pub payload_type: u8,
}

impl Setup {
    /// Itself, if a run can be made of it.
    ///
    /// # Errors
    /// A sentence that says why not.
    pub fn checked(self) -> Result<Self, String> {
        let in_reach = |seconds: f64| (0.0..=LONGEST_S).contains(&seconds);
        if self.consultations.is_empty() {
            return Err("the setup has no consultation".into());
        }
        if !in_reach(self.warm_up_s) || !in_reach(self.measure_s) || self.measure_s <= 0.0 {
            return Err(format!(
                "a run is measured for more than 0 and at most {LONGEST_S} s"
            ));
        }
        if !(1..=10_000).contains(&self.window_ms) {
            return Err("a window lasts from 1 ms to 10 s".into());
        }
        if !(0.01..=10.0).contains(&self.pace) {
            return Err("pace is between 0.01 and 10 times the real one".into());
        }
        let incomplete = self
            .consultations
            .iter()
            .position(|consultation| consultation.len() < 2);
        if let Some(index) = incomplete {
            return Err(format!(
                "consultation {index} has fewer than two participants"
            ));
        }
        Ok(self)
    }
}

impl Extensions {
    /// As `wire` knows them.
    #[must_use]
    pub fn map(&self) -> Option<ExtensionMap> {
        let mut map = ExtensionMap::new();
        for (kind, id) in [
            (ExtensionKind::AudioLevel, self.audio_level),
            (ExtensionKind::AbsSendTime, self.abs_send_time),
            (ExtensionKind::TransportSequence, self.transport_sequence),
            (ExtensionKind::Mid, self.mid),
            (ExtensionKind::Rid, self.rid),
            (ExtensionKind::RepairedRid, self.repaired_rid),
        ] {
            if id > 0 {
                map.set(kind, id).ok()?;
            }
        }
        Some(map)
    }
}

/// Sequence numbers of video wrap after about eight minutes, and the floor does not follow them further.
const LONGEST_S: f64 = 300.0;
