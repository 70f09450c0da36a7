//! When a publisher is asked for a key frame: at once for the first who needs it, seldom for the rest.
//!
//! A storm of requests starves the picture it asks for (security: 300 PLIs in 60 s cut a source from 30 to 11 fps).

/// Collapses the key-frame requests of one encoding.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyFrameRequests {
    wanted: bool,
    asked_ns: Option<u64>,
}

/// Why a key frame is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// A slot was bound or changes encoding: it shows nothing new until the key frame comes.
    Start,
    /// A subscriber lost something (PLI, FIR).
    Repair,
}

impl KeyFrameRequests {
    /// Registers a need; `true` means that a PLI should leave now.
    pub fn want(&mut self, need: Need, now_ns: u64) -> bool {
        self.wanted = true;
        let interval_ns = match need {
            Need::Start => START_INTERVAL_NS,
            Need::Repair => REPAIR_INTERVAL_NS,
        };
        self.ask_if_due(interval_ns, now_ns)
    }

    /// `true` when an unanswered request should be repeated; asked every tick.
    pub fn poll(&mut self, now_ns: u64) -> bool {
        self.wanted && self.ask_if_due(REPAIR_INTERVAL_NS, now_ns)
    }

    /// A key frame came: nobody waits any more.
    pub fn satisfied(&mut self) {
        self.wanted = false;
    }

    fn ask_if_due(&mut self, interval_ns: u64, now_ns: u64) -> bool {
        let due = self
            .asked_ns
            .is_none_or(|asked_ns| now_ns.saturating_sub(asked_ns) >= interval_ns);
        if due {
            self.asked_ns = Some(now_ns);
        }
        due
    }
}

/// One a second and layer is what JVB, `LiveKit` and mediasoup settled on for repairs.
const REPAIR_INTERVAL_NS: u64 = 1_000_000_000;
/// A newcomer's first picture should not wait for somebody else's second.
const START_INTERVAL_NS: u64 = 300_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn two_hundred_requests_a_second_become_one() {
        let mut requests = KeyFrameRequests::default();
        let sent = (0..1_000)
            .filter(|turn| requests.want(Need::Repair, turn * 5 * MS))
            .count();
        assert_eq!(sent, 5);
    }

    #[test]
    fn an_unanswered_request_is_repeated_and_an_answered_one_is_not() {
        let mut requests = KeyFrameRequests::default();
        assert!(requests.want(Need::Start, 0));
        assert!(!requests.poll(500 * MS));
        assert!(requests.poll(1_000 * MS));
        requests.satisfied();
        assert!(!requests.poll(5_000 * MS));
    }

    #[test]
    fn a_newcomer_waits_less_than_a_repair() {
        let mut requests = KeyFrameRequests::default();
        assert!(requests.want(Need::Repair, 0));
        assert!(!requests.want(Need::Repair, 400 * MS));
        assert!(requests.want(Need::Start, 400 * MS));
    }
}
