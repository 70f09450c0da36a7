//! SRTP and SRTCP from the network: nothing but what the key's holder sent gets in, and that once.
#![no_main]

use forward::srtp::{Inbound, Outbound, Profile};
use libfuzzer_sys::fuzz_target;

const PROFILES: [Profile; 3] = [
    Profile::AeadAes128Gcm,
    Profile::AeadAes256Gcm,
    Profile::Aes128CmSha1_80,
];
const HEADER_BYTES: usize = 12;
const SSRC: u32 = 0x0102_0304;
const SEQUENCE: u16 = 0xfffe;
const PLAIN_BYTES: usize = 40;

fuzz_target!(|input: &[u8]| {
    let [choice, header_len, network @ ..] = input else {
        return;
    };
    let profile = PROFILES[usize::from(*choice) % PROFILES.len()];
    let (key, salt) = ([3; 32], [5; 14]);
    let (key, salt) = (&key[..profile.key_len()], &salt[..profile.salt_len()]);
    let mut outbound = Outbound::new(profile, key, salt).expect("the profile's lengths");
    let mut inbound = Inbound::new(profile, key, salt).expect("the profile's lengths");

    let media = protected_rtp(&outbound, profile);
    let report = protected_rtcp(&mut outbound, profile);
    // libFuzzer watches comparisons, and so does learn the authentic packets in time.
    if network == media || network == report {
        return;
    }

    // Whatever arrives, whatever its header claims to be.
    let header_len = usize::from(*header_len);
    assert!(
        inbound
            .unprotect_rtp(&mut network.to_vec(), header_len, SSRC, SEQUENCE)
            .is_err()
    );
    assert!(inbound.unprotect_rtcp(&mut network.to_vec()).is_err());

    // An authentic packet with the input laid over it as a difference.
    let (mut other_media, mut other_report) = (media.clone(), report.clone());
    difference(&mut other_media, network);
    difference(&mut other_report, network);
    if other_media != media {
        let ssrc = u32::from_be_bytes(other_media[8..12].try_into().expect("4 bytes"));
        let sequence = u16::from_be_bytes(other_media[2..4].try_into().expect("2 bytes"));
        assert!(
            inbound
                .unprotect_rtp(&mut other_media, HEADER_BYTES, ssrc, sequence)
                .is_err()
        );
    }
    if other_report != report {
        assert!(inbound.unprotect_rtcp(&mut other_report).is_err());
    }

    // None of it changed what the authentic packets meet.
    let opened = inbound.unprotect_rtp(&mut media.clone(), HEADER_BYTES, SSRC, SEQUENCE);
    assert_eq!(opened, Ok(PLAIN_BYTES));
    assert!(
        inbound
            .unprotect_rtp(&mut media.clone(), HEADER_BYTES, SSRC, SEQUENCE)
            .is_err()
    );
    assert_eq!(inbound.unprotect_rtcp(&mut report.clone()), Ok(PLAIN_BYTES));
    assert!(inbound.unprotect_rtcp(&mut report.clone()).is_err());
});

fn protected_rtp(outbound: &Outbound, profile: Profile) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend(SEQUENCE.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(SSRC.to_be_bytes());
    packet.resize(PLAIN_BYTES + profile.rtp_overhead(), 7);
    outbound
        .protect_rtp(
            &mut packet,
            PLAIN_BYTES,
            HEADER_BYTES,
            SSRC,
            u64::from(SEQUENCE),
        )
        .expect("room for the tag");
    packet
}

fn protected_rtcp(outbound: &mut Outbound, profile: Profile) -> Vec<u8> {
    let mut packet = vec![0x81, 201, 0, 9];
    packet.extend(SSRC.to_be_bytes());
    packet.resize(PLAIN_BYTES + profile.rtcp_overhead(), 7);
    outbound
        .protect_rtcp(&mut packet, PLAIN_BYTES)
        .expect("room for tag and index");
    packet
}

fn difference(packet: &mut [u8], input: &[u8]) {
    packet
        .iter_mut()
        .zip(input)
        .for_each(|(byte, change)| *byte ^= change);
}
