//! Rooms on one worker: in each a publisher and its subscribers, connected, keyed and bound.

use forward::command::{AddSlot, CodecBinding, Command, Keys, Publish};
use forward::srtp::{Outbound, Profile};
use forward::worker::{TICK_NS, Worker, WorkerConfig};
use forward::{Credentials, LegId, SlotId, TrackId, Tuple};
use wire::extensions::SmallToken;
use wire::payload::{Codec, Kind};

use crate::participant::checks::Checks;
use crate::setup::{Extensions, IceSetup, LineSetup};
use crate::traffic::random::Random;
use crate::traffic::{frames, opus};

use super::publisher::{Prepared, Publisher};

/// A worker, its rooms, and the time they live in.
pub struct Rooms {
    /// What is measured.
    pub worker: Worker,
    /// Virtual, monotonic.
    pub now_ns: u64,
    /// To how many each packet goes.
    pub subscribers: usize,
    kind: Kind,
    publishers: Vec<Publisher>,
    everyone: Vec<(Tuple, Checks)>,
    turn: usize,
    random: Random,
    tick_ns: u64,
    check_ns: u64,
}

impl Rooms {
    /// Rooms through which media flows.
    ///
    /// # Errors
    /// A sentence: nothing came out of the worker.
    pub fn new(
        profile: Profile,
        kind: Kind,
        subscribers: usize,
        rooms: usize,
        seed: u64,
    ) -> Result<Self, String> {
        let config = WorkerConfig {
            unix_minus_monotonic_ns: UNIX_MINUS_MONOTONIC_NS,
            seed,
            outbox_bytes: OUTBOX_BYTES,
        };
        let mut made = Self {
            worker: Worker::new(config),
            now_ns: START_NS,
            subscribers,
            kind,
            publishers: Vec::new(),
            everyone: Vec::new(),
            turn: 0,
            random: Random::new(seed),
            tick_ns: START_NS,
            check_ns: 0,
        };
        for room in 0..rooms as u32 {
            let publisher = made.join(room * LEGS_PER_ROOM, profile)?;
            made.publish(publisher, profile)?;
            for seat in 1..=subscribers as u32 {
                let leg = made.join(room * LEGS_PER_ROOM + seat, profile)?;
                made.subscribe(leg, publisher)?;
            }
        }
        made.catch_up();
        Ok(made)
    }

    /// The next packets of all rooms in turn, at least `count` of them; a frame stays together.
    pub fn prepare(&mut self, count: usize) -> Option<Vec<Prepared>> {
        let mut prepared = Vec::with_capacity(count + 2 * frames::mean_packets() as usize);
        while prepared.len() < count {
            let rooms = self.publishers.len().max(1);
            self.now_ns += self.interval_ns() / rooms as u64;
            let now_ns = self.now_ns;
            let publisher = self.publishers.get_mut(self.turn)?;
            publisher.publish(self.kind, now_ns, &mut self.random, &mut prepared)?;
            self.turn = (self.turn + 1) % rooms;
        }
        Some(prepared)
    }

    /// Hands in one packet.
    pub fn handle(&mut self, packet: &mut Prepared) {
        self.worker.handle_datagram(
            packet.arrival_ns,
            packet.arrival_ns,
            packet.tuple,
            &mut packet.datagram,
        );
    }

    /// Protects what would be sent, as the engine has it done behind a batch.
    pub fn close(&mut self) {
        self.worker.outbox();
    }

    /// Takes out what would be sent, and says how many datagrams that were.
    pub fn empty(&mut self) -> usize {
        let outbox = self.worker.outbox();
        let sent = outbox.spans().len();
        outbox.clear();
        sent
    }

    /// Lets the ticks and checks happen that time has brought.
    pub fn catch_up(&mut self) {
        while self.check_ns <= self.now_ns {
            self.check_ns += CHECK_NS;
            for (tuple, checks) in &mut self.everyone {
                let mut check = [0; 256];
                let len = checks.write(&mut check).unwrap_or_default();
                let datagram = check.get_mut(..len).unwrap_or_default();
                self.worker
                    .handle_datagram(self.now_ns, self.now_ns, *tuple, datagram);
                self.worker.outbox().clear();
            }
        }
        while self.tick_ns <= self.now_ns {
            self.worker.handle_tick(self.tick_ns);
            self.worker.outbox().clear();
            self.tick_ns += TICK_NS;
        }
        drop(self.worker.take_events());
    }

    fn interval_ns(&self) -> u64 {
        match self.kind {
            Kind::Audio => 1_000_000_000 / opus::PACKETS_PER_SECOND,
            Kind::Video => 1_000_000_000 / frames::FRAMES_PER_SECOND,
        }
    }

