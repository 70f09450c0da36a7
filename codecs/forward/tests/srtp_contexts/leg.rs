//! One direction of a leg, from both ends, and packets to send over it.

use forward::srtp::{Inbound, Outbound, Profile, SrtpError};

pub const PROFILES: [Profile; 3] = [
    Profile::AeadAes128Gcm,
    Profile::AeadAes256Gcm,
    Profile::Aes128CmSha1_80,
];

pub const RTP_HEADER_BYTES: usize = 12;

/// The two ends of one set of keys.
pub struct Leg {
    pub profile: Profile,
    pub sender: Outbound,
    pub receiver: Inbound,
}

impl Leg {
    pub fn new(profile: Profile) -> Self {
        let key: Vec<u8> = (0x40..).take(profile.key_len()).collect();
        let salt: Vec<u8> = (0xa0..).take(profile.salt_len()).collect();
        Self {
            profile,
            sender: Outbound::new(profile, &key, &salt).expect("the profile's lengths"),
            receiver: Inbound::new(profile, &key, &salt).expect("the profile's lengths"),
        }
    }

    pub fn protected_rtp(&self, ssrc: u32, index: u64) -> Vec<u8> {
        let mut packet = rtp(ssrc, index);
        let len = packet.len();
        packet.resize(len + self.profile.rtp_overhead(), 0);
        let protected = self
            .sender
            .protect_rtp(&mut packet, len, RTP_HEADER_BYTES, ssrc, index);
        assert_eq!(protected, Ok(packet.len()));
        packet
    }

    pub fn protected_rtcp(&mut self, ssrc: u32) -> Vec<u8> {
        let mut packet = rtcp(ssrc);
        let len = packet.len();
        packet.resize(len + self.profile.rtcp_overhead(), 0);
        assert_eq!(self.sender.protect_rtcp(&mut packet, len), Ok(packet.len()));
        packet
    }

    /// Opens a copy, and checks that what comes out is what went in.
    pub fn receive_rtp(&mut self, packet: &[u8], ssrc: u32, index: u64) -> Result<(), SrtpError> {
        let mut packet = packet.to_vec();
        let sequence = index as u16;
        let len = self
            .receiver
            .unprotect_rtp(&mut packet, RTP_HEADER_BYTES, ssrc, sequence)?;
        assert_eq!(packet[..len], rtp(ssrc, index));
        Ok(())
    }

    /// Opens a copy, and checks that what comes out is what went in.
    pub fn receive_rtcp(&mut self, packet: &[u8], ssrc: u32) -> Result<(), SrtpError> {
        let mut packet = packet.to_vec();
        let len = self.receiver.unprotect_rtcp(&mut packet)?;
        assert_eq!(packet[..len], rtcp(ssrc));
        Ok(())
    }
}

/// A small RTP packet whose payload tells which one it is.
pub fn rtp(ssrc: u32, index: u64) -> Vec<u8> {
    let mut packet = vec![0x80, 111];
    packet.extend((index as u16).to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend(index.to_be_bytes().repeat(4));
    packet
}

/// An empty receiver report.
pub fn rtcp(ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x81, 201, 0, 7];
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0x11; 24]);
    packet
}
