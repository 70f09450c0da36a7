//! Unprotect undoes protect, for any packet.

use std::collections::HashSet;

use forward::srtp::{Profile, SrtpError};
use proptest::prelude::*;

use crate::leg::{Leg, PROFILES};

fn any_profile() -> impl Strategy<Value = Profile> {
    prop::sample::select(&PROFILES[..])
}

proptest! {
    #[test]
    fn an_rtp_packet_comes_out_as_it_went_in(
        profile in any_profile(),
        packet in prop::collection::vec(any::<u8>(), 12..1500),
        header in any::<prop::sample::Index>(),
        ssrc: u32,
        sequence: u16,
    ) {
        let mut leg = Leg::new(profile);
        let header_len = 12 + header.index(packet.len() - 11);
        let mut buffer = packet.clone();
        buffer.resize(packet.len() + profile.rtp_overhead() + 3, 0xee);
        let index = u64::from(sequence);
        let len = leg.sender.protect_rtp(&mut buffer, packet.len(), header_len, ssrc, index);
        prop_assert_eq!(len, Ok(packet.len() + profile.rtp_overhead()));
        prop_assert_eq!(&buffer[..header_len], &packet[..header_len], "headers stay readable");
        prop_assert_eq!(&buffer[buffer.len() - 3..], &[0xee; 3], "nothing is written behind the tag");
        let protected_len = buffer.len() - 3;
        let len = leg.receiver.unprotect_rtp(&mut buffer[..protected_len], header_len, ssrc, sequence);
        prop_assert_eq!(len, Ok(packet.len()));
        prop_assert_eq!(&buffer[..packet.len()], &packet[..]);
    }

    #[test]
    fn an_rtcp_packet_comes_out_as_it_went_in(
        profile in any_profile(),
        packet in prop::collection::vec(any::<u8>(), 8..1500),
    ) {
        let mut leg = Leg::new(profile);
        let mut buffer = packet.clone();
        buffer.resize(packet.len() + profile.rtcp_overhead(), 0);
        let len = leg.sender.protect_rtcp(&mut buffer, packet.len());
        prop_assert_eq!(len, Ok(buffer.len()));
        prop_assert_eq!(&buffer[..8], &packet[..8], "the sender stays readable");
        prop_assert_eq!(leg.receiver.unprotect_rtcp(&mut buffer), Ok(packet.len()));
        prop_assert_eq!(&buffer[..packet.len()], &packet[..]);
    }

    #[test]
    fn noise_is_refused(profile in any_profile(), mut noise in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut leg = Leg::new(profile);
        prop_assert!(leg.receiver.unprotect_rtcp(&mut noise.clone()).is_err());
        prop_assert!(leg.receiver.unprotect_rtp(&mut noise, 12, 1, 1).is_err());
    }
}

#[test]
fn profiles_have_their_registered_numbers_and_nothing_else_is_one() {
    let numbers: Vec<u16> = (0..=u16::MAX)
        .filter(|n| Profile::from_iana(*n).is_some())
        .collect();
    assert_eq!(numbers, [0x0001, 0x0007, 0x0008]);
    for profile in PROFILES {
        assert_eq!(Profile::from_iana(profile.iana()), Some(profile));
    }
}

#[test]
fn every_reason_has_its_own_name() {
    let reasons = [
        SrtpError::TooShort,
        SrtpError::AuthenticationFailed,
        SrtpError::Replayed,
        SrtpError::TooOld,
        SrtpError::NotEncrypted,
        SrtpError::IndexExhausted,
        SrtpError::TooManySsrcs,
        SrtpError::NoRoom,
        SrtpError::BadKeyLength,
        SrtpError::CipherFailed,
    ];
    let names: HashSet<&str> = reasons.iter().map(|reason| reason.name()).collect();
    assert_eq!(names.len(), reasons.len());
    assert!(names.iter().all(|name| {
        name.bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_lowercase())
    }));
}