    fn join(&mut self, number: u32, profile: Profile) -> Result<LegId, String> {
        let leg = LegId(number);
        let ice = IceSetup {
            ufrag: format!("leg{number}"),
            password: format!("password-of-leg-{number:016}"),
            own: None,
        };
        let (key, salt) = keys_of(profile);
        let commands = [
            Command::AddLeg {
                leg,
                credentials: Credentials {
                    ufrag: ice.ufrag.clone().into_bytes(),
                    password: ice.password.clone().into_bytes(),
                },
                reduced_size_rtcp: true,
            },
            Command::SetExtensions {
                leg,
                map: EXTENSIONS.map().ok_or("extension ids clash")?,
            },
            Command::SetKeys {
                leg,
                keys: Box::new(Keys {
                    profile,
                    inbound_key: key.clone(),
                    inbound_salt: salt.clone(),
                    outbound_key: key,
                    outbound_salt: salt,
                }),
            },
        ];
        for command in commands {
            self.worker.handle_command(self.now_ns, command);
        }
        self.everyone.push((tuple_of(number), Checks::new(&ice)));
        Ok(leg)
    }

    fn publish(&mut self, leg: LegId, profile: Profile) -> Result<(), String> {
        let ssrc = ssrc_of(leg);
        let command = Command::Publish(Box::new(Publish {
            leg,
            track: TrackId(leg.0 + 1),
            mid: mid()?,
            kind: self.kind,
            codecs: vec![self.codec()],
            rids: Vec::new(),
            ssrcs: vec![(ssrc, None)],
            transport_cc: true,
            nack: self.kind == Kind::Video,
        }));
        self.worker.handle_command(self.now_ns, command);
        let (key, salt) = keys_of(profile);
        let outbound = Outbound::new(profile, &key, &salt).map_err(|error| error.to_string())?;
        let line = LineSetup {
            ssrc,
            payload_type: self.codec().payload_type,
            mid: MID.into(),
            rid: None,
            rtx: None,
        };
        self.publishers
            .push(Publisher::new(tuple_of(leg.0), outbound, EXTENSIONS, &line));
        Ok(())
    }

    fn subscribe(&mut self, leg: LegId, publisher: LegId) -> Result<(), String> {
        let slot = SlotId(leg.0 + 1);
        let add = AddSlot {
            leg,
            slot,
            mid: mid()?,
            kind: self.kind,
            ssrc: ssrc_of(leg),
            rtx_ssrc: (self.kind == Kind::Video).then(|| ssrc_of(leg) + 1),
            codecs: vec![self.codec()],
        };
        self.worker
            .handle_command(self.now_ns, Command::AddSlot(Box::new(add)));
        let track = Some(TrackId(publisher.0 + 1));
        self.worker
            .handle_command(self.now_ns, Command::Bind { slot, track });
        Ok(())
    }

    fn codec(&self) -> CodecBinding {
        match self.kind {
            Kind::Audio => CodecBinding {
                payload_type: 111,
                codec: Codec::Opus,
                rtx_payload_type: None,
                red_payload_type: None,
            },
            Kind::Video => CodecBinding {
                payload_type: 96,
                codec: Codec::Vp8,
                rtx_payload_type: Some(97),
                red_payload_type: None,
            },
        }
    }
}

/// Keys of every leg's both directions.
pub fn keys_of(profile: Profile) -> (Vec<u8>, Vec<u8>) {
    (vec![7; profile.key_len()], vec![9; profile.salt_len()])
}

fn tuple_of(leg: u32) -> Tuple {
    // A different address for each: ports alone would run out.
    let [_, _, high, low] = leg.to_be_bytes();
    Tuple {
        socket: 0,
        remote: ([10, 0, high, low], 40_000).into(),
    }
}

const fn ssrc_of(leg: LegId) -> u32 {
    0x1000_0000 + leg.0 * 2
}

fn mid() -> Result<SmallToken, String> {
    SmallToken::parse_untrusted(MID.as_bytes()).map_err(|error| format!("mid: {error:?}"))
}

const MID: &str = "1";
const EXTENSIONS: Extensions = Extensions {
    audio_level: 1,
    abs_send_time: 2,
    transport_sequence: 3,
    mid: 4,
    rid: 0,
    repaired_rid: 0,
};
/// A publisher and up to seven subscribers.
const LEGS_PER_ROOM: u32 = 8;
const START_NS: u64 = 1_000_000_000;
const CHECK_NS: u64 = 2_500_000_000;
/// 2026-01-01, less the virtual zero.
const UNIX_MINUS_MONOTONIC_NS: i64 = 1_767_225_600_000_000_000;
/// What the engine gives a worker.
const OUTBOX_BYTES: usize = 1 << 20;
