//! When a burst asks a path for more than it carries, and how large it is.
//!
//! libwebrtc `probe_controller.cc`. One burst is under way at a time: the start asks for three times the
//! rate and, seen, for twice that, where libwebrtc sends 3x and 6x at once; a round trip later it knows as
//! much, and no path is asked for six times what it may have. A rate that has stood still for a few seconds
//! is asked too, used up or not: near its last sight of the capacity it rises by a packet for each time of
//! response, and would take a minute to find a path that doubled.

use crate::elapsed::elapsed_us;
use crate::limits::{MOST_BPS, whole_bps};
use crate::probe_results::{Asked, Measured, ProbeResults};
use crate::samples::Packet;

/// A burst to send: media and padding that leave while it lasts are marked with its cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probe {
    /// Its mark; never 0.
    pub cluster: u32,
    /// At which its padding leaves.
    pub rate_bps: u64,
    /// Of padding, all of one size.
    pub packets: u32,
    /// Of all of them together.
    pub bytes: u32,
    /// How long they take at that rate.
    pub duration_us: u64,
}

/// What was asked, what came of it, and what is to be asked.
#[derive(Clone, Debug)]
pub struct Probes {
    /// The last burst; without packets there was none.
    burst: Burst,
    results: ProbeResults,
    /// For its result.
    waiting: bool,
    asked_us: Option<i64>,
    /// How often the start has asked; no more once something was measured.
    starts: u32,
    /// To ask for as soon as the path is calm.
    next_bps: Option<f64>,
    /// Of a rate that fell.
    before_drop_bps: Option<f64>,
    dropped_us: Option<i64>,
    /// Nobody wants to know of more.
    useful_bps: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Burst {
    cluster: u32,
    asked: Asked,
}

/// What decides whether a path can be asked, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    pub rate_bps: f64,
    /// Whether nothing speaks against a burst: no overuse, no standing queue.
    pub calm: bool,
    /// Smoothed.
    pub round_trip_us: f64,
}

impl Probes {
    pub fn new() -> Self {
        Self {
            burst: Burst::default(),
            results: ProbeResults::default(),
            waiting: false,
            asked_us: None,
            starts: 0,
            next_bps: None,
            before_drop_bps: None,
            dropped_us: None,
            useful_bps: MOST_BPS,
        }
    }

    /// Says above which rate nobody needs to know whether the path carries it.
    pub fn limit_use(&mut self, useful_bps: f64) {
        self.useful_bps = useful_bps;
    }

    /// Asks a path that is back as one that begins: it may be another, and nothing else would for seconds.
    pub fn begin_again(&mut self) {
        self.starts = 0;
    }

    /// Adds a packet that arrived, by a steady clock; others than those of the last burst are as any.
    pub fn add(&mut self, packet: &Packet, arrival_us: i64) {
        if packet.cluster != 0 && packet.cluster == self.burst.cluster {
            let Packet {
                cluster,
                sent_us,
                size_bytes,
                ..
            } = *packet;
            self.results.add(cluster, sent_us, arrival_us, size_bytes);
        }
    }

    /// Ends a feedback: gives the rate that the burst measured, if that is new, and plans to ask for more
    /// where it saw most of what it asked for.
    ///
    /// `passed` is the share that gets through behind the bottleneck.
    /// While the path is full nothing is believed, and the start asks again.
    pub fn conclude(&mut self, passed: f64, is_full: bool) -> Option<Measured> {
        let arrived = self.results.measured(self.burst.asked)?;
        if is_full {
            self.waiting = false;
            return None;
        }
        let measured = Measured {
            rate_bps: arrived.rate_bps / passed,
            seen_bps: arrived.seen_bps / passed,
        };
        self.waiting = false;
        self.starts = MOST_STARTS;
        if measured.rate_bps >= SEEN_SHARE * self.burst.asked.rate_bps {
            self.next_bps = Some(FURTHER * measured.rate_bps);
        }
        Some(measured)
    }

    /// Remembers from where a rate fell, if it fell; the first fall of a few seconds counts.
    pub fn note_drop(&mut self, before_bps: f64, after_bps: f64, now_us: i64) {
        if after_bps >= before_bps {
            return;
        }
        // Whatever was planned was planned for another path.
        self.next_bps = None;
        if elapsed_us(self.dropped_us, now_us) > DROP_US {
            self.before_drop_bps = Some(before_bps);
            self.dropped_us = Some(now_us);
        }
    }

