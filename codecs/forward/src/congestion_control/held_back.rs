//! Which pictures wait for their path (`pacer`), how they leave, and what becomes of those that waited too long.

use wire::payload::Kind;

use crate::congestion_control::pacer::{HIGHEST_BPS, Pacer, Repair, Waiting};
use crate::control::counters::Counter;
use crate::egress::forwarding::forward;
use crate::ingress::incoming::Incoming;
use crate::legs::leg::Leg;
use crate::repair::retransmit::{cached, send_repair};
use crate::slots::feeding::Progress;
use crate::slots::slot::Slot;
use crate::tracks::key_frames::Need;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey, TrackKey};
use crate::worker::now::Now;
use crate::worker::output::Output;

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
    output: &mut Output,
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
    let is_left_out = slot.layers.leave_out(&packet.frame);
    let mut waiting = Waiting {
        slot: slot_key,
        track,
        encoding: packet.encoding,
        sequence: packet.sequence,
        timestamp: packet.header.timestamp,
        size_bytes: if is_left_out { 0 } else { packet.packet.len() },
        arrival_ns: packet.arrival_ns,
        key_frame: packet.frame.key_frame,
        begins_anew: packet.restarted,
    };
    let pacer = &mut bandwidth.pacer;
    if !pacer.is_full(rate_bps, now.ns) {
        pacer.pass(&waiting, now.ns);
        return false;
    }
    let is_start = packet.frame.key_frame && slot.wanted(packet.alive) == Some(packet.encoding);
    let overtaken = if packet.restarted {
        pacer.restart(&waiting)
    } else if is_start {
        pacer.overtake(&waiting)
    } else {
        0
    };
    waiting.begins_anew |= overtaken > 0;
    let counters = &mut output.counters;
    counters.add(Counter::DropOvertaken, overtaken as u64);
    if !pacer.add(waiting) {
        counters.one(Counter::DropTooLate);
    }
    true
}

impl Worker {
    /// Sends what has waited on a leg and may leave now; returns whether there is more to come.
    pub(crate) fn send_waiting(&mut self, key: LegKey, now: Now) -> bool {
        if let Some((slot, packets)) = self
            .pacer_of(key)
            .and_then(|(pacer, _)| pacer.give_up(now.ns))
        {
            let dropped = packets as u64;
            self.output
                .counters
                .add(Counter::DropWaitedTooLong, dropped);
            while let Some(repair) = self
                .pacer_of(key)
                .and_then(|(pacer, _)| pacer.give_up_repair_of(slot))
            {
                self.miss_repair(&repair, Counter::DropWaitedTooLong);
            }
            if let Some(slot) = self.slots.get_mut(slot) {
                slot.cease();
            }
            self.want_start(now, slot);
        }
        self.send_repairs(key, now);
        while !self.output.outbox.is_nearly_full() {
            let Some((pacer, rate_bps)) = self.pacer_of(key) else {
                return false;
            };
            let Some(next) = pacer.take(rate_bps, now.ns) else {
                break;
            };
            match self.forward_waiting(&next, now) {
                Ok(Progress::Continued) => {}
                Ok(Progress::Switched) => self.send_next(key, &next, now),
                Err(reason) => self.miss(key, &next, reason, now),
            }
        }
        self.pacer_of(key)
            .is_some_and(|(pacer, _)| !pacer.is_idle())
    }

    /// Sends again what has waited for room, before the pictures that need it.
    fn send_repairs(&mut self, key: LegKey, now: Now) {
        while let Some(late) = self
            .pacer_of(key)
            .and_then(|(pacer, _)| pacer.give_up_repair(now.ns))
        {
            self.miss_repair(&late, Counter::DropWaitedTooLong);
        }
        while !self.output.outbox.is_nearly_full() {
            let next = self
                .pacer_of(key)
                .and_then(|(pacer, rate_bps)| pacer.take_repair(rate_bps, now.ns));
            let Some(repair) = next else {
                return;
            };
            let (Some(slot), Some(leg)) = (self.slots.get_mut(repair.slot), self.legs.get_mut(key))
            else {
                continue;
            };
            let (tracks, output) = (&self.tracks, &mut self.output);
            let record = &repair.record;
            if let Err(reason) = send_repair(record, usize::MAX, slot, leg, tracks, now, output) {
                self.miss_repair(&repair, reason);
            }
        }
    }

