//! The lite side of ICE (RFC 8445 §2.5): answer authenticated checks, remember the paths they came by.
//!
//! Nothing from an address that never passed an authenticated check reaches DTLS or Python, and of media only what
//! is authentic and new (`rebinding`). The worker finds the leg by user fragment, verifies, and asks [`IceLite::handle_check`] what it means.

mod routes;

use crate::legs::rebinding::Moved;
use crate::worker::allowance::Allowance;
use crate::worker::ids::Tuple;

/// A user fragment and password, the relay's or the participant's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Credentials {
    /// At least 24 bits of randomness (RFC 8445 §5.3).
    pub ufrag: Vec<u8>,
    /// At least 128 bits of randomness.
    pub password: Vec<u8>,
}

/// The paths of one leg and which of them is used.
#[derive(Debug)]
pub struct IceLite {
    /// What checks must carry.
    pub current: Credentials,
    /// Still accepted after a restart, until the new ones are used.
    pub previous: Option<Credentials>,
    paths: Vec<Path>,
    selected: Option<Tuple>,
    /// Nominated, but nothing authentic has come by it yet.
    pending: Option<Pending>,
    /// Whether a path was ever nominated: the first is trusted at once, for the handshake proves it.
    connected: bool,
    /// When it was opened, or when a path that is no more was checked last: consent counts from here at the latest.
    last_ns: u64,
    seen: Box<[u64; SEEN_CHECKS]>,
    seen_next: usize,
    answers: Allowance,
    /// How many datagrams have authenticated.
    authentic: u64,
}

#[derive(Clone, Copy, Debug)]
struct Path {
    tuple: Tuple,
    checked_ns: u64,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    tuple: Tuple,
    since_ns: u64,
    received_bytes: u64,
    sent_bytes: u64,
}

/// An authenticated binding request.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The path it came by.
    pub tuple: Tuple,
    /// Whether the controlling side nominates this path (USE-CANDIDATE).
    pub nominates: bool,
    /// Keyed hash of its transaction id.
    pub transaction: u64,
    /// Size of the request.
    pub bytes: usize,
}

/// What a check changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CheckOutcome {
    /// Nothing but freshness.
    Refreshed,
    /// Seen before: it proves nothing. An answer does no harm where the path is known.
    Replayed,
    /// The first nominated path: the leg can be reached.
    Connected,
    /// Over the leg's allowance: no answer.
    RateLimited,
}

impl IceLite {
    /// A leg that has seen no check yet; consent counts from `now_ns`.
    #[must_use]
    pub fn new(credentials: Credentials, now_ns: u64) -> Self {
        Self {
            current: credentials,
            previous: None,
            paths: Vec::new(),
            selected: None,
            pending: None,
            connected: false,
            last_ns: now_ns,
            seen: Box::new([0; SEEN_CHECKS]),
            seen_next: 0,
            answers: Allowance::new(CHECKS_PER_SECOND, now_ns),
            authentic: 0,
        }
    }

    /// Registers an authenticated check.
    pub fn handle_check(&mut self, check: Check, now_ns: u64) -> CheckOutcome {
        if !self.answers.take(now_ns) {
            return CheckOutcome::RateLimited;
        }
        if self.seen.contains(&check.transaction) {
            return CheckOutcome::Replayed;
        }
        self.remember(check.transaction);
        self.refresh(check.tuple, now_ns);
        self.credit(check.tuple, check.bytes);
        if !check.nominates || self.selected == Some(check.tuple) {
            return CheckOutcome::Refreshed;
        }
        if !std::mem::replace(&mut self.connected, true) {
            self.selected = Some(check.tuple);
            return CheckOutcome::Connected;
        }
        if self.selected.is_none() && check.tuple.is_tcp() {
            // Who has gone through TCP's handshake is where they say, so that nobody can be flooded; and nothing else
            // is in use that could be taken away.
            self.selected = Some(check.tuple);
            self.pending = None;
            return CheckOutcome::Refreshed;
        }
        if self
            .pending
            .is_none_or(|pending| pending.tuple != check.tuple)
        {
            self.pending = Some(Pending {
                tuple: check.tuple,
                since_ns: now_ns,
                received_bytes: check.bytes as u64,
                sent_bytes: 0,
            });
        }
        CheckOutcome::Refreshed
    }

    /// Whether a datagram from here may go further than STUN.
    #[must_use]
    pub fn knows(&self, tuple: Tuple) -> bool {
        self.paths.iter().any(|path| path.tuple == tuple)
    }

