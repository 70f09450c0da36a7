//! A packet that will not be sent again: its subscriber gets a key frame instead of silence.
//!
//! A browser asks for a packet ten times, and for a key frame only when nothing could be shown for three seconds
//! (libwebrtc's `NackRequester` and `VideoReceiveStream2`). The relay knows sooner that nothing will come. What is asked of
//! publishers keeps the pace of all repairs (`key_frames`), so nobody gains by asking for what is gone.

use crate::control::counters::Counter;
use crate::repair::history::{MOST_ASKED, Record, Refusal};
use crate::tracks::key_frames::Need;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey};
use crate::worker::now::Now;

/// A request that was not answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unanswered {
    /// The name under which it is counted.
    pub reason: Counter,
    /// The packet's outgoing extended sequence number, if it will not be sent any more.
    pub lost: Option<u64>,
}

impl Unanswered {
    /// A request for a packet that is known, and was not sent for this reason.
    #[must_use]
    pub fn of(record: &Record, reason: Counter) -> Self {
        let is_lost = match reason {
            Counter::DropRtxNotCached => true,
            // Nobody asks once more.
            Counter::DropRtxThrottled => record.asked >= MOST_ASKED,
            _ => false,
        };
        Self {
            reason,
            lost: is_lost.then_some(record.sequence),
        }
    }
}

impl From<Counter> for Unanswered {
    /// A request that may be answered when it is made again, or that nothing depends on.
    fn from(reason: Counter) -> Self {
        Self { reason, lost: None }
    }
}

impl From<Refusal> for Unanswered {
    fn from(refusal: Refusal) -> Self {
        let (reason, lost) = match refusal {
            Refusal::NeverSent => (Counter::DropRtxNotCached, None),
            Refusal::Gone(sequence) => (Counter::DropRtxNotCached, Some(sequence)),
            Refusal::TooSoon => (Counter::DropRtxThrottled, None),
            Refusal::Spent(sequence) => (Counter::DropRtxThrottled, Some(sequence)),
        };
        Self { reason, lost }
    }
}

impl Worker {
    /// Asks for a key frame for a slot whose subscriber will not get the packet `lost` any more, unless one has left
    /// behind it or waits to.
    pub(crate) fn begin_behind(&mut self, key: LegKey, slot_key: SlotKey, lost: u64, now: Now) {
        let Some(slot) = self.slots.get(slot_key) else {
            return;
        };
        // What nothing feeds waits for a key frame that is asked for already.
        let (Some(track), Some(encoding)) = (slot.track, slot.current) else {
            return;
        };
        let bandwidth = self.legs.get(key).and_then(|leg| leg.bandwidth.as_ref());
        let waits = bandwidth.is_some_and(|bandwidth| bandwidth.pacer.has_key_frame(slot_key));
        if waits || slot.sent.has_begun_behind(lost) {
            return;
        }
        self.output.counters.one(Counter::LossesPastRepair);
        self.want_key_frame(track, encoding, Need::Repair, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_for_the_moment_is_lost_once_nobody_asks_again() {
        let record = |asked| Record {
            sequence: 7,
            asked,
            ..Record::default()
        };
        let lost = |asked, reason| Unanswered::of(&record(asked), reason).lost;
        assert_eq!(lost(1, Counter::DropRtxNotCached), Some(7));
        assert_eq!(lost(MOST_ASKED - 1, Counter::DropRtxThrottled), None);
        assert_eq!(lost(MOST_ASKED, Counter::DropRtxThrottled), Some(7));
        assert_eq!(lost(MOST_ASKED, Counter::DropOutboxFull), None);
    }
}
