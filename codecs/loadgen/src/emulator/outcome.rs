//! What `emulator` found at its end: one JSON document on standard output.

use serde::Serialize;

use super::change::ChangeSetup;
use super::tally::Tally;
use crate::distribution::Summary;

/// A link that is over.
#[derive(Debug, Serialize)]
pub struct EmulatorOutcome {
    /// When it began, on the monotonic clock (`time.monotonic_ns` of Python).
    pub began_monotonic_ns: u64,
    /// How long it was there.
    pub lasted_s: f64,
    /// Why it ended.
    pub ended_by: EndedBy,
    /// From the server to the client.
    pub down: DirectionOutcome,
    /// From the client to the server.
    pub up: DirectionOutcome,
    /// How much later than due packets were handed over: where this is long, the emulator was itself the limit.
    pub late: Summary,
    /// Whether it ran before all ordinary programs, whoever else wanted its core.
    pub goes_first: bool,
    /// Records that are missing in the log because the disk was slow.
    pub log_records_lost: u64,
    /// Changes that were made, with their times from the beginning.
    pub changes: Vec<ChangeSetup>,
}

/// One direction of it.
#[derive(Debug, Serialize)]
pub struct DirectionOutcome {
    /// Packets by what became of them.
    #[serde(flatten)]
    pub tally: Tally,
    /// Packets that were on their way at the end.
    pub held: usize,
    /// Of IP.
    pub bytes_held: u64,
}

/// Why a link ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// Its time was over.
    Duration,
    /// SIGTERM or SIGINT.
    Signal,
    /// Its input ended.
    Input,
}
