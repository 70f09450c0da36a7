//! One synthetic participant: a socket, keys, a microphone, a camera, and the manners of a browser.
//!
//! It reads no clock: the time is an argument. `generator` calls it.

pub mod arrivals;
pub mod burst;
pub mod checks;
pub mod connected;
pub mod devices;
pub mod following;
pub mod freezes;
pub mod history;
mod incoming;
pub mod line;
pub mod missing;
pub mod reception;
pub mod reports;
#[cfg(test)]
mod tests;

use std::net::{SocketAddrV4, UdpSocket};

use forward::srtp::{Inbound, Outbound};
use wire::extensions::ExtensionMap;

use crate::setup::VideoCodec;
use crate::traffic::random::Random;
use crate::traffic::stamp::Stamp;
use arrivals::Arrivals;
use burst::Burst;
use checks::Checks;
use connected::{Connected, ReceivedTypes};
use devices::{Camera, Encoding, Microphone, Write};
use following::Ask;
use incoming::Watched;
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
    codec: VideoCodec,
    received: ReceivedTypes,
    /// The pictures of others.
    watched: Vec<Watched>,
    /// Whether something is missing that was not asked for yet.
    asks: bool,
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
        /// Whether it is a retransmission.
        repaired: bool,
        /// How many packets its source has sent since the last one, itself included; 0 if it came late.
        advanced: u32,
        /// How long the picture had stood still that moves again with this packet, if it had.
        frozen_ns: Option<u64>,
    },
    /// An answer, a report or feedback.
    Control(Feedback),
    /// Neither: what SRTP refused, or what carries no stamp.
    Unusable,
}

/// What the relay asked for or told in one datagram, or what we asked for.
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
    /// Caps on all that is sent (REMB).
    pub rembs: u32,
    /// Packets sent again.
    pub rtx_sent: u32,
    /// Key frames we asked for.
    pub plis_sent: u32,
    /// Packets we asked for again.
    pub nacks_sent: u32,
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
        let numbers = 1..LINES_EACH as u32;
        let lines: Vec<_> = connected
            .video
            .into_iter()
            .zip(numbers)
            .map(|(setup, number)| line(setup, number))
            .collect();
        let has_camera = !lines.is_empty();
        let camera = Camera::seeing(connected.codec, lines.into_iter(), &mut random);
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
            camera: has_camera.then_some(camera),
            codec: connected.codec,
            received: connected.received,
            watched: Vec::new(),
            asks: false,
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
        let mut packets = [0; LINES_EACH];
        let lines = self.lines().map(Line::packets);
        let places = usize::from(self.microphone.is_none())..;
        for (place, made) in places.zip(lines) {
            if let Some(count) = packets.get_mut(place) {
                *count = made;
            }
        }
        packets
    }

    /// The lines it sends on: sound, then pictures.
    fn lines(&self) -> impl Iterator<Item = &Line> {
        let sound = self.microphone.iter().map(|one| &one.line);
        let encodings = self.camera.iter().flat_map(|one| &one.encodings);
        sound.chain(encodings.map(|one| &one.line))
    }

    fn encoding(&mut self, ssrc: u32) -> Option<&mut Encoding> {
        let encodings = self.camera.as_mut()?.encodings.iter_mut();
        encodings.into_iter().find(|one| one.line.ssrc() == ssrc)
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

    /// Sends the best encoding of its camera alone, until it is asked for others.
    pub fn send_best_alone(&mut self) {
        if let Some(camera) = &mut self.camera {
            camera.send_best_alone();
        }
    }

    /// Does what the relay asks of its camera's encodings.
    pub fn obey(&mut self, asks: &[Ask]) {
        if let Some(camera) = &mut self.camera {
            camera.obey(asks);
        }
    }

    /// Sends a check to the relay.
    pub fn check(&mut self, burst: &mut Burst) {
        if let Some(checks) = &mut self.checks {
            burst.push(self.remote, |out| checks.write(out));
        }
    }
}

/// Every packet is decrypted for its stamp; the rest of one in so many is compared byte by byte.
pub const LOOKED_AT_ONE_IN: u32 = 16;
/// Sound, and up to three encodings of a picture: a participant's lines are numbered so.
pub const LINES_EACH: usize = 4;
