//! When a publisher is asked for a key frame: at once for the first who needs it, seldom for the rest.
//!
//! A storm of requests starves the picture it asks for (security: 300 PLIs in 60 s cut a source from 30 to 11 fps).

/// Collapses the key-frame requests of one encoding.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyFrameRequests {
    wanted: Option<Need>,
    /// Before this no repair is asked for.
    put_off_until_ns: u64,
    /// When the last requests left, the newest first.
    asked_ns: [Option<u64>; STARTS],
}

/// Why a key frame is asked for; the greater need counts.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Need {
    /// A subscriber lost something (PLI, FIR).
    Repair,
    /// A slot was bound or changes encoding: it shows nothing new until the key frame comes.
    Start,
}

impl KeyFrameRequests {
    /// Registers a need; `true` means that a PLI should leave now.
    pub fn want(&mut self, need: Need, now_ns: u64) -> bool {
        self.wanted = self.wanted.max(Some(need));
        self.is_due(now_ns)
    }

    /// Has the next repair wait until this time, monotonic ns; one that is wanted already does not.
    pub fn put_off(&mut self, until_ns: u64) {
        if self.wanted.is_none() {
            self.put_off_until_ns = until_ns;
        }
    }

    /// Whether an unanswered request should be made or repeated now.
    #[must_use]
    pub fn is_due(&self, now_ns: u64) -> bool {
        let Some(need) = self.wanted else {
            return false;
        };
        if need == Need::Repair && now_ns < self.put_off_until_ns {
            return false;
        }
        let [newest, .., oldest] = self.asked_ns;
        let since =
            |asked: Option<u64>| asked.map_or(u64::MAX, |asked_ns| now_ns.saturating_sub(asked_ns));
        let may_hurry = need == Need::Start && since(oldest) >= STARTS_WINDOW_NS;
        since(newest)
            >= if may_hurry {
                START_INTERVAL_NS
            } else {
                REPAIR_INTERVAL_NS
            }
    }

    /// Whether one is waited for.
    #[must_use]
    pub const fn is_wanted(&self) -> bool {
        self.wanted.is_some()
    }

    /// A request has left.
    pub fn asked(&mut self, now_ns: u64) {
        self.asked_ns.rotate_right(1);
        if let Some(newest) = self.asked_ns.first_mut() {
            *newest = Some(now_ns);
        }
    }

    /// A key frame came: nobody waits any more.
    pub fn satisfied(&mut self) {
        self.wanted = None;
    }
}

/// One a second and layer is what JVB, `LiveKit` and mediasoup settled on for repairs.
const REPAIR_INTERVAL_NS: u64 = 1_000_000_000;
/// A newcomer's first picture should not wait for somebody else's second.
const START_INTERVAL_NS: u64 = 300_000_000;
/// So many hurried requests in [`STARTS_WINDOW_NS`]: binding and unbinding must not starve the picture.
const STARTS: usize = 3;
const STARTS_WINDOW_NS: u64 = 5_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn asks(requests: &mut KeyFrameRequests, need: Need, now_ns: u64) -> bool {
        let due = requests.want(need, now_ns);
        if due {
            requests.asked(now_ns);
        }
        due
    }

    #[test]
    fn two_hundred_requests_a_second_become_one() {
        let mut requests = KeyFrameRequests::default();
        let sent = (0..1_000)
            .filter(|turn| asks(&mut requests, Need::Repair, turn * 5 * MS))
            .count();
        assert_eq!(sent, 5);
    }

    #[test]
    fn starts_hurry_three_times_and_then_keep_the_pace_of_repairs() {
        let mut requests = KeyFrameRequests::default();
        let at: Vec<u64> = (0..100)
            .filter(|turn| asks(&mut requests, Need::Start, turn * 50 * MS))
            .map(|turn| turn * 50)
            .collect();
        assert_eq!(at, [0, 300, 600, 1_600, 2_600, 3_600, 4_600]);
    }

    #[test]
    fn an_unanswered_request_is_repeated_and_an_answered_one_is_not() {
        let mut requests = KeyFrameRequests::default();
        assert!(asks(&mut requests, Need::Repair, 0));
        assert!(!requests.is_due(500 * MS));
        assert!(requests.is_due(1_000 * MS));
        requests.satisfied();
        assert!(!requests.is_due(5_000 * MS));
    }

    #[test]
    fn a_request_that_could_not_leave_is_due_at_once() {
        let mut requests = KeyFrameRequests::default();
        assert!(requests.want(Need::Start, 0));
        assert!(requests.is_due(0));
    }

    #[test]
    fn a_repair_that_is_put_off_waits_and_a_newcomer_does_not() {
        let mut requests = KeyFrameRequests::default();
        requests.put_off(250 * MS);
        assert!(!requests.want(Need::Repair, 0));
        requests.put_off(900 * MS);
        assert!(!requests.is_due(249 * MS));
        assert!(requests.is_due(250 * MS));
        let mut requests = KeyFrameRequests::default();
        requests.put_off(250 * MS);
        assert!(requests.want(Need::Start, 0));
    }

    #[test]
    fn a_newcomer_waits_less_than_a_repair() {
        let mut requests = KeyFrameRequests::default();
        assert!(asks(&mut requests, Need::Repair, 0));
        assert!(!asks(&mut requests, Need::Repair, 400 * MS));
        assert!(asks(&mut requests, Need::Start, 400 * MS));
    }
}
