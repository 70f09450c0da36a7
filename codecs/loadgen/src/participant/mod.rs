//! One synthetic participant: a socket, keys, a microphone, a camera, and the manners of a browser.
//!
//! It reads no clock: the time is an argument. `generator` calls it.

pub mod arrivals;
pub mod burst;
pub mod checks;
pub mod devices;
pub mod line;
pub mod reception;
pub mod reports;

use std::net::{SocketAddrV4, UdpSocket};

use forward::srtp::{Inbound, Outbound, Profile};
use wire::datagram::Protocol;
use wire::extensions::{ExtensionKind, ExtensionMap, TransportSequence};
use wire::rtp::RtpHeader;

use crate::hex;
use crate::setup::{KeySetup, ParticipantSetup, Setup};
use crate::traffic::random::Random;
use crate::traffic::stamp::Stamp;
use crate::traffic::{opus, vp8};
use arrivals::Arrivals;
use burst::Burst;
use checks::Checks;
use devices::{Camera, Microphone, Write};
use line::{Line, Transport};
use reception::Reception;

/// A participant; its place in the run gives its lines their numbers.
pub struct Participant {
    /// Its own socket, as every browser has one.
    pub socket: UdpSocket,
    /// Where it sends.
    pub remote: SocketAddrV4,
    transport: Transport,
    inbound: Inbound,
    extensions: ExtensionMap,
    microphone: Microphone,
    camera: Camera,
    video_ssrc_received: Option<u32>,
    random: Random,
    checks: Option<Checks>,
    reception: Reception,
    arrivals: Arrivals,
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
    /// A sentence: its keys are not of the profile's length, or its extension ids clash.
    pub fn new(
        setup: &Setup,
        own: &ParticipantSetup,
        place: u32,
        socket: UdpSocket,
        remote: SocketAddrV4,
    ) -> Result<Self, String> {
        let profile = Profile::from_iana(setup.profile_iana)
            .ok_or_else(|| format!("{} is no protection profile", setup.profile_iana))?;
        let (key, salt) = key_and_salt(&own.sends)?;
        let outbound =
            Outbound::new(profile, &key, &salt).map_err(|error| format!("keys: {error}"))?;
        let (key, salt) = key_and_salt(&own.receives)?;
        let inbound =
            Inbound::new(profile, &key, &salt).map_err(|error| format!("keys: {error}"))?;
        let extensions = setup
            .extensions
            .map()
            .ok_or("two header extensions share an id")?;
        let mut random = Random::new(setup.seed ^ (u64::from(place) << 32));
        // Below 2^15, so that no receiver guesses the rollover counter wrong (RFC 3711 §3.3.1).
        let mut first = |limit| random.between(0, limit);
        let audio = Line::new(
            own.audio.clone(),
            place * 2,
            first(1 << 14) as u16,
            first(1 << 31) as u32,
        );
        let video = Line::new(
            own.video.clone(),
            place * 2 + 1,
            first(1 << 14) as u16,
            first(1 << 31) as u32,
        );
        let picture_id = first(1 << 14) as u16;
        Ok(Self {
            socket,
            remote,
            transport: Transport {
                outbound,
                extensions: setup.extensions,
                sequence: 0,
            },
            inbound,
            extensions,
            microphone: Microphone { line: audio },
            camera: Camera::new(video, picture_id),
            video_ssrc_received: None,
            random,
            checks: own.ice.as_ref().map(Checks::new),
            reception: Reception::default(),
            arrivals: Arrivals::default(),
        })
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

    /// Packets of media made so far: audio, video.
    #[must_use]
    pub fn packets_made(&self) -> (u32, u32) {
        (self.microphone.line.packets(), self.camera.line.packets())
    }

    /// Makes the next 20 ms of sound.
    pub fn speak(&mut self, now_ns: u64, burst: &mut Burst) {
        let push = |write: Write<'_>| burst.push(self.remote, write);
        self.microphone
            .speak(&mut self.transport, &mut self.random, now_ns, push);
    }

    /// Makes the next frame, a key frame if one was asked for.
    pub fn show(&mut self, now_ns: u64, burst: &mut Burst) {
        let push = |write: Write<'_>| burst.push(self.remote, write);
        self.camera
            .show(&mut self.transport, &mut self.random, now_ns, push);
    }

    /// Sends a check to the relay.
    pub fn check(&mut self, burst: &mut Burst) {
        if let Some(checks) = &mut self.checks {
            burst.push(self.remote, |out| checks.write(out));
        }
    }

    /// Takes in a datagram that arrived then.
    pub fn receive(&mut self, arrival_ns: u64, datagram: &mut [u8]) -> Arrival {
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
                }
                Arrival::Control(Feedback::default())
            }
            Some(Protocol::Dtls) | None => Arrival::Unusable,
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
        Some(Arrival::Media { stamp, intact })
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

fn key_and_salt(setup: &KeySetup) -> Result<(Vec<u8>, Vec<u8>), String> {
    let bytes = |digits: &str| hex::decode(digits).ok_or("a key or salt is not hexadecimal");
    Ok((bytes(&setup.key)?, bytes(&setup.salt)?))
}

/// Every packet is decrypted for its stamp; the rest of one in so many is compared byte by byte.
pub const LOOKED_AT_ONE_IN: u32 = 16;
