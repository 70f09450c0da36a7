//! One path's estimator: a receiver's feedback in, the rate it may be sent out.
//!
//! Whoever owns the clock lets it hear each feedback as it comes, and calls [`Estimator::tick`] regularly.

use crate::acknowledged::Acknowledged;
use crate::aimd::{RateControl, Signs};
use crate::contact::Contact;
use crate::delay::Delay;
use crate::elapsed::moment_us;
use crate::feedback::Feedback;
use crate::limits::{LEAST_BPS, MOST_BPS, START_BPS, whole_bps};
use crate::loss::Losses;
use crate::overuse::Usage;
use crate::probes::{CALM_WAIT_MS, Path, Probe, Probes};
use crate::receiver_clock::ReceiverClock;
use crate::round_trip::RoundTrip;
use crate::samples::{Heard, Packet, Recovered, Sample, Screen};
use crate::standing::{Standing, whole_us};
use crate::waiting::Waiting;

/// What is thought of one receiver's path.
#[derive(Clone, Debug)]
pub struct Estimator {
    hearing: Hearing,
    contact: Contact,
    clock: ReceiverClock,
    delay: Delay,
    waiting: Waiting,
    round_trip: RoundTrip,
    acknowledged: Acknowledged,
    losses: Losses,
    control: RateControl,
    probes: Probes,
    /// What may be sent, as of the last tick.
    rate_bps: f64,
    /// The same but for what is held back for a moment.
    estimate_bps: f64,
}

/// What has been heard, and has not changed the rate yet.
#[derive(Clone, Debug, Default)]
struct Hearing {
    screen: Screen,
    feedback: Feedback,
    /// Since the last tick.
    feedbacks: u32,
    samples: usize,
}

impl Default for Estimator {
    fn default() -> Self {
        Self::new()
    }
}

