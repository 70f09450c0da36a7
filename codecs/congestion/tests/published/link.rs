//! The link of libwebrtc's unit tests: frames leave at once, nothing is lost, feedback comes with each frame.
//!
//! `delay_based_bwe_unittest_helper.cc` has no way there and back, and no limit to its queue.

use congestion::{Estimator, Sample};

use crate::HOUR_US;

/// A sender of 30 frames a second, a queue, and an estimator that is asked for no bursts.
pub struct Link {
    pub estimator: Estimator,
    pub capacity_bps: u64,
    pub now_us: u64,
    /// What is added to times of arrival.
    pub clock_us: i64,
    sequence: u64,
    free_us: u64,
}

impl Link {
    pub fn new(capacity_bps: u64) -> Self {
        Self {
            estimator: Estimator::new(),
            capacity_bps,
            now_us: HOUR_US,
            clock_us: 0,
            sequence: 0,
            free_us: HOUR_US,
        }
    }

    /// Sends a frame of so much a second, and lets the estimator hear of it when it has come.
    ///
    /// Gives when that was.
    pub fn frame(&mut self, bps: u64) -> u64 {
        let frame_bytes = bps / 8 / FRAMES_PER_S;
        let packets = frame_bytes.div_ceil(PACKET_BYTES).max(1);
        let size_bytes = (frame_bytes / packets).max(1);
        let told: Vec<Sample> = (0..packets)
            .map(|_| {
                let took_us = size_bytes * 8_000_000 / self.capacity_bps;
                self.free_us = self.free_us.max(self.now_us) + took_us;
                let sequence = self.sequence;
                self.sequence += 1;
                Sample {
                    sequence,
                    sent_us: self.now_us,
                    arrival_us: Some(self.free_us.cast_signed() + self.clock_us),
                    size_bytes: size_bytes as u32,
                    cluster: 0,
                }
            })
            .collect();
        let heard_us = self.free_us;
        self.estimator.hear_untrusted(&told, heard_us);
        self.estimator.tick(heard_us, Some(self.now_us));
        self.now_us += FRAME_US;
        heard_us
    }

    /// Sends what may be sent for so long; `each` hears of every frame when it came, and what may be sent then.
    pub fn follow(&mut self, seconds: u64, mut each: impl FnMut(u64, u64)) {
        for _ in 0..seconds * FRAMES_PER_S {
            let heard_us = self.frame(self.estimator.rate_bps());
            each(heard_us, self.estimator.rate_bps());
        }
    }
}

pub const FRAMES_PER_S: u64 = 30;
pub const FRAME_US: u64 = 33_333;
const PACKET_BYTES: u64 = 1_200;
