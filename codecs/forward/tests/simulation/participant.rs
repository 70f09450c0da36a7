//! One simulated participant: its own SRTP contexts, sends RTP, answers NACKs, asks for what it misses.

use std::collections::{BTreeMap, HashMap};

use forward::command::{AddSlot, CodecBinding, Command, Keys, Publish};
use forward::srtp::{Inbound, Outbound, Profile};
use forward::{LegId, SlotId, TrackId, Tuple};
use wire::datagram::Protocol;
use wire::extensions::{ExtensionKind, ExtensionMap, SmallToken};
use wire::payload::{Codec, Kind};
use wire::rtcp::{Rtcp, RtcpPacket, SenderInfo, write_nack, write_sender_report};
use wire::rtp::{HeaderWriter, RtpHeader};
use wire::stun::{BindingRequest, write_binding_request};

pub const AUDIO_PT: u8 = 111;
pub const VIDEO_PT: u8 = 96;
pub const RTX_PT: u8 = 97;
const KEY: [u8; 16] = [7; 16];
const SALT: [u8; 12] = [9; 12];

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
    pub nacked: Vec<u16>,
    pub plis: usize,
    pub transport_feedbacks: usize,
    pub told_arrivals: BTreeMap<u16, bool>,
    pub undecryptable: usize,
    /// Whether it retransmits what it is asked for and asks for what it misses.
    pub repairs: bool,
    sent: HashMap<u32, Line>,
    expected: HashMap<u32, u16>,
    transactions: u64,
    transport_sequence: u16,
}

