//! A consultation over a narrow link, whose subscriber tells when packets come.

use forward::LegId;
use forward::command::Command;
use forward::event::{Event, LegEstimate};
use wire::payload::Kind;
use wire::rtcp::write_nack;

use super::participant::{AUDIO_PT, Received, VIDEO_PT, audio_ssrc, video_ssrc};
use super::pictures::{two, two_without_retransmissions, vp8};
use super::telling::Telling;
use super::watching::{LOOK_NS, Watching};
use super::{MS, Simulation};

/// The subscriber's leg.
pub const LEG: LegId = LegId(2);
/// Fifty packets of sound a second, with all that is around them.
const SOUND_BPS: u64 = 55_000;
/// A frame's first packet on the wire.
const FIRST_BYTES: u64 = 370;
/// Of each other one, what is not payload.
const AROUND_BYTES: u64 = 90;
/// 25 frames a second.
pub const FRAME_NS: u64 = 40 * MS;

/// A consultation over a link of 40 ms and of this rate towards the subscriber; sound and 25 frames a second of
/// four packets are sent to it, 300 kbit/s in all unless the packets are longer.
pub struct Consultation {
    pub simulation: Simulation,
    telling: Telling,
    began_ns: u64,
    pub frame: u16,
    pub packet_bytes: usize,
    /// Of how many packets a key frame is, one in ten seconds and whenever the relay asks.
    pub key_frame_packets: u8,
    /// Whether the publisher's encoder keeps to the rate that was told last, or to `packet_bytes`.
    pub encoder_follows: bool,
    /// Whether the last packet of a frame says that it is.
    pub marks_ends: bool,
    /// Whether pictures are sent, and not sound alone.
    pub sends_pictures: bool,
    /// What the subscriber makes of the pictures, where that is looked at.
    pub watching: Option<Watching>,
    /// As many key frames as the relay asked for have been sent.
    answered_plis: usize,
}

impl Consultation {
    pub fn over(rate_bps: u64) -> Self {
        Self::of(two(&[]), rate_bps)
    }

    /// The same, whose subscriber has no line for retransmissions.
    pub fn without_retransmissions(rate_bps: u64) -> Self {
        Self::of(two_without_retransmissions(), rate_bps)
    }

    fn of(mut simulation: Simulation, rate_bps: u64) -> Self {
        for link in &mut simulation.links {
            link.0.delay_ns = 20 * MS;
            link.1.delay_ns = 20 * MS;
        }
        simulation.links[1].1.rate_bps = rate_bps;
        Self {
            began_ns: simulation.now_ns,
            simulation,
            telling: Telling::default(),
            frame: 0,
            packet_bytes: 300,
            key_frame_packets: 4,
            encoder_follows: false,
            marks_ends: true,
            sends_pictures: true,
            watching: None,
            answered_plis: 0,
        }
    }

    /// The same, with somebody who spends the rate: 3 Mbit/s are of use, and pictures wait for what a path carries.
    pub fn paced_over(rate_bps: u64) -> Self {
        let mut consultation = Self::over(rate_bps);
        let bps = 3_000_000;
        consultation.command(Command::SetUsefulRate { leg: LEG, bps });
        consultation
    }

    /// Lets what is on its way arrive.
    pub fn settle(&mut self) {
        self.simulation.run_for(200 * MS);
    }

    /// What has arrived on the line of one kind; nothing that was sent again.
    pub fn received(&self, kind: Kind) -> impl Iterator<Item = &Received> {
        let subscriber = &self.simulation.participants[1];
        let line = subscriber.slot(kind).1;
        let received = subscriber.received.iter();
        received.filter(move |got| got.header.ssrc == line)
    }

    /// How many frames have arrived, counted by their last packets.
    pub fn pictures(&self) -> usize {
        let pictures = self.received(Kind::Video);
        pictures.filter(|got| got.header.marker).count()
    }

    /// The numbers of the last packets of pictures that the subscriber has, the newest first.
    pub fn last_of_pictures(&self, packets: usize) -> Vec<u16> {
        let subscriber = &self.simulation.participants[1];
        let media = subscriber.slot(Kind::Video).1;
        let pictures = subscriber.received.iter().rev();
        pictures
            .filter(|got| got.header.ssrc == media)
            .take(packets)
            .map(|got| got.header.sequence)
            .collect()
    }

    /// Has the subscriber ask again for packets of pictures, as if they had been lost.
    pub fn ask_for(&mut self, missing: &[u16]) {
        let subscriber = &mut self.simulation.participants[1];
        let media = subscriber.slot(Kind::Video).1;
        let nack = subscriber.rtcp(|out| write_nack(out, 1, media, missing));
        self.simulation.towards_relay(1, nack);
    }

