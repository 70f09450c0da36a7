//! What libwebrtc's `aimd_rate_control_unittest.cc` expects near a capacity that was seen.

use super::*;

#[test]
fn near_the_capacity_the_rate_rises_as_fast_as_libwebrtcs() {
    for (rate_bps, round_trip_us, expected_bps_per_s) in [
        (30e3, 200e3, 4e3),
        (90e3, 200e3, 5e3),
        (60e3, 100e3, 5e3),
        (216e3, 200e3, 12e3),
    ] {
        let rise = near_rise_bps_per_s(rate_bps, round_trip_us);
        assert!(
            (rise - expected_bps_per_s).abs() < 1.0,
            "{rise} at {rate_bps}"
        );
    }
    // After an overuse at 300 kbit/s; it allows 1 kbit/s more or less.
    let rise = near_rise_bps_per_s(0.85 * 300e3, 200e3);
    assert!((rise - 14e3).abs() <= 1e3, "{rise}");
}
