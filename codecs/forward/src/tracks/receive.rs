//! How one incoming RTP line is doing: loss, jitter, and what a receiver report says of it.
//!
//! Called by `ingress` for every packet and by `reports` once a second.

use wire::sequence::extend;

/// Reception statistics of one SSRC (RFC 3550 §6.4.1, appendices A.3 and A.8).
#[derive(Clone, Debug)]
pub struct Reception {
    /// Where the first round of sequence numbers begins: one round above zero, so that a packet
    /// reordered across the very first one has room below it.
    first_round: u64,
    started: bool,
    first_sequence: u64,
    highest_sequence: u64,
    packets: u64,
    bytes: u64,
    jitter_scaled: u64,
    last_transit: i64,
    expected_at_report: u64,
    packets_at_report: u64,
}

/// What a report block says of an SSRC, before it is laid out in bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReceptionReport {
    /// Share lost since the last report, 1/256.
    pub fraction_lost_q8: u8,
    /// Expected minus received since the beginning, 24 bits signed on the wire.
    pub cumulative_lost: i32,
    /// Extended highest sequence number received, low 32 bits.
    pub highest_sequence: u32,
    /// Interarrival jitter in RTP timestamp units.
    pub jitter: u32,
}

impl Default for Reception {
    fn default() -> Self {
        Self {
            first_round: ROUND,
            started: false,
            first_sequence: 0,
            highest_sequence: 0,
            packets: 0,
            bytes: 0,
            jitter_scaled: 0,
            last_transit: 0,
            expected_at_report: 0,
            packets_at_report: 0,
        }
    }
}

impl Reception {
    /// Begins again after `self`, with extended numbers that `self` never gave.
    #[must_use]
    pub fn successor(&self) -> Self {
        Self {
            first_round: (self.highest_sequence / ROUND + 2) * ROUND,
            ..Self::default()
        }
    }

    /// Registers a packet and returns its extended sequence number.
    ///
    /// `arrival_ns` is the monotonic arrival time; `clock_rate_hz` that of the codec.
    pub fn register(
        &mut self,
        sequence: u16,
        timestamp: u32,
        len: usize,
        arrival_ns: u64,
        clock_rate_hz: u32,
    ) -> u64 {
        let extended = self.extended(sequence);
        if !self.started {
            self.started = true;
            self.first_sequence = extended;
            self.highest_sequence = extended;
        }
        self.first_sequence = self.first_sequence.min(extended);
        self.packets += 1;
        self.bytes += len as u64;
        self.update_jitter(timestamp, arrival_ns, clock_rate_hz);
        self.highest_sequence = self.highest_sequence.max(extended);
        extended
    }

    /// The extended number of `sequence`, without registering anything (retransmissions).
    #[must_use]
    pub fn extended(&self, sequence: u16) -> u64 {
        if self.started {
            extend(self.highest_sequence, sequence)
        } else {
            u64::from(sequence) + self.first_round
        }
    }

    /// The extended highest sequence number, once anything arrived.
    #[must_use]
    pub fn highest(&self) -> Option<u64> {
        self.started.then_some(self.highest_sequence)
    }

    /// Packets and bytes so far.
    #[must_use]
    pub const fn received(&self) -> (u64, u64) {
        (self.packets, self.bytes)
    }

    /// Expected minus received; negative when duplicates arrived.
    #[must_use]
    pub fn lost(&self) -> i64 {
        self.expected().cast_signed() - self.packets.cast_signed()
    }

    /// Jitter in microseconds.
    #[must_use]
    pub fn jitter_us(&self, clock_rate_hz: u32) -> u32 {
        let units = self.jitter_scaled >> 4;
        u32::try_from(units * 1_000_000 / u64::from(clock_rate_hz.max(1))).unwrap_or(u32::MAX)
    }

    /// The figures since the last call, for a report block; `None` before anything arrived.
    pub fn report(&mut self) -> Option<ReceptionReport> {
        if !self.started {
            return None;
        }
        let expected = self.expected();
        let expected_since = expected.saturating_sub(self.expected_at_report);
        let received_since = self.packets - self.packets_at_report;
        self.expected_at_report = expected;
        self.packets_at_report = self.packets;
        let lost_since = expected_since.saturating_sub(received_since);
        let fraction = (lost_since << 8).checked_div(expected_since).unwrap_or(0);
        Some(ReceptionReport {
            fraction_lost_q8: u8::try_from(fraction).unwrap_or(u8::MAX),
            cumulative_lost: self.lost().clamp(-0x80_0000, 0x7f_ffff) as i32,
            highest_sequence: self.highest_sequence.saturating_sub(self.first_round) as u32,
            jitter: u32::try_from(self.jitter_scaled >> 4).unwrap_or(u32::MAX),
        })
    }

