//! Feedback, reports and ticks of any kind: rates, waits and bursts keep to their bounds.
#![no_main]

use congestion::limits::{LEAST_BPS, MOST_BPS};
use congestion::{Estimator, Sample};
use libfuzzer_sys::fuzz_target;

/// Kind, steps of number and of sending, then arrival, size and cluster.
const ROW_BYTES: usize = 20;
const HOUR_US: u64 = 3_600_000_000;

fuzz_target!(|input: &[u8]| {
    let mut estimator = Estimator::new();
    let (mut sequence, mut sent_us, mut now_us) = (0_u64, HOUR_US, HOUR_US);
    let mut samples = Vec::new();
    for row in input.chunks_exact(ROW_BYTES) {
        let number = i64::from_ne_bytes(row[8..16].try_into().expect("8 bytes"));
        let size_bytes = u32::from(u16::from_ne_bytes([row[16], row[17]]));
        let step_us = u64::from(u16::from_ne_bytes([row[2], row[3]]));
        now_us = now_us.saturating_add(step_us);
        match row[0] % 16 {
            0 => {
                now_us = now_us.max(sent_us);
                estimator.hear_untrusted(&samples, now_us);
                samples.clear();
            }
            1 => check(&mut estimator, now_us, None),
            2 => check(&mut estimator, now_us, Some(number.unsigned_abs())),
            3 => estimator.report_untrusted(number.unsigned_abs(), now_us),
            4 => estimator.limit_use(number.unsigned_abs()),
            // The relay's own clock, and how long it was away.
            5 => now_us = now_us.saturating_add(number.unsigned_abs()),
            // Anything at all.
            6 => samples.push(Sample {
                sequence: number.unsigned_abs(),
                sent_us: now_us ^ step_us,
                arrival_us: Some(number),
                size_bytes: size_bytes << 8,
                cluster: u32::from(row[18]),
            }),
            // What the screen lets pass.
            kind => {
                sequence = sequence.saturating_add(u64::from(row[1]));
                sent_us = sent_us.saturating_add(step_us);
                let arrival_us = match kind {
                    7 => None,
                    8 | 9 => Some(number >> 12),
                    _ => Some(sent_us.wrapping_add(step_us).cast_signed() + (number >> 44)),
                };
                samples.push(Sample {
                    sequence,
                    sent_us,
                    arrival_us,
                    size_bytes,
                    cluster: u32::from(row[18] % 4),
                });
            }
        }
    }
    estimator.hear_untrusted(&samples, now_us.max(sent_us));
    check(&mut estimator, now_us, None);
});

fn check(estimator: &mut Estimator, now_us: u64, last_sent_us: Option<u64>) {
    let probe = estimator.tick(now_us, last_sent_us);
    let standing = estimator.standing();
    for bps in [standing.rate_bps, standing.estimate_bps] {
        assert!((LEAST_BPS..=MOST_BPS).contains(&(bps as f64)), "{standing:?}");
    }
    assert_eq!(standing.rate_bps, estimator.rate_bps());
    assert!(standing.wait_ms >= 0.0 && standing.wait_ms.is_finite());
    if let Some(probe) = probe {
        assert!(probe.cluster != 0 && probe.rate_bps as f64 <= MOST_BPS);
        assert!(probe.packets >= 5 && probe.bytes <= probe.packets * 1_200);
        assert!(probe.duration_us <= 100_000);
    }
}
