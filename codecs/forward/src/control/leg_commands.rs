//! What Python asked of a leg, done: it opens, gets keys and extensions, and is told what is of use to it.

use wire::extensions::ExtensionMap;

use crate::control::command::Keys;
use crate::control::counters::Counter;
use crate::legs::ice_lite::Credentials;
use crate::legs::leg::{Leg, Srtp};
use crate::srtp::{Inbound, Outbound};
use crate::worker::Worker;
use crate::worker::ids::LegId;
use crate::worker::now::Now;

impl Worker {
    pub(crate) fn add_leg(
        &mut self,
        now: Now,
        id: LegId,
        credentials: Credentials,
        reduced_size_rtcp: bool,
    ) -> Result<(), Counter> {
        if self.names.legs.contains_key(&id) || self.names.ufrags.contains_key(&credentials.ufrag) {
            return Err(Counter::CommandsRefused);
        }
        let report_ssrc = (self.random.next() as u32).max(1);
        let ufrag = credentials.ufrag.clone();
        let key = self.legs.insert(Leg::new(
            id,
            credentials,
            reduced_size_rtcp,
            report_ssrc,
            now.ns,
        ));
        if let Some(leg) = self.legs.get(key) {
            self.agenda.plan(key, leg);
        }
        self.names.legs.insert(id, key);
        self.names.ufrags.insert(ufrag, key);
        Ok(())
    }

    pub(crate) fn set_keys(&mut self, now: Now, id: LegId, keys: &Keys) -> Result<(), Counter> {
        let leg = self.leg_mut(id)?;
        let inbound = Inbound::new(keys.profile, &keys.inbound_key, &keys.inbound_salt);
        let outbound = Outbound::new(keys.profile, &keys.outbound_key, &keys.outbound_salt);
        // One leg, one handshake, one pair of contexts: the same keys at index 0 again would repeat nonces.
        let (Ok(inbound), Ok(outbound), None) = (inbound, outbound, &leg.srtp) else {
            return Err(Counter::CommandsRefused);
        };
        leg.srtp = Some(Srtp {
            inbound,
            outbound,
            started: false,
        });
        // Slots bound while the handshake ran could not show anything: their key frames are asked for now.
        let key = self.leg_key(id)?;
        self.want_starts(now, key);
        Ok(())
    }

    pub(crate) fn set_extensions(&mut self, leg: LegId, map: &ExtensionMap) -> Result<(), Counter> {
        let key = self.leg_key(leg)?;
        let leg = self
            .legs
            .get_mut(key)
            .ok_or(Counter::CommandsUnknownTarget)?;
        leg.extensions = *map;
        for track in &leg.tracks {
            if let Some(track) = self.tracks.get_mut(*track) {
                track.extensions = *map;
            }
        }
        Ok(())
    }

    pub(crate) fn set_useful_rate(&mut self, id: LegId, bps: u64) -> Result<(), Counter> {
        let leg = self.leg_mut(id)?;
        let bandwidth = leg.bandwidth.as_mut().ok_or(Counter::CommandsRefused)?;
        bandwidth.limit_use(bps);
        Ok(())
    }

    pub(crate) fn tap_feedback(&mut self, id: LegId, enabled: bool) -> Result<(), Counter> {
        let leg = self.leg_mut(id)?;
        let bandwidth = leg.bandwidth.as_mut().ok_or(Counter::CommandsRefused)?;
        bandwidth.tapped = enabled;
        Ok(())
    }
}
