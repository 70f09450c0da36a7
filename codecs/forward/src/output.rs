//! What a worker has to say after it was given something: datagrams, events and counts.

use wire::rtcp::{write_pli, write_receiver_report};

use crate::counters::{Counter, Counters};
use crate::event::Event;
use crate::leg::Leg;
use crate::now::Now;
use crate::outbox::Outbox;
use crate::transport_feedback::Riders;

/// Collects what leaves a worker.
pub struct Output {
    /// Datagrams.
    pub outbox: Outbox,
    /// Whose feedback is to leave with them.
    pub riders: Riders,
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

    /// Sends one feedback packet: alone, or behind an empty receiver report where the peer did not
    /// agree to reduced size (RFC 5506 §3.4.2). `write` is given the relay's SSRC on the leg.
    pub fn send_feedback(
        &mut self,
        leg: &mut Leg,
        now: Now,
        write: impl FnOnce(&mut [u8], u32) -> Option<usize>,
    ) -> bool {
        let (sender_ssrc, alone) = (leg.report_ssrc, leg.reduced_size_rtcp);
        self.send_rtcp(leg, now, |out| {
            let head = if alone {
                0
            } else {
                write_receiver_report(out, sender_ssrc, &[])?
            };
            Some(head + write(out.get_mut(head..)?, sender_ssrc)?)
        })
    }

    /// Asks a publisher for a key frame (RFC 4585 §6.3.1).
    pub fn send_pli(&mut self, leg: &mut Leg, media_ssrc: u32, now: Now) -> bool {
        let sent = self.send_feedback(leg, now, |out, sender| write_pli(out, sender, media_ssrc));
        if sent {
            self.counters.one(Counter::PlisSent);
        }
        sent
    }
}

const USUAL_RTCP_BYTES: usize = 100;
