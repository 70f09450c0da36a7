//! `AEAD_AES_128_GCM` and `AEAD_AES_256_GCM` (RFC 7714).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::key_derivation::SessionKeys;
use super::{E_BIT, INDEX_WORD_BYTES, RTCP_HEADER_BYTES, SrtpError};

/// Bytes of a GCM tag, in both profiles (RFC 7714 §14.2).
pub(super) const TAG_BYTES: usize = 16;

/// One session key with its salt.
pub(super) struct Gcm {
    key: LessSafeKey,
    salt: u128,
}

impl Gcm {
    /// The cipher for a session key of 16 or 32 bytes.
    pub(super) fn new(keys: &SessionKeys) -> Result<Self, SrtpError> {
        let algorithm = match keys.key().len() {
            16 => &AES_128_GCM,
            _ => &AES_256_GCM,
        };
        let key = UnboundKey::new(algorithm, keys.key()).map_err(|_| SrtpError::BadKeyLength)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            salt: keys.gcm_salt(),
        })
    }

    /// Encrypts behind the header and writes the tag; `packet` ends where the tag will.
    pub(super) fn seal_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), SrtpError> {
        let (plain, tag) = packet
            .split_last_chunk_mut::<TAG_BYTES>()
            .ok_or(SrtpError::NoRoom)?;
        let (header, payload) = plain
            .split_at_mut_checked(header_len)
            .ok_or(SrtpError::TooShort)?;
        self.seal(ssrc, index, header, payload, tag)
    }

    /// The reverse of `seal_rtp`; the payload is lost where the tag is wrong.
    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), SrtpError> {
        let (header, sealed) = packet
            .split_at_mut_checked(header_len)
            .ok_or(SrtpError::TooShort)?;
        self.open(ssrc, index, header, sealed)
    }

    /// Encrypts behind the first 8 bytes, writes tag and index word; `packet` ends where the word will.
    pub(super) fn seal_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<(), SrtpError> {
        let (rest, word) = packet
            .split_last_chunk_mut::<INDEX_WORD_BYTES>()
            .ok_or(SrtpError::NoRoom)?;
        let (plain, tag) = rest
            .split_last_chunk_mut::<TAG_BYTES>()
            .ok_or(SrtpError::NoRoom)?;
        let (header, payload) = plain
            .split_first_chunk_mut::<RTCP_HEADER_BYTES>()
            .ok_or(SrtpError::TooShort)?;
        *word = (E_BIT | index).to_be_bytes();
        self.seal(
            ssrc,
            u64::from(index),
            &rtcp_associated_data(*header, *word),
            payload,
            tag,
        )
    }

    /// The reverse of `seal_rtcp`.
    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<(), SrtpError> {
        let (rest, word) = packet
            .split_last_chunk_mut::<INDEX_WORD_BYTES>()
            .ok_or(SrtpError::TooShort)?;
        let (header, sealed) = rest
            .split_first_chunk_mut::<RTCP_HEADER_BYTES>()
            .ok_or(SrtpError::TooShort)?;
        self.open(
            ssrc,
            u64::from(index),
            &rtcp_associated_data(*header, *word),
            sealed,
        )
    }

    fn seal(
        &self,
        ssrc: u32,
        index: u64,
        associated: &[u8],
        payload: &mut [u8],
        tag: &mut [u8; TAG_BYTES],
    ) -> Result<(), SrtpError> {
        self.key
            .seal_in_place_scatter(
                self.nonce(ssrc, index),
                Aad::from(associated),
                payload,
                &[],
                tag,
            )
            .map_err(|_| SrtpError::CipherFailed)
    }

    fn open(
        &self,
        ssrc: u32,
        index: u64,
        associated: &[u8],
        sealed: &mut [u8],
    ) -> Result<(), SrtpError> {
        self.key
            .open_in_place(self.nonce(ssrc, index), Aad::from(associated), sealed)
            .map(drop)
            .map_err(|_| SrtpError::AuthenticationFailed)
    }

    /// Salt ^ (16 zero bits, SSRC, 48-bit index) (RFC 7714 §8.1); an SRTCP index of 31 bits
    /// stands in the same place (§9.1).
    fn nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let number = self.salt ^ (u128::from(ssrc) << 48) ^ u128::from(index);
        let [_, _, _, _, nonce @ ..] = number.to_be_bytes();
        Nonce::assume_unique_for_key(nonce)
    }
}

/// The clear header and the index word, which does not lie beside it (RFC 7714 §9.2).
fn rtcp_associated_data(
    header: [u8; RTCP_HEADER_BYTES],
    word: [u8; INDEX_WORD_BYTES],
) -> [u8; RTCP_HEADER_BYTES + INDEX_WORD_BYTES] {
    let mut associated = [0; RTCP_HEADER_BYTES + INDEX_WORD_BYTES];
    associated
        .iter_mut()
        .zip(header.iter().chain(&word))
        .for_each(|(to, from)| *to = *from);
    associated
}
