//! What time it was at the sender when a packet was captured, on the relay's clock.
//!
//! Sound and picture of one participant stay together only if their sender reports, rewritten by the
//! relay, still agree (RFC 3550 §6.4.1). All lines of one leg share one [`ClockOffset`].

/// How far a participant's wall clock is from the relay's, estimated from sender reports.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClockOffset {
    /// Relay NTP time minus sender NTP time, 32.32 fixed point, including the one-way delay.
    offset: Option<i64>,
}

impl ClockOffset {
    /// Learns from a sender report that arrived at `arrival_ntp` saying `sender_ntp` (both 32.32 NTP).
    ///
    /// The smallest difference seen is the least delayed report; it is forgotten slowly, so that a
    /// drifting clock is followed without a step that would part sound from picture.
    pub fn learn(&mut self, sender_ntp: u64, arrival_ntp: u64) {
        let sample = arrival_ntp.wrapping_sub(sender_ntp).cast_signed();
        // Every number here is the sender's: nothing may overflow.
        self.offset = Some(match self.offset {
            None => sample,
            Some(offset) => {
                let step = sample.wrapping_sub(offset);
                if (0..=MAX_SLEW).contains(&step) {
                    offset.wrapping_add(step.min(SLEW_PER_REPORT))
                } else {
                    sample
                }
            }
        });
    }

    /// A sender's NTP time on the relay's clock.
    #[must_use]
    pub fn to_relay(self, sender_ntp: u64) -> Option<u64> {
        self.offset
            .map(|offset| sender_ntp.wrapping_add_signed(offset))
    }
}

/// One known pair of RTP timestamp and NTP time of an encoding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClockReference {
    /// NTP time, 32.32: the sender's for a reported reference, the relay's for an observed one.
    pub ntp: u64,
    /// The RTP timestamp of that instant.
    pub timestamp: u32,
    /// Whether a sender report said so; otherwise it is the arrival of a packet.
    pub reported: bool,
}

impl ClockReference {
    /// The NTP time of `timestamp`, on the clock of `self.ntp`.
    #[must_use]
    pub fn ntp_of(&self, timestamp: u32, clock_rate_hz: u32) -> u64 {
        let ticks = i64::from(timestamp.wrapping_sub(self.timestamp).cast_signed());
        // 32 bits shifted by 32: nothing is lost, and no division is wider than the processor's.
        self.ntp
            .wrapping_add_signed((ticks << 32) / i64::from(clock_rate_hz.max(1)))
    }
}

/// NTP time (32.32 since 1900, RFC 5905 §6) of a Unix time in nanoseconds.
#[must_use]
pub const fn ntp_from_unix_ns(unix_ns: u64) -> u64 {
    let seconds = unix_ns / 1_000_000_000 + UNIX_EPOCH_IN_NTP_S;
    let fraction = ((unix_ns % 1_000_000_000) << 32) / 1_000_000_000;
    (seconds << 32) | fraction
}

/// The middle 32 bits, as report blocks carry them (RFC 3550 §4).
#[must_use]
pub const fn compact_ntp(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// Seconds from 1900 to 1970.
const UNIX_EPOCH_IN_NTP_S: u64 = 2_208_988_800;
/// 0.2 ms a report (at least one every 5 s): follows 40 ppm of drift, far below what an eye sees.
const SLEW_PER_REPORT: i64 = (1 << 32) / 5_000;
/// Half a second apart is a clock that was set, not one that drifts.
const MAX_SLEW: i64 = 1 << 31;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SECOND: u64 = 1 << 32;

    #[test]
    fn the_least_delayed_report_sets_the_offset() {
        let mut offset = ClockOffset::default();
        offset.learn(100 * SECOND, 150 * SECOND + SECOND / 10);
        offset.learn(101 * SECOND, 151 * SECOND + SECOND / 100);
        assert_eq!(
            offset.to_relay(200 * SECOND).unwrap(),
            250 * SECOND + SECOND / 100
        );
    }

    #[test]
    fn drift_is_followed_without_a_step() {
        let mut offset = ClockOffset::default();
        offset.learn(0, 10 * SECOND);
        offset.learn(SECOND, 11 * SECOND + SECOND / 50);
        let moved = offset.to_relay(0).unwrap() - 10 * SECOND;
        assert_eq!(moved, SLEW_PER_REPORT.cast_unsigned());
    }

    #[test]
    fn a_clock_that_was_set_is_believed_at_once() {
        let mut offset = ClockOffset::default();
        offset.learn(0, 10 * SECOND);
        offset.learn(3_601 * SECOND, 11 * SECOND);
        assert_eq!(offset.to_relay(3_601 * SECOND).unwrap(), 11 * SECOND);
    }

    #[test]
    fn a_timestamp_has_its_ntp_time_on_both_sides_of_the_wrap() {
        let reference = ClockReference {
            ntp: 1_000 * SECOND,
            timestamp: u32::MAX - 100,
            reported: true,
        };
        assert_eq!(
            reference.ntp_of((u32::MAX - 100).wrapping_add(180_000), 90_000),
            1_002 * SECOND
        );
        assert_eq!(
            reference.ntp_of((u32::MAX - 100).wrapping_sub(90_000), 90_000),
            999 * SECOND
        );
    }

    #[test]
    fn unix_time_zero_is_1970_in_ntp() {
        assert_eq!(ntp_from_unix_ns(0) >> 32, 2_208_988_800);
        assert_eq!(ntp_from_unix_ns(500_000_000) & 0xffff_ffff, SECOND / 2);
    }
}
