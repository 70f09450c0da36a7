//! `AES_CM_128_HMAC_SHA1_80`: AES in counter mode, then a truncated HMAC-SHA1 (RFC 3711 §4.1.1, §4.2.1).

use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{Context, HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key};
use aws_lc_rs::iv::FixedLength;

use super::key_derivation::SessionKeys;
use super::{E_BIT, INDEX_WORD_BYTES, RTCP_HEADER_BYTES, SrtpError};

/// HMAC-SHA1 cut to 80 bits (RFC 3711 §5.2).
pub(super) const TAG_BYTES: usize = 10;

/// One session key with its salt and its authentication key.
pub(super) struct CounterMode {
    cipher: EncryptingKey,
    authentication: Key,
    salt: u128,
}

impl CounterMode {
    /// Cipher and HMAC for a set of session keys.
    pub(super) fn new(keys: &SessionKeys) -> Result<Self, SrtpError> {
        let cipher = UnboundCipherKey::new(&AES_128, keys.key())
            .and_then(EncryptingKey::ctr)
            .map_err(|_| SrtpError::BadKeyLength)?;
        let authentication = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, keys.authentication_key());
        Ok(Self {
            cipher,
            authentication,
            salt: keys.counter_mode_salt(),
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
        let payload = plain.get_mut(header_len..).ok_or(SrtpError::TooShort)?;
        self.apply_keystream(payload, ssrc, index)?;
        *tag = self.tag(plain, &rollover_counter(index));
        Ok(())
    }

    /// The reverse of `seal_rtp`; nothing is changed where the tag is wrong.
    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), SrtpError> {
        let (sealed, tag) = packet
            .split_last_chunk_mut::<TAG_BYTES>()
            .ok_or(SrtpError::TooShort)?;
        self.verify(sealed, &rollover_counter(index), tag)?;
        let payload = sealed.get_mut(header_len..).ok_or(SrtpError::TooShort)?;
        self.apply_keystream(payload, ssrc, index)
    }

    /// Encrypts behind the first 8 bytes, writes index word and tag; `packet` ends where the tag will.
    pub(super) fn seal_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<(), SrtpError> {
        let (rest, tag) = packet
            .split_last_chunk_mut::<TAG_BYTES>()
            .ok_or(SrtpError::NoRoom)?;
        let (plain, word) = rest
            .split_last_chunk_mut::<INDEX_WORD_BYTES>()
            .ok_or(SrtpError::NoRoom)?;
        let payload = plain
            .get_mut(RTCP_HEADER_BYTES..)
            .ok_or(SrtpError::TooShort)?;
        self.apply_keystream(payload, ssrc, u64::from(index))?;
        *word = (E_BIT | index).to_be_bytes();
        *tag = self.tag(plain, word);
        Ok(())
    }

    /// The reverse of `seal_rtcp`; nothing is changed where the tag is wrong.
    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<(), SrtpError> {
        let (rest, tag) = packet
            .split_last_chunk_mut::<TAG_BYTES>()
            .ok_or(SrtpError::TooShort)?;
        let (sealed, word) = rest
            .split_last_chunk_mut::<INDEX_WORD_BYTES>()
            .ok_or(SrtpError::TooShort)?;
        self.verify(sealed, word, tag)?;
        let payload = sealed
            .get_mut(RTCP_HEADER_BYTES..)
            .ok_or(SrtpError::TooShort)?;
        self.apply_keystream(payload, ssrc, u64::from(index))
    }

    /// XORs the keystream of (SSRC, index) over `payload`: both encryption and its reverse.
    ///
    /// The initial block is (salt * 2^16) ^ (SSRC * 2^64) ^ (i * 2^16) (RFC 3711 §4.1.1).
    pub(super) fn apply_keystream(
        &self,
        payload: &mut [u8],
        ssrc: u32,
        index: u64,
    ) -> Result<(), SrtpError> {
        let block = self.salt ^ (u128::from(ssrc) << 64) ^ (u128::from(index) << 16);
        let context = EncryptionContext::Iv128(FixedLength::from(block.to_be_bytes()));
        self.cipher
            .less_safe_encrypt(payload, context)
            .map(drop)
            .map_err(|_| SrtpError::CipherFailed)
    }

    fn verify(&self, sealed: &[u8], trailer: &[u8], tag: &[u8]) -> Result<(), SrtpError> {
        verify_slices_are_equal(&self.tag(sealed, trailer), tag)
            .map_err(|_| SrtpError::AuthenticationFailed)
    }

    /// The tag over the sealed packet and what follows it in M: the rollover counter, which is not
    /// sent, or the index word (RFC 3711 §4.2).
    fn tag(&self, sealed: &[u8], trailer: &[u8]) -> [u8; TAG_BYTES] {
        let mut context = Context::with_key(&self.authentication);
        context.update(sealed);
        context.update(trailer);
        let whole = context.sign();
        let mut tag = [0; TAG_BYTES];
        tag.iter_mut()
            .zip(whole.as_ref())
            .for_each(|(to, from)| *to = *from);
        tag
    }
}

const fn rollover_counter(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}
