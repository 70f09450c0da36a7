//! One synthetic participant: a socket, keys, a microphone, a camera, and the manners of a browser.
//!
//! It reads no clock: the time is an argument. `generator` calls it.

pub mod arrivals;
pub mod burst;
pub mod checks;
pub mod connected;
pub mod devices;
pub mod freezes;
pub mod line;
pub mod reception;
pub mod reports;

use std::net::{SocketAddrV4, UdpSocket};

use forward::srtp::{Inbound, Outbound};
use wire::datagram::Protocol;
use wire::extensions::{ExtensionKind, ExtensionMap, TransportSequence};
use wire::rtp::RtpHeader;

use crate::traffic::random::Random;
use crate::traffic::stamp::Stamp;
use crate::traffic::{opus, vp8};
use arrivals::Arrivals;
use burst::Burst;
use checks::Checks;
use connected::Connected;
use devices::{Camera, Microphone, Write};
use freezes::Freezes;
use line::{Line, Transport};
use reception::Reception;

/// A participant; its place in the run gives its lines their numbers.
pub struct Participant {
    /// The consultation it is in.
    pub consultation: usize,
    /// Whose leg it is: its own place, or that of the participant that sends on another leg.
    pub of_place: usize,
    /// Its own socket, as every browser has one.
    pub socket: UdpSocket,
    /// Where it sends.
    pub remote: SocketAddrV4,
    transport: Transport,
    inbound: Inbound,
    extensions: ExtensionMap,
    microphone: Option<Microphone>,
    camera: Option<Camera>,
    video_ssrc_received: Option<u32>,
    freezes: Freezes,
    random: Random,
    checks: Option<Checks>,
    reception: Reception,
    arrivals: Arrivals,
    heard: bool,
}

/// What a datagram turned out to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arrival {
    /// Media with a stamp.
    Media {
        /// What was in it.
        stamp: Stamp,
        /// Whether all of it was; looked at in one of [`LOOKED_AT_ONE_IN`] packets.
        intact: bool,
        /// How long the picture had stood still that moves again with this packet, if it had.
        frozen_ns: Option<u64>,
    },
    /// An answer, a report or feedback.
    Control(Feedback),
    /// Neither: what SRTP refused, or what carries no stamp.
    Unusable,
}

/// What the relay asked for or told in one datagram.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Feedback {
    /// Key frames asked for.
    pub plis: u32,
    /// Packets asked for again.
    pub nacks: u32,
    /// Transport-wide feedbacks.
    pub transport_feedbacks: u32,
    /// Sender reports.
    pub sender_reports: u32,
}

impl Participant {
    /// A participant that has sent nothing; `place` is its number in the run.
    ///
    /// # Errors
    /// A sentence: its keys are not of the profile's length, its extension ids clash, or it has no camera.
    pub fn new(place: u32, seed: u64, connected: Connected) -> Result<Self, String> {
        let profile = connected.profile;
        let (sends, receives) = (connected.sends, connected.receives);
        let outbound = Outbound::new(profile, &sends.key, &sends.salt)
            .map_err(|error| format!("keys: {error}"))?;
        let inbound = Inbound::new(profile, &receives.key, &receives.salt)
            .map_err(|error| format!("keys: {error}"))?;
        let extensions = connected
            .extensions
            .map()
            .ok_or("two header extensions share an id")?;
        let mut random = Random::new(seed ^ (u64::from(place) << 32));
        let first_line = place * LINES_EACH as u32;
        // Below 2^15, so that no receiver guesses the rollover counter wrong (RFC 3711 §3.3.1).
        let mut first = |limit| random.between(0, limit);
        let mut line = |setup, number| {
            Line::new(
                setup,
                first_line + number,
                first(1 << 14) as u16,
                first(1 << 31) as u32,
            )
        };
        let microphone = connected.audio.map(|setup| Microphone {
            line: line(setup, 0),
        });
        let encoding = connected.video.into_iter().next();
        let video = encoding.map(|setup| line(setup, 1));
        let picture_id = random.between(0, 1 << 14) as u16;
        Ok(Self {
            consultation: connected.consultation,
            of_place: place as usize,
            socket: connected.socket,
            remote: connected.remote,
            transport: Transport {
                outbound,
                extensions: connected.extensions,
                sequence: 0,
            },
            inbound,
            extensions,
            microphone,
            camera: video.map(|line| Camera::new(line, picture_id)),
            video_ssrc_received: None,
            freezes: Freezes::default(),
            random,
            checks: connected.ice.as_ref().map(Checks::new),
            reception: Reception::default(),
            arrivals: Arrivals::default(),
            heard: false,
        })
    }

    /// Whether it sends media, or receives only.
    #[must_use]
    pub fn sends(&self) -> bool {
        self.microphone.is_some() || self.camera.is_some()
    }