    /// The burst to send now, if it is time for one.
    pub fn ask(&mut self, path: Path, now_us: i64) -> Option<Probe> {
        let since_us = elapsed_us(self.asked_us, now_us);
        self.waiting &= (since_us as f64) < PATIENCE_US + path.round_trip_us;
        let free = path.calm && !self.waiting;
        let wanted_bps = self.wanted_bps(path, since_us);
        if free {
            self.next_bps = None;
        }
        if free || elapsed_us(self.dropped_us, now_us) > DROP_US {
            self.before_drop_bps = None;
        }
        // Above what is of use by half, so that what is of use is measured and not its border.
        let wanted_bps = wanted_bps?.min(1.5 * self.useful_bps).min(MOST_BPS);
        let worth_it = wanted_bps > WORTH_ASKING * path.rate_bps && path.rate_bps < self.useful_bps;
        if !free || !worth_it {
            return None;
        }
        self.burst = Burst::of(wanted_bps, self.burst.cluster);
        self.waiting = true;
        self.starts = (self.starts + 1).min(MOST_STARTS);
        self.asked_us = Some(now_us);
        Some(self.burst.probe())
    }

    fn wanted_bps(&self, path: Path, since_us: i64) -> Option<f64> {
        if self.next_bps.is_some() {
            return self.next_bps;
        }
        if let Some(before_bps) = self.before_drop_bps
            && path.rate_bps < DROP_SHARE * before_bps
        {
            return Some(DROP_PROBE_SHARE * before_bps);
        }
        if self.starts < MOST_STARTS {
            return Some(AT_START * path.rate_bps);
        }
        (since_us >= PAUSE_US).then_some(FURTHER * path.rate_bps)
    }
}

impl Burst {
    #[expect(
        clippy::cast_sign_loss,
        reason = "packets and sizes of a positive rate, within bounds"
    )]
    fn of(rate_bps: f64, last_cluster: u32) -> Self {
        let bytes = rate_bps / 8.0 * BURST_S;
        let packets = (bytes / MOST_PACKET_BYTES).ceil().max(FEWEST_PACKETS);
        let packet_bytes = (bytes / packets).clamp(LEAST_PACKET_BYTES, MOST_PACKET_BYTES);
        Self {
            // Never 0, which is no cluster.
            cluster: last_cluster % u32::MAX + 1,
            asked: Asked {
                rate_bps,
                packets: packets as u32,
                packet_bytes: packet_bytes as u32,
            },
        }
    }

    fn probe(self) -> Probe {
        let Asked {
            rate_bps,
            packets,
            packet_bytes,
        } = self.asked;
        let bytes = packets * packet_bytes;
        Probe {
            cluster: self.cluster,
            rate_bps: whole_bps(rate_bps),
            packets,
            bytes,
            duration_us: u64::from(bytes) * 8_000_000 / whole_bps(rate_bps),
        }
    }
}

/// Times the rate (`first_exponential_probe_scale`, `further_exponential_probe_scale`).
const AT_START: f64 = 3.0;
const FURTHER: f64 = 2.0;

/// So often the start asks until something is measured: a burst that is lost, or that falls among the packets of a
/// first key frame, must not cost a call's first five seconds.
const MOST_STARTS: u32 = 4;

/// Of what was asked for, which is worth asking for more (`further_probe_threshold`).
const SEEN_SHARE: f64 = 0.7;

/// Times the rate: a smaller step is climbed without a burst.
const WORTH_ASKING: f64 = 1.1;

/// Between two bursts; libwebrtc's `alr_probing_interval`, here whether the rate is used up or not.
const PAUSE_US: i64 = 5_000_000;

/// A fall below the first is answered, when the path is calm, by asking for the second of the rate before
/// (`kBitrateDropThreshold`, `kProbeFractionAfterDrop`, `kBitrateDropTimeout`).
const DROP_SHARE: f64 = 0.66;
const DROP_PROBE_SHARE: f64 = 0.85;
const DROP_US: i64 = 5_000_000;

/// And a round trip: until a burst counts as lost (`kMaxWaitingTimeForProbingResult`).
const PATIENCE_US: f64 = 1_000_000.0;

/// `min_probe_duration` and `min_probe_packets_sent`.
const BURST_S: f64 = 0.015;
const FEWEST_PACKETS: f64 = 5.0;

/// Small packets where the rate is low: five full ones would fill a link of 100 kbit/s for half a second,
/// and sound would wait behind them.
const LEAST_PACKET_BYTES: f64 = 100.0;
const MOST_PACKET_BYTES: f64 = 1_200.0;

/// No path is asked for more while a queue stands.
pub const CALM_WAIT_MS: f64 = 50.0;

#[cfg(test)]
mod tests;
