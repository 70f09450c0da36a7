//! Where what is said to a leg goes, and for how long it may.

use super::{IceLite, NANO, Path};
use crate::worker::ids::Tuple;

impl IceLite {
    /// Counts what came by a path that is not trusted yet.
    pub fn credit(&mut self, tuple: Tuple, bytes: usize) {
        if let Some(pending) = self
            .pending
            .as_mut()
            .filter(|pending| pending.tuple == tuple)
        {
            pending.received_bytes += bytes as u64;
        }
    }

    /// Where `bytes` should go. A path that nothing authentic came by gets at most three times what
    /// it sent (RFC 9000 §8.1's bound, against reflection); the rest takes the old one.
    pub fn route(&mut self, bytes: usize, now_ns: u64) -> Option<Tuple> {
        if self
            .pending
            .is_some_and(|pending| now_ns.saturating_sub(pending.since_ns) > PENDING_NS)
        {
            self.pending = None;
        }
        if let Some(pending) = &mut self.pending {
            let sent_bytes = pending.sent_bytes + bytes as u64;
            if sent_bytes <= AMPLIFICATION * pending.received_bytes {
                pending.sent_bytes = sent_bytes;
                return Some(pending.tuple);
            }
        }
        self.selected
    }

    /// Where a DTLS answer goes: the path in use, or before nomination the one checked last.
    #[must_use]
    pub fn handshake_route(&self) -> Option<Tuple> {
        self.selected.or_else(|| {
            self.paths
                .iter()
                .max_by_key(|path| path.checked_ns)
                .map(|path| path.tuple)
        })
    }

    /// Whether the participant has stopped checking the path in use (RFC 7675 §5.1): nothing may be sent to it.
    #[must_use]
    pub fn consent_expired(&self, now_ns: u64) -> bool {
        let used = self.selected.or(self.pending.map(|pending| pending.tuple));
        let of_used = |path: &&Path| used.is_none_or(|used| path.tuple == used);
        let checked_ns = self
            .paths
            .iter()
            .filter(of_used)
            .map(|path| path.checked_ns)
            .max();
        let last_ns = match used {
            Some(_) => checked_ns.unwrap_or(self.last_ns),
            None => checked_ns.unwrap_or(0).max(self.last_ns),
        };
        now_ns.saturating_sub(last_ns) > CONSENT_NS
    }
}

const AMPLIFICATION: u64 = 3;
/// A nominated path over which nothing authentic came for so long is not taken.
pub(super) const PENDING_NS: u64 = 5 * NANO;
/// RFC 7675 §5.1.
const CONSENT_NS: u64 = 30 * NANO;
