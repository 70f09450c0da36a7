//! What a run found: one JSON document on standard output.

use serde::Serialize;

use crate::distribution::Summary;

/// Everything the generator saw.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// How long was measured, seconds.
    pub measured_s: f64,
    /// Participants that sent and received.
    pub participants: usize,
    /// What went through the relay.
    pub relayed: PathOutcome,
    /// What went from one participant straight to the other; absent where nobody did.
    pub bare: Option<PathOutcome>,
    /// How far behind its plan the generator sent, microseconds.
    pub lateness: Summary,
    /// Whether the generator, not the relay, limited this run.
    pub generator_is_bottleneck: bool,
    /// Share of its core that the generator's thread used while it measured.
    pub generator_core_share: f64,
    /// Datagrams the kernel did not take from the generator.
    pub refused: u64,
    /// Datagrams that arrived for the generator and that it was too slow to read.
    pub overflowed: u64,
    /// Datagrams that SRTP refused or that carried no stamp.
    pub unusable: u64,
    /// Payloads that were not what was sent, among those looked at.
    pub damaged: u64,
    /// What the relay asked for and told.
    pub feedback: FeedbackOutcome,
    /// Datagrams as they were on the wire.
    pub samples: Vec<Sample>,
}

/// Media between two sets of participants.
#[derive(Clone, Debug, Serialize)]
pub struct PathOutcome {
    /// Packets that were to arrive: each sent one, once for each other participant.
    pub expected: u64,
    /// Those that did.
    pub received: u64,
    /// Those that did not.
    pub lost: u64,
    /// Those that arrived behind a later one of their line.
    pub reordered: u64,
    /// Packets of video among those received.
    pub received_video: u64,
    /// The consultation that lost most, and how much.
    pub worst_consultation_lost: u64,
    /// One-way delay.
    pub delay: Summary,
}

/// RTCP from the relay, over the whole run.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct FeedbackOutcome {
    /// Key frames asked for.
    pub plis: u64,
    /// Packets asked for again.
    pub nacks: u64,
    /// Transport-wide feedbacks.
    pub transport_feedbacks: u64,
    /// Sender reports.
    pub sender_reports: u64,
}

/// One SRTP datagram, to be judged by another implementation.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// Whose, by place in the run.
    pub participant: usize,
    /// Sent or received by that participant.
    pub sent: bool,
    /// Hexadecimal digits.
    pub datagram: String,
}