    /// The same, for the last that it has.
    pub fn ask_again(&mut self, packets: usize) {
        let missing = self.last_of_pictures(packets);
        self.ask_for(&missing);
    }

    /// How long each packet of sound has been on its way since a moment, in milliseconds.
    pub fn sound_ms(&self, since_ns: u64) -> Vec<u64> {
        self.received(Kind::Audio)
            .filter(|got| got.at_ns >= since_ns)
            .map(|got| {
                let frame = u64::from(got.header.timestamp / 1_920);
                (got.at_ns - self.began_ns - frame * FRAME_NS) / MS
            })
            .collect()
    }

    /// Lets the publisher send and the subscriber tell, for so long.
    pub fn run(&mut self, duration_ns: u64) {
        for _ in 0..duration_ns / FRAME_NS {
            self.send();
            self.pass_frame();
            let feedback = self.telling.tell(&mut self.simulation.participants[1]);
            if let Some(feedback) = feedback {
                self.simulation.towards_relay(1, feedback);
            }
        }
    }

    /// Lets the time of a frame pass, in which a subscriber who watches asks for what is missing.
    fn pass_frame(&mut self) {
        let Some(watching) = &mut self.watching else {
            self.simulation.run_for(FRAME_NS);
            return;
        };
        for _ in 0..FRAME_NS / LOOK_NS {
            self.simulation.run_for(LOOK_NS);
            let now_ns = self.simulation.now_ns;
            for datagram in watching.look(&mut self.simulation.participants[1], now_ns) {
                self.simulation.towards_relay(1, datagram);
            }
        }
    }

    /// How many packets a usual frame has after its first, and of how many bytes, if frames keep to nine tenths of
    /// what sound leaves.
    fn frame_at(rate_bps: u64) -> (u8, usize) {
        let frame_bytes = rate_bps.saturating_sub(SOUND_BPS) * 9 / 10 / 8 / 25;
        let packets = (frame_bytes / 1_000 + 1).min(3);
        let rest_bytes = frame_bytes.saturating_sub(FIRST_BYTES) / packets;
        let packet_bytes = rest_bytes.saturating_sub(AROUND_BYTES);
        (packets as u8, (packet_bytes as usize).clamp(20, 1_100))
    }

    fn send(&mut self) {
        let frame = self.frame;
        self.frame += 1;
        let mut usual = (3, self.packet_bytes);
        if self.encoder_follows {
            let told = self.estimates().last().copied();
            let told_bps = told.map_or(300_000, |told| told.standing.rate_bps - told.owed_bps);
            usual = Self::frame_at(told_bps);
        }
        let publisher = &mut self.simulation.participants[0];
        let is_asked = publisher.plis > self.answered_plis;
        self.answered_plis = publisher.plis;
        let key_frame = is_asked || frame.is_multiple_of(250);
        let (packets_left, packet_bytes) = if key_frame {
            (self.key_frame_packets - 1, usual.1.max(1_000))
        } else {
            usual
        };
        let mut packets = Vec::new();
        let payload = vp8(key_frame, frame, 0, 0);
        let timestamp = u32::from(frame) * 3_600;
        let packets_left = if self.sends_pictures { packets_left } else { 0 };
        if self.sends_pictures {
            packets.push(publisher.rtp(
                video_ssrc(1, 0),
                VIDEO_PT,
                timestamp,
                false,
                &payload,
                None,
            ));
        }
        for part in 0..packets_left {
            let mut rest = vec![0x80, 0x80, 0x80 | (frame >> 8) as u8, frame as u8];
            rest.resize(packet_bytes, part);
            let last = part == packets_left - 1 && self.marks_ends;
            let rtp = publisher.rtp(video_ssrc(1, 0), VIDEO_PT, timestamp, last, &rest, None);
            packets.push(rtp);
        }
        for half in 0..2 {
            let timestamp = (u32::from(frame) * 2 + half) * 960;
            packets.push(publisher.rtp(audio_ssrc(1), AUDIO_PT, timestamp, false, &[7; 80], None));
        }
        for packet in packets {
            self.simulation.towards_relay(0, packet);
        }
    }

    pub fn command(&mut self, command: Command) {
        self.simulation.command(command);
    }

    /// Everything that was told of the subscriber's path, the latest last.
    pub fn estimates(&self) -> Vec<LegEstimate> {
        let told = self
            .simulation
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Estimates { estimates } => Some(estimates),
                _ => None,
            });
        told.flat_map(|estimates| estimates.iter().copied())
            .inspect(|estimate| assert_eq!(estimate.leg, LEG, "nobody sends to the other"))
            .collect()
    }

    pub fn rate_bps(&self) -> u64 {
        self.estimates().last().unwrap().standing.rate_bps
    }
}
