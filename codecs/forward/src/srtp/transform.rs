//! The cryptographic transform of one packet kind, whichever profile was negotiated.

use super::counter_mode::CounterMode;
use super::gcm::Gcm;
use super::key_derivation::{Kind, SessionKeys};
use super::{Profile, SrtpError};

/// The transforms of one direction of a leg.
pub(super) struct Transforms {
    pub(super) rtp: Transform,
    pub(super) rtcp: Transform,
}

impl Transforms {
    /// Derives both sets of session keys.
    ///
    /// # Errors
    /// `BadKeyLength` unless both lengths are the profile's.
    pub(super) fn derive(
        profile: Profile,
        master_key: &[u8],
        master_salt: &[u8],
    ) -> Result<Self, SrtpError> {
        let transform = |kind| {
            let keys = SessionKeys::derive(profile, kind, master_key, master_salt)?;
            Transform::new(profile, &keys)
        };
        Ok(Self {
            rtp: transform(Kind::Rtp)?,
            rtcp: transform(Kind::Rtcp)?,
        })
    }
}

/// Session keys in the form the cipher works with: every key schedule is made here and only here.
pub(super) enum Transform {
    /// Boxed because it is many times the size of the other, and the profile of few peers.
    CounterMode(Box<CounterMode>),
    Gcm(Gcm),
}

impl Transform {
    pub(super) fn new(profile: Profile, keys: &SessionKeys) -> Result<Self, SrtpError> {
        match profile {
            Profile::Aes128CmSha1_80 => {
                CounterMode::new(keys).map(|cipher| Self::CounterMode(Box::new(cipher)))
            }
            Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => Gcm::new(keys).map(Self::Gcm),
        }
    }

    pub(super) fn seal_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), SrtpError> {
        match self {
            Self::CounterMode(cipher) => cipher.seal_rtp(packet, header_len, ssrc, index),
            Self::Gcm(cipher) => cipher.seal_rtp(packet, header_len, ssrc, index),
        }
    }

    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), SrtpError> {
        match self {
            Self::CounterMode(cipher) => cipher.open_rtp(packet, header_len, ssrc, index),
            Self::Gcm(cipher) => cipher.open_rtp(packet, header_len, ssrc, index),
        }
    }

    pub(super) fn seal_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<(), SrtpError> {
        match self {
            Self::CounterMode(cipher) => cipher.seal_rtcp(packet, ssrc, index),
            Self::Gcm(cipher) => cipher.seal_rtcp(packet, ssrc, index),
        }
    }

    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<(), SrtpError> {
        match self {
            Self::CounterMode(cipher) => cipher.open_rtcp(packet, ssrc, index),
            Self::Gcm(cipher) => cipher.open_rtcp(packet, ssrc, index),
        }
    }
}
