//! What was sent, what of it arrived, and how long that took.

use crate::distribution::Distribution;
use crate::outcome::{FeedbackOutcome, PathOutcome};
use crate::participant::Feedback;
use crate::traffic::stamp::Stamp;

/// Through the relay, or straight to the other participant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Through the relay.
    Relayed,
    /// Straight to the other participant: what the machine takes without a relay.
    Bare,
    /// Through the relay, but not to be counted: somebody of the consultation was not there yet.
    Uncounted,
}

/// What counts is what was sent in here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// From here.
    pub start_ns: u64,
    /// Up to but not including here.
    pub end_ns: u64,
}

/// All lines of a run, two for each participant: sound, then picture.
#[derive(Default)]
pub struct Ledger {
    window: Window,
    lines: Vec<LineAccount>,
    delays: [Distribution; 2],
    /// How late the generator sent.
    pub lateness: Distribution,
    /// Datagrams the kernel did not take.
    pub refused: u64,
    /// Datagrams nothing could be made of.
    pub unusable: u64,
    /// Payloads that were not what was sent.
    pub damaged: u64,
    /// What the relay asked for and told.
    pub feedback: FeedbackOutcome,
}

struct LineAccount {
    way: Way,
    consultation: usize,
    receivers: u64,
    sent: u64,
    received: u64,
    reordered: u64,
    highest: u32,
}

impl Ledger {
    /// Opens the two lines of the next participant; `consultation` is its first participant's place.
    pub fn open_lines(&mut self, way: Way, consultation: usize, receivers: usize) {
        for _ in 0..LINES_EACH {
            self.lines.push(LineAccount {
                way,
                consultation,
                receivers: receivers as u64,
                sent: 0,
                received: 0,
                reordered: 0,
                highest: 0,
            });
        }
    }

    /// Says what counts.
    pub fn set_window(&mut self, window: Window) {
        self.window = window;
    }

    /// Whether what is sent at this time counts.
    #[must_use]
    pub fn counts(&self, sent_ns: u64) -> bool {
        (self.window.start_ns..self.window.end_ns).contains(&sent_ns)
    }

    /// Counts packets of sound and picture that a participant sent together.
    pub fn record_sent(
        &mut self,
        place: usize,
        (audio, video): (u32, u32),
        sent_ns: u64,
        late_ns: u64,
    ) {
        if !self.counts(sent_ns) {
            return;
        }
        self.lateness.record(late_ns);
        let lines = self.lines.iter_mut().skip(place * LINES_EACH);
        for (line, count) in lines.zip([audio, video]) {
            line.sent += u64::from(count);
        }
    }

    /// Counts a packet that arrived.
    pub fn record_received(&mut self, stamp: Stamp, intact: bool, arrival_ns: u64) {
        self.damaged += u64::from(!intact);
        let counts = self.counts(stamp.sent_ns);
        let Some(line) = self.lines.get_mut(stamp.line as usize) else {
            self.unusable += 1;
            return;
        };
        // With several receivers a later packet may reach one before an earlier reaches another.
        let reordered = line.receivers == 1 && stamp.number < line.highest;
        line.highest = line.highest.max(stamp.number);
        if !counts {
            return;
        }
        line.received += 1;
        line.reordered += u64::from(reordered);
        if let Some(delays) = self.delays.get_mut(line.way as usize) {
            delays.record(arrival_ns.saturating_sub(stamp.sent_ns));
        }
    }

    /// Counts what the relay asked for and told.
    pub fn record_feedback(&mut self, feedback: Feedback) {
        self.feedback.plis += u64::from(feedback.plis);
        self.feedback.nacks += u64::from(feedback.nacks);
        self.feedback.transport_feedbacks += u64::from(feedback.transport_feedbacks);
        self.feedback.sender_reports += u64::from(feedback.sender_reports);
    }

    /// Sums up one way.
    #[must_use]
    pub fn path(&self, way: Way) -> PathOutcome {
        let mut outcome = PathOutcome {
            expected: 0,
            received: 0,
            lost: 0,
            reordered: 0,
            received_video: 0,
            worst_consultation_lost: 0,
            delay: self
                .delays
                .get(way as usize)
                .cloned()
                .unwrap_or_default()
                .summary(),
        };
        let of_this_way =
            |account: &&[LineAccount]| account.first().is_some_and(|line| line.way == way);
        let consultations = self
            .lines
            .chunk_by(|one, next| one.consultation == next.consultation);
        for consultation in consultations.filter(of_this_way) {
            let lost: u64 = consultation.iter().map(LineAccount::lost).sum();
            outcome.lost += lost;
            outcome.worst_consultation_lost = outcome.worst_consultation_lost.max(lost);
            outcome.expected += consultation.iter().map(LineAccount::expected).sum::<u64>();
            outcome.received += consultation.iter().map(|line| line.received).sum::<u64>();
            outcome.reordered += consultation.iter().map(|line| line.reordered).sum::<u64>();
            let video = consultation.iter().skip(1).step_by(LINES_EACH);
            outcome.received_video += video.map(|line| line.received).sum::<u64>();
        }
        outcome
    }
}

impl LineAccount {
    fn expected(&self) -> u64 {
        self.sent * self.receivers
    }

    fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }
}

/// Sound and picture.
const LINES_EACH: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        for (way, consultation) in [
            (Way::Relayed, 0),
            (Way::Relayed, 0),
            (Way::Bare, 2),
            (Way::Bare, 2),
        ] {
            ledger.open_lines(way, consultation, 1);
        }
        ledger.set_window(Window {
            start_ns: 100,
            end_ns: 200,
        });
        ledger
    }

    #[test]
    fn what_did_not_arrive_is_lost_where_it_was_sent() {
        let mut ledger = ledger();
        ledger.record_sent(1, (0, 5), 150, 3);
        ledger.record_sent(2, (1, 0), 150, 4);
        for number in 0..4 {
            ledger.record_received(
                Stamp {
                    line: 3,
                    number,
                    sent_ns: 150,
                },
                true,
                160,
            );
        }
        ledger.record_received(
            Stamp {
                line: 4,
                number: 0,
                sent_ns: 150,
            },
            true,
            151,
        );
        let (relayed, bare) = (ledger.path(Way::Relayed), ledger.path(Way::Bare));
        assert_eq!(
            (
                relayed.expected,
                relayed.received,
                relayed.lost,
                relayed.received_video
            ),
            (5, 4, 1, 4)
        );
        assert_eq!(
            (relayed.worst_consultation_lost, relayed.delay.count),
            (1, 4)
        );
        assert_eq!((bare.expected, bare.lost, bare.received_video), (1, 0, 0));
        assert_eq!(ledger.lateness.summary().count, 2);
    }

    #[test]
    fn what_was_sent_outside_the_window_does_not_count() {
        let mut ledger = ledger();
        ledger.record_sent(0, (1, 0), 99, 0);
        ledger.record_received(
            Stamp {
                line: 0,
                number: 0,
                sent_ns: 99,
            },
            true,
            150,
        );
        ledger.record_sent(0, (1, 0), 200, 0);
        let path = ledger.path(Way::Relayed);
        assert_eq!((path.expected, path.received, path.delay.count), (0, 0, 0));
    }

    #[test]
    fn a_packet_behind_a_later_one_is_reordered() {
        let mut ledger = ledger();
        for number in [1, 0, 2] {
            ledger.record_received(
                Stamp {
                    line: 1,
                    number,
                    sent_ns: 150,
                },
                number != 2,
                160,
            );
        }
        assert_eq!(
            (ledger.path(Way::Relayed).reordered, ledger.damaged),
            (1, 1)
        );
    }
}
