//! What an estimator says of its path.

use crate::overuse::Usage;

/// How a receiver stands after a tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// What may be sent: media, retransmissions and padding, with headers.
    pub rate_bps: u64,
    /// What the path is thought to carry, within its receiver's own estimate; above the rate while a queue empties or
    /// losses are asked.
    pub estimate_bps: u64,
    /// By the slope of the delay.
    pub usage: Usage,
    /// How long the last packets waited on the way.
    pub wait_ms: f64,
    /// Smoothed.
    pub round_trip_us: u64,
}

#[expect(
    clippy::cast_sign_loss,
    reason = "no round trip is negative, and a cast from a double saturates"
)]
pub fn whole_us(us: f64) -> u64 {
    us as u64
}
