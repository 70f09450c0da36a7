//! What a burst measures: the cases of `probe_bitrate_estimator_unittest.cc`.

use congestion::limits::START_BPS;
use congestion::{Estimator, Sample};

use crate::HOUR_US;

/// An estimator that has asked for its first burst, and what of it arrives.
struct Asked {
    estimator: Estimator,
    cluster: u32,
    sequence: u64,
}

impl Asked {
    fn new() -> Self {
        let mut estimator = Estimator::new();
        let media = sample(0, 0, 0, 1_000, 0);
        estimator.hear_untrusted(&[media], HOUR_US + 20_000);
        let probe = estimator
            .tick(HOUR_US + 20_000, None)
            .expect("the start asks");
        // As many as in libwebrtc's cases; four are four fifths of them.
        assert_eq!(probe.packets, 5);
        Self {
            estimator,
            cluster: probe.cluster,
            sequence: 1,
        }
    }

    /// Lets packets of one size arrive, by when they left and came, and says what is then thought.
    fn hear(&mut self, moments_ms: &[(u64, u64)], size_bytes: u32) -> f64 {
        let told: Vec<Sample> = (self.sequence..)
            .zip(moments_ms)
            .map(|(sequence, (sent_ms, came_ms))| {
                sample(
                    sequence,
                    100 + sent_ms,
                    100 + came_ms,
                    size_bytes,
                    self.cluster,
                )
            })
            .collect();
        self.sequence += told.len() as u64;
        self.estimator.hear_untrusted(&told, HOUR_US + 300_000);
        self.estimator.tick(HOUR_US + 300_000, None);
        self.estimator.standing().estimate_bps as f64
    }
}

fn sample(sequence: u64, sent_ms: u64, came_ms: u64, size_bytes: u32, cluster: u32) -> Sample {
    Sample {
        sequence,
        sent_us: HOUR_US + sent_ms * 1_000,
        arrival_us: Some((came_ms * 1_000).cast_signed()),
        size_bytes,
        cluster,
    }
}

/// What one burst measures, or none where the rate stays near where it was.
fn measured_kbps(moments_ms: &[(u64, u64)], size_bytes: u32) -> Option<i64> {
    let estimate_bps = Asked::new().hear(moments_ms, size_bytes);
    (estimate_bps > START_BPS * 1.05).then_some((estimate_bps / 1e3).round() as i64)
}

#[test]
fn four_packets_of_five_measure_the_rate_at_which_they_left_and_came() {
    let moments = [(0, 10), (10, 20), (20, 30), (30, 40)];
    assert_eq!(measured_kbps(&moments, 1_000), Some(800));
}

#[test]
fn too_few_packets_or_bytes_measure_nothing() {
    assert_eq!(measured_kbps(&[(0, 10), (10, 20), (20, 30)], 2_000), None);
    let five = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)];
    assert_eq!(measured_kbps(&five, 200), None);
}

#[test]
fn what_comes_faster_than_it_left_measures_the_rate_of_leaving() {
    let moments = [(0, 15), (10, 30), (20, 35), (30, 40)];
    assert_eq!(measured_kbps(&moments, 1_000), Some(800));
}

#[test]
fn what_comes_more_than_twice_as_fast_or_all_at_once_measures_nothing() {
    assert_eq!(
        measured_kbps(&[(0, 19), (10, 22), (20, 25), (40, 27)], 1_000),
        None
    );
    assert_eq!(
        measured_kbps(&[(0, 50), (10, 50), (20, 50), (40, 50)], 1_000),
        None
    );
}

#[test]
fn what_comes_slower_measures_a_little_less_than_the_rate_of_coming() {
    // Left at 1,600 kbit/s; three packets of 1,000 bytes came in 20 ms.
    let moments = [(0, 10), (5, 17), (10, 24), (15, 30)];
    assert_eq!(measured_kbps(&moments, 1_000), Some(1_140));
}

#[test]
fn a_burst_goes_on_measuring_until_its_last_packet() {
    let mut asked = Asked::new();
    // 600 kbit/s sent and 480 received, then 640 of both.
    let first_bps = asked.hear(&[(0, 10), (10, 20), (20, 30), (40, 60)], 1_000);
    assert!((first_bps - 0.95 * 480e3).abs() < 1e3, "{first_bps}");
    let second_bps = asked.hear(&[(50, 60)], 1_000);
    assert!((second_bps - 640e3).abs() < 1e3, "{second_bps}");
}
