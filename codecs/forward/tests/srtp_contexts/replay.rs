//! Rows 13 and 14: every packet is delivered once, and forged ones change nothing.

use std::collections::HashSet;

use forward::srtp::SrtpError;
use proptest::prelude::*;

use crate::leg::{Leg, PROFILES};

const SSRC: u32 = 0xcafe;
/// Where a copy is sent again, in packets after the first.
const RESEND_AFTER: [u64; 5] = [0, 1, 63, 64, 1000];

#[test]
fn each_rtp_packet_passes_once_however_late_its_copies_and_across_the_wrap() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        // From 1,500 before the rollover counter steps to 1,500 after.
        let indexes = 65_536 - 1500..65_536 + 1500;
        let first = indexes.start;
        let packets: Vec<Vec<u8>> = indexes
            .clone()
            .map(|index| leg.protected_rtp(SSRC, index))
            .collect();
        for (at, index) in indexes.enumerate() {
            assert_eq!(
                leg.receive_rtp(&packets[at], SSRC, index),
                Ok(()),
                "{profile:?} {index}"
            );
            for late in RESEND_AFTER {
                let Some(copy) = index.checked_sub(late).filter(|copy| *copy >= first) else {
                    continue;
                };
                let refused = leg.receive_rtp(&packets[at - late as usize], SSRC, copy);
                assert_eq!(
                    refused,
                    Err(SrtpError::Replayed),
                    "{profile:?} {copy} {late}"
                );
            }
        }
        // A whole turn later the first packet's sequence number is due again, but not the packet.
        for index in [95_000, 125_000, 155_000, 185_000, 131_072 + first - 1] {
            let packet = leg.protected_rtp(SSRC, index);
            assert_eq!(leg.receive_rtp(&packet, SSRC, index), Ok(()));
        }
        let refused = leg.receive_rtp(&packets[0], SSRC, first);
        assert_eq!(refused, Err(SrtpError::AuthenticationFailed));
    }
}

#[test]
fn each_rtcp_packet_passes_once_however_late_its_copies() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        let packets: Vec<Vec<u8>> = (0..3000).map(|_| leg.protected_rtcp(SSRC)).collect();
        for at in 0..packets.len() {
            assert_eq!(leg.receive_rtcp(&packets[at], SSRC), Ok(()));
            for late in RESEND_AFTER {
                if let Some(copy) = at.checked_sub(late as usize) {
                    let refused = leg.receive_rtcp(&packets[copy], SSRC);
                    assert_eq!(refused, Err(SrtpError::Replayed), "{profile:?} {at} {late}");
                }
            }
        }
        assert_eq!(leg.receive_rtcp(&packets[0], SSRC), Err(SrtpError::TooOld));
    }
}

#[test]
fn a_hundred_thousand_forged_packets_leave_the_sender_as_it_was() {
    for profile in PROFILES {
        let mut leg = Leg::new(profile);
        let live = leg.protected_rtp(SSRC, 100);
        assert_eq!(leg.receive_rtp(&live, SSRC, 100), Ok(()));
        let mut forged = leg.protected_rtp(SSRC, 101);
        *forged.last_mut().expect("a tag") ^= 1;
        for sequence in 0..100_000_u32 {
            let sequence = (sequence % 60_000) as u16;
            let mut packet = forged.clone();
            let refused = leg.receiver.unprotect_rtp(&mut packet, 12, SSRC, sequence);
            assert_ne!(refused.map(drop), Ok(()));
        }
        for index in 101..110 {
            let packet = leg.protected_rtp(SSRC, index);
            assert_eq!(leg.receive_rtp(&packet, SSRC, index), Ok(()));
        }
        assert_eq!(leg.receive_rtp(&live, SSRC, 100), Err(SrtpError::Replayed));
    }
}

proptest! {
    /// Any order of arrival, against the definition: new and less than 1,024 behind the newest.
    #[test]
    fn what_passes_is_new_and_in_the_window(
        start in prop_oneof![0_u64..3000, 64_000_u64..68_000, 130_000_u64..140_000],
        steps in prop::collection::vec(
            prop_oneof![4 => -40_i64..60, 2 => -1100_i64..1100, 1 => -2000_i64..30_000], 1..120),
    ) {
        let mut leg = Leg::new(PROFILES[0]);
        let mut passed = HashSet::new();
        // A receiver begins at rollover counter 0 and follows jumps of less than half a cycle.
        let approach = (0..start).step_by(30_000).chain([start]);
        let arrivals = steps.iter().scan(start, |at, step| {
            *at = at.saturating_add_signed(*step);
            Some(*at)
        });
        let mut newest = 0_u64;
        for index in approach.chain(arrivals) {
            if newest.abs_diff(index) >= 32_768 {
                continue;
            }
            let packet = leg.protected_rtp(SSRC, index);
            let expected = index + 1024 > newest && passed.insert(index);
            prop_assert_eq!(leg.receive_rtp(&packet, SSRC, index).is_ok(), expected);
            newest = newest.max(index);
        }
    }
}