    /// The path that is used.
    #[must_use]
    pub const fn selected(&self) -> Option<Tuple> {
        self.selected
    }

    /// Whether a path is in use: checked lately.
    #[must_use]
    pub fn uses(&self, tuple: Tuple, now_ns: u64) -> bool {
        self.paths
            .iter()
            .any(|path| path.tuple == tuple && now_ns.saturating_sub(path.checked_ns) < IN_USE_NS)
    }

    /// Registers media that authenticated; returns whether the leg has moved to the path it came by.
    pub fn handle_authentic(&mut self, tuple: Tuple) -> bool {
        self.authentic = self.authentic.wrapping_add(1);
        match self.pending {
            Some(pending) if pending.tuple == tuple => {
                self.selected = Some(tuple);
                self.pending = None;
                true
            }
            _ => false,
        }
    }

    /// How many datagrams have authenticated so far, whatever became of them.
    #[must_use]
    pub const fn authentic(&self) -> u64 {
        self.authentic
    }

    /// Takes a path that has answered for itself: media came by it, and its participant's signature.
    pub fn move_to(&mut self, tuple: Tuple, now_ns: u64) -> Moved {
        self.refresh(tuple, now_ns);
        if self.selected == Some(tuple) {
            return Moved::Nowhere;
        }
        self.selected = Some(tuple);
        self.pending = None;
        let first = !std::mem::replace(&mut self.connected, true);
        if first { Moved::First } else { Moved::There }
    }

    /// Whether a path has proved itself: until then less may be sent than a key frame takes.
    #[must_use]
    pub const fn has_proved(&self) -> bool {
        self.selected.is_some()
    }

    /// Uses no path any more; the next nominated one must prove itself.
    pub fn deselect(&mut self) {
        self.selected = None;
        self.pending = None;
    }

    /// Every path, for the worker's table.
    pub fn tuples(&self) -> impl Iterator<Item = Tuple> + '_ {
        self.paths.iter().map(|path| path.tuple)
    }

    /// The path that would have to leave to make room for another; the one in use never does.
    #[must_use]
    pub fn surplus(&self) -> Option<Tuple> {
        let kept = [self.selected, self.pending.map(|pending| pending.tuple)];
        (self.paths.len() >= MAX_PATHS)
            .then(|| {
                self.paths
                    .iter()
                    .filter(|path| !kept.contains(&Some(path.tuple)))
                    .min_by_key(|path| path.checked_ns)
            })
            .flatten()
            .map(|path| path.tuple)
    }

    /// Forgets a path. If it was the one in use, nothing is sent until another is nominated.
    pub fn forget(&mut self, tuple: Tuple) {
        if let Some(path) = self.paths.iter().find(|path| path.tuple == tuple) {
            self.last_ns = self.last_ns.max(path.checked_ns);
        }
        self.paths.retain(|path| path.tuple != tuple);
        self.selected = self.selected.filter(|selected| *selected != tuple);
        self.pending = self.pending.filter(|pending| pending.tuple != tuple);
    }

    fn refresh(&mut self, tuple: Tuple, now_ns: u64) {
        match self.paths.iter_mut().find(|path| path.tuple == tuple) {
            Some(path) => path.checked_ns = now_ns,
            None => self.paths.push(Path {
                tuple,
                checked_ns: now_ns,
            }),
        }
    }

    fn remember(&mut self, transaction: u64) {
        if let Some(place) = self.seen.get_mut(self.seen_next) {
            *place = transaction;
        }
        self.seen_next = (self.seen_next + 1) % SEEN_CHECKS;
    }
}

const NANO: u64 = 1_000_000_000;
/// A browser with a dozen candidate pairs checks every 48 ms: about 21 a second.
const CHECKS_PER_SECOND: u64 = 50;
/// Two interfaces, two families, two relays, and room for a walk through the house.
const MAX_PATHS: usize = 8;
/// 20 minutes of one check each 2.5 s, 24 s of a browser that tries many pairs at once. A check that is
/// replayed later than that can nominate, but a path must still prove itself before it gets media; by TCP, where no
/// path is in use, it gets it at once: encrypted, and until consent runs out.
const SEEN_CHECKS: usize = 512;
/// Browsers check the path in use every 2.5 s or faster.
const IN_USE_NS: u64 = 10 * NANO;

#[cfg(test)]
mod tests;
