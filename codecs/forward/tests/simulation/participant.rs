//! One simulated participant: its own SRTP contexts, sends RTP, answers NACKs, asks for what it misses.

use std::collections::{BTreeMap, HashMap};

use forward::command::{AddSlot, CodecBinding, Command, Keys, Publish};
use forward::srtp::{Inbound, Outbound, Profile};
use forward::{Credentials, LegId, SlotId, TrackId, Tuple};
use wire::extensions::{ExtensionKind, ExtensionMap, SmallToken};
use wire::payload::{Codec, Kind};
use wire::rtcp::{ReportBlock, SenderInfo};
use wire::rtp::RtpHeader;

pub const AUDIO_PT: u8 = 111;
/// Of frames with earlier ones before them, from a publisher.
pub const RED_PT: u8 = 112;
/// Of sound, and of frames with earlier ones before them, towards a subscriber.
pub const SLOT_AUDIO_PT: u8 = 63;
pub const SLOT_RED_PT: u8 = 62;
pub const VIDEO_PT: u8 = 96;
pub const RTX_PT: u8 = 97;
/// What every participant calls itself in checks, and signs answers with.
pub const OWN_UFRAG: &[u8] = b"peer";
pub const OWN_PASSWORD: &[u8] = b"a-password-of-their-own";
const KEY: [u8; 16] = [7; 16];
const SALT: [u8; 12] = [9; 12];

/// The id of the extension that says what layers are sent.
pub const ANNOUNCEMENT: u8 = 12;
/// The id of the dependency descriptor.
pub const DESCRIPTOR: u8 = 9;

/// A packet as the participant decrypted it.
#[derive(Clone, Debug)]
pub struct Received {
    pub at_ns: u64,
    pub header: RtpHeader,
    pub packet: Vec<u8>,
    pub payload: Vec<u8>,
}

pub struct Participant {
    pub leg: LegId,
    pub tuple: Tuple,
    pub outbound: Outbound,
    pub inbound: Inbound,
    pub received: Vec<Received>,
    /// Sender reports by SSRC, the newest last.
    pub sender_reports: Vec<SenderInfo>,
    /// What the relay says of the lines received from here, and when it came.
    pub report_blocks: Vec<(u64, ReportBlock)>,
    pub nacked: Vec<u16>,
    pub plis: usize,
    pub transport_feedbacks: usize,
    /// Caps it was told: when, bits a second, of which sources.
    pub limits: Vec<(u64, u64, Vec<u32>)>,
    pub told_arrivals: BTreeMap<u16, bool>,
    pub undecryptable: usize,
    /// Whether it retransmits what it is asked for and asks for what it misses.
    pub repairs: bool,
    pub sent: HashMap<u32, Line>,
    pub expected: HashMap<u32, u16>,
    pub transactions: u64,
    /// How often it was asked whether it is there.
    pub questions: usize,
    pub transport_sequence: u16,
    /// How loud its sound says it is, dBov below the loudest.
    pub level: u8,
    /// What its next packet says of its layers.
    pub announces: Option<Vec<u8>>,
    /// The dependency descriptor of its next packet.
    pub describes: Option<Vec<u8>>,
}

/// What was sent under one SSRC.
#[derive(Default)]
pub struct Line {
    pub next: u64,
    pub rtx_next: u64,
    pub packets: HashMap<u16, (u8, u32, bool, Vec<u8>)>,
}

/// SSRCs a participant sends under.
pub const fn audio_ssrc(leg: u32) -> u32 {
    leg * 1_000 + 1
}
pub const fn video_ssrc(leg: u32, encoding: u8) -> u32 {
    leg * 1_000 + 10 + encoding as u32
}
/// Retransmissions go under the media SSRC plus this.
pub const RTX_OFFSET: u32 = 500;

pub fn token(text: &str) -> SmallToken {
    SmallToken::parse_untrusted(text.as_bytes()).unwrap()
}

pub fn extension_map() -> ExtensionMap {
    let mut map = ExtensionMap::new();
    for (id, kind) in [
        (1, ExtensionKind::AudioLevel),
        (2, ExtensionKind::AbsSendTime),
        (3, ExtensionKind::TransportSequence),
        (4, ExtensionKind::Mid),
        (10, ExtensionKind::Rid),
        (11, ExtensionKind::RepairedRid),
        (ANNOUNCEMENT, ExtensionKind::VideoLayersAllocation),
        (DESCRIPTOR, ExtensionKind::DependencyDescriptor),
        (13, ExtensionKind::VideoOrientation),
    ] {
        map.set(kind, id).unwrap();
    }
    map
}