impl Estimator {
    /// A path of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self {
            hearing: Hearing::default(),
            contact: Contact::default(),
            clock: ReceiverClock::default(),
            delay: Delay::new(),
            waiting: Waiting::new(),
            round_trip: RoundTrip::new(),
            acknowledged: Acknowledged::new(),
            losses: Losses::new(),
            control: RateControl::new(),
            probes: Probes::new(),
            rate_bps: START_BPS,
            estimate_bps: START_BPS,
        }
    }

    /// Takes in one feedback, at the time it reached the relay.
    ///
    /// `samples` go by rising sequence, as feedback lists them; one that does not rise is dropped. Whatever
    /// they claim, the rate stays within [`limits`](crate::limits). A flood costs and counts little: between
    /// two ticks 2,000 samples are read, and the rate moves as if by four feedbacks, of which the last holds
    /// all that came beyond.
    ///
    /// Returns whether the path was silent for so long that its rate was lowered, and is heard of again.
    pub fn hear_untrusted(&mut self, samples: &[Sample], now_us: u64) -> bool {
        let room = MOST_SAMPLES.saturating_sub(self.hearing.samples);
        let newest = samples.get(samples.len().saturating_sub(room)..);
        let clock_us = moment_us(now_us);
        let mut is_back = false;
        for sample in newest.unwrap_or_default() {
            self.hearing.samples += 1;
            match self.hearing.screen.accept_untrusted(sample, now_us) {
                Some(Heard::New(packet)) => self.take(&packet),
                Some(Heard::Recovered(late)) => {
                    is_back |= self.hear_of_path(clock_us);
                    self.take_back(&late);
                }
                None => {}
            }
        }
        if self.hearing.feedback.packets == 0 {
            return is_back;
        }
        let now_us = clock_us;
        is_back |= self.hear_of_path(now_us);
        self.hearing.feedbacks += 1;
        if self.hearing.feedbacks < MOST_FEEDBACKS {
            self.conclude(now_us);
        }
        is_back
    }

    /// Takes that a receiver was heard; whether for the first time after a silence, so that the path is asked anew.
    fn hear_of_path(&mut self, now_us: i64) -> bool {
        let is_back = self.contact.hear(now_us);
        if is_back {
            self.probes.begin_again();
        }
        is_back
    }

    /// Takes a receiver's own estimate (REMB): a cap, and all there is without feedback.
    pub fn report_untrusted(&mut self, remb_bps: u64, now_us: u64) {
        self.contact.report_untrusted(remb_bps, moment_us(now_us));
    }

    /// Takes a receiver's silence up to now for the relay's own: it stood still, and read nothing.
    pub fn excuse_silence(&mut self, now_us: u64) {
        self.contact.excuse_silence(moment_us(now_us));
    }

    /// Says above which rate nobody needs to know whether the path carries it.
    pub fn limit_use(&mut self, useful_bps: u64) {
        self.probes.limit_use(useful_bps as f64);
    }

    /// Lets time pass: lowers the rate of whoever is silent, settles what may be sent, and gives the burst
    /// that is to ask for more, if it is time for one.
    ///
    /// `last_sent_us` is when this receiver was last sent anything; without it, all the time.
    pub fn tick(&mut self, now_us: u64, last_sent_us: Option<u64>) -> Option<Probe> {
        let now_us = moment_us(now_us);
        if self.hearing.feedback.packets > 0 {
            self.conclude(self.contact.heard_us().unwrap_or(now_us));
        }
        (self.hearing.feedbacks, self.hearing.samples) = (0, 0);
        self.decay(last_sent_us.map(moment_us), now_us);
        let probe = self.ask(now_us);
        self.settle(now_us);
        probe
    }

    /// What may be sent, as of the last tick: media, retransmissions and padding, with headers.
    #[must_use]
    pub fn rate_bps(&self) -> u64 {
        whole_bps(self.rate_bps)
    }

    /// How the receiver stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing {
            rate_bps: whole_bps(self.rate_bps),
            estimate_bps: whole_bps(self.estimate_bps),
            usage: self.delay.usage(),
            wait_ms: self.waiting.wait_ms(),
            round_trip_us: whole_us(self.round_trip.smoothed_us()),
        }
    }

    fn take(&mut self, packet: &Packet) {
        let sent_us = packet.sent_us;
        let arrival_us = packet
            .arrival_us
            .map(|arrival_us| self.clock.steady_us(sent_us, arrival_us));
        self.hearing.feedback.add(packet, arrival_us);
        if let Some(arrival_us) = arrival_us {
            self.delay.add(sent_us, arrival_us);
            self.acknowledged.add(arrival_us, packet.size_bytes);
            self.probes.add(packet, arrival_us);
        }
    }

    /// Takes back a loss. What came then counts as any; of delays it tells nothing, since it took a way of its own.
    fn take_back(&mut self, late: &Recovered) {
        let arrival_us = self.clock.corrected_us(late.arrival_us);
        self.acknowledged.add(arrival_us, late.size_bytes);
        let feedback = &mut self.hearing.feedback;
        if !feedback.has_dropped(late.sent_us) && !feedback.recover(late.sent_us) {
            self.losses.recover(late.sent_us);
        }
    }

    /// Lets all that was heard change what is thought of the path.
    fn conclude(&mut self, now_us: i64) {
        let feedback = self.hearing.feedback;
        self.hearing.feedback = feedback.following();
        self.acknowledged.conclude();
        if let Some(arrived) = feedback.arrived {
            self.round_trip.measure(arrived.last_sent_us, now_us);
            self.waiting.measure(arrived.shortest_transit_us, now_us);
        }
        let before_bps = self.control.rate_bps();
        self.move_rate(&feedback, now_us);
        let after_bps = self.control.rate_bps();
        self.probes.note_drop(before_bps, after_bps, now_us);
    }

    fn move_rate(&mut self, feedback: &Feedback, now_us: i64) {
        let stands = self.waiting.stands(self.control.reduced_us(), now_us);
        let usage = if stands {
            Usage::Over
        } else {
            self.delay.usage()
        };
        let waits = self.waiting.waits();
        // Lost behind the bottleneck, packets have been through it all the same.
        let passed = 1.0 - self.losses.own_share(feedback, !waits);
        let signs = Signs {
            usage,
            waits,
            acknowledged_bps: self.acknowledged.rate_bps().map(|bps| bps / passed),
            round_trip_us: self.round_trip.smoothed_us(),
            wait_us: self.waiting.wait_ms() * 1e3,
        };
        let before_bps = self.control.rate_bps();
        self.control.control(signs, now_us);
        if self.control.rate_bps() < DEEP_FALL * before_bps {
            // Windows that reach back before the fall make it look shallow.
            self.acknowledged.expect_change();
        }
        if let Some(measured) = self.probes.conclude(passed, usage == Usage::Over) {
            self.acknowledged.expect_change();
            self.control.lift(measured, now_us);
        }
        if self.losses.observe(feedback)
            && let Some(proven_bps) = self.losses.judge(now_us)
            && proven_bps < self.control.rate_bps()
        {
            self.control.lower(proven_bps, now_us);
        }
    }

    /// Lowers the rate when nothing comes, or much too late.
    fn decay(&mut self, sent_us: Option<i64>, now_us: i64) {
        let round_trip_us = self.round_trip.smoothed_us();
        let before_bps = self.control.rate_bps();
        let left_bps = self
            .contact
            .decayed_bps(before_bps, sent_us, round_trip_us, now_us);
        if let Some(left_bps) = left_bps {
            self.control.lower(left_bps, now_us);
            let after_bps = self.control.rate_bps();
            self.probes.note_drop(before_bps, after_bps, now_us);
        }
    }

    fn ask(&mut self, now_us: i64) -> Option<Probe> {
        if !self.contact.is_live(now_us) {
            return None;
        }
        let calm = self.delay.usage() == Usage::Normal
            && self.waiting.wait_ms() < CALM_WAIT_MS
            && !self.losses.dips(now_us);
        let path = Path {
            rate_bps: self.control.rate_bps(),
            calm,
            round_trip_us: self.round_trip.smoothed_us(),
        };
        self.probes.ask(path, now_us)
    }

    /// Gives what may be sent: the estimate, less what has reasons to be held back.
    fn settle(&mut self, now_us: i64) {
        let draining = self
            .waiting
            .draining_share(self.control.reduced_us(), now_us);
        let held_bps = self.control.rate_bps() * draining * self.losses.dip_share(now_us);
        let capped_bps = |bps| {
            let capped_bps = self.contact.capped_bps(bps, now_us);
            capped_bps.clamp(LEAST_BPS, MOST_BPS)
        };
        (self.rate_bps, self.estimate_bps) =
            (capped_bps(held_bps), capped_bps(self.control.rate_bps()));
    }
}

/// Between two ticks; 100 ms at the highest rate are a tenth of it.
const MOST_SAMPLES: usize = 2_000;

/// Of the rate before: more is left where a path only wobbles.
const DEEP_FALL: f64 = 0.85;

/// That are told apart between two ticks; what comes beyond is one with the last. Whoever reports in a flood
/// then moves the rate as often as four others, and feels the coarse result itself.
const MOST_FEEDBACKS: u32 = 4;

#[cfg(test)]
mod tests;
