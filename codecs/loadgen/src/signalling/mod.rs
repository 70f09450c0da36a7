//! How a participant comes to an agreement with an SFU: one adapter for each kind of SFU.
//!
//! An adapter speaks for one participant over one WebSocket, and neither has a socket nor reads a clock: it is given
//! what arrives and appends to the steps that its owner then takes, in their order. ICE, DTLS and media are its
//! owner's (`load::joining`), once for each leg the adapter asks for.

pub mod janus;
pub mod visavis;
pub mod websocket;

use std::net::SocketAddrV4;

use serde::Deserialize;

use crate::participant::connected::ReceivedTypes;
use crate::participant::following::Ask;
use crate::sdp::answer::{Description, Setup};
use crate::sdp::offer::{AUDIO_MID, VIDEO_MID};
pub use crate::setup::VideoCodec;
use crate::setup::{Extensions, IceSetup, LineSetup};

/// One participant's side of an SFU's signalling.
pub trait Signalling {
    /// The WebSocket subprotocol.
    fn subprotocol(&self) -> &'static str;

    /// The WebSocket is open.
    fn handle_open(&mut self, steps: &mut Vec<Step>);

    /// A text message came.
    fn handle_text_untrusted(&mut self, text: &str, steps: &mut Vec<Step>);

    /// [`HEARTBEAT_NS`] have passed since the last time, or since the WebSocket was opened.
    fn handle_heartbeat(&mut self, steps: &mut Vec<Step>);

    /// A leg of its is connected: ICE was answered and the DTLS handshake is done. `leg` counts its legs from 0.
    fn handle_connected(&mut self, leg: usize, steps: &mut Vec<Step>);

    /// The participant leaves; the last step is [`Step::Close`], at once or after what the SFU answers.
    fn leave(&mut self, steps: &mut Vec<Step>);
}

/// What an adapter wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Send a text message.
    Send(String),
    /// Take note of a point that the join has reached.
    Reached(Point),
    /// Connect one more leg.
    Connect(Box<LegPlan>),
    /// Send these encodings of the camera from now on.
    Obey(Vec<Ask>),
    /// The join, or the participant, has failed.
    Fail(Failure),
    /// Close the WebSocket: the participant has left.
    Close,
}

/// What the signalling part of a join is timed by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Point {
    /// The SFU knows the participant.
    Joined,
    /// The description of the first leg is there.
    Answered,
}

/// One transport: what ICE, DTLS and media need.
#[derive(Clone, Debug, PartialEq)]
pub struct LegPlan {
    /// Where checks go.
    pub remote: SocketAddrV4,
    /// The SFU's ICE credentials. The participant's own user fragment is [`crate::sdp::UFRAG`].
    pub ice: IceSetup,
    /// SHA-256 of the SFU's certificate. The participant is always the DTLS client.
    pub fingerprint: [u8; 32],
    /// What it sends; a leg without only receives.
    pub sends: Option<SentLines>,
    /// Payload types of what it receives.
    pub received: ReceivedTypes,
    /// Header extension ids as they were accepted; 0 where one was not.
    pub extensions: Extensions,
}

/// The lines of a microphone and a camera.
#[derive(Clone, Debug, PartialEq)]
pub struct SentLines {
    /// Sound.
    pub audio: LineSetup,
    /// Pictures: one encoding, or three of a simulcast, the smallest first.
    pub video: Vec<LineSetup>,
}

/// Why a join failed: a word that is the same in every run.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Failure(String);

impl Failure {
    /// One of our own words.
    #[must_use]
    pub fn new(word: &'static str) -> Self {
        Self(word.into())
    }

    /// A word of the SFU's, if it is one: small letters, digits and underscores, at most 40.
    #[must_use]
    pub fn of_untrusted(word: &str) -> Self {
        let is_word = |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'_';
        if (1..=40).contains(&word.len()) && word.bytes().all(is_word) {
            Self(word.into())
        } else {
            Self::new("unspeakable")
        }
    }

    /// The word.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.0
    }
}

/// What an adapter is told of its participant.
#[derive(Clone, Debug)]
pub struct Person {
    /// Which consultation.
    pub room: String,
    /// What the SFU lets it in with: a token, or a secret.
    pub credential: String,
    /// Names its offers, distinct in a run.
    pub session: u64,
    /// Its own ICE password.
    pub password: String,
    /// SHA-256 of its certificate, pairs joined by colons.
    pub fingerprint: String,
    /// Source of its sound.
    pub audio_ssrc: u32,
    /// Source of its picture, and of its retransmissions; those of further encodings are two, and four, higher.
    pub video_ssrcs: (u32, u32),
    /// How it shows itself.
    pub video: Video,
}

impl Person {
    /// The numbers of sound and picture that the answer to its offer accepts.
    ///
    /// # Errors
    /// Why it cannot publish by that answer.
    fn agreed(&self, answer: &Description) -> Result<ReceivedTypes, &'static str> {
        if answer.setup != Setup::Passive {
            return Err("answer_not_passive");
        }
        let number = |mid: &str, name: &str, parameters: &[&str]| {
            let media = answer.of_mid(mid).filter(|media| media.accepted);
            media.and_then(|media| media.codec(name, parameters))
        };
        let (name, parameters) = self.video.codec.in_sdp();
        let (Some((audio, _)), Some((video, rtx))) = (
            number(AUDIO_MID, "opus", &[]),
            number(VIDEO_MID, name, parameters),
        ) else {
            return Err("answer_without_codec");
        };
        let mut media = answer.media.iter();
        let red = media.find_map(|media| media.codec("red", &[]));
        Ok(ReceivedTypes {
            audio,
            red: red.map(|(payload_type, _)| payload_type),
            video,
            rtx,
        })
    }
}

/// What cameras send.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Video {
    /// The format.
    pub codec: VideoCodec,
    /// Whether in three encodings.
    pub simulcast: bool,
}

impl VideoCodec {
    /// What names it in a session description: name, and parameters it must have.
    #[must_use]
    pub fn in_sdp(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Vp8 => ("vp8", &[]),
            Self::H264 => ("h264", &["packetization-mode=1", "profile-level-id=42e01f"]),
        }
    }
}

/// The SFUs that can be driven.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// This project's relay (docs/protocol.md).
    Visavis,
    /// Janus' `VideoRoom`.
    Janus,
}

impl Kind {
    /// An adapter for one participant.
    #[must_use]
    pub fn adapter(self, person: Person) -> Box<dyn Signalling + Send> {
        match self {
            Self::Janus => Box::new(janus::Janus::new(person)),
            Self::Visavis => Box::new(visavis::Visavis::new(person)),
        }
    }
}

/// Both ends of the relay's WebSocket speak every 5 s (docs/protocol.md); Janus ends a session after 60 s.
pub const HEARTBEAT_NS: u64 = 5_000_000_000;
