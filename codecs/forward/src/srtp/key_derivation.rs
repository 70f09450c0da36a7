//! From a master key to session keys, once per context (RFC 3711 §4.3, RFC 6188, RFC 7714 §11).

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

use super::{Profile, SrtpError};

/// Which of the two packet kinds a set of session keys is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Rtp,
    Rtcp,
}

/// The keys of one packet kind; overwritten when dropped.
pub(super) struct SessionKeys {
    key: [u8; LONGEST_KEY_BYTES],
    key_len: usize,
    authentication_key: [u8; AUTHENTICATION_KEY_BYTES],
    salt: [u8; LONGEST_SALT_BYTES],
}

impl SessionKeys {
    /// Derives the keys for `kind`; the key derivation rate is 0, so this happens once (RFC 5764 §4.1.2).
    ///
    /// # Errors
    /// `BadKeyLength` unless both lengths are the profile's.
    pub(super) fn derive(
        profile: Profile,
        kind: Kind,
        master_key: &[u8],
        master_salt: &[u8],
    ) -> Result<Self, SrtpError> {
        if master_key.len() != profile.key_len() || master_salt.len() != profile.salt_len() {
            return Err(SrtpError::BadKeyLength);
        }
        Self::derive_from_any_salt(profile, kind, master_key, master_salt)
    }

    /// `derive` for a salt of up to 112 bits, whatever the profile: RFC 6188 has no vector with 96.
    pub(super) fn derive_from_any_salt(
        profile: Profile,
        kind: Kind,
        master_key: &[u8],
        master_salt: &[u8],
    ) -> Result<Self, SrtpError> {
        let function = KeyDerivation::new(profile, master_key, master_salt)?;
        let first_label = match kind {
            Kind::Rtp => LABEL_RTP_ENCRYPTION,
            Kind::Rtcp => LABEL_RTCP_ENCRYPTION,
        };
        let mut keys = Self::zeroed(profile);
        function.fill(first_label, &mut keys.key)?;
        function.fill(
            first_label + TO_AUTHENTICATION,
            &mut keys.authentication_key,
        )?;
        function.fill(first_label + TO_SALT, &mut keys.salt)?;
        Ok(keys)
    }

    /// Session keys as published test vectors give them.
    #[cfg(test)]
    pub(super) fn known(
        profile: Profile,
        key: &[u8],
        authentication_key: &[u8],
        salt: &[u8],
    ) -> Self {
        let mut keys = Self::zeroed(profile);
        for (place, bytes) in [
            (keys.key.as_mut_slice(), key),
            (keys.authentication_key.as_mut_slice(), authentication_key),
            (keys.salt.as_mut_slice(), salt),
        ] {
            place
                .iter_mut()
                .zip(bytes)
                .for_each(|(to, from)| *to = *from);
        }
        keys
    }

    const fn zeroed(profile: Profile) -> Self {
        Self {
            key: [0; LONGEST_KEY_BYTES],
            key_len: profile.key_len(),
            authentication_key: [0; AUTHENTICATION_KEY_BYTES],
            salt: [0; LONGEST_SALT_BYTES],
        }
    }

    /// The cipher's key, of the profile's length.
    pub(super) fn key(&self) -> &[u8] {
        self.key.get(..self.key_len).unwrap_or_default()
    }

    /// The key of HMAC-SHA1; derived but unused where the cipher authenticates by itself.
    pub(super) const fn authentication_key(&self) -> &[u8; AUTHENTICATION_KEY_BYTES] {
        &self.authentication_key
    }

    /// The salt as the high 112 bits of a counter-mode initial block (RFC 3711 §4.1.1).
    pub(super) fn counter_mode_salt(&self) -> u128 {
        salt_block(&self.salt)
    }

    /// The first 96 bits of the salt as a number (RFC 7714 §8.1).
    pub(super) fn gcm_salt(&self) -> u128 {
        salt_block(&self.salt) >> 32
    }
}

impl Drop for SessionKeys {
    fn drop(&mut self) {
        self.key.fill(0);
        self.authentication_key.fill(0);
        self.salt.fill(0);
        // Without a reader the compiler may leave out stores into memory that is about to go.
        std::hint::black_box((&self.key, &self.authentication_key, &self.salt));
    }
}

/// The pseudo-random function AES-CM under a master key (RFC 3711 §4.3.3; AES-256: RFC 6188 §3).
struct KeyDerivation {
    cipher: EncryptingKey,
    master_salt: u128,
}

impl KeyDerivation {
    fn new(profile: Profile, master_key: &[u8], master_salt: &[u8]) -> Result<Self, SrtpError> {
        let algorithm = match profile {
            Profile::Aes128CmSha1_80 | Profile::AeadAes128Gcm => &AES_128,
            Profile::AeadAes256Gcm => &AES_256,
        };
        let cipher = UnboundCipherKey::new(algorithm, master_key)
            .and_then(EncryptingKey::ctr)
            .map_err(|_| SrtpError::BadKeyLength)?;
        Ok(Self {
            cipher,
            master_salt: salt_block(master_salt),
        })
    }

    /// Fills `out` with key material for `label`; with a derivation rate of 0, r is 0 and the key id
    /// is the label alone, in the 8th byte (RFC 3711 §4.3.1).
    fn fill(&self, label: u8, out: &mut [u8]) -> Result<(), SrtpError> {
        let block = self.master_salt ^ (u128::from(label) << 64);
        out.fill(0);
        let context = EncryptionContext::Iv128(FixedLength::from(block.to_be_bytes()));
        self.cipher
            .less_safe_encrypt(out, context)
            .map_err(|_| SrtpError::CipherFailed)?;
        Ok(())
    }
}

/// A salt left-aligned in a block; 96-bit salts are padded on the right to 112 bits (RFC 7714
/// §11 with erratum 4938).
fn salt_block(salt: &[u8]) -> u128 {
    let mut block = [0; 16];
    block
        .iter_mut()
        .zip(salt)
        .for_each(|(to, from)| *to = *from);
    u128::from_be_bytes(block)
}

/// AES-256.
const LONGEST_KEY_BYTES: usize = 32;
/// 160 bits for HMAC-SHA1 (RFC 3711 §5.2).
const AUTHENTICATION_KEY_BYTES: usize = 20;
/// 112 bits (RFC 3711 §5.1).
const LONGEST_SALT_BYTES: usize = 14;
/// Labels of RFC 3711 §4.3.2: 0, 1, 2 for SRTP and 3, 4, 5 for SRTCP.
const LABEL_RTP_ENCRYPTION: u8 = 0x00;
const LABEL_RTCP_ENCRYPTION: u8 = 0x03;
const TO_AUTHENTICATION: u8 = 1;
const TO_SALT: u8 = 2;
