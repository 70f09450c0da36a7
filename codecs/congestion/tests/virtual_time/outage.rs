//! A path that is gone for a while, and carries afterwards what it carried before.

use crate::path::{Path, TICK_US};

const CAPACITY_BPS: f64 = 2.5e6;

/// Longer than the estimator's own memory of how long a path is when nothing waits.
const AFTER_S: u64 = 30;

/// What was seen after an outage.
#[derive(Clone, Copy, Debug, Default)]
struct After {
    /// For how long in one go packets waited more than a tenth of a second.
    stood_s: f64,
    highest_bps: f64,
    /// From five seconds after it on.
    mean_bps: f64,
}

/// A path with a queue of 300 ms, of which this share of what may be sent is used.
fn after_outage(outage_ms: u64, loss: f64, used_share: f64) -> After {
    let mut path = Path::new(CAPACITY_BPS);
    path.queue_us = 300_000.0;
    path.loss = loss;
    path.used_share = used_share;
    path.play(20, |_| {});
    path.is_gone = true;
    for _ in 0..outage_ms * 1_000 / TICK_US {
        let told = path.send(TICK_US);
        path.hear(&told);
    }
    path.is_gone = false;
    let (mut after, mut stood_s) = (After::default(), 0.0);
    let mut look = |path: &Path| {
        let tick_s = TICK_US as f64 / 1e6;
        stood_s = if path.waits_ms() > 100.0 {
            stood_s + tick_s
        } else {
            0.0
        };
        after.stood_s = f64::max(after.stood_s, stood_s);
        let estimate_bps = path.estimator.standing().estimate_bps as f64;
        after.highest_bps = after.highest_bps.max(estimate_bps);
    };
    path.play(5, &mut look);
    path.play(AFTER_S - 5, &mut look);
    after.mean_bps = path.mean_share(10) * CAPACITY_BPS;
    after
}

#[test]
fn what_is_lost_in_an_outage_is_no_share_that_the_path_always_loses() {
    for outage_ms in [300, 1_000, 2_000, 5_000, 10_000] {
        for loss in [0.0, 0.02] {
            for used_share in [1.0, 0.9] {
                let after = after_outage(outage_ms, loss, used_share);
                let told = format!("{outage_ms} ms, {loss}, {used_share}: {after:?}");
                assert!(after.stood_s < 1.0, "{told}");
                assert!(after.highest_bps < 1.15 * CAPACITY_BPS, "{told}");
                assert!(after.mean_bps > 0.85 * CAPACITY_BPS, "{told}");
            }
        }
    }
}
