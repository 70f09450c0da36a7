//! Row 16 and its other side: many senders, and one that comes back after it was forgotten.

use forward::srtp::SrtpError;

use crate::leg::{Leg, PROFILES};

#[test]
fn a_sender_that_was_pushed_out_cannot_be_replayed_when_it_comes_back() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        // Far enough for the rollover counter to be part of what must be remembered.
        let before: Vec<Vec<u8>> = [40_000, 66_000, 90_000, 120_000]
            .map(|index| leg.protected_rtp(1, index))
            .into();
        for (packet, index) in before.iter().zip([40_000, 66_000, 90_000, 120_000]) {
            assert_eq!(leg.receive_rtp(packet, 1, index), Ok(()));
        }
        let report = leg.protected_rtcp(1);
        assert_eq!(leg.receive_rtcp(&report, 1), Ok(()));
        for ssrc in 100..164 {
            let packet = leg.protected_rtp(ssrc, 5);
            assert_eq!(leg.receive_rtp(&packet, ssrc, 5), Ok(()));
            let report = leg.protected_rtcp(ssrc);
            assert_eq!(leg.receive_rtcp(&report, ssrc), Ok(()));
        }
        assert_eq!(
            leg.receive_rtp(&before[3], 1, 120_000),
            Err(SrtpError::TooOld)
        );
        assert_eq!(leg.receive_rtcp(&report, 1), Err(SrtpError::TooOld));
        // Reordered packets older than its newest are given up; what is newer passes, once.
        let skipped = leg.protected_rtp(1, 119_999);
        assert_eq!(
            leg.receive_rtp(&skipped, 1, 119_999),
            Err(SrtpError::TooOld)
        );
        let newer = leg.protected_rtp(1, 120_001);
        assert_eq!(leg.receive_rtp(&newer, 1, 120_001), Ok(()));
        assert_eq!(
            leg.receive_rtp(&newer, 1, 120_001),
            Err(SrtpError::Replayed)
        );
        assert_eq!(
            leg.receive_rtp(&before[3], 1, 120_000),
            Err(SrtpError::Replayed)
        );
        let newer = leg.protected_rtcp(1);
        assert_eq!(leg.receive_rtcp(&newer, 1), Ok(()));
        assert_eq!(leg.receive_rtcp(&newer, 1), Err(SrtpError::Replayed));
    }
}

#[test]
fn ten_thousand_senders_end_in_refusals_that_do_not_touch_those_known() {
    let mut leg = Leg::new(PROFILES[0]);
    let mut refused = 0;
    for ssrc in 0..10_000 {
        let packet = leg.protected_rtp(ssrc, 1);
        match leg.receive_rtp(&packet, ssrc, 1) {
            Ok(()) => assert_eq!(refused, 0, "refused once, new senders stay refused"),
            Err(reason) => {
                assert_eq!(reason, SrtpError::TooManySsrcs);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 10_000 - 64 - 1024);
    for ssrc in 0..64 + 1024 {
        let replayed = leg.protected_rtp(ssrc, 1);
        assert!(leg.receive_rtp(&replayed, ssrc, 1).is_err());
        let newer = leg.protected_rtp(ssrc, 2);
        assert_eq!(leg.receive_rtp(&newer, ssrc, 2), Ok(()));
    }
}
