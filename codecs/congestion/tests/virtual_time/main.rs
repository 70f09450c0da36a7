//! The estimator in virtual time: a path's capacity is found, lost and found again, whatever a receiver says.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the path is simulated in doubles; no time, size or rate is negative"
)]

mod estimation;
mod lies;
mod path;
mod probing;
mod reordering;
