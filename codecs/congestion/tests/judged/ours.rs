//! A trace played to ours, at the times at which the engine lets it hear and tick.

use std::collections::HashMap;

use congestion::{Estimator, Probe, Sample};

use crate::EPOCH_US;
use crate::judging::Course;
use crate::trace::{Departure, Trace};

/// What ours would have said at each time of a trace.
pub struct Said {
    /// What may be sent; less than the estimate while a queue empties, for which libwebrtc has nothing of its own.
    pub rates: Course,
    /// What the path is thought to carry.
    pub estimates: Course,
}

/// Plays a trace.
pub fn said(trace: &Trace) -> Said {
    let mut playing = Playing::new(trace.departures());
    for feedback in &trace.feedbacks {
        playing.idle_until(feedback.at_us);
        playing.hear(&feedback.samples, feedback.at_us);
    }
    playing.said
}

struct Playing {
    estimator: Estimator,
    departures: Vec<Departure>,
    bursts: Bursts,
    ticked_us: u64,
    said: Said,
}

impl Playing {
    fn new(departures: Vec<Departure>) -> Self {
        let mut estimator = Estimator::new();
        estimator.limit_use(USEFUL_BPS);
        let said = Said {
            rates: Course::default(),
            estimates: Course::default(),
        };
        let mut playing = Self {
            estimator,
            departures,
            bursts: Bursts::default(),
            ticked_us: 0,
            said,
        };
        playing.note(0);
        playing
    }

    /// Lets time pass in which nothing is told.
    fn idle_until(&mut self, at_us: u64) {
        while self.ticked_us + TICK_AT_THE_LATEST_US < at_us {
            self.tick(self.ticked_us + TICK_AT_THE_LATEST_US);
        }
    }

    fn hear(&mut self, samples: &[Sample], at_us: u64) {
        let told: Vec<Sample> = samples
            .iter()
            .map(|sample| Sample {
                sent_us: EPOCH_US + sample.sent_us,
                cluster: self.bursts.ours(sample),
                ..*sample
            })
            .collect();
        self.estimator.hear_untrusted(&told, EPOCH_US + at_us);
        if at_us - self.ticked_us >= TICK_US {
            self.tick(at_us);
        }
    }

    fn tick(&mut self, at_us: u64) {
        self.ticked_us = at_us;
        let left = self
            .departures
            .partition_point(|departure| departure.sent_us <= at_us);
        let last_sent_us = left
            .checked_sub(1)
            .map(|place| EPOCH_US + self.departures[place].sent_us);
        let asked = self.estimator.tick(EPOCH_US + at_us, last_sent_us);
        self.bursts.asked(asked, at_us);
        self.note(at_us);
    }

    fn note(&mut self, at_us: u64) {
        let standing = self.estimator.standing();
        self.said.rates.note(at_us, standing.rate_bps);
        self.said.estimates.note(at_us, standing.estimate_bps);
    }
}

/// Which bursts of the trace stand for those that ours asks for.
///
/// Played to the estimator that it was captured with, a trace has a burst wherever ours asks for one. To another
/// one, the next burst after ours asked is its own, and bursts nobody asked for are traffic as any.
#[derive(Default)]
struct Bursts {
    wanted: Option<(u32, u64)>,
    by_cluster: HashMap<u32, u32>,
}

impl Bursts {
    fn asked(&mut self, asked: Option<Probe>, at_us: u64) {
        if let Some(probe) = asked {
            self.wanted = Some((probe.cluster, at_us));
        }
    }

    fn ours(&mut self, sample: &Sample) -> u32 {
        if sample.cluster == 0 {
            return 0;
        }
        let wanted = &mut self.wanted;
        *self.by_cluster.entry(sample.cluster).or_insert_with(|| {
            let taken = wanted.take_if(|(_, asked_us)| *asked_us <= sample.sent_us);
            taken.map_or(0, |(ours, _)| ours)
        })
    }
}

/// What the capture said was of use (`benchmarks/adaptation/capture_feedback.py`).
const USEFUL_BPS: u64 = 5_000_000;

/// As the engine does: news settle every 50 ms, silence every 200 ms (`codecs/forward/src/congestion_control/bandwidth.rs`).
const TICK_US: u64 = 50_000;
const TICK_AT_THE_LATEST_US: u64 = 200_000;
