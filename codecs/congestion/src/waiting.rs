//! How long packets wait on a path, what that says of it, and how a queue is emptied.
//!
//! A wait is what a packet took beyond the fastest of the last seconds; the two clocks' offset falls out
//! of the difference. draft-ietf-rmcat-gcc-02 looks at changes of the delay only. Knowing its length too,
//! one can tell a key frame's slope from a full path's, see a queue that stands still, and empty what an
//! overuse has left behind. libwebrtc then sends 0.85 of what arrives, however long the queue is: one of
//! 300 ms is gone after two seconds if nothing else happens.

use crate::elapsed::elapsed_us;

/// The last feedback's wait, and what it is measured against.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The fastest transit of the span before, and of the one that runs.
    base_us: i64,
    newer_base_us: i64,
    span_began_us: Option<i64>,
    /// The shortest of the last feedback: what stands, not what comes in bursts.
    wait_ms: f64,
    /// Near the least that waits have been of late: jitter, not a queue.
    usual_ms: f64,
    /// The last time that a wait was short, or shorter than at such a time before.
    moved_ms: f64,
    moved_us: Option<i64>,
}

impl Waiting {
    pub fn new() -> Self {
        Self {
            base_us: i64::MAX,
            newer_base_us: i64::MAX,
            span_began_us: None,
            wait_ms: 0.0,
            usual_ms: 0.0,
            moved_ms: f64::INFINITY,
            moved_us: None,
        }
    }

    pub fn wait_ms(&self) -> f64 {
        self.wait_ms
    }

    /// Takes in how long a feedback's fastest packet took.
    pub fn measure(&mut self, transit_us: i64, now_us: i64) {
        if elapsed_us(self.span_began_us, now_us) >= BASE_US {
            self.span_began_us = Some(now_us);
            self.base_us = self.newer_base_us;
            self.newer_base_us = transit_us;
        }
        self.newer_base_us = self.newer_base_us.min(transit_us);
        self.wait_ms = (transit_us - self.base_us.min(self.newer_base_us)) as f64 / 1e3;

        let moved = self.wait_ms < STANDING_MS || self.wait_ms < MOVED_SHARE * self.moved_ms;
        let given_up = !moved && elapsed_us(self.moved_us, now_us) >= GIVEN_UP_US;
        if given_up {
            self.base_us = transit_us;
            self.newer_base_us = transit_us;
            self.wait_ms = 0.0;
        }
        if moved || given_up {
            self.moved_ms = self.wait_ms;
            self.moved_us = Some(now_us);
        }
        let away_ms = self.wait_ms - self.usual_ms;
        self.usual_ms += away_ms
            * if away_ms < 0.0 {
                USUAL_FALLS
            } else {
                USUAL_RISES
            };
    }

    /// Whether all packets wait, so that a slope of their delay is a queue's.
    ///
    /// Where the luckiest packet of a feedback found no queue, or waited as it usually does on a path with
    /// jitter, a slope was a key frame's or a burst's. libwebrtc reduces the rate for these too.
    pub fn waits(&self) -> bool {
        self.wait_ms > (USUAL_TIMES * self.usual_ms).clamp(BURST_WAIT_MS, MOST_USUAL_MS)
    }

    /// Whether a queue has stood for a second, and for as long after the rate was last reduced.
    ///
    /// On a path with much jitter the threshold of `overuse` rises until it sees no slope at all, and a
    /// queue that stands has none anyway. Every packet waits, all the same.
    pub fn stands(&self, reduced_us: Option<i64>, now_us: i64) -> bool {
        let since_us = self.moved_us.max(reduced_us);
        self.wait_ms >= STANDING_MS && elapsed_us(since_us, now_us) > STANDING_US
    }

