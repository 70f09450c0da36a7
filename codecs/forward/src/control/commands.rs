//! What Python asked for, done: tracks and slots come, change and go; of legs in `leg_commands`.

use wire::payload::Kind;

use crate::congestion_control::bandwidth::Bandwidth;
use crate::control::command::{AddSlot, Command, Publish};
use crate::control::counters::Counter;
use crate::ingress::sources::{Identity, SourceOf};
use crate::repair::last_frames::MAX_DISTANCE;
use crate::repair::recovery::Recovery;
use crate::slots::layers::Layers;
use crate::slots::slot::Slot;
use crate::tracks::track::Track;
use crate::worker::Worker;
use crate::worker::ids::{SlotId, TrackId};
use crate::worker::now::Now;

impl Worker {
    /// Obeys one command.
    ///
    /// # Errors
    ///
    /// `CommandsUnknownTarget`: it names something that is gone, or already there.
    pub(crate) fn obey(&mut self, now: Now, command: Command) -> Result<(), Counter> {
        match command {
            Command::AddLeg {
                leg,
                credentials,
                reduced_size_rtcp,
            } => self.add_leg(now, leg, credentials, reduced_size_rtcp),
            Command::RestartIce { leg, credentials } => {
                let key = self.leg_key(leg)?;
                self.restart_ice(key, credentials);
                Ok(())
            }
            Command::SetPeer { leg, credentials } => {
                self.leg_mut(leg)?.peer = Some(Box::new(credentials));
                Ok(())
            }
            Command::SetKeys { leg, keys } => self.set_keys(now, leg, &keys),
            Command::SetExtensions { leg, map } => self.set_extensions(leg, &map),
            Command::SendDtls { leg, datagram } => self.send_dtls(leg, &datagram),
            Command::Publish(publish) => self.publish(&publish),
            Command::Unpublish { track } => {
                let key = self.track_key(track)?;
                self.remove_track(key);
                Ok(())
            }
            Command::SetForwarding { track, enabled } => self.set_forwarding(now, track, enabled),
            Command::AddSlot(add) => self.add_slot(now, &add),
            Command::RemoveSlot { slot } => {
                let key = self.slot_key(slot)?;
                self.remove_slot(key);
                Ok(())
            }
            Command::Bind { slot, track } => self.bind(now, slot, track),
            Command::SetPaused { slot, paused } => self.set_paused(now, slot, paused),
            Command::SetUsefulRate { leg, bps } => self.set_useful_rate(leg, bps),
            Command::TapFeedback { leg, enabled } => self.tap_feedback(leg, enabled),
            Command::SetLayer {
                slot,
                encoding,
                spatial,
                temporal,
            } => self.set_layer(now, slot, encoding, spatial, temporal),
            Command::SetRedundancy { slot, distance } => self.set_redundancy(slot, distance),
            Command::RequestKeyFrame { track } => {
                let key = self.track_key(track)?;
                self.want_all_key_frames(now, key);
                Ok(())
            }
            Command::SetPublisherLimit { leg, bps } => self.set_publisher_limit(now, leg, bps),
            Command::RemoveLeg { leg } => {
                let key = self.leg_key(leg)?;
                self.remove_leg(key);
                Ok(())
            }
        }
    }

    fn publish(&mut self, publish: &Publish) -> Result<(), Counter> {
        let leg_key = self.leg_key(publish.leg)?;
        if self.names.tracks.contains_key(&publish.track) {
            return Err(Counter::CommandsRefused);
        }
        let leg = self
            .legs
            .get_mut(leg_key)
            .ok_or(Counter::CommandsUnknownTarget)?;
        let key = self
            .tracks
            .insert(Track::new(publish, leg_key, &leg.extensions));
        self.names.tracks.insert(publish.track, key);
        leg.tracks.push(key);
        leg.transport_cc |= publish.transport_cc;
        self.agenda.plan(leg_key, leg);
        for (encoding, (ssrc, rtx_ssrc)) in publish.ssrcs.iter().enumerate() {
            let source = SourceOf {
                track: key,
                encoding: encoding as u8,
            };
            for ssrc in [Some(*ssrc), *rtx_ssrc].into_iter().flatten() {
                let identity = Identity {
                    mid: publish.mid,
                    rid: publish.rids.get(encoding).copied(),
                };
                if let Err(reason) = leg.sources.learn(ssrc, identity, source) {
                    self.output.counters.one(reason);
                }
            }
        }
        Ok(())
    }

