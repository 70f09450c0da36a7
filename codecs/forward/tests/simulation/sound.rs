//! Frames of sound that tell their numbers, plain or redundant, and what a listener has of them.

use forward::command::Command;
use wire::payload::Kind;
use wire::payload::red::{RedBlock, RedPayload, overhead, wrap};
use wire::rtcp::{ReportBlock, write_receiver_report};

use super::participant::{AUDIO_PT, RED_PT, Received, SLOT_AUDIO_PT, SLOT_RED_PT, audio_ssrc};
use super::{MS, SECOND, Simulation, UNIX_MINUS_MONOTONIC_NS};

/// RTP clock steps of a frame.
pub const STEP: u32 = 960;

/// 20 ms of Opus (RFC 6716 §3.1: hybrid, full band, one frame) at 32 kbit/s, with its number in it.
pub fn frame(number: u32) -> Vec<u8> {
    [&[0x78][..], &number.to_be_bytes(), &[0; 75]].concat()
}

/// The number in a frame.
pub fn number_of(frame: &[u8]) -> u32 {
    u32::from_be_bytes(frame[1..5].try_into().unwrap())
}

/// A frame behind so many before it, as a browser sends it.
pub fn redundant(number: u32, distance: u32) -> Vec<u8> {
    let earlier: Vec<_> = (1..=distance.min(number))
        .rev()
        .map(|behind| (behind, frame(number - behind)))
        .collect();
    let blocks: Vec<_> = earlier
        .iter()
        .map(|(behind, payload)| RedBlock {
            payload_type: AUDIO_PT,
            timestamp_offset: (behind * STEP) as u16,
            payload,
        })
        .collect();
    let mut out = frame(number);
    let len = out.len();
    out.resize(len + overhead(&blocks), 0);
    wrap(&mut out, len, AUDIO_PT, &blocks).unwrap();
    out
}

/// All frames that a packet carries, each with its timestamp; its own is the last.
pub fn frames_in(got: &Received) -> Vec<(u32, Vec<u8>)> {
    let own = got.header.timestamp;
    if got.header.payload_type == SLOT_AUDIO_PT {
        return vec![(own, got.payload.clone())];
    }
    assert_eq!(got.header.payload_type, SLOT_RED_PT);
    let red = RedPayload::parse_untrusted(&got.payload).unwrap();
    assert_eq!(red.primary_type, SLOT_AUDIO_PT);
    let earlier = red.blocks().map(|block| {
        assert_eq!(block.payload_type, SLOT_AUDIO_PT);
        let timestamp = own.wrapping_sub(block.timestamp_offset.into());
        (timestamp, block.payload.to_vec())
    });
    let primary = (own, red.primary.to_vec());
    earlier.chain([primary]).collect()
}

/// The numbers of the frames that a packet carries.
pub fn numbers_in(got: &Received) -> Vec<u32> {
    let frames = frames_in(got);
    frames.iter().map(|(_, frame)| number_of(frame)).collect()
}

impl Simulation {
    /// One who speaks and so many who listen, each with the redundancy they are to have.
    pub fn speech_to(distances: &[u8]) -> Self {
        let mut simulation = Self::speech();
        for distance in distances {
            let listener = simulation.listen(true);
            simulation.repeat(listener, *distance);
        }
        simulation
    }

    /// One who speaks and one who listens, and takes no redundant sound.
    pub fn plain_speech() -> Self {
        let mut simulation = Self::speech();
        simulation.listen(false);
        simulation
    }

    fn speech() -> Self {
        let mut simulation = Self::new(1);
        let speaker = simulation.join();
        simulation.command(simulation.participants[speaker].publish_audio());
        simulation
    }

    /// Somebody comes to listen to the first.
    fn listen(&mut self, takes_redundancy: bool) -> usize {
        let listener = self.join();
        let mut add = self.participants[listener].add_slot(Kind::Audio);
        if let Command::AddSlot(add) = &mut add
            && !takes_redundancy
        {
            add.codecs[0].red_payload_type = None;
        }
        self.command(add);
        let slot = self.participants[listener].slot(Kind::Audio).0;
        let track = Some(self.participants[0].audio_track());
        self.command(Command::Bind { slot, track });
        listener
    }

