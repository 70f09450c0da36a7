//! A whole worker: whatever participants and strangers send, in whatever order, it goes on.
//!
//! The input is a script: each step names who sends what. Authenticated participants protect
//! arbitrary bytes correctly, so that the parsers behind SRTP (`incoming`, `recovery`, `announced_layers`, RTCP
//! feedback, retransmissions) are reached; strangers send them as they are. One of two participants is never
//! touched, and must hear the other to the end.
#![no_main]

use forward::command::{AddSlot, CodecBinding, Command, Keys, Publish};
use forward::srtp::{Inbound, Outbound, Profile};
use forward::worker::{TICK_NS, Worker, WorkerConfig};
use forward::{Credentials, LegId, SlotId, TrackId, Tuple};
use libfuzzer_sys::fuzz_target;
use wire::extensions::{ExtensionKind, ExtensionMap, SmallToken};
use wire::payload::Codec;
use wire::rtp::{HeaderWriter, RtpHeader};
use wire::stun::{BindingRequest, write_binding_request};

const PROFILE: Profile = Profile::AeadAes128Gcm;
const SALT: [u8; 12] = [9; 12];
const PASSWORD: &[u8] = b"a password of 22 bytes";

fuzz_target!(|script: &[u8]| {
    let mut stage = Stage::set();
    let mut rest = script;
    while let [action, length, tail @ ..] = rest {
        let (bytes, after) = tail.split_at(usize::from(*length).min(tail.len()));
        stage.act(*action, bytes);
        rest = after;
    }
    stage.speak_and_be_heard();
});

struct Stage {
    worker: Worker,
    now_ns: u64,
    hostile: Outbound,
    speaker: Outbound,
    listener: Inbound,
    hostile_index: u64,
}

impl Stage {
    /// Leg 1 speaks, leg 2 listens, leg 3 is hostile and publishes and subscribes as it may.
    fn set() -> Self {
        let config = WorkerConfig {
            unix_minus_monotonic_ns: 0,
            seed: 1,
            outbox_bytes: 1 << 20,
        };
        let key = |of: u8| Outbound::new(PROFILE, &[of; 16], &SALT).expect("a good key");
        let mut stage = Self {
            worker: Worker::new(config),
            now_ns: 1_000_000_000,
            hostile: key(3),
            speaker: key(1),
            listener: Inbound::new(PROFILE, &[12; 16], &SALT).expect("a good key"),
            hostile_index: 0,
        };
        for leg in 1..=3 {
            stage.join(leg);
        }
        stage.publish(1, 1, Codec::Opus);
        stage.publish(3, 3, Codec::Vp8);
        stage.publish(3, 2, Codec::Opus);
        stage.slot(2, 2, 1, Codec::Opus);
        stage.slot(3, 3, 3, Codec::Vp8);
        stage.slot(3, 4, 2, Codec::Opus);
        stage
    }

    fn act(&mut self, action: u8, bytes: &[u8]) {
        match action % 8 {
            0 => self.receive(tuple(3), bytes.to_vec()),
            1 => self.receive(tuple(99), bytes.to_vec()),
            kind @ (2 | 6) => {
                let packet = self.hostile_rtp(bytes);
                self.receive(tuple(if kind == 2 { 3 } else { 99 }), packet);
            }
            3 => {
                let mut body = [&[0x80, 200][..], bytes].concat();
                body.resize(body.len().max(8).next_multiple_of(4), 0);
                let len = body.len();
                body.resize(len + 64, 0);
                if let Ok(len) = self.hostile.protect_rtcp(&mut body, len) {
                    body.truncate(len);
                    self.receive(tuple(3), body);
                }
            }
            4 => {
                self.now_ns += TICK_NS * u64::from(bytes.first().copied().unwrap_or(1));
                self.worker.handle_tick(self.now_ns);
            }
            5 => {
                let command = Command::SetRedundancy {
                    slot: SlotId(4),
                    distance: bytes.first().copied().unwrap_or(2),
                };
                self.worker.handle_command(self.now_ns, command);
            }
            _ => {
                let encoding = bytes.first().copied();
                let command = Command::SetLayer {
                    slot: SlotId(3),
                    encoding,
                    spatial: bytes.get(1).copied(),
                    temporal: encoding,
                };
                self.worker.handle_command(self.now_ns, command);
            }
        }
        self.worker.outbox().clear();
        drop(self.worker.take_events());
    }

    fn speak_and_be_heard(&mut self) {
        // Both still agree to be sent to, however long the script took.
        for leg in [1, 2] {
            let check = check(leg, self.now_ns);
            self.receive(tuple(leg), check);
        }
        self.worker.outbox().clear();
        let mut packet = vec![0; 256];
        let header = HeaderWriter::new(&mut packet, false, 111, 7, 960, 1).expect("room");
        let header_len = header.finish();
        packet[header_len] = 42;
        let len = self
            .speaker
            .protect_rtp(&mut packet, header_len + 1, header_len, 1, 7)
            .expect("room");
        packet.truncate(len);
        self.receive(tuple(1), packet);
        let outbox = self.worker.outbox();
        let heard = outbox
            .spans()
            .iter()
            .find(|span| span.tuple == tuple(2))
            .expect("it is forwarded");
        let mut heard = outbox.bytes()[heard.start as usize..][..usize::from(heard.len)].to_vec();
        let header = RtpHeader::parse_untrusted(&heard).expect("well-formed");
        let opened = self.listener.unprotect_rtp(
            &mut heard,
            header.header_len,
            header.ssrc,
            header.sequence,
        );
        let len = opened.expect("authentic, and never sent before");
        assert_eq!(heard[header.header_len..len], [42]);
    }

