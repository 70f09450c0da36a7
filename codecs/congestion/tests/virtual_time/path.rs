//! One path in virtual time: what is sent comes out later, or not, and feedback tells of it.

use std::mem;

use congestion::{Estimator, Probe, Sample};

pub const HOUR_US: u64 = 3_600_000_000;
pub const TICK_US: u64 = 100_000;
pub const FRAME_US: u64 = 33_333;

const PACKET_BYTES: f64 = 1_200.0;
const FRAMES_PER_S: f64 = 30.0;
const PACING: f64 = 2.5;

/// A sender that sends what it may at 30 frames a second, a queue, a receiver with a clock, its estimator.
pub struct Path {
    pub estimator: Estimator,
    pub now_us: u64,
    /// Every burst asked for, with the s since the beginning.
    pub asked: Vec<(f64, Probe)>,
    pub capacity_bps: f64,
    pub one_way_us: u64,
    /// The longest that a packet may wait.
    pub queue_us: f64,
    pub loss: f64,
    /// Nothing comes through, and nothing comes back.
    pub is_gone: bool,
    /// What the receiver's clock is ahead of the relay's.
    pub clock_us: i64,
    /// How much of what may be sent is sent.
    pub used_share: f64,
    busy_until_us: f64,
    sequence: u64,
    burst: Option<Probe>,
    /// What was sent while the path was gone: the next feedback tells of it.
    untold: Vec<Sample>,
    chance: u64,
}

impl Path {
    pub fn new(capacity_bps: f64) -> Self {
        Self {
            estimator: Estimator::new(),
            now_us: HOUR_US,
            asked: Vec::new(),
            capacity_bps,
            one_way_us: 20_000,
            queue_us: 500_000.0,
            loss: 0.0,
            is_gone: false,
            untold: Vec::new(),
            clock_us: 5_000_000,
            used_share: 1.0,
            busy_until_us: 0.0,
            sequence: 0,
            burst: None,
            chance: 0x9e37_79b9_7f4a_7c15,
        }
    }

    pub fn rate_bps(&self) -> f64 {
        self.estimator.rate_bps() as f64
    }

    /// How long what leaves now waits.
    pub fn waits_ms(&self) -> f64 {
        (self.busy_until_us - self.now_us as f64).max(0.0) / 1e3
    }

    /// The mean rate over the next seconds, over the capacity.
    pub fn mean_share(&mut self, seconds: u64) -> f64 {
        let (mut sum, mut ticks) = (0.0, 0.0);
        self.play(seconds, |path| {
            sum += path.rate_bps();
            ticks += 1.0;
        });
        sum / ticks / self.capacity_bps
    }

    /// Lets seconds pass; `each` looks after every tick.
    pub fn play(&mut self, seconds: u64, each: impl FnMut(&Self)) {
        self.play_in_steps(seconds, TICK_US, each);
    }

    pub fn play_in_steps(&mut self, seconds: u64, tick_us: u64, mut each: impl FnMut(&Self)) {
        for _ in 0..seconds * 1_000_000 / tick_us {
            let told = self.send(tick_us);
            self.hear(&told);
            each(self);
        }
    }

    /// Lets the estimator hear of what was sent, and tick.
    pub fn hear(&mut self, told: &[Sample]) {
        // The answer takes its way back.
        let heard_us = self.now_us + self.one_way_us;
        self.untold.extend_from_slice(told);
        if !self.is_gone {
            let told = mem::take(&mut self.untold);
            self.estimator.hear_untrusted(&told, heard_us);
        }
        self.burst = self.estimator.tick(heard_us, None);
        let asked_s = (self.now_us - HOUR_US) as f64 / 1e6;
        self.asked.extend(self.burst.map(|burst| (asked_s, burst)));
    }

    /// Sends for a tick that then is over, and tells of it.
    pub fn send(&mut self, tick_us: u64) -> Vec<Sample> {
        let begin_us = self.now_us as f64;
        self.now_us += tick_us;
        let mut packets = self.frames(begin_us, tick_us as f64);
        if let Some(burst) = self.burst {
            let size_bytes = f64::from(burst.bytes / burst.packets);
            let gap_us = size_bytes * 8e6 / burst.rate_bps as f64;
            let ends_us = begin_us + f64::from(burst.packets) * gap_us;
            for packet in &mut packets {
                if packet.0 < ends_us {
                    packet.2 = burst.cluster;
                }
            }
            packets.extend((0..burst.packets).map(|turn| {
                let sent_us = begin_us + f64::from(turn) * gap_us;
                (sent_us, size_bytes, burst.cluster)
            }));
        }
        packets.sort_by(|one, other| one.0.total_cmp(&other.0));
        packets
            .into_iter()
            .map(|(sent_us, size_bytes, cluster)| self.passed(sent_us, size_bytes, cluster))
            .collect()
    }

    /// Packets as (time of sending, size, cluster): frames are cut and paced.
    fn frames(&self, begin_us: f64, tick_us: f64) -> Vec<(f64, f64, u32)> {
        let rate_bps = self.rate_bps();
        let frames = (tick_us * FRAMES_PER_S / 1e6).round();
        let gap_us = PACKET_BYTES * 8e6 / (PACING * rate_bps);
        let mut packets = Vec::new();
        let mut frame = 0.0;
        while frame < frames {
            let mut left_bytes = (self.used_share * rate_bps / 8.0 / FRAMES_PER_S).floor();
            let mut at_us = begin_us + frame * tick_us / frames;
            while left_bytes > 0.0 {
                let sent_us = at_us.min(begin_us + tick_us);
                packets.push((sent_us, left_bytes.min(PACKET_BYTES), 0));
                left_bytes -= PACKET_BYTES;
                at_us += gap_us;
            }
            frame += 1.0;
        }
        packets
    }

    fn passed(&mut self, sent_us: f64, size_bytes: f64, cluster: u32) -> Sample {
        let sequence = self.sequence;
        self.sequence += 1;
        Sample {
            sequence,
            sent_us: sent_us as u64,
            arrival_us: self.arrival_us(sent_us, size_bytes),
            size_bytes: size_bytes as u32,
            cluster,
        }
    }

    fn arrival_us(&mut self, sent_us: f64, size_bytes: f64) -> Option<i64> {
        if self.is_gone || self.busy_until_us - sent_us > self.queue_us {
            return None;
        }
        self.busy_until_us = self.busy_until_us.max(sent_us) + size_bytes * 8e6 / self.capacity_bps;
        if self.drawn() < self.loss {
            return None;
        }
        let came_us = self.busy_until_us + self.one_way_us as f64;
        Some(came_us as i64 + self.clock_us)
    }

    /// A number from 0 to 1 (xorshift64*).
    fn drawn(&mut self) -> f64 {
        self.chance ^= self.chance >> 12;
        self.chance ^= self.chance << 25;
        self.chance ^= self.chance >> 27;
        let mixed = self.chance.wrapping_mul(0x2545_f491_4f6c_dd1d);
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}
