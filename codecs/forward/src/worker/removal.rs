//! What leaves takes everything of its own with it: legs, tracks, slots and the names they had.

use crate::control::event::Event;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey, TrackKey, Tuple};

impl Worker {
    /// Gives up the leg that is reached by a path, because what came by it cannot be handled.
    pub fn expel(&mut self, tuple: Tuple) {
        let Some(key) = self.names.paths.get(&tuple).copied() else {
            return;
        };
        if let Some(leg) = self.legs.get(key) {
            self.output.events.push(Event::ConsentLost { leg: leg.id });
        }
        self.remove_leg(key);
    }

    /// Closes a leg with all that came and went over it.
    pub(crate) fn remove_leg(&mut self, key: LegKey) {
        let Some(mut leg) = self.legs.remove(key) else {
            return;
        };
        self.agenda.forget(key);
        self.names.legs.remove(&leg.id);
        self.names.ufrags.remove(&leg.ice.current.ufrag);
        if let Some(previous) = leg.ice.previous.take() {
            self.names.ufrags.remove(&previous.ufrag);
        }
        for tuple in leg.ice.tuples() {
            self.names.paths.remove(&tuple);
        }
        if let Some(question) = leg.question.take() {
            self.forget_question(question.tuple, key);
        }
        leg.tracks
            .into_iter()
            .for_each(|track| self.remove_track(track));
        leg.slots
            .into_iter()
            .for_each(|slot| self.remove_slot(slot));
    }

    pub(crate) fn remove_track(&mut self, key: TrackKey) {
        let Some(track) = self.tracks.remove(key) else {
            return;
        };
        self.names.tracks.remove(&track.id);
        for slot in track.subscribers {
            if let Some(slot) = self.slots.get_mut(slot) {
                slot.track = None;
                slot.cease();
            }
        }
        if let Some(leg) = self.legs.get_mut(track.leg) {
            leg.tracks.retain(|other| *other != key);
            leg.sources.forget(key);
        }
    }

    pub(crate) fn remove_slot(&mut self, key: SlotKey) {
        self.unbind(key);
        let Some(slot) = self.slots.remove(key) else {
            return;
        };
        self.names.slots.remove(&slot.id);
        if let Some(leg) = self.legs.get_mut(slot.leg) {
            leg.slots.retain(|other| *other != key);
            leg.sent_packets.retain(|sound| sound.ssrc() != slot.ssrc);
        }
    }

    pub(crate) fn unbind(&mut self, key: SlotKey) {
        let Some(slot) = self.slots.get_mut(key) else {
            return;
        };
        slot.cease();
        let bandwidth = self.legs.get_mut(slot.leg).map(|leg| &mut leg.bandwidth);
        if let Some(Some(bandwidth)) = bandwidth {
            bandwidth.pacer.forget(key);
        }
        if let Some(track) = slot
            .track
            .take()
            .and_then(|track| self.tracks.get_mut(track))
        {
            track.subscribers.retain(|other| *other != key);
        }
    }
}
