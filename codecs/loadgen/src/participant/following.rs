//! What a camera's encodings may spend of a cap on all that a participant sends (REMB): pure.
//!
//! libwebrtc takes sound and headers off first, and lets the smallest encodings have theirs before larger ones
//! (`simulcast_rate_allocator.cc`).

use crate::traffic::opus;

/// What the relay asks of one encoding (docs/protocol.md, `encodings`); how large the picture is, is not played.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ask {
    /// Which; empty for the only one.
    pub rid: String,
    /// Whether it is sent.
    pub active: bool,
    /// The most it may take, without headers; none is no bound.
    pub most_bps: Option<u64>,
}

/// What is left for the encodings that come next.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Without headers; none where nothing is capped.
    left_bps: Option<f64>,
}

impl Budget {
    /// What a cap leaves for pictures.
    #[must_use]
    pub fn of_cap(cap_bps: Option<u64>) -> Self {
        let pictures_bps = |cap_bps| (cap_bps as f64 - sound_bps()).max(0.0) * OF_PAYLOAD;
        Self {
            left_bps: cap_bps.map(pictures_bps),
        }
    }

    /// What an encoding gets that would take so much; never less than the least an encoder makes.
    pub fn take(&mut self, wanted_bps: f64) -> f64 {
        let Some(left_bps) = &mut self.left_bps else {
            return wanted_bps;
        };
        let got_bps = wanted_bps.min(left_bps.max(LEAST_ENCODING_BPS));
        *left_bps = (*left_bps - got_bps).max(0.0);
        got_bps
    }
}

/// Sound on the wire.
fn sound_bps() -> f64 {
    8.0 * opus::PACKETS_PER_SECOND as f64 * (opus::mean_payload_bytes() + HEADERS_BYTES)
}

/// IPv4 and UDP 28, RTP with three extensions 28, the tag of AES-GCM 16.
const HEADERS_BYTES: f64 = 72.0;
/// A full packet's 1,150 bytes of 1,222, and of frames that fill theirs less.
const OF_PAYLOAD: f64 = 0.93;
/// libwebrtc encodes no picture for less (`kMinVideoBitrateBps`, 30 kbit/s).
const LEAST_ENCODING_BPS: f64 = 30_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_cap_everybody_has_what_they_want() {
        let mut budget = Budget::of_cap(None);
        for wanted_bps in [1e6, 2e6] {
            assert!((budget.take(wanted_bps) - wanted_bps).abs() < 1.0);
        }
    }

    #[test]
    fn a_cap_holds_sound_and_headers_too() {
        let mut budget = Budget::of_cap(Some(500_000));
        let got_bps = budget.take(1_200_000.0);
        // Sound is 91 bytes and 72 of headers fifty times a second: 65 kbit/s.
        assert!((got_bps - 404_000.0).abs() < 1_000.0, "{got_bps}");
    }

    #[test]
    fn the_smallest_comes_first_and_nobody_falls_below_the_least() {
        let mut budget = Budget::of_cap(Some(400_000));
        let (small, medium, large) = (
            budget.take(150_000.0),
            budget.take(500_000.0),
            budget.take(1_200_000.0),
        );
        assert!((small - 150_000.0).abs() < 1.0);
        assert!((150_000.0..170_000.0).contains(&medium), "{medium}");
        assert!((large - LEAST_ENCODING_BPS).abs() < 1.0);
        assert!((Budget::of_cap(Some(1)).take(1e6) - LEAST_ENCODING_BPS).abs() < 1.0);
        assert!((Budget::of_cap(Some(1)).take(20e3) - 20e3).abs() < 1.0);
    }
}
