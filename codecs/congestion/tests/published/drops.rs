//! A capacity that halves: `DelayBasedBweTest.CapacityDrop…`, of one stream.
//!
//! There the estimator is given 900 kbit/s to begin with; ours climbs to it. Bursts are left out.

use crate::link::Link;

/// The ms until no more than half of 1 Mbit/s may be sent, the receiver's clock being set meanwhile.
fn after_ms(clock_step_us: i64) -> u64 {
    let mut link = Link::new(1_000_000);
    link.follow(30, |_, _| {});
    let steady_bps = link.estimator.standing().estimate_bps;
    assert!(steady_bps.abs_diff(1_000_000) <= 180_000, "{steady_bps}");
    link.clock_us += clock_step_us;
    link.capacity_bps = 500_000;
    let (stepped_us, mut fell_us) = (link.now_us, None);
    link.follow(3, |heard_us, bps| {
        if bps <= 500_000 {
            fell_us.get_or_insert(heard_us);
        }
    });
    (fell_us.expect("it falls within seconds") - stepped_us) / 1_000
}

/// libwebrtc's tests allow a frame more or less.
const FRAME_MS: u64 = 33;

#[test]
fn a_halved_capacity_is_followed_no_later_than_libwebrtc_does() {
    let ms = after_ms(0);
    assert!(ms <= 533 + FRAME_MS, "{ms} ms");
}

#[test]
fn a_receivers_clock_that_is_set_meanwhile_delays_that_no_more_than_in_libwebrtc() {
    for (seconds, published_ms) in [(30, 867), (-30, 933)] {
        let ms = after_ms(seconds * 1_000_000);
        assert!(ms <= published_ms + FRAME_MS, "{ms} ms after {seconds} s");
    }
}
