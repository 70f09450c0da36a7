//! The places of what commands name; a name that is gone is counted, because its owner may leave while a
//! command is on its way.

use crate::control::counters::Counter;
use crate::legs::leg::Leg;
use crate::worker::Worker;
use crate::worker::ids::{LegId, LegKey, SlotId, SlotKey, TrackId, TrackKey};

impl Worker {
    pub(crate) fn leg_key(&self, leg: LegId) -> Result<LegKey, Counter> {
        self.names
            .legs
            .get(&leg)
            .copied()
            .ok_or(Counter::CommandsUnknownTarget)
    }

    pub(crate) fn leg_mut(&mut self, leg: LegId) -> Result<&mut Leg, Counter> {
        let key = self.leg_key(leg)?;
        self.legs.get_mut(key).ok_or(Counter::CommandsUnknownTarget)
    }

    pub(crate) fn track_key(&self, track: TrackId) -> Result<TrackKey, Counter> {
        self.names
            .tracks
            .get(&track)
            .copied()
            .ok_or(Counter::CommandsUnknownTarget)
    }

    pub(crate) fn slot_key(&self, slot: SlotId) -> Result<SlotKey, Counter> {
        self.names
            .slots
            .get(&slot)
            .copied()
            .ok_or(Counter::CommandsUnknownTarget)
    }
}
