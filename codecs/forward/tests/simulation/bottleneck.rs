//! What of a link serves one datagram after the other, at a rate.

use super::SECOND;

/// One direction's.
#[derive(Default)]
pub struct Bottleneck {
    busy_until_ns: u64,
}

impl Bottleneck {
    /// When a datagram is through, behind what waits there already; at once where the rate is 0.
    pub fn serve(&mut self, now_ns: u64, rate_bps: u64, bytes: usize) -> u64 {
        if rate_bps == 0 {
            return now_ns;
        }
        let service_ns = (bytes as u64 + IP_UDP_BYTES) * 8 * SECOND / rate_bps;
        self.busy_until_ns = now_ns.max(self.busy_until_ns) + service_ns;
        self.busy_until_ns
    }
}

const IP_UDP_BYTES: u64 = 28;
