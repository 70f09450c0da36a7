//! What a run found: one JSON document on standard output.

use serde::Serialize;

use crate::distribution::Summary;

/// Everything the generator saw in a run of one measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Its figures.
    #[serde(flatten)]
    pub measurement: Measurement,
    /// Datagrams as they were on the wire.
    pub samples: Vec<Sample>,
}

/// What was sent between two moments, and what became of it.
///
/// Time is cut into windows. One is void when, in it, the generator sent more than 1 ms behind its plan, or
/// when the host took away one of the cores in it or beside it. "Clean" leaves void windows out.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// How long was measured, seconds.
    pub measured_s: f64,
    /// Participants that sent and received at its end.
    pub participants: usize,
    /// Consultations that were whole all the time: the others' packets do not count.
    pub consultations: usize,
    /// Share of the windows that were void.
    pub void_share: f64,
    /// Share of the windows that were void because the host took a core away.
    pub stolen_share: f64,
    /// Share of the windows that were void because the generator was late; some may be both.
    pub late_share: f64,
    /// What went through the relay.
    pub relayed: PathOutcome,
    /// The same over the windows that were not void.
    pub relayed_clean: PathOutcome,
    /// What went from one participant straight to the other; absent where nobody did.
    pub bare: Option<PathOutcome>,
    /// The same over the windows that were not void.
    pub bare_clean: Option<PathOutcome>,
    /// Relayed consultations one by one.
    pub consultations_out: ConsultationsOutcome,
    /// The same over the windows that were not void.
    pub consultations_clean: ConsultationsOutcome,
    /// How far behind its plan the generator sent, microseconds.
    pub lateness: Summary,
    /// Whether the generator, not the relay, limited this run.
    pub generator_is_bottleneck: bool,
    /// Share of its core that the generator's thread used while it measured.
    pub generator_core_share: f64,
    /// Datagrams the kernel did not take from the generator.
    pub refused: u64,
    /// Datagrams that arrived for the generator and that it was too slow to read.
    pub overflowed: u64,
    /// Datagrams that SRTP refused or that carried no stamp.
    pub unusable: u64,
    /// Payloads that were not what was sent, among those looked at.
    pub damaged: u64,
    /// Packets that reached somebody of another consultation.
    pub misdelivered: u64,
    /// What the relay asked for and told, and what the generator did about it.
    pub feedback: FeedbackOutcome,
}

/// Media between two sets of participants.
#[derive(Clone, Debug, Serialize)]
pub struct PathOutcome {
    /// Packets that were to arrive: each sent one, once for each other participant; of pictures among which the relay
    /// chooses, those that its own numbering promised.
    pub expected: u64,
    /// Those that did, as they were first sent.
    pub received: u64,
    /// Those that did not, whether they were repaired or not.
    pub lost: u64,
    /// Those that only a retransmission brought (RFC 4588).
    pub repaired: u64,
    /// Those that arrived behind a later one of their line.
    pub reordered: u64,
    /// Parts of pictures, once for each other participant, that the relay did not pass on: encodings that it did not
    /// choose, and what it kept back. They are not among those that were to arrive; 0 where it has no choice.
    pub withheld: u64,
    /// Packets of video among those received.
    pub received_video: u64,
    /// The consultation that lost most, and how much.
    pub worst_consultation_lost: u64,
    /// One-way delay.
    pub delay: Summary,
}

/// Consultations one by one, and how they differ.
#[derive(Clone, Debug, Serialize)]
pub struct ConsultationsOutcome {
    /// Shares of their packets that did not arrive, 0 to 1.
    pub loss_share: Spread,
    /// Their 99th percentiles of delay, microseconds.
    pub delay_p99_us: Spread,
    /// The largest share that one lost.
    pub worst_loss_share: f64,
    /// Times a picture stood still, as WebRTC's statistics count them.
    pub freezes: u64,
    /// How long, all together.
    pub frozen_ms: u64,
    /// Each: packets expected, lost, and delay p50, p95, p99, max in microseconds.
    pub per_consultation: Vec<[f64; 6]>,
}

/// How a figure differs among consultations.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spread {
    /// Half have no more.
    pub p50: f64,
    /// 95 of 100 have no more.
    pub p95: f64,
    /// 99 of 100 have no more.
    pub p99: f64,
    /// None has more.
    pub max: f64,
}

/// RTCP while it was measured.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct FeedbackOutcome {
    /// Key frames the relay asked for.
    pub plis: u64,
    /// Packets the relay asked for again.
    pub nacks: u64,
    /// Transport-wide feedbacks from the relay.
    pub transport_feedbacks: u64,
    /// Sender reports from the relay.
    pub sender_reports: u64,
    /// Caps on what is sent (REMB) from the relay.
    pub rembs: u64,
    /// Packets sent again because the relay asked.
    pub rtx_sent: u64,
    /// Key frames asked of the relay.
    pub plis_sent: u64,
    /// Packets asked of the relay again.
    pub nacks_sent: u64,
}

/// One SRTP datagram, to be judged by another implementation.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// Whose, by place in the run.
    pub participant: usize,
    /// Sent or received by that participant.
    pub sent: bool,
    /// Hexadecimal digits.
    pub datagram: String,
}

impl Spread {
    /// The spread of some figures; all 0 without any.
    #[must_use]
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let rank = ((figures.len() as f64 * share).ceil() as usize).max(1);
            figures.get(rank - 1).copied().unwrap_or_default()
        };
        Self {
            p50: at(0.50),
            p95: at(0.95),
            p99: at(0.99),
            max: at(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_made_of_figures_that_occurred() {
        let spread = Spread::of((1..=100).rev().map(f64::from).collect());
        let found = [spread.p50, spread.p95, spread.p99, spread.max];
        assert_eq!(found.map(|figure| figure as u32), [50, 95, 99, 100]);
        assert!(Spread::of(Vec::new()).max.abs() < f64::EPSILON);
    }
}
