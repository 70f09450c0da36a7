use super::*;

const STEP_US: i64 = 100_000;

/// A path of 50 ms there and back that is free, and through which so much went.
fn free(acknowledged_bps: f64) -> Signs {
    Signs {
        usage: Usage::Normal,
        waits: false,
        acknowledged_bps: Some(acknowledged_bps),
        round_trip_us: 50_000.0,
        wait_us: 0.0,
    }
}

fn full(acknowledged_bps: f64) -> Signs {
    Signs {
        usage: Usage::Over,
        waits: true,
        ..free(acknowledged_bps)
    }
}

/// A burst that came at this rate and may be sent at it.
fn seen(bps: f64) -> Measured {
    Measured {
        rate_bps: bps,
        seen_bps: bps,
    }
}

/// A control, and its own time.
struct Run {
    control: RateControl,
    now_us: i64,
}

impl Run {
    fn new() -> Self {
        Self {
            control: RateControl::new(),
            now_us: 3_600_000_000,
        }
    }

    fn steps(&mut self, count: i64, signs: Signs) -> f64 {
        for _ in 0..count {
            self.now_us += STEP_US;
            self.control.control(signs, self.now_us);
        }
        self.control.rate_bps()
    }
}

#[test]
fn a_free_path_of_unknown_capacity_gets_eight_percent_more_each_second() {
    let mut run = Run::new();
    // The first step begins the count.
    let rate_bps = run.steps(11, free(START_BPS));
    assert!((rate_bps / START_BPS - 1.08).abs() < 1e-6);
}

#[test]
fn what_arrives_beyond_the_rate_without_a_queue_is_carried() {
    let mut run = Run::new();
    // The first step begins the count.
    assert!((run.steps(1, free(1e6)) - START_BPS).abs() < 1e-6);
    assert!((run.steps(1, free(1e6)) - 0.9e6).abs() < 1.0);
    let waiting = Signs {
        waits: true,
        ..free(START_BPS)
    };
    let mut queued = Run::new();
    assert!(queued.steps(20, waiting) <= 1.1 * START_BPS);
}

#[test]
fn after_a_fall_nothing_is_proved_by_what_was_sent_before() {
    let mut run = Run::new();
    run.steps(2, free(1e6));
    run.control.lower(400e3, run.now_us);
    assert!(run.steps(2, free(1e6)) < 410e3);
}

#[test]
fn a_queue_that_empties_tells_what_its_path_carries_until_what_is_held_back_arrives() {
    let emptying = |acknowledged_bps| Signs {
        usage: Usage::Under,
        waits: true,
        ..free(acknowledged_bps)
    };
    let mut run = Run::new();
    run.steps(2, free(2e6));
    let fell_to_bps = run.steps(1, full(1e6));
    assert!((run.steps(1, emptying(500e3)) - 500e3).abs() < 1.0 && fell_to_bps > 900e3);
    run.now_us += 1_000_000;
    assert!((run.steps(1, emptying(100e3)) - 500e3).abs() < 1.0);
    let mut behind_a_long_queue = Run::new();
    behind_a_long_queue.steps(2, free(2e6));
    let late = Signs {
        wait_us: 300_000.0,
        ..full(1e6)
    };
    behind_a_long_queue.steps(1, late);
    behind_a_long_queue.now_us += 200_000;
    assert!((behind_a_long_queue.steps(1, emptying(500e3)) - 500e3).abs() < 1.0);
}

#[test]
fn nothing_rises_far_beyond_what_went_through() {
    let mut run = Run::new();
    let rate_bps = run.steps(2_000, free(400e3));
    assert!((rate_bps - (1.5 * 400e3 + 10e3)).abs() < 1.0);
}

#[test]
fn an_overuse_leaves_a_little_less_than_what_arrived() {
    let mut run = Run::new();
    run.control.lift(seen(1e6), run.now_us);
    run.steps(10, free(1e6));
    let rate_bps = run.steps(1, full(900e3));
    assert!((rate_bps - 0.92 * 900e3).abs() < 1.0);
    // Within a round trip nothing new can be known.
    run.now_us += 1_000;
    run.control.control(full(800e3), run.now_us);
    assert!((run.control.rate_bps() - rate_bps).abs() < 1.0);
}

#[test]
fn a_slope_without_a_queue_holds_the_rate() {
    let mut run = Run::new();
    let before_bps = run.steps(10, free(1e6));
    let key_frame = Signs {
        waits: false,
        ..full(1e6)
    };
    assert!((run.steps(10, key_frame) - before_bps).abs() < 1e-9);
}

#[test]
fn near_a_known_capacity_the_rate_creeps() {
    let mut run = Run::new();
    run.control.lift(seen(1e6), run.now_us);
    run.steps(10, free(1e6));
    let reduced_bps = run.steps(1, full(1e6));
    let gained_bps = run.steps(11, free(reduced_bps)) - reduced_bps;
    // A packet of 958 bytes for each 300 ms; eight percent would be 73,600.
    assert!((20e3..30e3).contains(&gained_bps), "{gained_bps}");
    // More went through than that capacity: it is another path.
    let gained_bps = run.steps(10, free(1.6e6)) - reduced_bps - gained_bps;
    assert!(gained_bps > 70e3, "{gained_bps}");
}

#[test]
fn a_rate_keeps_its_bounds() {
    let mut run = Run::new();
    run.control.lift(seen(1e12), run.now_us);
    assert!(run.control.rate_bps() <= MOST_BPS);
    run.control.lower(0.0, run.now_us);
    assert!(run.control.rate_bps() >= LEAST_BPS);
    run.control.lower(1e9, run.now_us);
    assert!(run.control.rate_bps() <= LEAST_BPS);
}

#[test]
fn an_overuse_before_anything_is_known_halves_the_rate() {
    let mut run = Run::new();
    let unknown = Signs {
        acknowledged_bps: None,
        ..full(0.0)
    };
    assert!((run.steps(1, unknown) - START_BPS / 2.0).abs() < 1e-9);
}
