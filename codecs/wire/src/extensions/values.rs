//! The values of fixed size, each read and written.

use crate::Malformed;

/// The sender's clock in seconds, 6.18 fixed point, wrapping after 64 s.
///
/// Source: webrtc.org `rtp-hdrext/abs-send-time`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AbsSendTime(pub u32);

impl AbsSendTime {
    /// The value for a time on any steady clock.
    #[must_use]
    pub const fn from_ns(now_ns: u64) -> Self {
        // Reduced to one turn first, so that the shift stays within 64 bits.
        let in_turn_ns = now_ns % (64 * NS_PER_S);
        Self(((in_turn_ns << 18) / NS_PER_S) as u32)
    }

    /// The value as sent.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 3] {
        let [_, a, b, c] = self.0.to_be_bytes();
        [a, b, c]
    }

    /// Reads three bytes.
    ///
    /// # Errors
    ///
    /// `Value`: another length.
    pub fn parse_untrusted(value: &[u8]) -> Result<Self, Malformed> {
        sized(value).map(|[a, b, c]| Self(u32::from_be_bytes([0, a, b, c])))
    }
}

/// The transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TransportSequence(pub u16);

impl TransportSequence {
    /// The value as sent.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }

    /// Reads two bytes.
    ///
    /// # Errors
    ///
    /// `Value`: another length.
    pub fn parse_untrusted(value: &[u8]) -> Result<Self, Malformed> {
        sized(value).map(|bytes| Self(u16::from_be_bytes(bytes)))
    }
}

/// Loudness of a packet's sound (RFC 6464 §3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AudioLevel {
    /// Whether the sender takes it for speech.
    pub voice: bool,
    /// Decibels below overload, 0 (loudest) to 127 (silence).
    pub level_dbov_negative: u8,
}

impl AudioLevel {
    /// The value as sent; levels beyond 127 are silence.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 1] {
        [u8::from(self.voice) << 7 | self.level_dbov_negative.min(0x7f)]
    }

    /// Reads one byte.
    ///
    /// # Errors
    ///
    /// `Value`: another length.
    pub fn parse_untrusted(value: &[u8]) -> Result<Self, Malformed> {
        sized(value).map(|[byte]| Self {
            voice: byte & 0x80 != 0,
            level_dbov_negative: byte & 0x7f,
        })
    }
}

/// How a receiver shall turn the picture (3GPP TS 26.114 §7.4.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VideoOrientation {
    /// The camera faces away from the person.
    pub back_camera: bool,
    /// The picture is mirrored left to right.
    pub flipped: bool,
    /// Clockwise turn that sets the picture upright.
    pub rotation: Rotation,
}

/// Quarter turns, clockwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "each variant is its angle in degrees")]
pub enum Rotation {
    Deg0,
    Deg90,
    Deg180,
    Deg270,
}

impl VideoOrientation {
    /// The value as sent.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 1] {
        [u8::from(self.back_camera) << 3 | u8::from(self.flipped) << 2 | self.rotation as u8]
    }

    /// Reads one byte; the upper four bits are reserved and ignored.
    ///
    /// # Errors
    ///
    /// `Value`: another length.
    pub fn parse_untrusted(value: &[u8]) -> Result<Self, Malformed> {
        sized(value).map(|[byte]| Self {
            back_camera: byte & 0x08 != 0,
            flipped: byte & 0x04 != 0,
            rotation: match byte & 0x03 {
                0 => Rotation::Deg0,
                1 => Rotation::Deg90,
                2 => Rotation::Deg180,
                _ => Rotation::Deg270,
            },
        })
    }
}

/// Bounds for the receiver's playout delay, in steps of 10 ms.
///
/// Source: webrtc.org `rtp-hdrext/playout-delay`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PlayoutDelay {
    /// Lower bound, 12 bits.
    pub min_10ms: u16,
    /// Upper bound, 12 bits; the sender of a lower bound above it means nothing by it.
    pub max_10ms: u16,
}

impl PlayoutDelay {
    /// The value as sent; what exceeds 12 bits is held at 40.95 s.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 3] {
        let bounds =
            u32::from(self.min_10ms.min(0xfff)) << 12 | u32::from(self.max_10ms.min(0xfff));
        let [_, a, b, c] = bounds.to_be_bytes();
        [a, b, c]
    }

    /// Reads three bytes.
    ///
    /// # Errors
    ///
    /// `Value`: another length, or a lower bound above the upper.
    pub fn parse_untrusted(value: &[u8]) -> Result<Self, Malformed> {
        let [a, b, c] = sized(value)?;
        let bounds = u32::from_be_bytes([0, a, b, c]);
        let delay = Self {
            min_10ms: (bounds >> 12) as u16,
            max_10ms: (bounds & 0xfff) as u16,
        };
        if delay.min_10ms > delay.max_10ms {
            Err(Malformed::Value)
        } else {
            Ok(delay)
        }
    }
}

/// When the first sample of the packet was captured.
///
/// Source: webrtc.org `rtp-hdrext/abs-capture-time`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AbsCaptureTime {
    /// The capturer's NTP time, 32.32 fixed point.
    pub ntp: u64,
    /// What to add to `ntp` to get the capture time on the sender's clock, 32.32 fixed point.
    pub offset: Option<i64>,
}

impl AbsCaptureTime {
    /// The value as sent and its length, 8 or 16.
    #[must_use]
    pub fn to_bytes(self) -> ([u8; 16], usize) {
        let offset = self.offset.unwrap_or_default();
        let both =
            u128::from(self.ntp) << 64 | u128::from(u64::from_ne_bytes(offset.to_ne_bytes()));
        (
            both.to_be_bytes(),
            if self.offset.is_some() { 16 } else { 8 },
        )
    }

    /// Reads eight or sixteen bytes.
    ///
    /// # Errors
    ///
    /// `Value`: another length.
    pub fn parse_untrusted(value: &[u8]) -> Result<Self, Malformed> {
        let (ntp, rest) = value.split_first_chunk().ok_or(Malformed::Value)?;
        let offset = if rest.is_empty() {
            None
        } else {
            Some(i64::from_be_bytes(sized(rest)?))
        };
        Ok(Self {
            ntp: u64::from_be_bytes(*ntp),
            offset,
        })
    }
}

fn sized<const N: usize>(value: &[u8]) -> Result<[u8; N], Malformed> {
    value.try_into().map_err(|_| Malformed::Value)
}

const NS_PER_S: u64 = 1_000_000_000;

#[cfg(test)]
mod tests;
