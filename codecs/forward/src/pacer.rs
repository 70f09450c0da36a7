//! Pictures that wait because their path is full: they leave at the rate it carries, and sound passes them by.
//!
//! After a path has narrowed, a picture's encoder needs a moment to follow. What is too much meanwhile waits here
//! and not in the path's own queue, where sound would stand behind it. What waits is named and not copied: the packet
//! lies in its publisher's cache.

use std::collections::VecDeque;

use wire::payload::Kind;

use crate::counters::Counter;
use crate::egress::forward;
use crate::ids::{LegKey, SlotKey, TrackKey};
use crate::incoming::Incoming;
use crate::key_frames::Need;
use crate::leg::Leg;
use crate::now::Now;
use crate::retransmit::cached;
use crate::slot::Slot;
use crate::worker::Worker;

/// What one leg's path may be sent now, and what waits for it.
#[derive(Default)]
pub struct Pacer {
    waiting: VecDeque<Waiting>,
    /// Below zero after what could not wait: sound, and a packet longer than what was left.
    budget_nanobits: i64,
    /// The most of it that is saved up, and owed.
    most_nanobits: i64,
    filled_ns: u64,
}

/// A packet in its publisher's cache.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    slot: SlotKey,
    track: TrackKey,
    encoding: u8,
    sequence: u64,
    arrival_ns: u64,
}

impl Pacer {
    /// Takes what a packet that leaves costs.
    pub fn spend(&mut self, size_bytes: usize) {
        let nanobits = (size_bytes as u64).cast_signed().saturating_mul(8 * NANO);
        // What is owed is bounded: sound alone must not keep back a picture that comes much later.
        self.budget_nanobits = self
            .budget_nanobits
            .saturating_sub(nanobits)
            .max(-self.most_nanobits);
    }

    /// Whether a picture's packet has to wait: others do, or the path has no room.
    fn is_full(&mut self, rate_bps: u64, now_ns: u64) -> bool {
        self.fill(rate_bps, now_ns);
        !self.waiting.is_empty() || self.budget_nanobits <= 0
    }

    fn fill(&mut self, rate_bps: u64, now_ns: u64) {
        let elapsed_ns = now_ns.saturating_sub(self.filled_ns).min(NANO as u64);
        self.filled_ns = now_ns;
        let rate_bps = rate_bps.min(HIGHEST_BPS).cast_signed();
        let gained = rate_bps * PACE_PERCENT / 100 * elapsed_ns.cast_signed();
        self.most_nanobits = rate_bps * BURST_NS;
        self.budget_nanobits = self
            .budget_nanobits
            .saturating_add(gained)
            .min(self.most_nanobits);
    }

    /// The next packet, if it may leave now.
    fn take(&mut self, rate_bps: u64, now_ns: u64) -> Option<Waiting> {
        self.fill(rate_bps, now_ns);
        if self.budget_nanobits <= 0 {
            return None;
        }
        self.waiting.pop_front()
    }

    /// All that waits, once the first has waited too long or there is more than a cache keeps.
    fn give_up(&mut self, now_ns: u64) -> VecDeque<Waiting> {
        let too_long = |first: &Waiting| now_ns.saturating_sub(first.arrival_ns) > LONGEST_WAIT_NS;
        if self.waiting.len() > MOST_WAITING || self.waiting.front().is_some_and(too_long) {
            std::mem::take(&mut self.waiting)
        } else {
            VecDeque::new()
        }
    }
}

/// Has a packet wait if its path is full; returns whether it does.
///
/// Sound never waits, nor does anything while nobody has said what is of use to the participant: then nobody
/// sees to it that less is sent.
pub fn hold_back(
    packet: &Incoming<'_>,
    track: TrackKey,
    slot_key: SlotKey,
    slot: &mut Slot,
    leg: &mut Leg,
    now: Now,
) -> bool {
    if slot.kind != Kind::Video || !slot.would_take(packet.encoding, packet.alive) {
        return false;
    }
    let Some(bandwidth) = &mut leg.bandwidth else {
        return false;
    };
    let Some(rate_bps) = bandwidth.paced_bps() else {
        return false;
    };
    if !bandwidth.pacer.is_full(rate_bps, now.ns) {
        return false;
    }
    // The number that would tell of the change is not remembered with what waits.
    if packet.restarted && slot.current == Some(packet.encoding) {
        slot.current = None;
    }
    bandwidth.pacer.waiting.push_back(Waiting {
        slot: slot_key,
        track,
        encoding: packet.encoding,
        sequence: packet.sequence,
        arrival_ns: packet.arrival_ns,
    });
    true
}

