//! What we send to a peer: encrypted and tagged under indexes that never repeat.

use super::transform::Transforms;
use super::{
    E_BIT, Profile, RTCP_HEADER_BYTES, RTP_HEADER_BYTES, RTP_INDEX_END, SENDER_SSRC_AT, SrtpError,
    word,
};

/// The relay's sending keys towards one peer.
///
/// RTP indexes belong to the caller, who holds one per SSRC: under one context an (SSRC, index) pair must
/// never carry two different packets, or GCM gives both away and its tags with them (RFC 7714 §8.1). The SRTCP index is in here.
pub struct Outbound {
    profile: Profile,
    transforms: Transforms,
    /// One counter for all senders: each then sees its own indexes rise with gaps, which the
    /// receiver's window allows, and no per-sender state can be lost and start again at 0.
    next_rtcp_index: u32,
}

impl Outbound {
    /// A context for the keys we protect with.
    ///
    /// # Errors
    /// `BadKeyLength` unless both lengths are the profile's.
    pub fn new(profile: Profile, master_key: &[u8], master_salt: &[u8]) -> Result<Self, SrtpError> {
        let transforms = Transforms::derive(profile, master_key, master_salt)?;
        Ok(Self::from_transforms(profile, transforms, 0))
    }

    pub(super) const fn from_transforms(
        profile: Profile,
        transforms: Transforms,
        next_rtcp_index: u32,
    ) -> Self {
        Self {
            profile,
            transforms,
            next_rtcp_index,
        }
    }

    /// Bytes that protection adds to an RTP packet.
    #[must_use]
    pub const fn rtp_overhead(&self) -> usize {
        self.profile.rtp_overhead()
    }

    /// Protects the RTP packet in `buf[..len]` in place and returns its new length (RFC 3711 §3.3).
    ///
    /// `header_len` is the clear header with its CSRCs and extension. `index` is the rollover counter
    /// << 16 | the sequence number in the header, and is never used twice with `ssrc`.
    ///
    /// # Errors
    /// `TooShort` without a whole header, `NoRoom` for the tag behind it, `IndexExhausted` at 48 bits.
    /// Nothing was encrypted then.
    ///
    /// # Panics
    /// Never.
    pub fn protect_rtp(
        &self,
        buf: &mut [u8],
        len: usize,
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, SrtpError> {
        if header_len < RTP_HEADER_BYTES || len < header_len {
            return Err(SrtpError::TooShort);
        }
        if index >= RTP_INDEX_END {
            return Err(SrtpError::IndexExhausted);
        }
        let packet = with_room(buf, len, self.profile.rtp_overhead())?;
        self.transforms
            .rtp
            .seal_rtp(packet, header_len, ssrc, index)?;
        Ok(packet.len())
    }

    /// Protects the compound RTCP packet in `buf[..len]` in place and returns its new length
    /// (RFC 3711 §3.4). The payload is always encrypted (E = 1).
    ///
    /// # Errors
    /// `TooShort` without a header and a sender, `NoRoom` for tag and index, `IndexExhausted` after
    /// 2^31 packets. Nothing was encrypted then, and no index was used.
    ///
    /// # Panics
    /// Never.
    pub fn protect_rtcp(&mut self, buf: &mut [u8], len: usize) -> Result<usize, SrtpError> {
        if len < RTCP_HEADER_BYTES {
            return Err(SrtpError::TooShort);
        }
        let index = self.next_rtcp_index;
        if index >= E_BIT {
            return Err(SrtpError::IndexExhausted);
        }
        let packet = with_room(buf, len, self.profile.rtcp_overhead())?;
        let ssrc = word(packet, SENDER_SSRC_AT).ok_or(SrtpError::TooShort)?;
        self.next_rtcp_index = index + 1;
        self.transforms.rtcp.seal_rtcp(packet, ssrc, index)?;
        Ok(packet.len())
    }
}

/// The first `len` bytes and room for `overhead` more.
fn with_room(buf: &mut [u8], len: usize, overhead: usize) -> Result<&mut [u8], SrtpError> {
    len.checked_add(overhead)
        .and_then(|end| buf.get_mut(..end))
        .ok_or(SrtpError::NoRoom)
}
