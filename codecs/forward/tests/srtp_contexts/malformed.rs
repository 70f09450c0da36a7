//! Rows 13 and 15: short, cut and altered packets.

use forward::srtp::{Inbound, Outbound, SrtpError};

use crate::leg::{Leg, PROFILES, RTP_HEADER_BYTES, rtcp, rtp};

const SSRC: u32 = 0xcafe;

#[test]
fn short_packets_of_every_kind_are_refused() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        for len in 0..=64_usize {
            for first in 0..=u8::MAX {
                let mut packet = vec![0xff; len];
                if let Some(byte) = packet.first_mut() {
                    *byte = first;
                }
                assert!(leg.receiver.unprotect_rtcp(&mut packet.clone()).is_err());
                for header_len in [0, 11, 12, 13, 28, len, len + 1, usize::MAX] {
                    let copy = &mut packet.clone();
                    assert!(
                        leg.receiver
                            .unprotect_rtp(copy, header_len, SSRC, 0xffff)
                            .is_err()
                    );
                }
            }
        }
    }
}

#[test]
fn a_packet_shorter_than_header_tag_and_index_is_too_short() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        for len in 0..RTP_HEADER_BYTES + profile.rtp_overhead() {
            let refused = leg
                .receiver
                .unprotect_rtp(&mut vec![0x80; len], 12, SSRC, 1);
            assert_eq!(refused, Err(SrtpError::TooShort));
        }
        for len in 0..8 + profile.rtcp_overhead() {
            let refused = leg.receiver.unprotect_rtcp(&mut vec![0x80; len]);
            assert_eq!(refused, Err(SrtpError::TooShort));
        }
    }
}

#[test]
fn packets_without_payload_are_packets() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        let mut buffer = rtp(SSRC, 1);
        buffer.resize(64, 0);
        let protected = leg.sender.protect_rtp(&mut buffer, 12, 12, SSRC, 1);
        assert_eq!(protected, Ok(12 + profile.rtp_overhead()));
        let packet = &mut buffer[..12 + profile.rtp_overhead()];
        assert_eq!(leg.receiver.unprotect_rtp(packet, 12, SSRC, 1), Ok(12));

        let mut buffer = rtcp(SSRC);
        buffer.resize(64, 0);
        let protected = leg.sender.protect_rtcp(&mut buffer, 8);
        assert_eq!(protected, Ok(8 + profile.rtcp_overhead()));
        let packet = &mut buffer[..8 + profile.rtcp_overhead()];
        assert_eq!(leg.receiver.unprotect_rtcp(packet), Ok(8));
    }
}

#[test]
fn every_cut_and_every_flipped_bit_is_noticed_and_the_whole_packet_still_passes() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        let media = leg.protected_rtp(SSRC, 7);
        let report = leg.protected_rtcp(SSRC);
        for len in 0..media.len() {
            assert!(leg.receive_rtp(&media[..len], SSRC, 7).is_err());
        }
        for len in 0..report.len() {
            assert!(leg.receive_rtcp(&report[..len], SSRC).is_err());
        }
        for bit in 0..media.len() * 8 {
            let mut altered = media.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let refused = leg.receive_rtp(&altered, SSRC, 7);
            assert_eq!(
                refused,
                Err(SrtpError::AuthenticationFailed),
                "{profile:?} {bit}"
            );
        }
        for bit in 0..report.len() * 8 {
            let mut altered = report.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let refused = leg.receive_rtcp(&altered, SSRC);
            let expected = [
                Err(SrtpError::AuthenticationFailed),
                Err(SrtpError::NotEncrypted),
            ];
            assert!(expected.contains(&refused), "{profile:?} {bit} {refused:?}");
        }
        assert_eq!(leg.receive_rtp(&media, SSRC, 7), Ok(()));
        assert_eq!(leg.receive_rtcp(&report, SSRC), Ok(()));
    }
}

#[test]
fn a_rollover_counter_other_than_the_packets_own_is_refused() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        let packet = leg.protected_rtp(SSRC, 65_536 + 7);
        // Its sequence number is plausible, but this receiver is not at its rollover counter.
        let refused = leg.receive_rtp(&packet, SSRC, 7);
        assert_eq!(refused, Err(SrtpError::AuthenticationFailed));
    }
}

#[test]
fn what_cannot_be_protected_is_left_alone() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        let plain = rtp(SSRC, 1);
        let full = plain.len() + profile.rtp_overhead();
        for (buffer_len, len, header_len, index, reason) in [
            (full - 1, plain.len(), 12, 1, SrtpError::NoRoom),
            (full, full + 1, 12, 1, SrtpError::NoRoom),
            (full, usize::MAX, 12, 1, SrtpError::NoRoom),
            (full, plain.len(), 11, 1, SrtpError::TooShort),
            (full, plain.len(), plain.len() + 1, 1, SrtpError::TooShort),
            (full, plain.len(), usize::MAX, 1, SrtpError::TooShort),
            (full, plain.len(), 12, 1 << 48, SrtpError::IndexExhausted),
            (full, plain.len(), 12, u64::MAX, SrtpError::IndexExhausted),
        ] {
            let mut buffer = plain.clone();
            buffer.resize(buffer_len, 0);
            let refused = leg
                .sender
                .protect_rtp(&mut buffer, len, header_len, SSRC, index);
            assert_eq!(refused, Err(reason));
            assert_eq!(buffer[..plain.len()], plain);
        }
        let mut buffer = rtcp(SSRC);
        for (len, reason) in [
            (7, SrtpError::TooShort),
            (buffer.len(), SrtpError::NoRoom),
            (usize::MAX, SrtpError::NoRoom),
        ] {
            assert_eq!(leg.sender.protect_rtcp(&mut buffer, len), Err(reason));
            assert_eq!(buffer, rtcp(SSRC));
        }
    }
}

#[test]
fn keys_and_salts_of_other_lengths_are_refused() {
    for profile in PROFILES {
        let (key, salt) = (vec![1; profile.key_len()], vec![2; profile.salt_len()]);
        for (key, salt) in [
            (&key[1..], &salt[..]),
            (&key[..], &salt[1..]),
            (&[1; 33][..], &salt[..]),
            (&key[..], &[2; 15][..]),
            (&[][..], &[][..]),
        ] {
            let refused = Some(SrtpError::BadKeyLength);
            assert_eq!(Inbound::new(profile, key, salt).err(), refused);
            assert_eq!(Outbound::new(profile, key, salt).err(), refused);
        }
    }
}
