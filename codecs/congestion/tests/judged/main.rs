//! The estimator judged by another: what browsers told, played to ours and to an independent libwebrtc.
//!
//! The other is the crate `goog_cc`, a port of libwebrtc's own by other hands. Both only listen: who sent what a
//! trace tells of followed the rates that the relay's estimator had when it was captured. docs/adaptation.md
//! ("Judged by another") says what is compared, and where the two differ on purpose.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "traces are ours, and a test that cannot go on fails"
)]

mod judging;
mod ours;
mod played;
mod theirs;
mod trace;
mod verdicts;

/// Where the clocks of what is played begin: nothing in a trace is before it.
const EPOCH_US: u64 = 3_600_000_000;
