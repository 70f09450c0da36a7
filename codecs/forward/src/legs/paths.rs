//! Paths, UDP or TCP: which are known, that one has ended, and what they add to a packet.

use wire::framing::LENGTH_BYTES;

use crate::control::counters::Counter;
use crate::worker::Worker;
use crate::worker::ids::Tuple;

impl Worker {
    /// Whether a path has passed an authenticated check, and its leg still keeps it.
    #[must_use]
    pub fn knows(&self, tuple: Tuple) -> bool {
        self.names.paths.contains_key(&tuple)
    }

    /// Forgets a path that is no more: the connection it was has ended. Its leg waits for a check by another.
    pub fn handle_closed(&mut self, tuple: Tuple) {
        let owner = self.names.paths.remove(&tuple);
        if let Some(leg) = owner.and_then(|owner| self.legs.get_mut(owner)) {
            leg.ice.forget(tuple);
        }
    }

    /// Counts which legs are reached by what, for operators.
    pub(crate) fn count_paths(&mut self) {
        let used = self.legs.values().filter(|leg| !leg.silent);
        let (mut by_udp, mut by_tcp) = (0, 0);
        for tuple in used.filter_map(|leg| leg.ice.selected()) {
            if tuple.is_tcp() {
                by_tcp += 1;
            } else {
                by_udp += 1;
            }
        }
        self.output.counters.set(Counter::LegsByUdp, by_udp);
        self.output.counters.set(Counter::LegsByTcp, by_tcp);
    }
}

/// What IP and UDP add to a datagram; IP, TCP and the length before it to a packet that has a segment of its own.
#[must_use]
pub const fn below_rtp_bytes(tuple: Tuple) -> usize {
    match (tuple.is_tcp(), tuple.remote.is_ipv6()) {
        (false, false) => IPV4_UDP_BYTES,
        (false, true) => IPV6_UDP_BYTES,
        (true, false) => IPV4_TCP_BYTES,
        (true, true) => IPV6_TCP_BYTES,
    }
}

/// RFC 791 §3.1 and RFC 768, without options.
pub const IPV4_UDP_BYTES: usize = 20 + 8;
/// RFC 8200 §3.
const IPV6_UDP_BYTES: usize = 40 + 8;
/// RFC 9293 §3.1, with the time stamps that all common systems agree on (RFC 7323 §3.2).
const TCP_BYTES: usize = 20 + 12 + LENGTH_BYTES;
const IPV4_TCP_BYTES: usize = 20 + TCP_BYTES;
const IPV6_TCP_BYTES: usize = 40 + TCP_BYTES;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::ids::FIRST_TCP_SOCKET;

    #[test]
    fn a_path_adds_its_headers() {
        let bytes = |socket, remote: &str| {
            below_rtp_bytes(Tuple {
                socket,
                remote: remote.parse().expect("a literal address"),
            })
        };
        assert_eq!(bytes(15, "192.0.2.1:9"), 28);
        assert_eq!(bytes(15, "[2001:db8::1]:9"), 48);
        assert_eq!(bytes(FIRST_TCP_SOCKET, "192.0.2.1:9"), 54);
        assert_eq!(bytes(FIRST_TCP_SOCKET, "[2001:db8::1]:9"), 74);
    }
}
