//! Published test vectors, bit for bit in both directions.

use super::counter_mode::CounterMode;
use super::key_derivation::{Kind, SessionKeys};
use super::transform::{Transform, Transforms};
use super::{Inbound, Outbound, Profile, SrtpError};

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<u32> = hexadecimal
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | *digit as u8))
        .collect()
}

/// RFC 3711 B.2: the keystream of AES-CM, its first blocks and those around a carry in the counter.
#[test]
fn the_counter_mode_keystream_is_that_of_rfc_3711_b_2() {
    let keys = SessionKeys::known(
        Profile::Aes128CmSha1_80,
        &bytes("2B7E151628AED2A6ABF7158809CF4F3C"),
        &[],
        &bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"),
    );
    let cipher = CounterMode::new(&keys).expect("a 16-byte key");
    let mut keystream = vec![0; 0xff02 * 16];
    cipher
        .apply_keystream(&mut keystream, 0, 0)
        .expect("a megabyte");
    for (block, expected) in [
        (0x0000, "E03EAD0935C95E80E166B16DD92B4EB4"),
        (0x0001, "D23513162B02D0F72A43A2FE4A5F97AB"),
        (0x0002, "41E95B3BB0A2E8DD477901E4FCA894C0"),
        (0xfeff, "EC8CDF7398607CB0F2D21675EA9EA1E4"),
        (0xff00, "362B7C3C6773516318A077D7FC5073AE"),
        (0xff01, "6A2CC3787889374FBEB4C81B17BA6C44"),
    ] {
        assert_eq!(
            keystream.chunks(16).nth(block),
            Some(bytes(expected).as_slice()),
            "{block:#x}"
        );
    }
}

/// RFC 3711 B.3: AES-128 key derivation, labels 0, 1 and 2.
#[test]
fn session_keys_are_those_of_rfc_3711_b_3() {
    let keys = SessionKeys::derive(
        Profile::Aes128CmSha1_80,
        Kind::Rtp,
        &bytes("E1F97A0D3E018BE0D64FA32C06DE4139"),
        &bytes("0EC675AD498AFEEBB6960B3AABE6"),
    )
    .expect("lengths of the profile");
    assert_eq!(keys.key(), bytes("C61E7A93744F39EE10734AFE3FF7A087"));
    assert_eq!(
        keys.counter_mode_salt() >> 16,
        0x30CB_BC08_863D_8C85_D49D_B34A_9AE1
    );
    assert_eq!(
        keys.authentication_key().as_slice(),
        bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")
    );
}

/// RFC 6188 §7.2: AES-256 key derivation. Its salt has 112 bits, where AEAD takes 96 and pads
/// them with zeros; so the salt enters below the length check.
#[test]
fn session_keys_are_those_of_rfc_6188_7_2() {
    let keys = SessionKeys::derive_from_any_salt(
        Profile::AeadAes256Gcm,
        Kind::Rtp,
        &bytes("f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6"),
        &bytes("3b04803de51ee7c96423ab5b78d2"),
    )
    .expect("a 32-byte key");
    assert_eq!(
        keys.key(),
        bytes("5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4")
    );
    assert_eq!(
        keys.counter_mode_salt() >> 16,
        0xfa31_7916_85ca_444a_9e07_c6c6_4e93
    );
    assert_eq!(
        keys.authentication_key().as_slice(),
        bytes("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05")
    );
}

/// Both directions of a context under the session key and salt of RFC 7714 §16 and §17.
fn aead_context(profile: Profile, next_rtcp_index: u32) -> (Outbound, Inbound) {
    let key: Vec<u8> = (0..).take(profile.key_len()).collect();
    let salt = bytes("517569642070726f2071756f");
    let transforms = || {
        let keys = SessionKeys::known(profile, &key, &[], &salt);
        let transform = || Transform::new(profile, &keys).expect("lengths of the profile");
        Transforms {
            rtp: transform(),
            rtcp: transform(),
        }
    };
    (
        Outbound::from_transforms(profile, transforms(), next_rtcp_index),
        Inbound::from_transforms(profile, transforms()),
    )
}

