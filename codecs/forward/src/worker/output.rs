//! What a worker has to say after it was given something: datagrams, events and counts.

use wire::rtcp::{write_pli, write_receiver_report};

use crate::control::counters::{Counter, Counters};
use crate::control::event::Event;
use crate::egress::outbox::Outbox;
use crate::legs::leg::Leg;
use crate::legs::paths::below_rtp_bytes;
use crate::rtcp::transport_feedback::Riders;
use crate::worker::now::Now;

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
    /// Returns how many bytes left, with protection and the headers of IP and UDP; a leg without keys, path or consent
    /// gets nothing.
    pub fn send_rtcp(
        &mut self,
        leg: &mut Leg,
        now: Now,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<usize> {
        if leg.silent {
            return None;
        }
        let tuple = leg.ice.route(USUAL_RTCP_BYTES, now.ns)?;
        let srtp = leg.srtp.as_mut()?;
        let mut protected_bytes = 0;
        let sent = self.outbox.push_with(tuple, 0, |out| {
            let len = write(out)?;
            protected_bytes = srtp.outbound.protect_rtcp(out, len).ok()?;
            Some(protected_bytes)
        });
        if !sent {
            return None;
        }
        self.counters.one(Counter::EgressRtcpPackets);
        Some(protected_bytes + below_rtp_bytes(tuple))
    }

    /// Sends one feedback packet: alone, or behind an empty receiver report where the peer did not
    /// agree to reduced size (RFC 5506 §3.4.2). `write` is given the relay's SSRC on the leg.
    /// Returns as [`Output::send_rtcp`].
    pub fn send_feedback(
        &mut self,
        leg: &mut Leg,
        now: Now,
        write: impl FnOnce(&mut [u8], u32) -> Option<usize>,
    ) -> Option<usize> {
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
        let sent = self
            .send_feedback(leg, now, |out, sender| write_pli(out, sender, media_ssrc))
            .is_some();
        if sent {
            self.counters.one(Counter::PlisSent);
        }
        sent
    }
}

const USUAL_RTCP_BYTES: usize = 100;
