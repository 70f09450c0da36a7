//! What `load` found: one JSON document on standard output.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::distribution::Summary;
use crate::outcome::Measurement;

/// A whole run.
#[derive(Debug, Serialize)]
pub struct LoadOutcome {
    /// One for each stage.
    pub stages: Vec<StageOutcome>,
    /// Datagrams as they were on the wire.
    pub samples: Vec<KeyedSample>,
}

/// One stage.
#[derive(Debug, Serialize)]
pub struct StageOutcome {
    /// As the setup has it.
    pub name: String,
    /// What was sent while it was measured, and what became of it.
    #[serde(flatten)]
    pub measurement: Measurement,
    /// How those of this stage came.
    pub joins: JoinsOutcome,
    /// Participants that had joined and whose signalling failed while it was going on, by reason.
    pub ended: BTreeMap<String, usize>,
    /// What the generator's core was used for while it was measured, as shares of it.
    pub generator_parts: GeneratorParts,
}

/// Shares of a core.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct GeneratorParts {
    /// The thread of media.
    pub media: f64,
    /// The thread of signalling, ICE and DTLS.
    pub signalling: f64,
}

/// Joins of one stage: asked = succeeded + failed + alone.
#[derive(Debug, Serialize)]
pub struct JoinsOutcome {
    /// How many were to come.
    pub asked: usize,
    /// How many saw or heard somebody else.
    pub succeeded: usize,
    /// How many did not come, or saw nobody who was there, by reason.
    pub failed: BTreeMap<String, usize>,
    /// How many came and had nobody to see, because the others failed.
    pub alone: usize,
    /// In microseconds: from the WebSocket's beginning to the first media of somebody else, but for the time in which nobody
    /// else was there.
    pub join_ms: Summary,
    /// What it consists of.
    pub parts: JoinParts,
    /// How late after its plan the generator began.
    pub began_late: Summary,
}

/// Each from the end of the part before.
#[derive(Debug, Serialize)]
pub struct JoinParts {
    /// WebSocket open.
    pub socket: Summary,
    /// The SFU knows the participant.
    pub joined: Summary,
    /// The SFU's description of the first leg.
    pub answer: Summary,
    /// ICE's first answer.
    pub ice: Summary,
    /// DTLS handshake done.
    pub dtls: Summary,
    /// First media of somebody else, from when both were connected.
    pub first_media: Summary,
}

/// One SRTP datagram with what it is protected by, to be judged by another implementation.
#[derive(Debug, Serialize)]
pub struct KeyedSample {
    /// Whose, by place in the run.
    pub participant: usize,
    /// Sent or received by that participant.
    pub sent: bool,
    /// Hexadecimal digits.
    pub datagram: String,
    /// The master key that DTLS gave for this direction, as hexadecimal digits.
    pub key: String,
    /// Its salt.
    pub salt: String,
    /// The protection profile by its registered number.
    pub profile_iana: u16,
}