/// RFC 7714 §16.1.1, §16.1.2 (AES-128) and §16.2.1, §16.2.2 (AES-256).
#[test]
fn srtp_packets_are_those_of_rfc_7714_16() {
    const SSRC: u32 = 0x5501_a0b2;
    const SEQUENCE: u16 = 0xf17b;
    let plain = bytes(
        "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
         69736120 696e2070 61727465 73207472 6573",
    );
    for (profile, expected) in [
        (
            Profile::AeadAes128Gcm,
            "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
             0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
        ),
        (
            Profile::AeadAes256Gcm,
            "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238
             9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
        ),
    ] {
        let (outbound, mut inbound) = aead_context(profile, 0);
        let mut packet = plain.clone();
        packet.resize(plain.len() + profile.rtp_overhead(), 0);
        let len = outbound.protect_rtp(&mut packet, plain.len(), 12, SSRC, u64::from(SEQUENCE));
        assert_eq!((len, &packet), (Ok(packet.len()), &bytes(expected)));
        assert_eq!(
            inbound.unprotect_rtp(&mut packet, 12, SSRC, SEQUENCE),
            Ok(plain.len())
        );
        assert_eq!(packet.get(..plain.len()), Some(plain.as_slice()));
    }
}

const RTCP: &str = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                    deadbeef deadbeef deadbeef deadbeef deadbeef";

/// RFC 7714 §17.1 (AES-128) and §17.2 (AES-256), whose SRTCP index is 0x5d4.
#[test]
fn srtcp_packets_are_those_of_rfc_7714_17() {
    let plain = bytes(RTCP);
    for (profile, expected) in [
        (
            Profile::AeadAes128Gcm,
            "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1
             730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4",
        ),
        (
            Profile::AeadAes256Gcm,
            "81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1
             110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4",
        ),
    ] {
        let (mut outbound, mut inbound) = aead_context(profile, 0x5d4);
        let mut packet = plain.clone();
        packet.resize(plain.len() + profile.rtcp_overhead(), 0);
        let len = outbound.protect_rtcp(&mut packet, plain.len());
        assert_eq!((len, &packet), (Ok(packet.len()), &bytes(expected)));
        assert_eq!(inbound.unprotect_rtcp(&mut packet), Ok(plain.len()));
        assert_eq!(packet.get(..plain.len()), Some(plain.as_slice()));
    }
}

/// RFC 7714 §17.3: authentic, but in the clear (E = 0).
#[test]
fn an_authentic_srtcp_packet_in_the_clear_is_refused() {
    let mut packet = bytes(RTCP);
    packet.extend(bytes("841dd968 3dd78ec9 2ae58790 125f62b3 000005d4"));
    let (_, mut inbound) = aead_context(Profile::AeadAes128Gcm, 0);
    assert_eq!(
        inbound.unprotect_rtcp(&mut packet),
        Err(SrtpError::NotEncrypted)
    );
}

#[test]
fn the_last_srtcp_index_is_used_and_none_after_it() {
    for profile in [Profile::AeadAes128Gcm, Profile::AeadAes256Gcm] {
        let (mut outbound, mut inbound) = aead_context(profile, (1 << 31) - 1);
        let mut packet = [0x80, 201, 0, 1, 0, 0, 0, 9].to_vec();
        packet.resize(8 + profile.rtcp_overhead(), 0);
        let protected = outbound.protect_rtcp(&mut packet, 8);
        assert_eq!(protected, Ok(8 + profile.rtcp_overhead()));
        assert_eq!(packet.last_chunk(), Some(&[0xff; 4]));
        assert_eq!(inbound.unprotect_rtcp(&mut packet), Ok(8));
        for _ in 0..3 {
            let refused = outbound.protect_rtcp(&mut packet, 8);
            assert_eq!(refused, Err(SrtpError::IndexExhausted));
        }
    }
}
