//! What one leg's path carries: what left on it, what its participant says of that, and the rate that follows.
//!
//! The estimator is the crate `congestion`; here it gets its samples, its time and its bursts (`probing`).

use congestion::{Estimator, Probe, Sample, Usage};
use wire::payload::Kind;
use wire::rtcp::TransportFeedback;

use crate::congestion_control::departures::Departures;
use crate::congestion_control::falls::Falls;
use crate::congestion_control::pacer::Pacer;
use crate::congestion_control::probing::Burst;
use crate::control::counters::Counter;
use crate::control::event::LegEstimate;
use crate::worker::allowance::Allowance;
use crate::worker::ids::LegId;

/// One leg's path towards its participant.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Bandwidth {
    /// What left.
    pub departures: Departures,
    /// The burst that asks the path for more, while it lasts.
    pub burst: Option<Burst>,
    /// What waits for it.
    pub pacer: Pacer,
    /// Whether it has suddenly become narrow.
    falls: Falls,
    /// Above this nobody needs it; 0 while nobody has said what is of use.
    useful_bps: u64,
    /// Whether Python is given all that it hears, sample by sample.
    pub tapped: bool,
    estimator: Estimator,
    feedback_allowance: Allowance,
    settled_ns: u64,
    last_sent_us: Option<u64>,
    /// Whether the participant ever said anything: before, there is nothing to tell.
    heard: bool,
    /// Whether consent came back and nothing has been told of the path since.
    has_returned: bool,
    /// The rate after the last tick.
    settled_bps: u64,
    /// Whether the rate ever had to fall: a path that never was too narrow is sent what there is, as it comes.
    was_narrow: bool,
    told: Told,
}

/// What Python knows.
#[derive(Clone, Copy, Default)]
struct Told {
    at_ns: u64,
    rate_bps: u64,
    owed_bps: u64,
    usage: Option<Usage>,
}

impl Bandwidth {
    /// A path of which nothing is known. No burst asks it for anything before [`Bandwidth::limit_use`] says
    /// what is of use.
    #[must_use]
    pub fn new(now_ns: u64) -> Self {
        let mut estimator = Estimator::new();
        estimator.limit_use(0);
        Self {
            departures: Departures::new(),
            burst: None,
            pacer: Pacer::default(),
            falls: Falls::default(),
            useful_bps: 0,
            tapped: false,
            estimator,
            feedback_allowance: Allowance::new(FEEDBACKS_PER_SECOND, now_ns),
            settled_ns: now_ns,
            last_sent_us: None,
            heard: false,
            has_returned: false,
            settled_bps: 0,
            was_narrow: false,
            told: Told::default(),
        }
    }

    /// Enters a packet of a line of sound or pictures that leaves now, of this many bytes on the wire.
    pub fn sent(&mut self, now_ns: u64, size_bytes: usize, kind: Kind, ssrc: u32) {
        let at_us = now_ns / NS_PER_US;
        let cluster = self.burst.as_ref().map_or(0, Burst::cluster);
        self.departures
            .enter(at_us, size_bytes, cluster, kind, ssrc);
        self.pacer.spend(size_bytes);
        self.last_sent_us = Some(at_us);
    }

    /// Takes note of a packet of sound that leaves again, under its own transport-wide number.
    pub fn sent_again(&mut self, size_bytes: usize, number: u16) {
        self.departures.leave_again(number);
        self.pacer.spend(size_bytes);
    }

    /// Takes in a participant's feedback; `samples` is scratch.
    ///
    /// Returns whether the path had fallen silent and is back, so that what was sent meanwhile is lost. Where consent had
    /// run out pictures ceased with it, and those that are sent by now came behind the silence.
    ///
    /// # Errors
    ///
    /// The name under which feedback that says nothing to us is counted.
    pub fn hear_untrusted(
        &mut self,
        feedback: &TransportFeedback<'_>,
        now_ns: u64,
        samples: &mut Vec<Sample>,
    ) -> Result<bool, Counter> {
        if !self.feedback_allowance.take(now_ns) {
            return Err(Counter::DropFeedbackFlood);
        }
        let at_us = now_ns / NS_PER_US;
        samples.clear();
        if !self.departures.look_up_untrusted(feedback, at_us, samples) {
            return Err(Counter::DropFeedbackUnknown);
        }
        self.heard = true;
        let has_returned = std::mem::take(&mut self.has_returned);
        Ok(self.estimator.hear_untrusted(samples, at_us) && !has_returned)
    }

    /// Takes note that consent is back after it had run out. Nothing was settled meanwhile, but it was the path that was
    /// silent, and not this worker that stood still.
    pub const fn returns(&mut self, now_ns: u64) {
        self.has_returned = true;
        self.settled_ns = now_ns;
    }

    /// Takes in a participant's own estimate (REMB).
    pub fn report_untrusted(&mut self, remb_bps: u64, now_ns: u64) {
        self.heard = true;
        self.estimator
            .report_untrusted(remb_bps, now_ns / NS_PER_US);
    }

