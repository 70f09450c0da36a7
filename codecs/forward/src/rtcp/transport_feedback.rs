//! Transport-wide feedback to publishers, behind media to the same leg where there is some.
//!
//! A datagram of its own costs a trip through the kernel's UDP stack, as much as a run of media does; the end
//! of a run may be shorter than the rest (`runs`), and feedback is short. So it leaves a little early with the
//! media of a batch, and only a leg that is sent nothing waits for the tick.

use crate::control::counters::Counter;
use crate::legs::leg::Leg;
use crate::worker::Worker;
use crate::worker::ids::LegKey;
use crate::worker::now::Now;
use crate::worker::output::Output;

/// Legs that a batch sends media to and whose feedback is nearly due.
pub struct Riders(Vec<(LegKey, Now)>);

impl Default for Riders {
    fn default() -> Self {
        Self(Vec::with_capacity(USUAL_RIDERS))
    }
}

impl Riders {
    /// Takes note of a leg that is sent media.
    pub fn note(&mut self, key: LegKey, leg: &Leg, now: Now) {
        let soon = leg.transport_cc && leg.arrivals.is_due(now.ns + RIDE_NS);
        if soon && self.0.last().is_none_or(|(last, _)| *last != key) {
            self.0.push((key, now));
        }
    }
}

impl Worker {
    /// Adds to the outbox what rides with its media.
    pub(crate) fn send_riding_feedback(&mut self) {
        let Self {
            legs,
            output,
            agenda,
            ..
        } = self;
        let mut riders = std::mem::replace(&mut output.riders, Riders(Vec::new()));
        for (key, now) in riders.0.drain(..) {
            // What does not fit waits for the tick.
            if output.outbox.is_nearly_full() {
                break;
            }
            if let Some(leg) = legs.get_mut(key) {
                send_transport_feedback(leg, now, now.ns + RIDE_NS, output);
                agenda.plan(key, leg);
            }
        }
        // The list keeps its memory.
        output.riders = riders;
    }
}

/// Writes a leg's feedback that is due by `by_ns`, if there is something to tell.
pub fn send_transport_feedback(leg: &mut Leg, now: Now, by_ns: u64, output: &mut Output) {
    for _ in 0..MAX_FEEDBACKS {
        let is_due = leg.transport_cc && leg.arrivals.is_due(by_ns);
        // What could not leave is told by the next tick.
        if !is_due || send_one(leg, now, output).is_none() {
            break;
        }
    }
}

fn send_one(leg: &mut Leg, now: Now, output: &mut Output) -> Option<()> {
    let sender = leg.report_ssrc;
    let mut scratch = [0; MAX_FEEDBACK_BYTES];
    let told = leg.arrivals.write_feedback(&mut scratch, sender)?;
    let wire_bytes = output.send_feedback(leg, now, |out, _| {
        let feedback = scratch.get(..told.len)?;
        out.get_mut(..told.len)?.copy_from_slice(feedback);
        Some(told.len)
    })?;
    leg.arrivals.tell(told, wire_bytes, now.ns);
    let counters = &mut output.counters;
    counters.one(Counter::TransportFeedbackSent);
    counters.add(Counter::TransportFeedbackSentBytes, wire_bytes as u64);
    Some(())
}

/// More than a batch of packets has receivers, so that the list does not grow.
const USUAL_RIDERS: usize = 1_024;
/// So much before it is due feedback may leave: sound brings a packet to a leg every 20 ms.
const RIDE_NS: u64 = 25_000_000;
/// Feedback packets a leg at once: 1,600 statuses, four times what 10 Mbit/s needs.
const MAX_FEEDBACKS: usize = 4;
const MAX_FEEDBACK_BYTES: usize = 1_200;
