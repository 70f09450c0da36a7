//! Nothing is allocated for a packet, and nothing is kept for a forged one (row 16).

use allocations::{Counting, asked_in};
use forward::srtp::{Inbound, Outbound, SrtpError};

use crate::leg::{Leg, PROFILES};

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn protecting_and_opening_allocate_nothing() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        // The first packet of a sender is where its window is made.
        let media = leg.protected_rtp(1, 1);
        assert_eq!(leg.receive_rtp(&media, 1, 1), Ok(()));
        let report = leg.protected_rtcp(1);
        assert_eq!(leg.receive_rtcp(&report, 1), Ok(()));
        let mut buffer = [0x42; 1200];
        let allocations = asked_in(|| {
            for index in 2..1000 {
                let len = leg
                    .sender
                    .protect_rtp(&mut buffer, 1100, 12, 1, index)
                    .expect("room");
                let opened = leg
                    .receiver
                    .unprotect_rtp(&mut buffer[..len], 12, 1, index as u16);
                assert_eq!(opened, Ok(1100));
                buffer[4..8].copy_from_slice(&[0, 0, 0, 1]);
                let len = leg.sender.protect_rtcp(&mut buffer, 100).expect("room");
                assert_eq!(leg.receiver.unprotect_rtcp(&mut buffer[..len]), Ok(100));
            }
        });
        assert_eq!(allocations, 0, "{profile:?}");
    }
}

#[test]
fn a_million_forged_senders_allocate_nothing() {
    let mut leg = Leg::new(PROFILES[0]);
    let allocations = asked_in(|| {
        for ssrc in 0..1_000_000_u32 {
            let mut forged = [0xa5; 44];
            forged[8..12].copy_from_slice(&ssrc.to_be_bytes());
            forged[4..8].copy_from_slice(&ssrc.to_be_bytes());
            let refused = if ssrc % 2 == 0 {
                leg.receiver
                    .unprotect_rtp(&mut forged, 12, ssrc, ssrc as u16)
            } else {
                leg.receiver.unprotect_rtcp(&mut forged)
            };
            assert_eq!(refused, Err(SrtpError::AuthenticationFailed));
        }
    });
    assert_eq!(allocations, 0);
}

#[test]
fn contexts_are_small_and_can_move_to_a_worker() {
    const fn can_be_sent<T: Send>() {}
    can_be_sent::<Inbound>();
    can_be_sent::<Outbound>();
    assert!(size_of::<Inbound>() <= 320, "{}", size_of::<Inbound>());
    assert!(size_of::<Outbound>() <= 128, "{}", size_of::<Outbound>());
}