    fn set_forwarding(&mut self, now: Now, track: TrackId, enabled: bool) -> Result<(), Counter> {
        let key = self.track_key(track)?;
        let track = self
            .tracks
            .get_mut(key)
            .ok_or(Counter::CommandsUnknownTarget)?;
        let resumed = enabled && !track.forwarding;
        track.forwarding = enabled;
        if resumed {
            for encoding in &mut track.encodings {
                // What was withheld does not come with the packet after it.
                encoding.recovery = Recovery::default();
            }
            // What was withheld left a hole that no retransmission fills: begin again at a key frame.
            for slot in track.subscribers.clone() {
                if let Some(slot) = self.slots.get_mut(slot) {
                    slot.cease();
                }
            }
            self.want_all_key_frames(now, key);
        }
        Ok(())
    }

    fn add_slot(&mut self, now: Now, add: &AddSlot) -> Result<(), Counter> {
        let leg_key = self.leg_key(add.leg)?;
        let ssrcs = [Some(add.ssrc), add.rtx_ssrc];
        let leg = self.leg_mut(add.leg)?;
        let used = ssrcs
            .iter()
            .flatten()
            .any(|ssrc| leg.used_ssrcs.contains(ssrc));
        if used || add.rtx_ssrc == Some(add.ssrc) || self.names.slots.contains_key(&add.slot) {
            return Err(Counter::CommandsRefused);
        }
        self.leg_mut(add.leg)?
            .used_ssrcs
            .extend(ssrcs.into_iter().flatten());
        let (first, first_rtx) = (self.random.first_sequence(), self.random.first_sequence());
        let key = self.slots.insert(Slot::new(add, leg_key, first, first_rtx));
        self.names.slots.insert(add.slot, key);
        if let Some(leg) = self.legs.get_mut(leg_key) {
            leg.slots.push(key);
            leg.bandwidth
                .get_or_insert_with(|| Box::new(Bandwidth::new(now.ns)));
            self.agenda.plan(leg_key, leg);
        }
        Ok(())
    }

    fn bind(&mut self, now: Now, slot: SlotId, track: Option<TrackId>) -> Result<(), Counter> {
        let slot_key = self.slot_key(slot)?;
        let track_key = track.map(|track| self.track_key(track)).transpose()?;
        self.unbind(slot_key);
        let Some(track_key) = track_key else {
            return Ok(());
        };
        if let Some(slot) = self.slots.get_mut(slot_key) {
            slot.track = Some(track_key);
            slot.chosen_encoding = None;
            slot.paused = false;
            slot.layers = Layers::default();
            slot.told_started = false;
        }
        if let Some(track) = self.tracks.get_mut(track_key) {
            track.subscribers.push(slot_key);
        }
        self.want_start(now, slot_key);
        Ok(())
    }

    fn set_layer(
        &mut self,
        now: Now,
        slot: SlotId,
        encoding: Option<u8>,
        spatial: Option<u8>,
        temporal: Option<u8>,
    ) -> Result<(), Counter> {
        let key = self.slot_key(slot)?;
        let slot = self
            .slots
            .get_mut(key)
            .ok_or(Counter::CommandsUnknownTarget)?;
        let before = (slot.chosen_encoding, slot.layers.most_spatial);
        slot.chosen_encoding = encoding.map(|encoding| encoding.min(7));
        slot.layers.most_spatial = spatial.unwrap_or(u8::MAX);
        slot.layers.most_temporal = temporal.unwrap_or(u8::MAX);
        // Who goes on with a picture of this size, or waits for it, has asked for what that takes.
        if before != (slot.chosen_encoding, slot.layers.most_spatial) {
            self.want_start(now, key);
        }
        Ok(())
    }

    fn set_paused(&mut self, now: Now, slot: SlotId, paused: bool) -> Result<(), Counter> {
        let key = self.slot_key(slot)?;
        let slot = self
            .slots
            .get_mut(key)
            .ok_or(Counter::CommandsUnknownTarget)?;
        if slot.paused != paused {
            slot.paused = paused;
            slot.cease();
            self.want_start(now, key);
        }
        Ok(())
    }

    fn set_redundancy(&mut self, slot: SlotId, distance: u8) -> Result<(), Counter> {
        let key = self.slot_key(slot)?;
        let slot = self
            .slots
            .get_mut(key)
            .filter(|slot| slot.kind == Kind::Audio)
            .ok_or(Counter::CommandsRefused)?;
        slot.redundancy = distance.min(MAX_DISTANCE);
        Ok(())
    }
}