    /// Whether it speaks ICE and RTCP, or sends media only.
    #[must_use]
    pub fn has_manners(&self) -> bool {
        self.checks.is_some()
    }

    /// Whether the relay answered its last check.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.checks.as_ref().is_none_or(Checks::answered)
    }

    /// Packets of media made so far, by line.
    #[must_use]
    pub fn packets_made(&self) -> [u32; LINES_EACH] {
        let audio = self.microphone.as_ref().map_or(0, |one| one.line.packets());
        let video = self.camera.as_ref().map_or(0, |one| one.line.packets());
        [audio, video, 0, 0]
    }

    /// Whether this is the first packet of another that it was given.
    pub fn hears_first(&mut self) -> bool {
        !std::mem::replace(&mut self.heard, true)
    }

    /// Makes the next 20 ms of sound.
    pub fn speak(&mut self, now_ns: u64, burst: &mut Burst) {
        let push = |write: Write<'_>| burst.push(self.remote, write);
        if let Some(microphone) = &mut self.microphone {
            microphone.speak(&mut self.transport, &mut self.random, now_ns, push);
        }
    }

    /// Makes the next frame, a key frame if one was asked for.
    pub fn show(&mut self, now_ns: u64, burst: &mut Burst) {
        let push = |write: Write<'_>| burst.push(self.remote, write);
        if let Some(camera) = &mut self.camera {
            camera.show(&mut self.transport, &mut self.random, now_ns, push);
        }
    }

    /// Sends a check to the relay.
    pub fn check(&mut self, burst: &mut Burst) {
        if let Some(checks) = &mut self.checks {
            burst.push(self.remote, |out| checks.write(out));
        }
    }

    /// Takes in a datagram that arrived then; what it has to say to that goes into the burst.
    pub fn receive(&mut self, arrival_ns: u64, datagram: &mut [u8], burst: &mut Burst) -> Arrival {
        match Protocol::of_untrusted(datagram) {
            Some(Protocol::Rtp) => self
                .receive_rtp(arrival_ns, datagram)
                .unwrap_or(Arrival::Unusable),
            Some(Protocol::Rtcp) => self
                .receive_rtcp(arrival_ns, datagram)
                .map_or(Arrival::Unusable, Arrival::Control),
            Some(Protocol::Stun) => {
                if let Some(checks) = &mut self.checks {
                    checks.handle_answer(datagram);
                    let remote = self.remote;
                    burst.push(remote, |out| checks.write_answer(datagram, remote, out));
                }
                Arrival::Control(Feedback::default())
            }
            // The end of a handshake may be repeated.
            Some(Protocol::Dtls) => Arrival::Control(Feedback::default()),
            None => Arrival::Unusable,
        }
    }

    fn receive_rtp(&mut self, arrival_ns: u64, datagram: &mut [u8]) -> Option<Arrival> {
        let header = RtpHeader::parse_untrusted(datagram).ok()?;
        let (ssrc, sequence) = (header.ssrc, header.sequence);
        let len = self
            .inbound
            .unprotect_rtp(datagram, header.header_len, ssrc, sequence)
            .ok()?;
        let packet = datagram.get(..len)?;
        let payload = header.payload_untrusted(packet).ok()?;
        self.reception.record(ssrc, sequence);
        if let Some(transport_sequence) = self.transport_sequence(&header, packet) {
            self.arrivals.record(transport_sequence, arrival_ns);
        }
        // A VP8 descriptor with a 15-bit picture id starts with 0x80 or 0x90.
        let sound = payload.first() == Some(&opus::CONTENTS);
        let lead_bytes = if sound { 1 } else { vp8::lead_bytes(payload)? };
        if !sound {
            self.video_ssrc_received = Some(ssrc);
        }
        let stamped = payload.get(lead_bytes..)?;
        let stamp = Stamp::read(stamped)?;
        let intact = !stamp.number.is_multiple_of(LOOKED_AT_ONE_IN) || stamp.is_intact(stamped);
        let shown = !sound && header.marker;
        let frozen_ns = shown.then(|| self.freezes.show(arrival_ns)).flatten();
        Some(Arrival::Media {
            stamp,
            intact,
            frozen_ns,
        })
    }

    fn transport_sequence(&self, header: &RtpHeader, packet: &[u8]) -> Option<u16> {
        let id = self.extensions.id(ExtensionKind::TransportSequence)?;
        let (_, value) = header
            .extensions(packet)
            .flatten()
            .find(|(found, _)| *found == id)?;
        TransportSequence::parse_untrusted(value)
            .ok()
            .map(|TransportSequence(number)| number)
    }
}

/// Every packet is decrypted for its stamp; the rest of one in so many is compared byte by byte.
pub const LOOKED_AT_ONE_IN: u32 = 16;
/// Sound, and up to three encodings of a picture: a participant's lines are numbered so.
pub const LINES_EACH: usize = 4;
