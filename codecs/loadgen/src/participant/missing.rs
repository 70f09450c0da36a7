//! What is missing of one picture's packets, what is asked for again, and what can be decoded: pure.

use wire::sequence::extend;

/// One received line of pictures.
pub struct Picture {
    /// Its source.
    pub ssrc: u32,
    highest: u64,
    missing: Vec<Missing>,
    /// Ends of frames behind something that is missing.
    waiting: Vec<u64>,
    needs_key_frame: bool,
    asked_ns: u64,
}

#[derive(Clone, Copy)]
struct Missing {
    sequence: u64,
    asked: u32,
    asked_ns: u64,
}

/// A packet of pictures that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its sequence number.
    pub sequence: u16,
    /// Whether it is its frame's last.
    pub ends_frame: bool,
    /// Whether a key frame begins with it.
    pub begins_key_frame: bool,
}

impl Picture {
    /// A line of which a packet came for the first time at that moment.
    #[must_use]
    pub fn beginning(ssrc: u32, sequence: u16, now_ns: u64) -> Self {
        Self {
            ssrc,
            // One cycle up, so that what is older has room below it.
            highest: u64::from(sequence) + (1 << 16) - 1,
            missing: Vec::new(),
            waiting: Vec::new(),
            needs_key_frame: true,
            // It may be on its way already.
            asked_ns: now_ns,
        }
    }

    /// Takes in a packet; says how many frames can be shown now that could not before.
    pub fn handle(&mut self, part: Part, now_ns: u64) -> usize {
        let sequence = extend(self.highest, part.sequence);
        if sequence > self.highest {
            self.open_gap(sequence);
            self.highest = sequence;
        } else {
            self.missing.retain(|one| one.sequence != sequence);
        }
        if part.begins_key_frame && self.needs_key_frame {
            self.needs_key_frame = false;
            self.missing.retain(|one| one.sequence > sequence);
            self.waiting.retain(|end| *end > sequence);
        }
        if part.ends_frame && !self.needs_key_frame {
            self.waiting.push(sequence);
        }
        if self.missing.len() > MOST_MISSING {
            self.give_up(now_ns);
        }
        let whole_below = self.missing.iter().map(|one| one.sequence).min();
        let before = self.waiting.len();
        self.waiting
            .retain(|end| whole_below.is_some_and(|first| *end > first));
        before - self.waiting.len()
    }

    /// Whether it waits for the packet of this number.
    #[must_use]
    pub fn misses(&self, sequence: u16) -> bool {
        let sequence = extend(self.highest, sequence);
        self.missing.iter().any(|one| one.sequence == sequence)
    }

    /// Whether something is missing that was not asked for yet.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.missing.last().is_some_and(|newest| newest.asked == 0)
    }

    /// The numbers to ask for now, in their order; gives up what was asked for too often.
    pub fn ask(&mut self, now_ns: u64, asked: &mut Vec<u16>) {
        asked.clear();
        let is_due = |one: &Missing| one.asked == 0 || now_ns >= one.asked_ns + ASK_AGAIN_NS;
        let mut due = self.missing.iter().filter(|one| is_due(one));
        if due.any(|one| one.asked >= MOST_ASKED) {
            self.give_up(now_ns);
            return;
        }
        for one in &mut self.missing {
            if is_due(one) {
                one.asked += 1;
                one.asked_ns = now_ns;
                asked.push(one.sequence as u16);
            }
        }
    }

    /// Whether a key frame is to be asked for now.
    pub fn asks_for_key_frame(&mut self, now_ns: u64) -> bool {
        let asks = self.needs_key_frame && now_ns >= self.asked_ns + KEY_FRAME_AGAIN_NS;
        if asks {
            self.asked_ns = now_ns;
        }
        asks
    }

    fn open_gap(&mut self, sequence: u64) {
        let gap = self.highest + 1..sequence;
        // More than that is not a gap but another beginning.
        if gap.end - gap.start > MOST_MISSING as u64 {
            self.missing.clear();
            self.waiting.clear();
            self.needs_key_frame = true;
            return;
        }
        self.missing.extend(gap.map(|sequence| Missing {
            sequence,
            asked: 0,
            asked_ns: 0,
        }));
    }

    fn give_up(&mut self, now_ns: u64) {
        self.missing.clear();
        self.waiting.clear();
        self.needs_key_frame = true;
        self.asked_ns = now_ns.saturating_sub(KEY_FRAME_AGAIN_NS);
    }
}

