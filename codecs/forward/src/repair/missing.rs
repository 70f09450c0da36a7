//! Which packets of an incoming line are missing, and when to ask its publisher for them again.
//!
//! Called by `ingress` for every packet of a line with NACK, and polled every tick.

/// The holes of one incoming line (RFC 4585 §6.2.1 asks; RFC 4588 answers).
#[derive(Debug, Default)]
pub struct Missing {
    holes: Vec<Hole>,
}

#[derive(Clone, Copy, Debug)]
struct Hole {
    sequence: u64,
    since_ns: u64,
    asked_ns: u64,
    asks: u8,
}

/// How long a packet is worth asking for.
#[derive(Clone, Copy, Debug)]
pub struct Persistence {
    max_asks: u8,
    max_age_ns: u64,
}

impl Persistence {
    /// libwebrtc asks ten times at most (`kMaxNackRetries`), and a browser's cache holds about a second.
    pub const PICTURE: Self = Self {
        max_asks: 10,
        max_age_ns: 1_000_000_000,
    };
    /// What a jitter buffer bridges: two round trips that are short.
    pub const SOUND: Self = Self {
        max_asks: 3,
        max_age_ns: 200_000_000,
    };
}

/// What a jump in sequence numbers means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gap {
    /// None, or one that retransmission can close.
    Repairable,
    /// Longer than is worth asking for: only a key frame helps.
    TooLong,
}

impl Missing {
    /// Notes the hole between the highest number seen so far and a newer one.
    pub fn open(&mut self, highest: u64, arrived: u64, now_ns: u64) -> Gap {
        if arrived <= highest + 1 {
            return Gap::Repairable;
        }
        if arrived - highest > MAX_HOLES as u64 {
            self.holes.clear();
            return Gap::TooLong;
        }
        if self.holes.capacity() == 0 {
            self.holes.reserve_exact(MAX_HOLES);
        }
        let excess =
            (self.holes.len() + (arrived - highest - 1) as usize).saturating_sub(MAX_HOLES);
        self.holes.drain(..excess);
        self.holes
            .extend((highest + 1..arrived).map(|sequence| Hole {
                sequence,
                since_ns: now_ns,
                asked_ns: 0,
                asks: 0,
            }));
        Gap::Repairable
    }

    /// Closes a hole; returns whether there was one (otherwise the packet is a duplicate or reordered past hope).
    pub fn close(&mut self, sequence: u64) -> bool {
        match self
            .holes
            .binary_search_by_key(&sequence, |hole| hole.sequence)
        {
            Ok(index) => {
                self.holes.remove(index);
                true
            }
            Err(_) => false,
        }
    }

    /// A key frame makes everything before it unneeded.
    pub fn forget_before(&mut self, sequence: u64) {
        let keep_from = self.holes.partition_point(|hole| hole.sequence < sequence);
        self.holes.drain(..keep_from);
    }

    /// Whether anything is missing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.holes.is_empty()
    }

    /// Fills `ask` with numbers due to be asked for, oldest first; returns how many, and how many were given up.
    pub fn poll(
        &mut self,
        now_ns: u64,
        round_trip_ns: u64,
        persistence: Persistence,
        ask: &mut [u16],
    ) -> (usize, usize) {
        let before = self.holes.len();
        self.holes.retain(|hole| {
            hole.asks < persistence.max_asks
                && now_ns.saturating_sub(hole.since_ns) < persistence.max_age_ns
        });
        let given_up = before - self.holes.len();
        let patience_ns = round_trip_ns.clamp(MIN_PATIENCE_NS, MAX_PATIENCE_NS);
        let mut due = 0;
        for hole in &mut self.holes {
            let waited = hole.asks == 0 || now_ns.saturating_sub(hole.asked_ns) >= patience_ns;
            if !waited {
                continue;
            }
            let Some(place) = ask.get_mut(due) else { break };
            *place = hole.sequence as u16;
            hole.asks += 1;
            hole.asked_ns = now_ns;
            due += 1;
        }
        (due, given_up)
    }
}

/// 256 packets are 0.7 s of 4 Mbit/s: older ones would come too late to be shown.
const MAX_HOLES: usize = 256;
/// Two ticks: asking again before the answer can be here only doubles the load.
const MIN_PATIENCE_NS: u64 = 20_000_000;
const MAX_PATIENCE_NS: u64 = 200_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn polled(missing: &mut Missing, now_ns: u64) -> Vec<u16> {
        polled_with(missing, now_ns, Persistence::PICTURE)
    }

    fn polled_with(missing: &mut Missing, now_ns: u64, persistence: Persistence) -> Vec<u16> {
        let mut ask = [0; 64];
        let (due, _) = missing.poll(now_ns, 50 * MS, persistence, &mut ask);
        ask.iter().copied().take(due).collect()
    }

    #[test]
    fn a_hole_is_asked_for_once_a_round_trip_until_it_closes() {
        let mut missing = Missing::default();
        missing.open(10, 13, 0);
        assert_eq!(polled(&mut missing, 10 * MS), [11, 12]);
        assert_eq!(polled(&mut missing, 20 * MS), [] as [u16; 0]);
        assert!(missing.close(11));
        assert!(!missing.close(11));
        assert_eq!(polled(&mut missing, 60 * MS), [12]);
    }

    #[test]
    fn after_ten_asks_or_a_second_a_hole_is_given_up() {
        let mut missing = Missing::default();
        missing.open(10, 12, 0);
        let asks: usize = (0..40)
            .map(|turn| polled(&mut missing, turn * 50 * MS).len())
            .sum();
        assert_eq!(asks, 10);
        assert!(missing.is_empty());
    }

    #[test]
    fn sound_is_asked_for_three_times_and_a_fifth_of_a_second() {
        let mut missing = Missing::default();
        missing.open(10, 12, 0);
        let asks: usize = (0..40)
            .map(|turn| polled_with(&mut missing, turn * 10 * MS, Persistence::SOUND).len())
            .sum();
        assert_eq!(asks, 3);
        missing.open(20, 22, 0);
        assert!(polled_with(&mut missing, 200 * MS, Persistence::SOUND).is_empty());
        assert!(missing.is_empty());
    }

    #[test]
    fn a_gap_longer_than_the_cache_asks_for_nothing() {
        let mut missing = Missing::default();
        assert_eq!(missing.open(10, 11 + MAX_HOLES as u64, 0), Gap::TooLong);
        assert!(missing.is_empty());
    }

    #[test]
    fn holes_never_outgrow_their_bound_and_the_oldest_leave_first() {
        let mut missing = Missing::default();
        for burst in 0..10_u64 {
            missing.open(burst * 100, burst * 100 + 99, 0);
        }
        assert_eq!(missing.holes.len(), MAX_HOLES);
        assert!(missing.close(998) && !missing.close(1));
    }

    #[test]
    fn a_key_frame_forgives_what_was_before_it() {
        let mut missing = Missing::default();
        missing.open(10, 20, 0);
        missing.forget_before(20);
        assert!(missing.is_empty());
    }
}
