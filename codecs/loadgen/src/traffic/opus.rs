//! Opus packets as a browser's microphone makes them: 20 ms each, a little over 30 kbit/s.

use super::random::Random;

/// Packets a second.
pub const PACKETS_PER_SECOND: u64 = 50;
/// With a 28-byte header and the tag, 110 to 160 bytes on the wire (reference: relaying floor).
const PAYLOAD_BYTES: std::ops::Range<u64> = 66..117;
/// One 20 ms CELT frame in full band, mono (RFC 6716 table 2: configuration 31, code 0).
pub const CONTENTS: u8 = 31 << 3;

/// The size of a payload on average.
#[must_use]
pub fn mean_payload_bytes() -> f64 {
    (PAYLOAD_BYTES.start + PAYLOAD_BYTES.end - 1) as f64 / 2.0
}

/// The size of the next payload.
pub fn payload_bytes(random: &mut Random) -> usize {
    random.between(PAYLOAD_BYTES.start, PAYLOAD_BYTES.end) as usize
}