    fn hostile_rtp(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.hostile_index += 1;
        let (head, body) = bytes.split_at(bytes.len().min(10));
        let at = |index: usize| head.get(index).copied().unwrap_or(0);
        let mut packet = vec![0x80 | at(0) & 0x3f, at(1), at(2), at(3)];
        packet.extend([at(4), at(5), at(6), at(7), 0, 0, 0, at(8) % 4]);
        packet.extend(body);
        packet.resize(packet.len().max(12), 0);
        let Ok(header) = RtpHeader::parse_untrusted(&packet) else {
            return packet;
        };
        let len = packet.len();
        packet.resize(len + 32, 0);
        let index = self.hostile_index << 16 | u64::from(header.sequence);
        let protected = self.hostile.protect_rtp(
            &mut packet,
            len,
            header.header_len,
            header.ssrc,
            index % (1 << 17),
        );
        packet.truncate(protected.unwrap_or(len));
        packet
    }

    fn join(&mut self, leg: u32) {
        let mut map = ExtensionMap::new();
        for (id, kind) in (1..).zip(ExtensionKind::ALL) {
            map.set(kind, id).expect("ids differ");
        }
        let keys = Keys {
            profile: PROFILE,
            inbound_key: vec![leg as u8; 16],
            inbound_salt: SALT.into(),
            outbound_key: vec![10 + leg as u8; 16],
            outbound_salt: SALT.into(),
        };
        let ufrag = format!("frag{leg}").into_bytes();
        let commands = [
            Command::AddLeg {
                leg: LegId(leg),
                credentials: Credentials {
                    ufrag,
                    password: PASSWORD.into(),
                },
                reduced_size_rtcp: true,
            },
            Command::SetExtensions {
                leg: LegId(leg),
                map,
            },
            Command::SetKeys {
                leg: LegId(leg),
                keys: Box::new(keys),
            },
            Command::SetPeer {
                leg: LegId(leg),
                credentials: Credentials {
                    ufrag: b"peer".into(),
                    password: PASSWORD.into(),
                },
            },
        ];
        for command in commands {
            self.worker.handle_command(self.now_ns, command);
        }
        let check = check(leg, 0);
        self.receive(tuple(leg), check);
    }

    fn publish(&mut self, leg: u32, track: u32, codec: Codec) {
        let publish = Publish {
            leg: LegId(leg),
            track: TrackId(track),
            mid: SmallToken::parse_untrusted(track.to_string().as_bytes()).expect("a token"),
            kind: codec.kind(),
            codecs: vec![binding(codec)],
            rids: Vec::new(),
            ssrcs: vec![(track, None)],
            transport_cc: true,
            nack: true,
        };
        self.worker
            .handle_command(self.now_ns, Command::Publish(Box::new(publish)));
    }

    fn slot(&mut self, leg: u32, slot: u32, track: u32, codec: Codec) {
        let add = AddSlot {
            leg: LegId(leg),
            slot: SlotId(slot),
            mid: SmallToken::parse_untrusted(b"1").expect("a token"),
            kind: codec.kind(),
            ssrc: 1_000 + slot,
            rtx_ssrc: Some(2_000 + slot),
            codecs: vec![binding(codec)],
        };
        self.worker
            .handle_command(self.now_ns, Command::AddSlot(Box::new(add)));
        let track = Some(TrackId(track));
        self.worker.handle_command(
            self.now_ns,
            Command::Bind {
                slot: SlotId(slot),
                track,
            },
        );
    }

    fn receive(&mut self, from: Tuple, mut datagram: Vec<u8>) {
        self.worker
            .handle_datagram(self.now_ns, self.now_ns, from, &mut datagram);
    }
}

fn binding(codec: Codec) -> CodecBinding {
    let payload_type = if codec == Codec::Opus { 111 } else { 96 };
    CodecBinding {
        payload_type,
        codec,
        rtx_payload_type: Some(97),
        red_payload_type: (codec == Codec::Opus).then_some(63),
    }
}

fn tuple(leg: u32) -> Tuple {
    Tuple {
        socket: 0,
        remote: ([127, 0, 0, 1], 10_000 + leg as u16).into(),
    }
}

fn check(leg: u32, salt: u64) -> Vec<u8> {
    let mut transaction_id = [leg as u8; 12];
    transaction_id[..8].copy_from_slice(&salt.to_be_bytes());
    let username = format!("frag{leg}:far");
    let request = BindingRequest {
        transaction_id,
        username: username.as_bytes(),
        priority: 1,
        tie_breaker: 1,
        controlling: true,
        use_candidate: true,
    };
    let mut out = vec![0; 200];
    let len = write_binding_request(&mut out, &request, PASSWORD).expect("room");
    out.truncate(len);
    out
}
