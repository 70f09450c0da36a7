//! What should have packets and has had none for a second: tracks that bring nothing, slots that send nothing, and
//! slots of which nobody tells that anything arrived.
//!
//! Ages only, several times a second; what of it is a fault, Python decides (`relay/silence`). In good times there is
//! nothing to tell, and each leg costs the same few comparisons.

use slotmap::SlotMap;

use crate::control::event::{Event, StillSlot, StillTrack};
use crate::legs::leg::Leg;
use crate::slots::slot::Slot;
use crate::tracks::encoding::Encoding;
use crate::tracks::track::Track;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey};
use crate::worker::now::Now;

impl Worker {
    /// Tells what is still: all of it each time, so that what is not told is not.
    ///
    /// An empty word comes once a second, in case the one before it was lost.
    pub(crate) fn tell_stillness(&mut self, now: Now) {
        if now.ns < self.still_due_ns {
            return;
        }
        self.still_due_ns = now.ns + LOOK_INTERVAL_NS;
        let (mut tracks, mut slots) = (Vec::new(), Vec::new());
        for track in self.tracks.values() {
            if !track.forwarding || track.subscribers.is_empty() {
                continue;
            }
            let still = still_track(track, now.ns);
            let is_coming = still.silent_ms.is_some_and(|age_ms| age_ms < STILL_MS);
            if is_coming {
                for key in &track.subscribers {
                    slots.extend(still_slot(*key, &mut self.slots, &mut self.legs, now.ns));
                }
            }
            if !is_coming || still.zero_ms.is_some_and(|age_ms| age_ms >= STILL_MS) {
                tracks.push(still);
            }
        }
        let is_empty = tracks.is_empty() && slots.is_empty();
        if is_empty && now.ns < self.still_told_ns + TELL_AT_THE_LATEST_NS {
            return;
        }
        // Only an empty word may be kept back: until the second after the last rows, that is told at once.
        self.still_told_ns = if is_empty { now.ns } else { 0 };
        self.output.events.push(Event::Stillness { tracks, slots });
    }
}

fn still_track(track: &Track, now_ns: u64) -> StillTrack {
    let sent = track.encodings.iter().filter(|it| it.last_packet_ns > 0);
    let newest_ns = sent.clone().map(|encoding| encoding.last_packet_ns).max();
    StillTrack {
        track: track.id,
        silent_ms: newest_ns.map(|at_ns| age_ms(now_ns, at_ns)),
        zero_ms: track.audible_ns.map(|at_ns| age_ms(now_ns, at_ns)),
        ended: newest_ns.is_some() && sent.clone().all(Encoding::has_ended),
    }
}

fn still_slot(
    key: SlotKey,
    slots: &mut SlotMap<SlotKey, Slot>,
    legs: &mut SlotMap<LegKey, Leg>,
    now_ns: u64,
) -> Option<StillSlot> {
    let slot = slots.get_mut(key)?;
    let leg = legs.get_mut(slot.leg)?;
    if slot.paused || leg.silent || leg.srtp.is_none() {
        return None;
    }
    let bandwidth = leg.bandwidth.as_mut();
    if bandwidth.is_some_and(|bandwidth| bandwidth.departures.take_arrived(slot.ssrc)) {
        slot.heard.arrived_ns = now_ns;
    }
    let last_ns = slot.sent.last_ns;
    let sent_ms = (last_ns > 0).then(|| age_ms(now_ns, last_ns));
    let unheard_ms = age_ms(now_ns, slot.heard.arrived_ns);
    let is_still = sent_ms.is_none_or(|age_ms| age_ms >= STILL_MS);
    (is_still || unheard_ms >= STILL_MS).then_some(StillSlot {
        slot: slot.id,
        sent_ms,
        unheard_ms,
    })
}

fn age_ms(now_ns: u64, at_ns: u64) -> u32 {
    u32::try_from(now_ns.saturating_sub(at_ns) / 1_000_000).unwrap_or(u32::MAX)
}

/// Opus that is discontinuous sends every 400 ms; a second is two of those lost, and worth a look.
pub const STILL_MS: u32 = 1_000;
/// A small part of the 3 s within which people are to be told.
const LOOK_INTERVAL_NS: u64 = 250_000_000;
const TELL_AT_THE_LATEST_NS: u64 = 1_000_000_000;
