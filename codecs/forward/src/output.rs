//! What a worker has to say after it was given something: datagrams, events and counts.

use crate::counters::{Counter, Counters};
use crate::event::Event;
use crate::leg::Leg;
use crate::now::Now;
use crate::outbox::Outbox;

/// Collects what leaves a worker.
pub struct Output {
    /// Datagrams.
    pub outbox: Outbox,
    /// News for Python.
    pub events: Vec<Event>,
    /// Counts.
    pub counters: Counters,
}

impl Output {
    /// Sends one RTCP compound on a leg: `write` fills the buffer and returns the plain length.
    ///
    /// Returns whether it left; a leg without keys, path or consent gets nothing.
    pub fn send_rtcp(
        &mut self,
        leg: &mut Leg,
        now: Now,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> bool {
        if leg.silent {
            return false;
        }
        let Some(tuple) = leg.ice.route(USUAL_RTCP_BYTES, now.ns) else {
            return false;
        };
        let Some(srtp) = leg.srtp.as_mut() else {
            return false;
        };
        let sent = self.outbox.push_with(tuple, 0, |out| {
            let len = write(out)?;
            srtp.outbound.protect_rtcp(out, len).ok()
        });
        if sent {
            self.counters.one(Counter::EgressRtcpPackets);
        }
        sent
    }
}

const USUAL_RTCP_BYTES: usize = 100;
