use super::*;

const HOUR_US: u64 = 3_600_000_000;

fn sample(sequence: u64, sent_us: u64, arrival_us: Option<i64>) -> Sample {
    Sample {
        sequence,
        sent_us,
        arrival_us,
        size_bytes: 1_000,
        cluster: 0,
    }
}

/// A feedback of one packet each millisecond; the last one left a millisecond ago.
fn samples(first: u64, count: u64, now_us: u64) -> Vec<Sample> {
    (0..count)
        .map(|turn| {
            let sent_us = now_us - (count - turn) * 1_000;
            sample(first + turn, sent_us, Some(sent_us.cast_signed() + 20_000))
        })
        .collect()
}

#[test]
fn an_estimator_is_small_and_can_move_to_a_worker() {
    const fn can_be_sent<T: Send>() {}
    can_be_sent::<Estimator>();
    assert!(
        size_of::<Estimator>() <= 2_560,
        "{}",
        size_of::<Estimator>()
    );
}

#[test]
fn of_a_flood_of_feedbacks_the_fourth_and_later_are_one() {
    let mut estimator = Estimator::new();
    for turn in 0..50 {
        let now_us = HOUR_US + turn * 1_000;
        estimator.hear_untrusted(&samples(turn, 1, now_us), now_us);
    }
    assert_eq!(estimator.hearing.feedback.packets, 47);
    estimator.tick(HOUR_US + 50_000, None);
    assert_eq!(estimator.hearing.feedback.packets, 0);
    let now_us = HOUR_US + 60_000;
    estimator.hear_untrusted(&samples(50, 1, now_us), now_us);
    assert_eq!(estimator.hearing.feedback.packets, 0);
}

#[test]
fn of_a_flood_of_packets_the_newest_of_a_tick_are_read() {
    let mut estimator = Estimator::new();
    let flood = samples(0, MOST_SAMPLES as u64 + 50, HOUR_US);
    estimator.hear_untrusted(&flood, HOUR_US);
    // More between the same two ticks is not read at all.
    estimator.hear_untrusted(&samples(10_000, 10, HOUR_US), HOUR_US);
    assert_eq!(estimator.hearing.samples, MOST_SAMPLES);
    assert_eq!(estimator.hearing.feedbacks, 1);
    estimator.tick(HOUR_US, None);
    estimator.hear_untrusted(&samples(20_000, 10, HOUR_US), HOUR_US);
    assert_eq!(estimator.hearing.samples, 10);
}

#[test]
fn feedback_of_nothing_new_is_no_sign_of_life() {
    let mut estimator = Estimator::new();
    estimator.hear_untrusted(&[], HOUR_US);
    let old = sample(1, 0, None);
    estimator.hear_untrusted(&[old], HOUR_US);
    assert_eq!(estimator.contact.heard_us(), None);
}

#[test]
fn what_is_lost_measures_no_round_trip() {
    let mut estimator = Estimator::new();
    let lost: Vec<Sample> = (0..10)
        .map(|turn| sample(turn, HOUR_US - 500_000, None))
        .collect();
    estimator.hear_untrusted(&lost, HOUR_US);
    assert_eq!(estimator.contact.heard_us(), Some(HOUR_US.cast_signed()));
    assert_eq!(estimator.standing().round_trip_us, 100_000);
}

#[test]
fn nothing_is_asked_of_a_path_that_was_never_heard_of() {
    let mut estimator = Estimator::new();
    assert_eq!(estimator.tick(HOUR_US, None), None);
    assert_eq!(estimator.rate_bps(), 300_000);
    estimator.hear_untrusted(&samples(0, 10, HOUR_US), HOUR_US);
    assert!(estimator.tick(HOUR_US, None).is_some());
}

#[test]
fn a_receivers_own_estimate_bounds_what_the_path_is_thought_to_carry() {
    let mut estimator = Estimator::new();
    estimator.report_untrusted(120_000, HOUR_US);
    estimator.tick(HOUR_US + 50_000, None);
    assert_eq!(estimator.standing().estimate_bps, 120_000);
    let now_us = HOUR_US + 100_000;
    estimator.hear_untrusted(&samples(0, 10, now_us), now_us);
    estimator.tick(now_us, None);
    assert_eq!(estimator.standing().estimate_bps, 120_000);
}

#[test]
fn what_came_of_an_outage_after_all_takes_nothing_from_the_losses_beside_it() {
    let mut estimator = Estimator::new();
    let told = |first: u64, now_us: u64, is_lost: &dyn Fn(u64) -> bool| -> Vec<Sample> {
        let mut told = samples(first, 400, now_us);
        for (place, sample) in (0..).zip(&mut told) {
            if is_lost(place) {
                sample.arrival_us = None;
            }
        }
        told
    };
    // Of the path's own losses there is one in ten.
    for turn in 0..10 {
        let now_us = HOUR_US + turn * 400_000;
        estimator.hear_untrusted(&told(turn * 400, now_us, &|place| place % 10 == 3), now_us);
        estimator.tick(now_us, None);
    }
    let now_us = HOUR_US + 10 * 400_000;
    let outage = told(4_000, now_us, &|place| (50..350).contains(&place));
    estimator.hear_untrusted(&outage, now_us);
    estimator.tick(now_us, None);
    let share = |estimator: &Estimator| {
        estimator
            .losses
            .clone()
            .own_share(&Feedback::default(), true)
    };
    let before = share(&estimator);
    assert!(before > 0.05, "{before}");
    let late: Vec<Sample> = outage
        .iter()
        .filter(|sample| sample.arrival_us.is_none())
        .map(|lost| Sample {
            arrival_us: Some(lost.sent_us.cast_signed() + 500_000),
            ..*lost
        })
        .collect();
    estimator.hear_untrusted(&late, now_us + 100_000);
    assert!((share(&estimator) - before).abs() < 1e-9);
}

#[test]
fn a_path_is_back_when_it_told_nothing_of_what_it_was_sent_and_does_again() {
    let back_after = |silence_us: u64, was_sent: bool| {
        let mut estimator = Estimator::new();
        assert!(!estimator.hear_untrusted(&samples(0, 10, HOUR_US), HOUR_US));
        let now_us = HOUR_US + silence_us;
        for tick_us in (HOUR_US..now_us).step_by(50_000) {
            let sent_us = if was_sent { tick_us } else { HOUR_US - 1 };
            estimator.tick(tick_us, Some(sent_us));
        }
        estimator.hear_untrusted(&samples(100, 10, now_us), now_us)
    };
    assert!(back_after(10_000_000, true));
    assert!(!back_after(1_500_000, true));
    assert!(!back_after(10_000_000, false));
}
