//! `AEAD_AES_128_GCM` for SRTP (RFC 7714) and nothing around it: no replay window, no senders.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

/// One direction's session key, made once.
pub struct Cipher {
    key: LessSafeKey,
    salt: [u8; 12],
}

/// Bytes of a tag.
pub const TAG_BYTES: usize = 16;

impl Cipher {
    /// Derives the RTP session key and salt (RFC 3711 §4.3.1, RFC 7714 §11); `None` for keys of another profile.
    #[must_use]
    pub fn new(master_key: &[u8], master_salt: &[u8]) -> Option<Self> {
        let derived = |label: u8| {
            let mut block = [0; 16];
            block.get_mut(..12)?.copy_from_slice(master_salt.get(..12)?);
            *block.get_mut(7)? ^= label;
            let key = UnboundCipherKey::new(&AES_128, master_key).ok()?;
            let context = EncryptionContext::Iv128(FixedLength::from(block));
            let mut stream = [0; 16];
            EncryptingKey::ctr(key)
                .ok()?
                .less_safe_encrypt(&mut stream, context)
                .ok()?;
            Some(stream)
        };
        let key = UnboundKey::new(&AES_128_GCM, &derived(LABEL_ENCRYPTION)?).ok()?;
        let salt = *derived(LABEL_SALT)?.first_chunk()?;
        Some(Self {
            key: LessSafeKey::new(key),
            salt,
        })
    }

    /// Opens a packet in place; the tag stays behind the payload. `None` where it is not authentic.
    pub fn open(&self, packet: &mut [u8], header_len: usize) -> Option<()> {
        let nonce = self.nonce(packet)?;
        let (header, sealed) = packet.split_at_mut_checked(header_len)?;
        self.key
            .open_in_place(nonce, Aad::from(header), sealed)
            .ok()
            .map(drop)
    }

    /// Seals a packet in place; its last [`TAG_BYTES`] become the tag.
    pub fn seal(&self, packet: &mut [u8], header_len: usize) -> Option<()> {
        let nonce = self.nonce(packet)?;
        let (plain, tag) = packet.split_last_chunk_mut::<TAG_BYTES>()?;
        let (header, payload) = plain.split_at_mut_checked(header_len)?;
        self.key
            .seal_in_place_scatter(nonce, Aad::from(header), payload, &[], tag)
            .ok()
    }

    /// RFC 7714 §8.1. Runs end before a rollover counter would leave 0.
    fn nonce(&self, packet: &[u8]) -> Option<Nonce> {
        let ssrc = packet.get(8..)?.first_chunk::<4>()?;
        let sequence = packet.get(2..)?.first_chunk::<2>()?;
        let mut nonce = [0; 12];
        nonce.get_mut(2..6)?.copy_from_slice(ssrc);
        nonce.get_mut(10..)?.copy_from_slice(sequence);
        nonce
            .iter_mut()
            .zip(&self.salt)
            .for_each(|(byte, salt)| *byte ^= salt);
        Some(Nonce::assume_unique_for_key(nonce))
    }
}

const LABEL_ENCRYPTION: u8 = 0;
const LABEL_SALT: u8 = 2;

#[cfg(test)]
mod tests {
    use forward::srtp::{Inbound, Outbound, Profile};

    use super::*;

    const KEY: [u8; 16] = *b"0123456789abcdef";
    const SALT: [u8; 12] = *b"salt of 96 b";
    const HEADER: [u8; 12] = [0x80, 96, 0x12, 0x34, 0, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef];

    #[test]
    fn it_opens_what_srtp_protects_and_seals_what_srtp_opens() {
        let cipher = Cipher::new(&KEY, &SALT).expect("keys of the right length");
        let outbound = Outbound::new(Profile::AeadAes128Gcm, &KEY, &SALT).expect("the same");
        let mut inbound = Inbound::new(Profile::AeadAes128Gcm, &KEY, &SALT).expect("the same");
        let mut packet = [7; 112 + TAG_BYTES];
        packet[..12].copy_from_slice(&HEADER);
        outbound
            .protect_rtp(&mut packet, 112, 12, 0xdead_beef, 0x1234)
            .expect("room");
        let protected = packet;
        cipher.open(&mut packet, 12).expect("authentic");
        assert_eq!(packet[12..112], [7; 100]);
        cipher.seal(&mut packet, 12).expect("room");
        assert_eq!(packet, protected);
        let opened = inbound.unprotect_rtp(&mut packet, 12, 0xdead_beef, 0x1234);
        assert_eq!(opened, Ok(112));
    }

    #[test]
    fn a_forged_packet_is_not_opened() {
        let cipher = Cipher::new(&KEY, &SALT).expect("keys of the right length");
        let mut packet = [7; 128];
        packet[..12].copy_from_slice(&HEADER);
        assert!(cipher.open(&mut packet, 12).is_none());
    }

    #[test]
    fn keys_of_another_profile_are_refused() {
        assert!(Cipher::new(&KEY, &SALT[..8]).is_none());
        assert!(Cipher::new(&KEY[..8], &SALT).is_none());
    }
}
