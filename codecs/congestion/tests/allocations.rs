//! Nothing is allocated for a feedback or a tick.

use allocations::{Counting, asked_in};
use congestion::{Estimator, Sample};

#[global_allocator]
static COUNTING: Counting = Counting;

/// A feedback of 100 ms with losses, on a path whose queue grows and shrinks by turns.
fn feedback(turn: u64, cluster: u32) -> [Sample; 30] {
    std::array::from_fn(|place| {
        let sequence = 30 * turn + place as u64;
        let sent_us = 3_600_000_000 + sequence * 3_333;
        let queued_us = if turn % 40 < 20 {
            turn % 20 * 10_000
        } else {
            0
        };
        let arrival_us = (sent_us + 20_000 + queued_us).cast_signed();
        Sample {
            sequence,
            sent_us,
            arrival_us: (place % 7 != 3).then_some(arrival_us),
            size_bytes: 1_000,
            cluster,
        }
    })
}

#[test]
fn hearing_and_ticking_allocate_nothing() {
    let mut estimator = Estimator::new();
    let (mut cluster, mut probes, mut changes) = (0, 0, 0);
    let allocations = asked_in(|| {
        for turn in 0..2_000 {
            let now_us = 3_600_000_000 + (turn + 1) * 100_000;
            let before_bps = estimator.rate_bps();
            estimator.hear_untrusted(&feedback(turn, cluster), now_us);
            if turn % 100 == 0 {
                estimator.report_untrusted(turn * 10_000, now_us);
            }
            if let Some(probe) = estimator.tick(now_us, Some(now_us)) {
                (cluster, probes) = (probe.cluster, probes + 1);
            }
            changes += u32::from(estimator.rate_bps() != before_bps);
        }
    });
    assert_eq!(allocations, 0);
    assert!(probes > 5 && changes > 100, "{probes} {changes}");
}
