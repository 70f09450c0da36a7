//! What participants say of their paths, and what Python and the bursts learn from it.
//!
//! `feedback` brings transport-wide feedback and REMB here; `reports` lets time have its part.

use wire::rtcp::{Remb, TransportFeedback};

use crate::congestion_control::bandwidth::Bandwidth;
use crate::congestion_control::probing::Burst;
use crate::control::counters::Counter;
use crate::control::event::Event;
use crate::worker::Worker;
use crate::worker::ids::LegKey;
use crate::worker::now::Now;

impl Worker {
    /// Lets a participant's feedback change what is thought of its path.
    pub(crate) fn handle_transport_feedback(
        &mut self,
        now: Now,
        arrival_ns: u64,
        key: LegKey,
        feedback: &TransportFeedback<'_>,
    ) -> Result<(), Counter> {
        let leg = self.legs.get_mut(key).ok_or(Counter::DropUnknownSource)?;
        let bandwidth = leg.bandwidth.as_mut().ok_or(Counter::DropFeedbackUnknown)?;
        // What it waited for this worker is not the path's.
        let is_back = bandwidth.hear_untrusted(feedback, arrival_ns, &mut self.samples)?;
        if bandwidth.tapped {
            self.output.events.push(Event::Feedback {
                leg: leg.id,
                at_ns: arrival_ns,
                samples: self.samples.as_slice().into(),
            });
        }
        if is_back {
            self.begin_again(now, key);
        }
        self.settle(key, now);
        if let Some(leg) = self.legs.get(key) {
            self.agenda.plan(key, leg);
        }
        Ok(())
    }

    /// Takes a participant's own estimate.
    pub(crate) fn handle_remb(
        &mut self,
        now: Now,
        key: LegKey,
        remb: &Remb<'_>,
    ) -> Result<(), Counter> {
        let leg = self.legs.get_mut(key).ok_or(Counter::DropUnknownSource)?;
        let bandwidth = leg.bandwidth.as_mut().ok_or(Counter::DropFeedbackUnknown)?;
        self.output.counters.one(Counter::RembsReceived);
        bandwidth.report_untrusted(remb.bitrate_bps, now.ns);
        Ok(())
    }

    /// Brings what is thought of a leg's path up to date, if that is due; begins the burst it wants.
    pub(crate) fn settle(&mut self, key: LegKey, now: Now) {
        let Some(leg) = self.legs.get_mut(key) else {
            return;
        };
        let id = leg.id;
        let due = |bandwidth: &&mut Box<Bandwidth>| bandwidth.is_due(now.ns);
        let Some(bandwidth) = leg.bandwidth.as_mut().filter(due) else {
            return;
        };
        let asked = bandwidth.settle(now.ns);
        self.estimates.extend(bandwidth.take_news(id, now.ns));
        if let Some(asked) = asked {
            bandwidth.burst = Some(Burst::new(asked, now.ns));
            self.clocked.note(key);
            self.output.counters.one(Counter::Probes);
        }
    }

    /// Tells Python what is new of the paths, if the last time is long enough ago.
    pub(crate) fn tell_estimates(&mut self, now: Now) {
        if self.estimates.is_empty() || now.ns < self.estimates_due_ns {
            return;
        }
        self.estimates_due_ns = now.ns + TELL_INTERVAL_NS;
        let estimates = self.estimates.as_slice().into();
        self.estimates.clear();
        self.output.events.push(Event::Estimates { estimates });
    }
}

/// Policy follows within this time; a stream of single estimates would wake Python for each.
const TELL_INTERVAL_NS: u64 = 50_000_000;