#[derive(Default)]
struct Line {
    next: u64,
    rtx_next: u64,
    packets: HashMap<u16, (u8, u32, bool, Vec<u8>)>,
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
            nacked: Vec::new(),
            plis: 0,
            transport_feedbacks: 0,
            told_arrivals: BTreeMap::new(),
            undecryptable: 0,
            repairs: true,
            sent: HashMap::new(),
            expected: HashMap::new(),
            transactions: u64::from(leg) << 32,
            transport_sequence: 0,
        }
    }

    pub fn join_commands(&self) -> Vec<Command> {
        let leg = self.leg;
        vec![
            Command::AddLeg {
                leg,
                ufrag: self.ufrag(),
                password: self.password(),
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
        Command::Publish(Box::new(Publish {
            leg: self.leg,
            track: self.audio_track(),
            mid: token("0"),
            kind: Kind::Audio,
            codecs: vec![CodecBinding {
                payload_type: AUDIO_PT,
                codec: Codec::Opus,
                rtx_payload_type: None,
            }],
            rids: vec![],
            ssrcs: vec![(audio_ssrc(self.leg.0), None)],
            transport_cc: true,
            nack: false,
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
        let (payload_type, codec, rtx) = match kind {
            Kind::Audio => (63, Codec::Opus, None),
            Kind::Video => (100, Codec::Vp8, Some(101)),
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
            }],
        }))
    }

    /// An authenticated binding request.
    pub fn check(&mut self, use_candidate: bool) -> Vec<u8> {
        self.transactions += 1;
        let mut transaction_id = [0; 12];
        transaction_id[4..].copy_from_slice(&self.transactions.to_be_bytes());
        let username = [self.ufrag(), b":peer".to_vec()].concat();
        let request = BindingRequest {
            transaction_id,
            username: &username,
            priority: 1,
            tie_breaker: 7,
            controlling: true,
            use_candidate,
        };
        let mut out = vec![0; 256];
        let len = write_binding_request(&mut out, &request, &self.password()).unwrap();
        out.truncate(len);
        out
    }

    /// One protected RTP packet on a new number of its line; remembers it for retransmission.
    pub fn rtp(
        &mut self,
        ssrc: u32,
        payload_type: u8,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
        rid: Option<&str>,
    ) -> Vec<u8> {
        let line = self.sent.entry(ssrc).or_insert_with(|| Line {
            next: 65_000,
            rtx_next: 100,
            ..Line::default()
        });
        let index = line.next;
        line.next += 1;
        line.packets.insert(
            index as u16,
            (payload_type, timestamp, marker, payload.to_vec()),
        );
        self.protected(ssrc, payload_type, index, timestamp, marker, payload, rid)
    }

    /// Skips a number, as if the packet had been lost before it was sent.
    pub fn skip(&mut self, ssrc: u32) {
        self.sent
            .entry(ssrc)
            .or_insert_with(|| Line {
                next: 65_000,
                rtx_next: 100,
                ..Line::default()
            })
            .next += 1;
    }

    pub fn protected(
        &mut self,
        ssrc: u32,
        payload_type: u8,
        index: u64,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
        rid: Option<&str>,
    ) -> Vec<u8> {
        let mut out = vec![0; 2_048];
        let mut header = HeaderWriter::new(
            &mut out,
            marker,
            payload_type,
            index as u16,
            timestamp,
            ssrc,
        )
        .unwrap();
        header
            .extension(3, &self.transport_sequence.to_be_bytes())
            .unwrap();
        self.transport_sequence = self.transport_sequence.wrapping_add(1);
        if payload_type == AUDIO_PT {
            header.extension(1, &[0x80 | 0x1e]).unwrap();
        }
        if let Some(rid) = rid {
            header.extension(4, b"1").unwrap();
            header
                .extension(if payload_type == RTX_PT { 11 } else { 10 }, rid.as_bytes())
                .unwrap();
        }
        let header_len = header.finish();
        out[header_len..header_len + payload.len()].copy_from_slice(payload);
        let len = self
            .outbound
            .protect_rtp(
                &mut out,
                header_len + payload.len(),
                header_len,
                ssrc,
                index,
            )
            .unwrap();
        out.truncate(len);
        out
    }

    pub fn sender_report(&mut self, ssrc: u32, ntp: u64, rtp_timestamp: u32) -> Vec<u8> {
        let info = SenderInfo {
            ssrc,
            ntp,
            rtp_timestamp,
            packet_count: 1,
            octet_count: 1,
        };
        self.rtcp(|out| write_sender_report(out, &info, &[]))
    }

    pub fn rtcp(&mut self, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> Vec<u8> {
        let mut out = vec![0; 1_500];
        let len = write(&mut out).unwrap();
        let len = self.outbound.protect_rtcp(&mut out, len).unwrap();
        out.truncate(len);
        out
    }

    /// Takes in a datagram from the relay; returns what it answers.
    pub fn receive(&mut self, at_ns: u64, mut datagram: Vec<u8>) -> Vec<Vec<u8>> {
        match Protocol::of_untrusted(&datagram) {
            Some(Protocol::Rtp) => self.receive_rtp(at_ns, &mut datagram),
            Some(Protocol::Rtcp) => self.receive_rtcp(&mut datagram),
            _ => Vec::new(),
        }
    }

    /// Media packets received on a line, retransmissions unwrapped into their places, by sequence number.
    pub fn line(&self, ssrc: u32) -> BTreeMap<u16, Vec<u8>> {
        let original = self
            .received
            .iter()
            .filter(|got| got.header.ssrc == ssrc)
            .map(|got| (got.header.sequence, got.payload.clone()));
        let again = self
            .received
            .iter()
            .filter(|got| got.header.ssrc == ssrc + RTX_OFFSET && got.payload.len() > 2);
        let again = again.map(|got| {
            (
                u16::from_be_bytes([got.payload[0], got.payload[1]]),
                got.payload[2..].to_vec(),
            )
        });
        original.chain(again).collect()
    }

    fn receive_rtp(&mut self, at_ns: u64, datagram: &mut [u8]) -> Vec<Vec<u8>> {
        let header = RtpHeader::parse_untrusted(datagram).unwrap();
        let Ok(len) =
            self.inbound
                .unprotect_rtp(datagram, header.header_len, header.ssrc, header.sequence)
        else {
            self.undecryptable += 1;
            return Vec::new();
        };
        let packet = datagram[..len].to_vec();
        let payload = header.payload_untrusted(&packet).unwrap().to_vec();
        self.received.push(Received {
            at_ns,
            header,
            packet,
            payload,
        });
        let rtx = self
            .received
            .iter()
            .any(|got| got.header.ssrc == header.ssrc.wrapping_sub(RTX_OFFSET));
        let expected = self
            .expected
            .insert(header.ssrc, header.sequence.wrapping_add(1));
        let missing: Vec<u16> = match expected {
            Some(expected) if self.repairs && !rtx && header.payload_type == 100 => {
                let gap = header.sequence.wrapping_sub(expected);
                if gap > 1_000 {
                    self.expected.insert(header.ssrc, expected);
                    return Vec::new();
                }
                (0..gap).map(|step| expected.wrapping_add(step)).collect()
            }
            _ => Vec::new(),
        };
        if missing.is_empty() {
            return Vec::new();
        }
        let ssrc = header.ssrc;
        vec![self.rtcp(|out| write_nack(out, 1, ssrc, &missing))]
    }

    fn receive_rtcp(&mut self, datagram: &mut [u8]) -> Vec<Vec<u8>> {
        let Ok(len) = self.inbound.unprotect_rtcp(datagram) else {
            self.undecryptable += 1;
            return Vec::new();
        };
        let mut asked = Vec::new();
        for packet in Rtcp::packets_untrusted(&datagram[..len]) {
            match packet.expect("the relay writes well-formed RTCP") {
                RtcpPacket::SenderReport(report) => self.sender_reports.push(report.info),
                RtcpPacket::Nack(nack) => {
                    asked.extend(nack.sequences().map(|sequence| (nack.media_ssrc, sequence)))
                }
                RtcpPacket::Pli(_) => self.plis += 1,
                RtcpPacket::TransportFeedback(feedback) => {
                    self.transport_feedbacks += 1;
                    for (sequence, arrived) in feedback.statuses() {
                        *self.told_arrivals.entry(sequence).or_default() |= arrived.is_some();
                    }
                }
                _ => {}
            }
        }
        self.nacked
            .extend(asked.iter().map(|(_, sequence)| *sequence));
        if !self.repairs {
            return Vec::new();
        }
        asked
            .into_iter()
            .filter_map(|(ssrc, sequence)| self.again(ssrc, sequence))
            .collect()
    }

    fn again(&mut self, ssrc: u32, sequence: u16) -> Option<Vec<u8>> {
        let line = self.sent.get_mut(&ssrc)?;
        let (_, timestamp, marker, payload) = line.packets.get(&sequence)?.clone();
        let index = line.rtx_next;
        line.rtx_next += 1;
        let payload = [&sequence.to_be_bytes()[..], &payload].concat();
        Some(self.protected(
            ssrc + RTX_OFFSET,
            RTX_PT,
            index,
            timestamp,
            marker,
            &payload,
            None,
        ))
    }

    pub fn ufrag(&self) -> Vec<u8> {
        format!("frag{}", self.leg.0).into_bytes()
    }

    pub fn password(&self) -> Vec<u8> {
        format!("password-of-leg-{:016}", self.leg.0).into_bytes()
    }
}
