//! When a slot needs a key frame to begin, and whom that is asked of.

use wire::payload::Kind;

use crate::control::counters::Counter;
use crate::legs::leg::Leg;
use crate::tracks::key_frames::Need;
use crate::tracks::track::Track;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey, TrackKey};
use crate::worker::now::Now;

impl Worker {
    /// Asks for the key frames of all slots of a leg that can be reached from now on.
    pub(crate) fn want_starts(&mut self, now: Now, leg: LegKey) {
        let slots = self.legs.get(leg).map(|leg| leg.slots.clone());
        for slot in slots.unwrap_or_default() {
            self.want_start(now, slot);
        }
    }

    /// Asks for them if a leg's path, which had not proved itself, has now.
    pub(crate) fn want_starts_if_proved(&mut self, now: Now, leg: LegKey) {
        if self.legs.get(leg).is_some_and(|leg| leg.ice.has_proved()) {
            self.want_starts(now, leg);
        }
    }

    /// Has a leg's pictures begin again at key frames: what was sent meanwhile is lost, and too much for
    /// retransmissions. A browser asks for key frames by itself only when it has waited for three seconds.
    pub(crate) fn begin_again(&mut self, now: Now, leg: LegKey) {
        let slots = self.legs.get(leg).map(|leg| leg.slots.clone());
        for slot in slots.unwrap_or_default() {
            if let Some(slot) = self
                .slots
                .get_mut(slot)
                .filter(|slot| slot.kind == Kind::Video)
            {
                slot.cease();
            }
        }
        self.want_starts(now, leg);
    }

    /// Asks for the key frame a slot needs before it can show what it should.
    pub(crate) fn want_start(&mut self, now: Now, slot: SlotKey) {
        let Some(slot) = self.slots.get(slot) else {
            return;
        };
        // Who cannot be sent to yet would only waste the key frame.
        let is_ready = |leg: &Leg| leg.can_be_sent(slot.kind);
        if !self.legs.get(slot.leg).is_some_and(is_ready) {
            return;
        }
        let Some((track_key, track)) = slot
            .track
            .and_then(|key| Some((key, self.tracks.get(key)?)))
        else {
            return;
        };
        let alive = track.alive();
        if let Some(encoding) = slot.wanted(alive).filter(|_| slot.awaits_key_frame(alive)) {
            self.want_key_frame(track_key, encoding, Need::Start, now);
        }
    }

    /// Asks for a key frame of every encoding of a track.
    pub(crate) fn want_all_key_frames(&mut self, now: Now, track: TrackKey) {
        let alive = self.tracks.get(track).map_or(0, Track::alive);
        for encoding in (0..8).filter(|encoding| alive & (1 << encoding) != 0) {
            self.want_key_frame(track, encoding, Need::Start, now);
        }
    }

    /// Asks the publisher of an encoding for a key frame, unless one was asked for lately.
    pub(crate) fn want_key_frame(&mut self, track: TrackKey, encoding: u8, need: Need, now: Now) {
        let key = track;
        let Some(track) = self
            .tracks
            .get_mut(key)
            .filter(|track| track.kind == Kind::Video)
        else {
            return;
        };
        let place = encoding;
        let Some(encoding) = track.encodings.get_mut(usize::from(place)) else {
            return;
        };
        let is_due = encoding.key_frame_requests.want(need, now.ns);
        let ssrc = encoding.ssrc;
        self.agenda.note(key, track);
        if !is_due {
            self.output.counters.one(Counter::PlisCollapsed);
            return;
        }
        let (Some(ssrc), Some(leg)) = (ssrc, self.legs.get_mut(track.leg)) else {
            return;
        };
        if self.output.send_pli(leg, ssrc, now)
            && let Some(encoding) = track.encodings.get_mut(usize::from(place))
        {
            encoding.key_frame_requests.asked(now.ns);
        }
    }
}
