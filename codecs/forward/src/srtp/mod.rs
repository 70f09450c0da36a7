//! SRTP and SRTCP: one leg's media keys, towards the relay and from it.
//!
//! No clock, no socket, no randomness; packets are changed where they lie and nothing is allocated for
//! one. Ingress owns an [`Inbound`], egress an [`Outbound`]; both are made from what DTLS exported
//! (RFC 5764 §4.2). There is no MKI, since the relay negotiates an empty one (§4.1.3), and no re-keying:
//! a leg that needs new keys is a new leg. The lifetime of 2^31 packets (§4.1.2) is 24 days of
//! 1,000 packets/s; no leg lives as long.

mod counter_mode;
mod gcm;
mod inbound;
mod key_derivation;
mod outbound;
mod replay;
mod senders;
mod transform;
#[cfg(test)]
mod vectors;

pub use inbound::Inbound;
pub use outbound::Outbound;
pub(crate) use replay::ReplayWindow;

/// A DTLS-SRTP protection profile this relay speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// `AES_CM_128_HMAC_SHA1_80` (RFC 5764 §4.1.2): mandatory to implement, for peers without GCM.
    Aes128CmSha1_80,
    /// `AEAD_AES_128_GCM` (RFC 7714 §14.2): what the relay prefers.
    AeadAes128Gcm,
    /// `AEAD_AES_256_GCM` (RFC 7714 §14.2).
    AeadAes256Gcm,
}

impl Profile {
    /// The profile registered under `number`, as a `use_srtp` extension carries it.
    #[must_use]
    pub const fn from_iana(number: u16) -> Option<Self> {
        match number {
            0x0001 => Some(Self::Aes128CmSha1_80),
            0x0007 => Some(Self::AeadAes128Gcm),
            0x0008 => Some(Self::AeadAes256Gcm),
            _ => None,
        }
    }

    /// Its number in the IANA registry "DTLS-SRTP Protection Profiles".
    #[must_use]
    pub const fn iana(self) -> u16 {
        match self {
            Self::Aes128CmSha1_80 => 0x0001,
            Self::AeadAes128Gcm => 0x0007,
            Self::AeadAes256Gcm => 0x0008,
        }
    }

    /// Bytes of a master key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128CmSha1_80 | Self::AeadAes128Gcm => 16,
            Self::AeadAes256Gcm => 32,
        }
    }

    /// Bytes of a master salt.
    #[must_use]
    pub const fn salt_len(self) -> usize {
        match self {
            Self::Aes128CmSha1_80 => 14,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 12,
        }
    }

    /// Bytes that protection adds to an RTP packet: the tag.
    #[must_use]
    pub const fn rtp_overhead(self) -> usize {
        match self {
            Self::Aes128CmSha1_80 => counter_mode::TAG_BYTES,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => gcm::TAG_BYTES,
        }
    }

    /// Bytes that protection adds to an RTCP packet: the tag and the word with the E bit and the index.
    #[must_use]
    pub const fn rtcp_overhead(self) -> usize {
        self.rtp_overhead() + INDEX_WORD_BYTES
    }

    /// Where an SRTCP packet's index word begins, counted from the packet's end: GCM puts the word
    /// last (RFC 7714 §9), counter mode puts the tag behind it (RFC 3711 §3.4).
    const fn index_word_from_end(self) -> usize {
        match self {
            Self::Aes128CmSha1_80 => INDEX_WORD_BYTES + counter_mode::TAG_BYTES,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => INDEX_WORD_BYTES,
        }
    }
}

/// Why a packet was not protected or not let in; each is a drop reason with a stable name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SrtpError {
    /// Less than a header and what the profile adds to it.
    TooShort,
    /// The tag does not belong to these bytes under this key.
    AuthenticationFailed,
    /// This index was let in before.
    Replayed,
    /// This index lies below the replay window: seen or not can no longer be told.
    TooOld,
    /// An SRTCP packet that says its payload is in the clear (E = 0).
    NotEncrypted,
    /// The 48 bits of an SRTP index or the 31 of an SRTCP index are used up: the leg needs new keys.
    IndexExhausted,
    /// The peer has used more senders than can be protected against replay.
    TooManySsrcs,
    /// The buffer ends before the tag would.
    NoRoom,
    /// Master key or salt is not of the profile's length.
    BadKeyLength,
    /// The cipher library refused its input; not reachable with a datagram's worth of bytes.
    CipherFailed,
}

impl SrtpError {
    /// The name metrics and exceptions carry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::AuthenticationFailed => "authentication_failed",
            Self::Replayed => "replayed",
            Self::TooOld => "too_old",
            Self::NotEncrypted => "not_encrypted",
            Self::IndexExhausted => "index_exhausted",
            Self::TooManySsrcs => "too_many_ssrcs",
            Self::NoRoom => "no_room",
            Self::BadKeyLength => "bad_key_length",
            Self::CipherFailed => "cipher_failed",
        }
    }
}

impl std::fmt::Display for SrtpError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

impl std::error::Error for SrtpError {}

/// The big-endian 32-bit word at an offset.
fn word(packet: &[u8], at: usize) -> Option<u32> {
    packet
        .get(at..)?
        .first_chunk()
        .map(|bytes| u32::from_be_bytes(*bytes))
}

/// The fixed RTP header (RFC 3550 §5.1).
const RTP_HEADER_BYTES: usize = 12;
/// What of an RTCP packet stays in the clear: its first header and the sender's SSRC (RFC 3711 §3.4).
const RTCP_HEADER_BYTES: usize = 8;
/// Where an RTCP packet names its sender (RFC 3550 §6.4.1).
const SENDER_SSRC_AT: usize = 4;
/// The E bit and the 31-bit SRTCP index (RFC 3711 §3.4).
const INDEX_WORD_BYTES: usize = 4;
/// Set where an SRTCP payload is encrypted (RFC 3711 §3.4).
const E_BIT: u32 = 1 << 31;
/// An SRTP index is a 32-bit rollover counter and a 16-bit sequence number (RFC 3711 §3.3.1).
const RTP_INDEX_END: u64 = 1 << 48;