    /// Two who speak to each other; with `nack` what is missing of the first one may be asked for.
    pub fn conversation(nack: bool) -> Self {
        let mut simulation = Self::new(1);
        let (a, b) = (simulation.join(), simulation.join());
        simulation.command(simulation.participants[a].publish_sound(nack));
        simulation.command(simulation.participants[b].publish_audio());
        for (listener, speaker) in [(a, b), (b, a)] {
            let slot = simulation.participants[listener].slot(Kind::Audio).0;
            let track = Some(simulation.participants[speaker].audio_track());
            simulation.command(simulation.participants[listener].add_slot(Kind::Audio));
            simulation.command(Command::Bind { slot, track });
        }
        simulation
    }

    /// Chooses how many earlier frames a listener's packets carry.
    pub fn repeat(&mut self, listener: usize, distance: u8) {
        let slot = self.participants[listener].slot(Kind::Audio).0;
        self.command(Command::SetRedundancy { slot, distance });
    }

    /// A participant speaks a frame, and 20 ms pass.
    pub fn say(&mut self, speaker: usize, number: u32, payload: &[u8]) {
        self.say_as(speaker, AUDIO_PT, number, payload);
    }

    /// A participant speaks a frame behind so many before it.
    pub fn say_redundantly(&mut self, speaker: usize, number: u32, distance: u32) {
        self.say_as(speaker, RED_PT, number, &redundant(number, distance));
    }

    fn say_as(&mut self, speaker: usize, payload_type: u8, number: u32, payload: &[u8]) {
        if number.is_multiple_of(100) {
            self.consent();
        }
        let participant = &mut self.participants[speaker];
        let ssrc = audio_ssrc(participant.leg.0);
        let timestamp = number.wrapping_mul(STEP);
        let rtp = participant.rtp(ssrc, payload_type, timestamp, false, payload, None);
        self.towards_relay(speaker, rtp);
        self.run_for(20 * MS);
    }

    /// Everybody checks that they still agree to be sent to (RFC 7675); no link loses that.
    fn consent(&mut self) {
        for participant in 0..self.participants.len() {
            let links = std::mem::take(&mut self.links[participant]);
            let check = self.participants[participant].check(true);
            self.towards_relay(participant, check);
            self.settle();
            self.links[participant] = links;
        }
    }

    /// Has the relay know that a participant, who has had a sender report, is so far away.
    pub fn round_trip(&mut self, participant: usize, round_trip_ns: u64) {
        let now = compact_ntp(self.now_ns);
        let report = self.participants[participant].sender_reports.last();
        let info = *report.expect("a report has come");
        let last_sr = (info.ntp >> 16) as u32;
        let round_trip = ((round_trip_ns << 16) / SECOND) as u32;
        let block = ReportBlock {
            ssrc: info.ssrc,
            last_sr,
            delay_since_last_sr: now.wrapping_sub(last_sr).wrapping_sub(round_trip),
            ..ReportBlock::default()
        };
        let write = |out: &mut [u8]| write_receiver_report(out, 1, &[block]);
        let report = self.participants[participant].rtcp(write);
        self.towards_relay(participant, report);
        self.settle();
    }

    /// What a listener has received since this was asked last.
    pub fn heard(&mut self, listener: usize) -> Vec<Received> {
        std::mem::take(&mut self.participants[listener].received)
    }
}

/// The middle 32 bits of the relay's NTP time (RFC 3550 §4).
fn compact_ntp(now_ns: u64) -> u32 {
    let unix_ns = now_ns.wrapping_add_signed(UNIX_MINUS_MONOTONIC_NS);
    let seconds = unix_ns / SECOND + 2_208_988_800;
    ((seconds << 16) | (((unix_ns % SECOND) << 16) / SECOND)) as u32
}
