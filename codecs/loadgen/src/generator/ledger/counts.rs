//! What of a measurement only needs counting.

use crate::outcome::FeedbackOutcome;
use crate::participant::Feedback;

/// Counters that begin at 0 with each measurement.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Datagrams the kernel did not take.
    pub refused: u64,
    /// Datagrams nothing could be made of.
    pub unusable: u64,
    /// Payloads that were not what was sent.
    pub damaged: u64,
    /// Packets that reached somebody of another consultation.
    pub misdelivered: u64,
    /// What the relay asked for and told.
    pub feedback: FeedbackOutcome,
}

impl Counts {
    /// Counts what the relay asked for and told.
    pub fn add(&mut self, feedback: Feedback) {
        let counts = &mut self.feedback;
        counts.plis += u64::from(feedback.plis);
        counts.nacks += u64::from(feedback.nacks);
        counts.transport_feedbacks += u64::from(feedback.transport_feedbacks);
        counts.sender_reports += u64::from(feedback.sender_reports);
        counts.rembs += u64::from(feedback.rembs);
        counts.rtx_sent += u64::from(feedback.rtx_sent);
        counts.plis_sent += u64::from(feedback.plis_sent);
        counts.nacks_sent += u64::from(feedback.nacks_sent);
    }
}