    fn expected(&self) -> u64 {
        if self.started {
            self.highest_sequence - self.first_sequence + 1
        } else {
            0
        }
    }

    fn update_jitter(&mut self, timestamp: u32, arrival_ns: u64, clock_rate_hz: u32) {
        let arrival_units = ticks_of(arrival_ns, clock_rate_hz);
        let transit = i64::from((arrival_units as u32).wrapping_sub(timestamp).cast_signed());
        if self.packets > 1 {
            let difference =
                i64::from((transit as i32).wrapping_sub(self.last_transit as i32)).unsigned_abs();
            // RFC 3550 A.8, in sixteenths: J += (|D| - J) / 16.
            self.jitter_scaled = self.jitter_scaled + difference - ((self.jitter_scaled + 8) >> 4);
        }
        self.last_transit = transit;
    }
}

/// A time in units of an RTP clock; no product is wider than 64 bits.
pub const fn ticks_of(ns: u64, clock_rate_hz: u32) -> u64 {
    let rate_hz = clock_rate_hz as u64;
    (ns / 1_000_000_000) * rate_hz + (ns % 1_000_000_000) * rate_hz / 1_000_000_000
}

/// Sequence numbers in one round.
const ROUND: u64 = 1 << 16;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn one_lost_in_four_is_a_quarter() {
        let mut reception = Reception::default();
        for sequence in [10, 11, 13] {
            reception.register(sequence, 0, 100, 0, 90_000);
        }
        let report = reception.report().unwrap();
        assert_eq!((report.fraction_lost_q8, report.cumulative_lost), (64, 1));
        assert_eq!(report.highest_sequence & 0xffff, 13);
    }

    #[test]
    fn a_wrap_is_not_a_loss() {
        let mut reception = Reception::default();
        for sequence in [65_534, 65_535, 0, 1] {
            reception.register(sequence, 0, 100, 0, 90_000);
        }
        assert_eq!(reception.lost(), 0);
        assert_eq!(reception.report().unwrap().highest_sequence >> 16, 1);
    }

    #[test]
    fn a_successor_gives_no_number_twice() {
        let mut reception = Reception::default();
        let last =
            [0, 40_000, 65_535, 3].map(|sequence| reception.register(sequence, 0, 100, 0, 90_000));
        let next = reception.successor().register(0, 0, 100, 0, 90_000);
        assert!(last.iter().all(|sequence| *sequence < next));
    }

    #[test]
    fn a_packet_older_than_the_first_is_expected_after_all() {
        let mut reception = Reception::default();
        for sequence in [5, 3] {
            reception.register(sequence, 0, 100, 0, 90_000);
        }
        assert_eq!(reception.lost(), 1);
    }

    #[test]
    fn steady_arrivals_have_no_jitter_and_uneven_ones_approach_theirs() {
        let mut steady = Reception::default();
        let mut uneven = Reception::default();
        for packet in 0..2_000_u64 {
            let timestamp = (packet * 960) as u32;
            steady.register(packet as u16, timestamp, 100, packet * 20 * MS, 48_000);
            let wobble = if packet % 2 == 0 { 0 } else { 4 * MS };
            uneven.register(
                packet as u16,
                timestamp,
                100,
                packet * 20 * MS + wobble,
                48_000,
            );
        }
        assert!(
            steady.jitter_us(48_000) <= 21,
            "{}",
            steady.jitter_us(48_000)
        );
        assert!(
            (3_800..=4_200).contains(&uneven.jitter_us(48_000)),
            "{}",
            uneven.jitter_us(48_000)
        );
    }

    #[test]
    fn the_fraction_is_of_the_last_interval_only() {
        let mut reception = Reception::default();
        for sequence in [0, 2] {
            reception.register(sequence, 0, 100, 0, 90_000);
        }
        reception.report();
        for sequence in 3..10 {
            reception.register(sequence, 0, 100, 0, 90_000);
        }
        let report = reception.report().unwrap();
        assert_eq!((report.fraction_lost_q8, report.cumulative_lost), (0, 1));
    }

    #[test]
    fn ticks_are_those_of_an_unbounded_product() {
        for ns in [
            0,
            1,
            999_999_999,
            1_000_000_000,
            86_400 * 365 * 1_000_000_007,
        ] {
            for rate_hz in [8_000, 48_000, 90_000, u32::MAX] {
                let exact = u128::from(ns) * u128::from(rate_hz) / 1_000_000_000;
                assert_eq!(u128::from(ticks_of(ns, rate_hz)), exact, "{ns} {rate_hz}");
            }
        }
    }
}