    /// Counts what could not be sent again, and gives its slot back what was taken for it.
    fn miss_repair(&mut self, repair: &Repair, reason: Counter) {
        self.output.counters.one(reason);
        let slot = self.slots.get_mut(repair.slot);
        if let Some(again) = slot.and_then(|slot| slot.retransmission.as_mut()) {
            again.give_back(repair.bytes);
        }
    }

    fn pacer_of(&mut self, key: LegKey) -> Option<(&mut Pacer, u64)> {
        let bandwidth = self.legs.get_mut(key)?.bandwidth.as_mut()?;
        // Who is no longer paced is sent what waits at once.
        let rate_bps = bandwidth.paced_bps().unwrap_or(HIGHEST_BPS);
        Some((&mut bandwidth.pacer, rate_bps))
    }

    fn forward_waiting(&mut self, waiting: &Waiting, now: Now) -> Result<Progress, Counter> {
        let Self {
            legs,
            tracks,
            slots,
            output,
            ..
        } = self;
        let track = tracks
            .get(waiting.track)
            .filter(|track| track.forwarding)
            .ok_or(Counter::DropNotForwarded)?;
        let slot = slots
            .get_mut(waiting.slot)
            .filter(|slot| slot.track == Some(waiting.track))
            .ok_or(Counter::DropNotForwarded)?;
        let leg = legs
            .get_mut(slot.leg)
            .ok_or(Counter::DropSubscriberNotReady)?;
        let packet = cached(track, waiting.encoding, waiting.sequence, now.ns)
            .ok_or(Counter::DropWaitedTooLong)?;
        let packet = Incoming {
            arrival_ns: waiting.arrival_ns,
            restarted: waiting.begins_anew,
            has_waited: true,
            ..packet
        };
        forward(&packet, track, waiting.track, slot, leg, now, output)
    }

    /// Has what follows a late packet, with which its slot has begun, leave next: it was of no use before.
    fn send_next(&mut self, key: LegKey, first: &Waiting, now: Now) {
        let waits = self
            .pacer_of(key)
            .and_then(|(pacer, _)| pacer.next_after(first));
        let Some(track) = self.tracks.get(first.track) else {
            return;
        };
        let encoding = track.encodings.get(usize::from(first.encoding));
        let newest = encoding.and_then(|encoding| encoding.reception.highest());
        let end = waits.or(newest.map(|newest| newest + 1)).unwrap_or(0);
        let followers: Vec<Waiting> = (first.sequence + 1..end)
            .filter_map(|sequence| {
                let packet = cached(track, first.encoding, sequence, now.ns)?;
                Some(Waiting {
                    sequence,
                    timestamp: packet.header.timestamp,
                    size_bytes: packet.packet.len(),
                    key_frame: packet.frame.key_frame,
                    begins_anew: false,
                    ..*first
                })
            })
            .collect();
        if let Some((pacer, _)) = self.pacer_of(key) {
            pacer.put_first(followers.into_iter());
        }
    }

    /// Counts what could not leave, and asks for a key frame where that is what it lacked and none waits already.
    fn miss(&mut self, key: LegKey, missed: &Waiting, reason: Counter, now: Now) {
        self.output.counters.one(reason);
        let begins = self
            .pacer_of(key)
            .is_some_and(|(pacer, _)| pacer.has_key_frame(missed.slot));
        if reason == Counter::DropAwaitingKeyFrame && !begins {
            self.want_key_frame(missed.track, missed.encoding, Need::Repair, now);
        }
    }
}