impl Worker {
    /// Sends what has waited on a leg and may leave now; returns whether there is more to come.
    pub(crate) fn send_waiting(&mut self, key: LegKey, now: Now) -> bool {
        let given_up = match self.pacer_of(key) {
            Some((pacer, _)) => pacer.give_up(now.ns),
            None => return false,
        };
        self.begin_anew(&given_up, now);
        while !self.output.outbox.is_nearly_full() {
            let Some((pacer, rate_bps)) = self.pacer_of(key) else {
                return false;
            };
            let Some(next) = pacer.take(rate_bps, now.ns) else {
                break;
            };
            if let Err(reason) = self.forward_waiting(next, now) {
                self.output.counters.one(reason);
            }
        }
        self.pacer_of(key)
            .is_some_and(|(pacer, _)| !pacer.waiting.is_empty())
    }

    fn pacer_of(&mut self, key: LegKey) -> Option<(&mut Pacer, u64)> {
        let bandwidth = self.legs.get_mut(key)?.bandwidth.as_mut()?;
        // Who is no longer paced is sent what waits at once.
        let rate_bps = bandwidth.paced_bps().unwrap_or(HIGHEST_BPS);
        Some((&mut bandwidth.pacer, rate_bps))
    }

    fn forward_waiting(&mut self, waiting: Waiting, now: Now) -> Result<(), Counter> {
        let Self {
            legs,
            tracks,
            slots,
            output,
            ..
        } = self;
        let track = tracks
            .get(waiting.track)
            .ok_or(Counter::DropWaitedTooLong)?;
        let slot = slots
            .get_mut(waiting.slot)
            .filter(|slot| slot.track == Some(waiting.track))
            .ok_or(Counter::DropWaitedTooLong)?;
        let leg = legs
            .get_mut(slot.leg)
            .ok_or(Counter::DropSubscriberNotReady)?;
        let packet = cached(track, waiting.encoding, waiting.sequence, now.ns)
            .ok_or(Counter::DropWaitedTooLong)?;
        let packet = Incoming {
            arrival_ns: waiting.arrival_ns,
            has_waited: true,
            ..packet
        };
        forward(
            &packet,
            &track.extensions,
            waiting.track,
            slot,
            leg,
            now,
            output,
        )?;
        Ok(())
    }

    /// Lets slots whose packets were given up begin again at a key frame.
    fn begin_anew(&mut self, given_up: &VecDeque<Waiting>, now: Now) {
        let dropped = given_up.len() as u64;
        self.output
            .counters
            .add(Counter::DropWaitedTooLong, dropped);
        for waiting in given_up {
            let slot = self.slots.get_mut(waiting.slot);
            if let Some(slot) = slot.filter(|slot| slot.track == Some(waiting.track)) {
                slot.current = None;
                self.want_key_frame(waiting.track, waiting.encoding, Need::Start, now);
            }
        }
    }
}

const NANO: i64 = 1_000_000_000;
/// Of the rate: what has waited is made up for slowly, so that no queue stands in the path instead.
const PACE_PERCENT: i64 = 110;
/// As much as so long at the rate leaves as it comes: any usual frame, but not all of a key frame.
const BURST_NS: i64 = 100_000_000;
/// Longer than an encoder needs to follow; then a fresh start shows sooner what is going on.
const LONGEST_WAIT_NS: u64 = 800_000_000;
/// As many packets as an encoding's cache holds (`cache`).
const MOST_WAITING: usize = 512;
/// The estimator's highest, five times over.
const HIGHEST_BPS: u64 = 100_000_000;

#[cfg(test)]
mod tests;