    /// Says above which rate nobody needs to know whether the path carries it.
    pub fn limit_use(&mut self, useful_bps: u64) {
        self.useful_bps = useful_bps;
        self.estimator.limit_use(useful_bps);
    }

    /// At which rate pictures leave; `None` while they leave as they come.
    #[must_use]
    pub fn paced_bps(&self) -> Option<u64> {
        (self.was_narrow && self.useful_bps > 0).then_some(self.settled_bps)
    }

    /// What waits for the path, if it is full for what is sent again.
    pub fn full(&mut self, now_ns: u64) -> Option<&mut Pacer> {
        let rate_bps = self.paced_bps()?;
        let is_full = self.pacer.is_full_for_repair(rate_bps, now_ns);
        is_full.then_some(&mut self.pacer)
    }

    /// What may be spent on repair, if the path has fallen lately and somebody sees to it that less is sent: the key
    /// frame of an encoder that does not follow would be as much too large as what was lost.
    #[must_use]
    pub fn repair_bytes(&self) -> Option<u64> {
        (self.useful_bps > 0)
            .then(|| self.falls.repair_bytes())
            .flatten()
    }

    /// When [`Bandwidth::settle`] should be called at the latest.
    #[must_use]
    pub const fn due_ns(&self) -> u64 {
        self.settled_ns + SETTLE_AT_THE_LATEST_NS
    }

    /// Whether [`Bandwidth::settle`] should be called now that there is news.
    #[must_use]
    pub const fn is_due(&self, now_ns: u64) -> bool {
        now_ns.saturating_sub(self.settled_ns) >= SETTLE_INTERVAL_NS
    }

    /// Lets time have its part; gives a burst to send.
    pub fn settle(&mut self, now_ns: u64) -> Option<Probe> {
        if now_ns.saturating_sub(self.settled_ns) > STALL_NS {
            self.estimator.excuse_silence(now_ns / NS_PER_US);
        }
        self.settled_ns = now_ns;
        self.departures.stock(now_ns / NS_PER_US);
        let asked = self.estimator.tick(now_ns / NS_PER_US, self.last_sent_us);
        let rate_bps = self.estimator.rate_bps();
        self.was_narrow |= rate_bps < self.settled_bps;
        self.settled_bps = rate_bps;
        self.falls
            .note(self.estimator.standing().estimate_bps, now_ns);
        asked
    }

    /// What Python should know: a rate or a state that is new, or once a second how things stand.
    pub fn take_news(&mut self, leg: LegId, now_ns: u64) -> Option<LegEstimate> {
        let standing = self.estimator.standing();
        let (rate_bps, before_bps) = (standing.rate_bps, self.told.rate_bps);
        let owed_bps = self.pacer.owed_bps(rate_bps);
        let moved = rate_bps.abs_diff(before_bps) * NEWS_SHARE > before_bps
            || owed_bps.abs_diff(self.told.owed_bps) * NEWS_SHARE > before_bps;
        let is_news = moved
            || self.told.usage != Some(standing.usage)
            || now_ns.saturating_sub(self.told.at_ns) >= TELL_AT_THE_LATEST_NS;
        if !self.heard || !is_news {
            return None;
        }
        self.told = Told {
            at_ns: now_ns,
            rate_bps,
            owed_bps,
            usage: Some(standing.usage),
        };
        Some(LegEstimate {
            leg,
            standing,
            owed_bps,
            sound: self.departures.sound_told(),
        })
    }
}

const NS_PER_US: u64 = 1_000;
/// The adaptation tick: of what comes in between, the next one tells.
const SETTLE_INTERVAL_NS: u64 = 50_000_000;
/// Feedback settles by itself; a path that says nothing is looked at this often, a tenth of what it may be silent.
const SETTLE_AT_THE_LATEST_NS: u64 = 200_000_000;
/// Then it was this worker that heard nobody, and feedback waits to be read.
const STALL_NS: u64 = 1_000_000_000;
/// A fiftieth of the rate is news.
const NEWS_SHARE: u64 = 50;
const TELL_AT_THE_LATEST_NS: u64 = 1_000_000_000;
/// Browsers send about twenty, and one a frame at most.
const FEEDBACKS_PER_SECOND: u64 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    /// A fiftieth of a second of this rate, which is 1,000 bytes, leaves without waiting.
    const RATE_BPS: u64 = 400_000;
    const SECOND_NS: u64 = 1_000_000_000;

    #[test]
    fn sound_that_leaves_again_takes_of_what_pictures_may() {
        let mut path = Bandwidth::new(0);
        assert!(!path.pacer.is_full(RATE_BPS, SECOND_NS));
        for number in 0..10 {
            assert_eq!(path.pacer.is_full(RATE_BPS, SECOND_NS), number >= 7);
            path.sent_again(160, number);
        }
    }
}
