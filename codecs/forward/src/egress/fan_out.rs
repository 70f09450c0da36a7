//! One packet to all who receive its track.

use slotmap::SlotMap;

use crate::congestion_control::clocked::Clocked;
use crate::congestion_control::held_back::hold_back;
use crate::control::counters::Counter;
use crate::egress::forwarding::{catch_up, forward};
use crate::ingress::incoming::Incoming;
use crate::legs::leg::Leg;
use crate::slots::feeding::Progress;
use crate::slots::slot::Slot;
use crate::tracks::track::Track;
use crate::worker::ids::{LegKey, SlotKey, TrackKey};
use crate::worker::now::Now;
use crate::worker::output::Output;

/// Everybody a packet may be for, and how it gets there.
pub struct Subscribers<'a> {
    /// The lines that may carry its track.
    pub slots: &'a mut SlotMap<SlotKey, Slot>,
    /// Whose lines they are.
    pub legs: &'a mut SlotMap<LegKey, Leg>,
    /// Where a picture's packet that has to wait is announced.
    pub clocked: &'a mut Clocked,
    /// Where the others leave.
    pub output: &'a mut Output,
}

/// Forwards a packet, and before it those that came with it, to every slot that carries its track.
///
/// Returns whether one of them waits for a key frame.
pub fn fan_out(
    packet: &Incoming<'_>,
    key: TrackKey,
    track: &mut Track,
    subscribers: &mut Subscribers<'_>,
    now: Now,
) -> bool {
    for lost in packet.lost_before() {
        // Only sound comes so, and sound waits for no key frame.
        forward_to_all(&lost, key, track, subscribers, now);
    }
    forward_to_all(packet, key, track, subscribers, now)
}

fn forward_to_all(
    packet: &Incoming<'_>,
    key: TrackKey,
    track: &mut Track,
    subscribers: &mut Subscribers<'_>,
    now: Now,
) -> bool {
    let Subscribers {
        slots,
        legs,
        clocked,
        output,
    } = subscribers;
    let (mut awaited, mut waits, mut is_carried_again) = (false, false, false);
    for slot_key in &track.subscribers {
        let Some(slot) = slots.get_mut(*slot_key) else {
            continue;
        };
        let Some(leg) = legs.get_mut(slot.leg) else {
            continue;
        };
        if hold_back(packet, key, *slot_key, slot, leg, now, output) {
            clocked.note(slot.leg);
            waits = true;
            continue;
        }
        is_carried_again |= slot.repeats();
        match forward(packet, track, key, slot, leg, now, output) {
            Ok(Progress::Continued) => {}
            Ok(Progress::Switched) => catch_up(packet, track, key, slot, leg, now, output),
            Err(reason) => {
                awaited |= reason == Counter::DropAwaitingKeyFrame;
                output.counters.one(reason);
            }
        }
    }
    if waits {
        track.keep_longer(packet.encoding, now.ns);
    }
    if is_carried_again {
        track
            .last_frames
            .get_or_insert_with(Box::default)
            .keep(packet);
    } else {
        track.last_frames = None;
    }
    awaited
}
