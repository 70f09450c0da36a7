//! What a peer sends us: authenticated, checked against replay, decrypted.

use super::replay::estimate_index;
use super::senders::Senders;
use super::transform::Transforms;
use super::{E_BIT, Profile, RTCP_HEADER_BYTES, RTP_HEADER_BYTES, SENDER_SSRC_AT, SrtpError, word};

/// A peer's sending keys, with the replay state of each of its senders (SSRC).
///
/// State changes only for packets whose tag was right: a flood of forged ones leaves no trace
/// (not even a sender), whatever it claims. After an error the packet's bytes are unspecified.
pub struct Inbound {
    profile: Profile,
    transforms: Transforms,
    rtp_senders: Senders,
    rtcp_senders: Senders,
}

impl Inbound {
    /// A context for the keys a peer protects with.
    ///
    /// # Errors
    /// `BadKeyLength` unless both lengths are the profile's.
    pub fn new(profile: Profile, master_key: &[u8], master_salt: &[u8]) -> Result<Self, SrtpError> {
        let transforms = Transforms::derive(profile, master_key, master_salt)?;
        Ok(Self::from_transforms(profile, transforms))
    }

    pub(super) fn from_transforms(profile: Profile, transforms: Transforms) -> Self {
        Self {
            profile,
            transforms,
            rtp_senders: Senders::default(),
            rtcp_senders: Senders::default(),
        }
    }

    /// Opens an SRTP packet in place and returns the length of header and payload (RFC 3711 §3.3).
    ///
    /// `header_len` is the clear header with its CSRCs and extension, `ssrc` and `sequence` what it
    /// says. Each packet passes exactly once. Total over all inputs: fuzz target `srtp_unprotect`.
    ///
    /// # Errors
    /// `TooShort`, `TooManySsrcs`, `IndexExhausted`, `Replayed`, `TooOld`, `AuthenticationFailed`, tried
    /// in this order.
    ///
    /// # Panics
    /// Never.
    pub fn unprotect_rtp(
        &mut self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        sequence: u16,
    ) -> Result<usize, SrtpError> {
        let plain_len = plain_len(packet, self.profile.rtp_overhead(), header_len)?;
        if header_len < RTP_HEADER_BYTES {
            return Err(SrtpError::TooShort);
        }
        let standing = self.rtp_senders.find(ssrc)?;
        let index = estimate_index(self.rtp_senders.highest(standing), sequence)?;
        self.rtp_senders.check(standing, index)?;
        self.transforms
            .rtp
            .open_rtp(packet, header_len, ssrc, index)?;
        self.rtp_senders.accept(ssrc, standing, index);
        Ok(plain_len)
    }

    /// Opens an SRTCP packet in place and returns the length of the compound packet (RFC 3711 §3.4).
    ///
    /// A packet in the clear (E = 0) is refused, authentic or not: every profile spoken here encrypts
    /// SRTCP, no browser ever sends one, and where it does appear the peer has been brought to give
    /// away addresses and statistics. libsrtp refuses it too.
    ///
    /// # Errors
    /// `TooShort`, `NotEncrypted`, `TooManySsrcs`, `Replayed`, `TooOld`, `AuthenticationFailed`, tried in
    /// this order.
    ///
    /// # Panics
    /// Never.
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let plain_len = plain_len(packet, self.profile.rtcp_overhead(), RTCP_HEADER_BYTES)?;
        let word_at = packet.len().checked_sub(self.profile.index_word_from_end());
        let (Some(ssrc), Some(word)) = (
            word(packet, SENDER_SSRC_AT),
            word_at.and_then(|at| word(packet, at)),
        ) else {
            return Err(SrtpError::TooShort);
        };
        if word & E_BIT == 0 {
            return Err(SrtpError::NotEncrypted);
        }
        let index = word & !E_BIT;
        let standing = self.rtcp_senders.find(ssrc)?;
        self.rtcp_senders.check(standing, u64::from(index))?;
        self.transforms.rtcp.open_rtcp(packet, ssrc, index)?;
        self.rtcp_senders.accept(ssrc, standing, u64::from(index));
        Ok(plain_len)
    }
}

/// What is left of a packet without `overhead`, if a header of `header_len` bytes fits in it.
fn plain_len(packet: &[u8], overhead: usize, header_len: usize) -> Result<usize, SrtpError> {
    packet
        .len()
        .checked_sub(overhead)
        .filter(|plain_len| *plain_len >= header_len)
        .ok_or(SrtpError::TooShort)
}
