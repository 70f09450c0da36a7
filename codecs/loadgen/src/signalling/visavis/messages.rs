//! The relay's messages, as far as a participant of a load heeds them.

use serde::Deserialize;

use crate::participant::following::Ask;

/// What of the relay's messages is looked at; unknown types and fields are to be ignored.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    Joined {
        slots: SlotCount,
    },
    Answer {
        sdp: String,
    },
    Published {
        tracks: Vec<Publication>,
    },
    Ok {},
    Error {
        code: String,
    },
    MoreSlots {
        audio: usize,
        video: usize,
    },
    Renegotiate {},
    Encodings {
        track: String,
        encodings: Vec<Encoding>,
    },
    Connection {
        state: String,
    },
    Closing {
        code: String,
    },
    #[serde(other)]
    Other,
}

/// What the participant publishes.
#[derive(Deserialize)]
pub struct Publication {
    /// Its name.
    pub id: String,
    /// `microphone` or `camera`.
    pub source: String,
}

/// What one encoding is asked for.
#[derive(Deserialize)]
pub struct Encoding {
    /// Which; empty without simulcast.
    pub rid: String,
    /// Whether it shall be sent.
    pub active: bool,
    /// The most it shall take; anything where that is missing.
    pub max_bitrate_bps: Option<u64>,
}

/// How many slots the relay begins with.
#[derive(Deserialize)]
pub struct SlotCount {
    /// For sound.
    pub audio: usize,
    /// For pictures.
    pub video: usize,
}

impl From<Encoding> for Ask {
    fn from(asked: Encoding) -> Self {
        Self {
            rid: asked.rid,
            active: asked.active,
            most_bps: asked.max_bitrate_bps,
        }
    }
}
