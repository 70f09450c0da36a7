//! A path that has suddenly become narrow: what was lost meanwhile is not repaired, pictures begin anew.
//!
//! Until an estimator knows of a fall, its path's queue overflows: of 2.5 Mbit/s onto 0.5, a hundred packets are lost
//! in half a second, and to send them again takes two seconds of all that is left. A key frame of an encoder that has
//! been told takes a tenth of that. (Measured in Chromium, `make bench-adaptation`, step: the picture stood still for
//! 3.2 s with repair.)
//!
//! Only where somebody adapts what is sent (`Bandwidth::repair_bytes`); where nobody does, all is repaired as ever.

use crate::control::counters::Counter;
use crate::tracks::key_frames::Need;
use crate::tracks::track::Track;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey};
use crate::worker::now::Now;

/// The highest that a path was thought to carry lately.
#[derive(Default)]
pub struct Falls {
    older_bps: u64,
    newer_bps: u64,
    since_ns: u64,
    /// The least of a while: what an estimate reached for a moment, nothing was sent by.
    stood_bps: u64,
    stands_since_ns: u64,
    last_bps: u64,
}

impl Falls {
    /// Takes in what the path is thought to carry.
    pub fn note(&mut self, estimate_bps: u64, now_ns: u64) {
        if now_ns.saturating_sub(self.since_ns) >= LATELY_NS {
            (self.older_bps, self.newer_bps, self.since_ns) = (self.newer_bps, 0, now_ns);
        }
        if now_ns.saturating_sub(self.stands_since_ns) >= STOOD_NS {
            self.newer_bps = self.newer_bps.max(self.stood_bps);
            (self.stood_bps, self.stands_since_ns) = (estimate_bps, now_ns);
        }
        self.stood_bps = self.stood_bps.min(estimate_bps);
        self.last_bps = estimate_bps;
    }

    /// What may be spent on repair, if the path has fallen lately.
    #[must_use]
    pub fn repair_bytes(&self) -> Option<u64> {
        let highest_bps = self.older_bps.max(self.newer_bps);
        let has_fallen = self.last_bps * 10 < highest_bps * FALLEN_TENTHS;
        let most_bytes = self.last_bps / 8 * REPAIR_MS / 1_000;
        has_fallen.then_some(most_bytes.max(LEAST_REPAIR_BYTES))
    }
}

impl Worker {
    /// Takes from a slot whose path has fallen what it may not spend on repair any more.
    pub(crate) fn limit_repair(&mut self, leg: LegKey, slot: SlotKey) {
        let bandwidth = self.legs.get(leg).and_then(|leg| leg.bandwidth.as_ref());
        let most_bytes = bandwidth.and_then(|bandwidth| bandwidth.repair_bytes());
        let slot = self.slots.get_mut(slot);
        if let (Some(most), Some(again)) =
            (most_bytes, slot.and_then(|it| it.retransmission.as_mut()))
        {
            again.allowance_bytes = again.allowance_bytes.min(most);
        }
    }

    /// Gives a slot's picture up for a key frame where its path has fallen and repair has spent what it may.
    pub(crate) fn begin_anew_if_hopeless(&mut self, key: LegKey, slot_key: SlotKey, now: Now) {
        let (Some(leg), Some(slot)) = (self.legs.get_mut(key), self.slots.get_mut(slot_key)) else {
            return;
        };
        let alive = slot.track.and_then(|track| self.tracks.get(track));
        let Some(wanted) = slot.wanted(alive.map_or(0, Track::alive)) else {
            // What is to follow has yet to come: until then this is all there is.
            return;
        };
        let (Some(bandwidth), Some(again), Some(encoding), Some(track)) = (
            leg.bandwidth.as_mut(),
            slot.retransmission.as_mut(),
            slot.current,
            slot.track,
        ) else {
            return;
        };
        let is_spent = again.allowance_bytes < A_PACKET_BYTES;
        let is_again = again
            .given_up_ns
            .is_some_and(|then_ns| now.ns.saturating_sub(then_ns) < ONCE_IN_NS);
        if !is_spent || is_again || bandwidth.repair_bytes().is_none() {
            return;
        }
        if bandwidth.pacer.has_key_frame(slot_key) {
            return;
        }
        again.given_up_ns = Some(now.ns);
        again.history.forget();
        let dropped = bandwidth.pacer.forget(slot_key) as u64;
        slot.cease();
        let counters = &mut self.output.counters;
        counters.add(Counter::DropWaitedTooLong, dropped);
        counters.one(Counter::RepairsGivenUp);
        if wanted != encoding {
            // It was to change to another encoding, whose key frame is asked for already.
            return;
        }
        // Its encoder has yet to hear of the fall: a key frame of before would take the path a second.
        let requests = self.tracks.get_mut(track).and_then(|track| {
            let encoding = track.encodings.get_mut(usize::from(encoding))?;
            Some(&mut encoding.key_frame_requests)
        });
        if let Some(requests) = requests {
            requests.put_off(now.ns + HEARD_WITHIN_NS);
        }
        self.want_key_frame(track, encoding, Need::Repair, now);
    }
}

/// A fall is one for so long, and up to twice as long.
const LATELY_NS: u64 = 1_000_000_000;
/// Of a level, before it is one to fall from.
const STOOD_NS: u64 = 300_000_000;
/// Of the highest of lately: less is a fall, and not the estimator's sawtooth.
const FALLEN_TENTHS: u64 = 6;
/// Of what is left, for repair: longer than that a key frame hardly takes.
const REPAIR_MS: u64 = 125;
/// Until an encoder knows of a rate: 50 ms to Python (`estimates`), a REMB, half a round trip, and a frame.
const HEARD_WITHIN_NS: u64 = 250_000_000;
/// Three packets, which are sooner there than any key frame.
const LEAST_REPAIR_BYTES: u64 = 3 * A_PACKET_BYTES;
/// No video packet of a browser is longer.
const A_PACKET_BYTES: u64 = 1_200;
/// Until what a fall cost is over, whatever is asked for again.
const ONCE_IN_NS: u64 = 2_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn after(levels: &[(u64, u64)]) -> Option<u64> {
        let mut falls = Falls::default();
        for (bps, until_ms) in levels {
            let begin_ms = falls.stands_since_ns.max(falls.since_ns) / MS;
            for at_ms in (begin_ms..*until_ms).step_by(50) {
                falls.note(*bps, at_ms * MS);
            }
            falls.note(*bps, until_ms * MS);
        }
        falls.repair_bytes()
    }

    #[test]
    fn a_fall_is_known_for_a_second_or_two_and_a_sawtooth_is_none() {
        let steady = (1_000_000, 5_000);
        assert_eq!(after(&[steady]), None);
        assert_eq!(after(&[steady, (650_000, 5_400)]), None);
        assert_eq!(after(&[steady, (400_000, 5_200)]), Some(6_250));
        assert_eq!(after(&[steady, (400_000, 5_900)]), Some(6_250));
        assert_eq!(after(&[steady, (400_000, 7_500)]), None);
    }

    #[test]
    fn what_was_reached_for_a_moment_is_nothing_to_fall_from() {
        let back = [(1_000_000, 5_000), (3_000_000, 5_100), (1_000_000, 5_800)];
        assert_eq!(after(&back), None);
    }

    #[test]
    fn a_few_packets_are_always_repaired() {
        assert_eq!(after(&[(1_000_000, 5_000), (60_000, 5_200)]), Some(3_600));
    }
}