    /// The share of its rate that a receiver is sent while the queue of an overuse empties.
    pub fn draining_share(&self, reduced_us: Option<i64>, now_us: i64) -> f64 {
        if elapsed_us(reduced_us, now_us) >= DRAINING_US {
            return 1.0;
        }
        let excess_s = (self.wait_ms - SPARED_WAIT_MS) / 1e3;
        (1.0 - excess_s / DRAINED_WITHIN_S).clamp(LEAST_SHARE, 1.0)
    }
}

/// The fastest packet is remembered for this long to twice as long, since clocks drift apart.
const BASE_US: i64 = 10_000_000;

/// Weight of a wait below and above what is usual: what is usual is then near the shortest.
const USUAL_FALLS: f64 = 0.2;
const USUAL_RISES: f64 = 0.01;

/// Which wait is more than a burst's: three times the usual, within these bounds.
const USUAL_TIMES: f64 = 3.0;
const BURST_WAIT_MS: f64 = 8.0;
const MOST_USUAL_MS: f64 = 40.0;

/// Less than what people notice in talking (ITU-T G.114 allows 150 ms one way, all in all).
const STANDING_MS: f64 = 80.0;
const STANDING_US: i64 = 1_000_000;

/// A wait that does not get shorter for so long, however little is sent, is not this receiver's queue: the
/// path has become longer (another network), or somebody else keeps it full.
const MOVED_SHARE: f64 = 0.8;
const GIVEN_UP_US: i64 = 7_000_000;

/// In which time a queue is to be gone: of a rate, so much is left out as this asks for.
const DRAINED_WITHIN_S: f64 = 0.5;

/// A frame's own packets wait as long for one another.
const SPARED_WAIT_MS: f64 = 10.0;

/// Sound and a small picture go on, however long the queue is.
const LEAST_SHARE: f64 = 0.4;

/// Long enough for any queue worth emptying; then somebody else keeps it full, and going without would
/// only leave the path to them.
const DRAINING_US: i64 = 5_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: i64 = 3_600_000_000;

    /// Feedback each 100 ms, with these waits on a path of 50 ms.
    fn after(waits_ms: impl IntoIterator<Item = i64>) -> (Waiting, i64) {
        let (mut waiting, mut now_us) = (Waiting::new(), HOUR_US);
        for wait_ms in waits_ms {
            now_us += 100_000;
            waiting.measure(50_000 + 1_000 * wait_ms, now_us);
        }
        (waiting, now_us)
    }

    #[test]
    fn a_queue_is_what_all_packets_wait_in() {
        let (waiting, _) = after([0; 20]);
        assert!(!waiting.waits());
        let (waiting, _) = after([[0; 20], [30; 20]].concat());
        assert!(waiting.waits());
        // Jitter, from which a feedback in fifty is spared, is usual after half a minute.
        let (waiting, _) = after((0..300).map(|turn| if turn % 50 == 0 { 0 } else { 12 }));
        assert!(!waiting.waits());
    }

    #[test]
    fn a_queue_that_stands_is_seen_after_a_second_and_given_up_after_seven() {
        let stands = |for_feedbacks| {
            let (waiting, now_us) = after([vec![0; 20], vec![120; for_feedbacks]].concat());
            waiting.stands(None, now_us)
        };
        assert!(!stands(9));
        assert!(stands(12));
        assert!(stands(60));
        assert!(!stands(75));
    }

    #[test]
    fn the_longer_a_queue_the_less_is_sent_until_it_is_gone() {
        let share_after = |wait_ms| {
            let (waiting, now_us) = after([0, wait_ms]);
            assert!(waiting.draining_share(None, now_us) >= 1.0);
            assert!(waiting.draining_share(Some(now_us - DRAINING_US), now_us) >= 1.0);
            waiting.draining_share(Some(now_us), now_us)
        };
        assert!(share_after(10) >= 1.0);
        assert!((share_after(110) - 0.8).abs() < 1e-9);
        assert!((share_after(900) - LEAST_SHARE).abs() < 1e-9);
    }
}
