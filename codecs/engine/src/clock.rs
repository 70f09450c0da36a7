//! When a packet arrived, on the clock that never jumps.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::system;

/// Both clocks, read together once per batch.
///
/// The kernel stamps arrivals with wall-clock time, which jumps when it is set; the packet path only
/// knows monotonic time. A packet's age is a difference of wall-clock times close together, so it is
/// taken from now on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct BatchClock {
    monotonic_ns: u64,
    unix_ns: u64,
}

impl BatchClock {
    /// Reads both clocks; again where the core was taken away between the two, which would age every packet.
    #[must_use]
    pub fn read() -> Self {
        let mut monotonic_ns = system::monotonic_ns();
        for _ in 0..READINGS {
            let unix_ns = unix_ns();
            let after_ns = system::monotonic_ns();
            if after_ns - monotonic_ns < TOGETHER_NS {
                return Self {
                    monotonic_ns,
                    unix_ns,
                };
            }
            monotonic_ns = after_ns;
        }
        Self {
            monotonic_ns,
            unix_ns: unix_ns(),
        }
    }

    /// Now, monotonic.
    #[must_use]
    pub fn now_ns(self) -> u64 {
        self.monotonic_ns
    }

    /// When a packet with this kernel time stamp arrived, monotonic; now, if it has none.
    ///
    /// A packet may have waited in the receive buffer while the worker had no core; that wait is the relay's, and
    /// counting it to the path would tell a publisher of a congestion that is none. An age below zero, or above
    /// what anything waits, tells of a wall clock that was set meanwhile: it is cut.
    #[must_use]
    pub fn arrival_ns(self, kernel_unix_ns: Option<u64>) -> u64 {
        let age_ns = kernel_unix_ns.map_or(0, |kernel_ns| {
            self.unix_ns.saturating_sub(kernel_ns).min(MAX_AGE_NS)
        });
        self.monotonic_ns.saturating_sub(age_ns)
    }

    /// What to add to monotonic time to get wall-clock time.
    #[must_use]
    pub fn unix_minus_monotonic_ns(self) -> i64 {
        self.unix_ns.wrapping_sub(self.monotonic_ns).cast_signed()
    }
}

fn unix_ns() -> u64 {
    // A clock set before 1970 gives zero, which `arrival_ns` reads as "no age".
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}

/// Three stalls in a row are a machine that stands still.
const READINGS: usize = 3;
/// Hundreds of times what reading takes, and less than feedback to publishers resolves (0.25 ms).
const TOGETHER_NS: u64 = 100_000;
/// Longer than a host was seen to take a core away (0.6 s), and than a busy worker's receive buffer lasts (0.3 s).
const MAX_AGE_NS: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: BatchClock = BatchClock {
        monotonic_ns: 5_000_000_000,
        unix_ns: 1_700_000_000_000_000_000,
    };

    #[test]
    fn a_packet_that_waited_arrived_before_now() {
        assert_eq!(
            CLOCK.arrival_ns(Some(CLOCK.unix_ns - 700_000)),
            5_000_000_000 - 700_000
        );
    }

    #[test]
    fn a_packet_that_waited_out_a_stall_keeps_its_time() {
        let stamp = CLOCK.unix_ns - 600_000_000;
        assert_eq!(CLOCK.arrival_ns(Some(stamp)), 4_400_000_000);
    }

    #[test]
    fn a_packet_without_a_stamp_arrived_now() {
        assert_eq!(CLOCK.arrival_ns(None), 5_000_000_000);
    }

    #[test]
    fn a_wall_clock_set_back_makes_no_packet_arrive_in_the_future() {
        assert_eq!(
            CLOCK.arrival_ns(Some(CLOCK.unix_ns + 3_600_000_000_000)),
            5_000_000_000
        );
    }

    #[test]
    fn a_wall_clock_set_forward_makes_no_packet_older_than_a_second() {
        assert_eq!(
            CLOCK.arrival_ns(Some(CLOCK.unix_ns - 3_600_000_000_000)),
            4_000_000_000
        );
    }

    #[test]
    fn a_machine_that_just_started_has_no_negative_arrivals() {
        let clock = BatchClock {
            monotonic_ns: 10,
            ..CLOCK
        };
        assert_eq!(clock.arrival_ns(Some(clock.unix_ns - 1_000)), 0);
    }

    #[test]
    fn the_two_clocks_are_apart_by_a_known_distance() {
        let clock = BatchClock::read();
        let unix_ns = clock
            .now_ns()
            .wrapping_add_signed(clock.unix_minus_monotonic_ns());
        assert_eq!(unix_ns, clock.unix_ns);
    }
}
