//! Nothing is allocated for a packet, and nothing is kept for a forged one (row 16).

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use forward::srtp::{Inbound, Outbound, SrtpError};

use crate::leg::{Leg, PROFILES};

thread_local! {
    /// Calls that asked for memory on this thread; other tests run on threads of their own.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations_in(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(
        allocations_in(|| drop(std::hint::black_box(vec![0_u8; 100]))),
        1
    );
}

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
        let allocations = allocations_in(|| {
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
    let allocations = allocations_in(|| {
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
