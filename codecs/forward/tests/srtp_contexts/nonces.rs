//! Row 6: no (key, SSRC, index) is used for two packets.

use std::collections::HashSet;

use forward::srtp::{Profile, SrtpError};

use crate::leg::{Leg, PROFILES, rtcp};

#[test]
fn an_srtcp_index_is_used_once_whoever_sends_and_whatever_fails_between() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        // Counter mode writes its tag behind the index, GCM before it.
        let word_from_end = if profile == Profile::Aes128CmSha1_80 {
            14
        } else {
            4
        };
        for index in 0..100_000_u32 {
            let packet = leg.protected_rtcp(index % 7);
            let at = packet.len() - word_from_end;
            let word = packet[at..]
                .first_chunk()
                .map(|word| u32::from_be_bytes(*word));
            assert_eq!(word, Some(1 << 31 | index), "encrypted, and the next index");
            if index % 10 == 0 {
                let refused = leg.sender.protect_rtcp(&mut rtcp(1), 32);
                assert_eq!(refused, Err(SrtpError::NoRoom));
            }
        }
    }
}

#[test]
fn a_hundred_thousand_packets_have_as_many_keystreams() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        let mut keystreams = HashSet::new();
        let mut expected = 0;
        // SSRCs and indexes chosen so that sums and concatenations of them collide.
        for ssrc in [
            0,
            1,
            2,
            3,
            0x1_0000,
            0x2_0000,
            0x100_0000,
            0x8000_0000,
            u32::MAX,
        ] {
            for index in (0..5000).chain([1 << 16, 1 << 31, 1 << 32, 1 << 47]).chain(
                (0..16).flat_map(|roc| (0..400).map(move |sequence| (roc << 16) + 6000 + sequence)),
            ) {
                let mut packet = [0; 64];
                let len = leg.sender.protect_rtp(&mut packet, 28, 12, ssrc, index);
                assert!(len.is_ok());
                // The payload was zeros, so this is the keystream.
                expected += 1;
                keystreams.insert(packet[12..28].to_vec());
            }
            let protected = leg.protected_rtcp(ssrc);
            expected += 1;
            let plain = rtcp(ssrc);
            let keystream = protected[8..24]
                .iter()
                .zip(&plain[8..])
                .map(|(a, b)| a ^ b)
                .collect();
            keystreams.insert(keystream);
        }
        assert!(expected > 100_000);
        assert_eq!(keystreams.len(), expected);
    }
}
