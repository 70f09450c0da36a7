//! Bounds that hold whatever a receiver reports.

/// Sound still fits: Opus at 24 kbit/s with its headers on the wire is 50 kbit/s.
pub const LEAST_BPS: f64 = 50_000.0;

/// More than four cameras at their best; nobody's report makes the relay send more to a person.
pub const MOST_BPS: f64 = 20_000_000.0;

/// libwebrtc's own start (`kDefaultStartBitrateBps` in `api/transport/bitrate_settings.h`).
pub const START_BPS: f64 = 300_000.0;

/// A rate in whole bits.
#[expect(
    clippy::cast_sign_loss,
    reason = "no rate is negative, and a cast from a double saturates"
)]
pub(crate) fn whole_bps(rate_bps: f64) -> u64 {
    rate_bps.round() as u64
}
