//! What a burst of packets measured: the lesser of the rates at which it left and arrived.
//!
//! libwebrtc `probe_bitrate_estimator.cc`.

/// What a burst was to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    pub rate_bps: f64,
    pub packets: u32,
    /// Of each.
    pub packet_bytes: u32,
}

impl Asked {
    /// From the first packet to the last.
    fn least_us(self) -> f64 {
        let gaps = self.packets.saturating_sub(1);
        f64::from(gaps * self.packet_bytes) * 8e6 / self.rate_bps
    }
}

/// What a burst found.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// That may be sent.
    pub rate_bps: f64,
    /// At which it came, or left if that was slower: of a burst that met the path's capacity, that.
    pub seen_bps: f64,
}

/// What arrived of the last burst.
#[derive(Clone, Debug, Default)]
pub struct ProbeResults {
    cluster: u32,
    packets: u32,
    bytes: f64,
    first: Moment,
    last: Moment,
    /// Whether more has arrived since the last look.
    grown: bool,
}

/// When a packet left and came, and its size.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    sent_us: i64,
    arrival_us: i64,
    bytes: f64,
}

impl ProbeResults {
    /// Adds a packet of a burst that arrived, by a steady clock.
    pub fn add(&mut self, cluster: u32, sent_us: i64, arrival_us: i64, bytes: f64) {
        let last = Moment {
            sent_us,
            arrival_us,
            bytes,
        };
        if self.cluster != cluster {
            *self = Self {
                cluster,
                first: last,
                ..Self::default()
            };
        }
        self.packets += 1;
        self.bytes += bytes;
        self.last = last;
        self.grown = true;
    }

    /// The rate measured, if anything arrived since the last look and enough of what was asked for is there.
    pub fn measured(&mut self, asked: Asked) -> Option<Measured> {
        if !std::mem::take(&mut self.grown) {
            return None;
        }
        let (first, last) = (self.first, self.last);
        let left_us = last.sent_us - first.sent_us;
        let came_us = last.arrival_us - first.arrival_us;
        let enough = f64::from(self.packets) >= ARRIVED_SHARE * f64::from(asked.packets)
            && self.bytes >= ARRIVED_SHARE * f64::from(asked.packets * asked.packet_bytes);
        if !enough || !(0..=LONGEST_US).contains(&left_us) || !(1..=LONGEST_US).contains(&came_us) {
            return None;
        }
        // A sender that was late sends much in one moment, and asked for no more than in the time it was to take.
        let left_us = (left_us as f64).max(asked.least_us());
        // Between the first and the last packet leave all but the last, and arrive all but the first.
        let left_bps = (self.bytes - last.bytes) * 8e6 / left_us;
        let came_bps = (self.bytes - first.bytes) * 8e6 / came_us as f64;
        if came_bps > BELIEVED_RATIO * left_bps {
            return None;
        }
        let met_capacity = came_bps < UNSATURATED * left_bps;
        let seen_bps = left_bps.min(came_bps);
        let rate_bps = if met_capacity {
            OF_CAPACITY * seen_bps
        } else {
            seen_bps
        };
        Some(Measured { rate_bps, seen_bps })
    }
}

/// Of a burst's packets and bytes, for it to measure anything (`kMinReceivedProbesRatio`).
const ARRIVED_SHARE: f64 = 0.8;

/// Arriving at less than this of the rate of leaving, a burst has met the path's capacity
/// (`kMinRatioForUnsaturatedLink`).
const UNSATURATED: f64 = 0.9;

/// What is then taken (`kTargetUtilizationFraction`).
const OF_CAPACITY: f64 = 0.95;

/// Nothing arrives faster than this over leaving but by chance or claim (`kMaxValidRatio`).
const BELIEVED_RATIO: f64 = 2.0;

/// `kMaxProbeInterval`.
const LONGEST_US: i64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked {
        rate_bps: 1e7,
        packets: 5,
        packet_bytes: 1_250,
    };

    /// Five packets of 1,250 bytes that leave at 10 Mbit/s; asked for as such.
    fn measured_kbps(arrival_gap_us: i64, packets: i64) -> Option<i64> {
        kbps_of_gaps(1_000, arrival_gap_us, packets)
    }

    fn kbps_of_gaps(left_gap_us: i64, arrival_gap_us: i64, packets: i64) -> Option<i64> {
        let mut results = ProbeResults::default();
        for turn in 0..packets {
            let arrival_us = 70_000 + arrival_gap_us * turn;
            results.add(1, left_gap_us * turn, arrival_us, 1_250.0);
        }
        let measured = results.measured(ASKED);
        assert!(results.measured(ASKED).is_none(), "nothing new");
        measured.map(|it| (it.rate_bps / 1e3).round() as i64)
    }

    #[test]
    fn a_burst_of_which_most_left_in_one_moment_proves_no_more_either() {
        let mut results = ProbeResults::default();
        for (turn, left_us) in (0..).zip([0, 0, 0, 0, 1_000]) {
            results.add(1, left_us, 70_000 + 250 * turn, 1_250.0);
        }
        let measured = results.measured(ASKED).map(|it| it.rate_bps.round() as i64);
        assert_eq!(
            measured, None,
            "nothing arrives at four times what was asked"
        );
    }

    #[test]
    fn a_burst_that_left_in_one_moment_proves_no_more_than_it_was_to_ask_for() {
        assert_eq!(kbps_of_gaps(0, 750, 5), Some(10_000));
        assert_eq!(kbps_of_gaps(0, 2_000, 5), Some(4_750));
        assert_eq!(kbps_of_gaps(0, 0, 5), None);
        assert_eq!(kbps_of_gaps(-1, 1_000, 5), None);
    }

    #[test]
    fn a_burst_that_nothing_holds_up_measures_its_own_rate() {
        assert_eq!(measured_kbps(1_000, 5), Some(10_000));
        assert_eq!(measured_kbps(900, 5), Some(10_000));
    }

    #[test]
    fn a_burst_that_meets_the_capacity_measures_a_little_less_than_that() {
        assert_eq!(measured_kbps(2_000, 5), Some(4_750));
    }

    #[test]
    fn neither_a_claim_nor_a_part_measures_anything() {
        assert_eq!(measured_kbps(499, 5), None);
        assert_eq!(measured_kbps(0, 5), None);
        assert_eq!(measured_kbps(-1_000, 5), None);
        assert_eq!(measured_kbps(1_000, 3), None);
    }

    #[test]
    fn another_burst_begins_anew() {
        let mut results = ProbeResults::default();
        for (cluster, turn) in [(1, 0), (1, 1), (1, 2), (2, 3), (2, 4)] {
            results.add(cluster, 1_000 * turn, 1_000 * turn, 1_250.0);
        }
        assert!(results.measured(ASKED).is_none());
        assert!(results.packets == 2 && results.first.sent_us == 3_000);
    }
}
