//! Which pictures wait for their path (`pacer`), how they leave, and what becomes of those that waited too long.

use wire::payload::Kind;

use crate::counters::Counter;
use crate::egress::forward;
use crate::ids::{LegKey, SlotKey, TrackKey};
use crate::incoming::Incoming;
use crate::key_frames::Need;
use crate::leg::Leg;
use crate::now::Now;
use crate::output::Output;
use crate::pacer::{HIGHEST_BPS, Pacer, Waiting};
use crate::retransmit::cached;
use crate::slot::Slot;
use crate::worker::Worker;

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
    if !bandwidth.pacer.is_full(rate_bps, now.ns) {
        return false;
    }
    let waiting = Waiting {
        slot: slot_key,
        track,
        encoding: packet.encoding,
        sequence: packet.sequence,
        timestamp: packet.header.timestamp,
        size_bytes: packet.packet.len(),
        arrival_ns: packet.arrival_ns,
        key_frame: packet.frame.key_frame,
    };
    let overtaken = if slot.wanted(packet.alive) == Some(packet.encoding) {
        bandwidth.pacer.overtake(&waiting)
    } else {
        0
    };
    output
        .counters
        .add(Counter::DropWaitedTooLong, overtaken as u64);
    // The number that would tell of the change is not remembered with what waits.
    let restarts = packet.restarted && slot.current == Some(packet.encoding);
    if restarts || overtaken > 0 {
        slot.current = None;
    }
    bandwidth.pacer.add(waiting);
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
                if reason == Counter::DropAwaitingKeyFrame {
                    self.want_key_frame(next.track, next.encoding, Need::Repair, now);
                }
            }
        }
        self.pacer_of(key)
            .is_some_and(|(pacer, _)| !pacer.is_idle())
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
        )
        .map(drop)
    }

    /// Lets slots whose packets were given up begin again at a key frame.
    fn begin_anew(&mut self, given_up: &[Waiting], now: Now) {
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