impl Participant {
    pub fn new(leg: u32) -> Self {
        Self {
            leg: LegId(leg),
            tuple: Tuple {
                socket: 0,
                remote: ([127, 0, 0, 1], 10_000 + leg as u16).into(),
            },
            outbound: Outbound::new(Profile::AeadAes128Gcm, &KEY, &SALT).unwrap(),
            inbound: Inbound::new(Profile::AeadAes128Gcm, &[leg as u8; 16], &SALT).unwrap(),
            received: Vec::new(),
            sender_reports: Vec::new(),
            report_blocks: Vec::new(),
            nacked: Vec::new(),
            plis: 0,
            transport_feedbacks: 0,
            limits: Vec::new(),
            told_arrivals: BTreeMap::new(),
            undecryptable: 0,
            repairs: true,
            sent: HashMap::new(),
            expected: HashMap::new(),
            transactions: u64::from(leg) << 32,
            questions: 0,
            transport_sequence: 0,
            level: 0x1e,
            announces: None,
            describes: None,
        }
    }

    pub fn join_commands(&self) -> Vec<Command> {
        let leg = self.leg;
        vec![
            Command::AddLeg {
                leg,
                credentials: Credentials {
                    ufrag: self.ufrag(),
                    password: self.password(),
                },
                reduced_size_rtcp: true,
            },
            Command::SetExtensions {
                leg,
                map: extension_map(),
            },
            Command::SetKeys {
                leg,
                keys: Box::new(self.keys()),
            },
        ]
    }

    /// Tells the relay what it signs with.
    pub fn set_peer(&self) -> Command {
        Command::SetPeer {
            leg: self.leg,
            credentials: Credentials {
                ufrag: OWN_UFRAG.into(),
                password: OWN_PASSWORD.into(),
            },
        }
    }

    pub fn keys(&self) -> Keys {
        Keys {
            profile: Profile::AeadAes128Gcm,
            inbound_key: KEY.into(),
            inbound_salt: SALT.into(),
            outbound_key: vec![self.leg.0 as u8; 16],
            outbound_salt: SALT.into(),
        }
    }

    pub fn publish_audio(&self) -> Command {
        self.publish_sound(false)
    }

    /// Sound, plain or redundant; with `nack` what is missing may be asked for.
    pub fn publish_sound(&self, nack: bool) -> Command {
        Command::Publish(Box::new(Publish {
            leg: self.leg,
            track: self.audio_track(),
            mid: token("0"),
            kind: Kind::Audio,
            codecs: vec![CodecBinding {
                payload_type: AUDIO_PT,
                codec: Codec::Opus,
                rtx_payload_type: None,
                red_payload_type: Some(RED_PT),
            }],
            rids: vec![],
            ssrcs: vec![(audio_ssrc(self.leg.0), None)],
            transport_cc: true,
            nack,
        }))
    }

    /// Video; with rids nothing is signalled and the extensions must tell.
    pub fn publish_video(&self, rids: &[&str]) -> Command {
        let ssrc = video_ssrc(self.leg.0, 0);
        Command::Publish(Box::new(Publish {
            leg: self.leg,
            track: self.video_track(),
            mid: token("1"),
            kind: Kind::Video,
            codecs: vec![CodecBinding {
                payload_type: VIDEO_PT,
                codec: Codec::Vp8,
                rtx_payload_type: Some(RTX_PT),
                red_payload_type: None,
            }],
            rids: rids.iter().map(|rid| token(rid)).collect(),
            ssrcs: if rids.is_empty() {
                vec![(ssrc, Some(ssrc + RTX_OFFSET))]
            } else {
                vec![]
            },
            transport_cc: true,
            nack: true,
        }))
    }

    pub fn audio_track(&self) -> TrackId {
        TrackId(self.leg.0 * 10)
    }

    pub fn video_track(&self) -> TrackId {
        TrackId(self.leg.0 * 10 + 1)
    }

    pub fn slot(&self, kind: Kind) -> (SlotId, u32) {
        let place = self.leg.0 * 10 + u32::from(kind == Kind::Video);
        (SlotId(place), 0x1000_0000 + place)
    }

    pub fn add_slot(&self, kind: Kind) -> Command {
        let (slot, ssrc) = self.slot(kind);
        let (payload_type, codec, rtx, red) = match kind {
            Kind::Audio => (SLOT_AUDIO_PT, Codec::Opus, None, Some(SLOT_RED_PT)),
            Kind::Video => (100, Codec::Vp8, Some(101), None),
        };
        Command::AddSlot(Box::new(AddSlot {
            leg: self.leg,
            slot,
            mid: token(if kind == Kind::Audio { "5" } else { "6" }),
            kind,
            ssrc,
            rtx_ssrc: rtx.map(|_| ssrc + RTX_OFFSET),
            codecs: vec![CodecBinding {
                payload_type,
                codec,
                rtx_payload_type: rtx,
                red_payload_type: red,
            }],
        }))
    }

    pub fn ufrag(&self) -> Vec<u8> {
        format!("frag{}", self.leg.0).into_bytes()
    }

    pub fn password(&self) -> Vec<u8> {
        format!("password-of-leg-{:016}", self.leg.0).into_bytes()
    }
}