/// libwebrtc (`nack_requester.cc`) asks ten times, each about a round trip after the last, and 100 ms is its
/// first guess of that.
const MOST_ASKED: u32 = 10;
const ASK_AGAIN_NS: u64 = 100_000_000;
const MOST_MISSING: usize = 1_000;
/// libwebrtc waits so long for a key frame before it asks (again).
const KEY_FRAME_AGAIN_NS: u64 = 200_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn part(sequence: u16, ends_frame: bool) -> Part {
        Part {
            sequence,
            ends_frame,
            begins_key_frame: false,
        }
    }

    /// A key frame of 10 and 11 has come.
    fn shown() -> Picture {
        let mut picture = Picture::beginning(1, 10, 0);
        let first = Part {
            begins_key_frame: true,
            ..part(10, false)
        };
        assert_eq!(picture.handle(first, 0), 0);
        assert_eq!(picture.handle(part(11, true), 0), 1);
        picture
    }

    fn asks(picture: &mut Picture, ms: u64) -> Vec<u16> {
        let mut asked = Vec::new();
        picture.ask(ms * MS, &mut asked);
        asked
    }

    #[test]
    fn frames_behind_a_gap_wait_until_it_is_closed() {
        let mut picture = shown();
        assert_eq!(picture.handle(part(13, true), 0), 0, "12 is missing");
        assert_eq!(picture.handle(part(14, true), 0), 0);
        assert!(picture.misses(12) && !picture.misses(13));
        assert_eq!(picture.handle(part(12, false), 0), 2);
        assert!(asks(&mut picture, 500).is_empty());
    }

    #[test]
    fn what_is_missing_is_asked_for_ten_times_and_then_a_key_frame_is() {
        let mut picture = shown();
        picture.handle(part(14, true), 0);
        for round in 0..10 {
            assert_eq!(asks(&mut picture, round * 100), [12, 13]);
            assert!(asks(&mut picture, round * 100 + 99).is_empty());
            assert!(!picture.asks_for_key_frame((round * 100 + 99) * MS));
        }
        assert!(asks(&mut picture, 1_000).is_empty());
        assert!(picture.asks_for_key_frame(1_000 * MS));
        assert!(!picture.asks_for_key_frame(1_199 * MS));
        assert!(picture.asks_for_key_frame(1_200 * MS));
        assert_eq!(
            picture.handle(part(15, true), 0),
            0,
            "it refers to what was lost"
        );
        let key = Part {
            begins_key_frame: true,
            ..part(16, true)
        };
        assert_eq!(picture.handle(key, 0), 1);
        assert_eq!(picture.handle(part(17, true), 0), 1);
        assert!(!picture.asks_for_key_frame(9_000 * MS));
    }

    #[test]
    fn nothing_is_shown_before_a_key_frame_and_one_is_asked_for() {
        let mut picture = Picture::beginning(1, 65_535, 0);
        assert_eq!(picture.handle(part(65_535, true), 0), 0);
        assert_eq!(picture.handle(part(0, true), 0), 0);
        assert!(!picture.asks_for_key_frame(199 * MS));
        assert!(picture.asks_for_key_frame(200 * MS));
    }

    #[test]
    fn a_packet_that_comes_late_or_twice_changes_nothing() {
        let mut picture = shown();
        assert_eq!(picture.handle(part(9, false), 0), 0);
        assert_eq!(picture.handle(part(12, true), 0), 1);
        assert!(asks(&mut picture, 0).is_empty());
    }
}
