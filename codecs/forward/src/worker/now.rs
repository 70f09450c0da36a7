//! The time, handed in: monotonic for everything that waits, NTP for what goes on the wire.

use crate::rtcp::sender_clock::ntp_from_unix_ns;

/// One instant on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Monotonic nanoseconds.
    pub ns: u64,
    /// Unix time minus monotonic time, nanoseconds, read once: a wall clock that is set moves nothing here.
    pub unix_minus_monotonic_ns: i64,
}

impl Now {
    /// The NTP time (32.32) of now.
    #[must_use]
    pub fn ntp(self) -> u64 {
        self.ntp_of(self.ns)
    }

    /// The NTP time (32.32) of another monotonic instant.
    #[must_use]
    pub fn ntp_of(self, monotonic_ns: u64) -> u64 {
        ntp_from_unix_ns(monotonic_ns.wrapping_add_signed(self.unix_minus_monotonic_ns))
    }
}
