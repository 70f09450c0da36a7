//! Feedback that lies: the estimate stays within its bounds, and comes back with the truth.

use congestion::limits::{LEAST_BPS, MOST_BPS};
use congestion::{Estimator, Sample};
use proptest::prelude::*;

use crate::path::{HOUR_US, Path, TICK_US};

/// Anything at all, and what is near to the truth.
fn lie() -> impl Strategy<Value = Sample> {
    (
        prop_oneof![0..200_u64, any::<u64>()],
        prop_oneof![0..2 * HOUR_US, any::<u64>()],
        prop_oneof![
            Just(None),
            (0..1_000_000_i64).prop_map(Some),
            any::<i64>().prop_map(Some)
        ],
        prop_oneof![Just(1_200), any::<u32>()],
        prop_oneof![0..4_u32, any::<u32>()],
    )
        .prop_map(
            |(sequence, sent_us, arrival_us, size_bytes, cluster)| Sample {
                sequence,
                sent_us,
                arrival_us,
                size_bytes,
                cluster,
            },
        )
}

/// Lies that pass the screen: packets of the last seconds, told in order, with arrivals of any kind.
fn likely_lies() -> impl Strategy<Value = Vec<(u64, Option<i64>, u32, u32)>> {
    let arrival_us = prop_oneof![
        Just(None),
        (0..2_000_000_i64).prop_map(Some),
        (-(1_i64 << 52)..1 << 52).prop_map(Some),
    ];
    let sample = (0..30_000_u64, arrival_us, 1..=65_535_u32, 0..4_u32);
    prop::collection::vec(sample, 1..80)
}

fn check(estimator: &Estimator) -> Result<(), TestCaseError> {
    let standing = estimator.standing();
    for bps in [standing.rate_bps, standing.estimate_bps] {
        let bps = bps as f64;
        prop_assert!((LEAST_BPS..=MOST_BPS).contains(&bps), "{:?}", standing);
    }
    prop_assert!(standing.wait_ms >= 0.0 && standing.wait_ms.is_finite());
    Ok(())
}

proptest! {
    #[test]
    fn nothing_that_is_claimed_moves_a_rate_out_of_its_bounds(
        feedbacks in prop::collection::vec(prop::collection::vec(lie(), 0..40), 1..8),
        remb_bps in any::<u64>(),
        clock_us in prop_oneof![Just(HOUR_US), any::<u64>()],
    ) {
        let mut estimator = Estimator::new();
        estimator.report_untrusted(remb_bps, clock_us);
        for (turn, lies) in (0..).zip(&feedbacks) {
            let now_us = clock_us.saturating_add(turn * TICK_US);
            estimator.hear_untrusted(lies, now_us);
            let probe = estimator.tick(now_us, None);
            check(&estimator)?;
            prop_assert!(probe.is_none_or(|probe| probe.rate_bps as f64 <= MOST_BPS));
        }
    }

    #[test]
    fn lies_that_are_believed_keep_to_the_bounds_too(
        feedbacks in prop::collection::vec(likely_lies(), 1..30)
    ) {
        let mut estimator = Estimator::new();
        let (mut sequence, mut sent_us) = (0, HOUR_US);
        for lies in feedbacks {
            let samples: Vec<Sample> = lies
                .into_iter()
                .map(|(gap_us, arrival_us, size_bytes, cluster)| {
                    sequence += 1;
                    sent_us += gap_us;
                    Sample { sequence, sent_us, arrival_us, size_bytes, cluster }
                })
                .collect();
            estimator.hear_untrusted(&samples, sent_us);
            estimator.tick(sent_us, Some(sent_us));
            check(&estimator)?;
        }
    }
}

#[test]
fn whoever_lied_is_estimated_again_when_it_tells_the_truth() {
    let mut path = Path::new(1e6);
    path.play(5, |_| {});
    for _ in 0..20 {
        let mut told = path.send(TICK_US);
        let arrivals: Vec<_> = told.iter().rev().map(|sample| sample.arrival_us).collect();
        for (sample, arrival_us) in told.iter_mut().zip(arrivals) {
            sample.arrival_us = arrival_us;
            sample.size_bytes = 65_000;
        }
        path.hear(&told);
    }
    path.play(20, |_| {});
    let used = path.mean_share(10);
    assert!((0.5..=1.1).contains(&used), "{used}");
}

#[test]
fn times_of_arrival_that_run_backwards_or_stand_end_with_the_lie() {
    let claims: [fn(i64) -> i64; 3] = [|turn| -1_000 * turn, |_| 7, |_| i64::MAX];
    for arrival_of in claims {
        let mut path = Path::new(1e6);
        path.play(5, |_| {});
        for _ in 0..50 {
            let mut told = path.send(TICK_US);
            for (turn, sample) in (0..).zip(&mut told) {
                sample.arrival_us = Some(arrival_of(turn));
            }
            path.hear(&told);
            assert!(path.rate_bps() >= LEAST_BPS && path.rate_bps() <= MOST_BPS);
        }
        path.play(20, |_| {});
        let used = path.mean_share(10);
        assert!((0.5..=1.1).contains(&used), "{used}");
    }
}

#[test]
fn one_estimator_never_sees_another() {
    // Bit for bit, whoever is estimated in between.
    let mut seen = [Vec::new(), Vec::new()];
    for (run, others) in seen.iter_mut().zip([0, 3]) {
        let mut path = Path::new(1.5e6);
        path.loss = 0.03;
        let mut others: Vec<Path> = (0..others)
            .map(|turn| Path::new(0.2e6 * (1.0 + f64::from(turn))))
            .collect();
        for _ in 0..12 {
            path.play(1, |path| run.push(path.estimator.rate_bps()));
            for other in &mut others {
                other.play(1, |_| {});
            }
        }
    }
    let [alone, together] = seen;
    assert_eq!(alone, together);
}
