//! What was sent, what of it arrived, and how long that took, measurement after measurement: pure.

mod accounts;
mod booking;
mod counts;
#[cfg(test)]
mod tests;
mod windows;

use crate::distribution::Distribution;
use crate::participant::{Arrival, Feedback, LINES_EACH};
use crate::traffic::stamp::Stamp;
use accounts::Consultation;
pub use counts::Counts;
pub use windows::SETTLED_AFTER_NS;
use windows::{Entry, Windows};

/// Through the relay, or straight to the other participant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Through the relay.
    Relayed,
    /// Straight to the other participant: what the machine takes without a relay.
    Bare,
}

/// All lines of a run, as many for each participant, and all consultations.
pub struct Ledger {
    windows: Windows,
    lines: Vec<LineAccount>,
    consultations: Vec<Consultation>,
    /// Whether how much of a picture anybody gets is the relay's choice.
    adapts: bool,
    delays: [Delays; 2],
    /// How late the generator sent.
    pub lateness: Distribution,
    /// What only needs counting.
    pub counts: Counts,
}

/// A packet that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// Whom it reached.
    pub place: usize,
    /// What it carried.
    pub stamp: Stamp,
    /// Whether its contents are what was sent.
    pub intact: bool,
    /// Whether it is a retransmission.
    pub repaired: bool,
    /// How many packets its source has sent since the last one, itself included.
    pub advanced: u32,
    /// When it was there.
    pub arrival_ns: u64,
}

#[derive(Clone, Copy)]
struct LineAccount {
    consultation: u32,
    highest: u32,
}

#[derive(Default)]
struct Delays {
    all: Distribution,
    clean: Distribution,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            windows: Windows::new(0, 0, 1),
            lines: Vec::new(),
            consultations: Vec::new(),
            adapts: false,
            delays: Default::default(),
            lateness: Distribution::default(),
            counts: Counts::default(),
        }
    }
}

impl Ledger {
    /// Nobody yet, at a relay that adapts what it passes on or does not.
    #[must_use]
    pub fn of_relay(adapts: bool) -> Self {
        Self {
            adapts,
            ..Self::default()
        }
    }

    /// Opens a consultation of so many and gives its number.
    pub fn open_consultation(&mut self, way: Way, participants: usize) -> usize {
        let mut planned = Consultation::planned(way, participants);
        planned.chosen = self.adapts && way == Way::Relayed;
        self.consultations.push(planned);
        self.consultations.len() - 1
    }

    /// Opens the lines of the next place, which is in this consultation; `false` if there is none such.
    ///
    /// It belongs to one participant more, or is a second leg of one that is there.
    pub fn enter(&mut self, consultation: usize, one_more: bool) -> bool {
        let Some(entered) = self.consultations.get_mut(consultation) else {
            return false;
        };
        if one_more {
            entered.enter();
        }
        let line = LineAccount {
            consultation: consultation as u32,
            highest: 0,
        };
        self.lines.extend([line; LINES_EACH]);
        true
    }

    /// A participant is gone.
    pub fn leave(&mut self, place: usize) {
        let line = self.lines.get(place * LINES_EACH).copied();
        if let Some(left) = line.and_then(|line| self.consultation(line)) {
            left.leave();
        }
    }

    /// Forgets the last measurement and begins another, `now_ns()` when that is done.
    pub fn begin(&mut self, now_ns: impl FnOnce() -> u64, measure_ns: u64, window_ns: u64) {
        self.consultations.iter_mut().for_each(Consultation::begin);
        self.delays = Default::default();
        self.lateness = Distribution::default();
        self.counts = Counts::default();
        let start_ns = now_ns();
        self.windows = Windows::new(start_ns, start_ns + measure_ns, window_ns);
    }

    /// The windows of the measurement.
    #[must_use]
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// Asks whether time was stolen, if a window has ended.
    pub fn watch(&mut self, now_ns: u64, stolen: impl FnOnce() -> bool) {
        if self.windows.edge_passed(now_ns) {
            self.windows.pass_edge(now_ns, stolen());
        }
    }

    /// Counts packets that a participant sent together, by line.
    pub fn record_sent(
        &mut self,
        place: usize,
        packets: [u32; LINES_EACH],
        sent_ns: u64,
        late_ns: u64,
    ) {
        if !self.windows.contain(sent_ns) {
            return;
        }
        self.lateness.record(late_ns);
        if late_ns > LATE_NS {
            self.windows.record_late(sent_ns);
        }
        let Some(line) = self.lines.get(place * LINES_EACH).copied() else {
            return;
        };
        let Some(consultation) = self.consultation(line).filter(|found| found.counts) else {
            return;
        };
        let [sound, pictures @ ..] = packets;
        let [_, others @ ..] = pictures;
        // Which of several encodings anybody is to get is the relay's choice, and how much of one where it
        // adapts: what its own numbering promises is to arrive.
        consultation.chosen |= others.iter().any(|count| *count > 0);
        let (receivers, chosen) = (consultation.receivers(), consultation.chosen);
        let pictures: u32 = pictures.iter().sum();
        let consultation = line.consultation;
        let expected = if chosen { sound } else { sound + pictures };
        let packets = expected * receivers;
        self.record(
            sent_ns,
            Entry::Expected {
                consultation,
                packets,
            },
        );
        if chosen {
            let packets = pictures * receivers;
            self.record(
                sent_ns,
                Entry::Offered {
                    consultation,
                    packets,
                },
            );
        }
    }

    /// Counts whatever arrived at a place.
    pub fn record_arrival(&mut self, place: usize, arrival: Arrival, arrival_ns: u64) {
        match arrival {
            Arrival::Media {
                stamp,
                intact,
                repaired,
                advanced,
                frozen_ns,
            } => {
                if let Some(lasted_ns) = frozen_ns {
                    self.record_freeze(place, arrival_ns, lasted_ns);
                }
                self.record_received(Received {
                    place,
                    stamp,
                    intact,
                    repaired,
                    advanced,
                    arrival_ns,
                });
            }
            Arrival::Control(feedback) => self.record_feedback(feedback),
            Arrival::Unusable => self.counts.unusable += 1,
        }
    }

    /// Counts a packet that arrived.
    pub fn record_received(&mut self, received: Received) {
        let stamp = received.stamp;
        self.counts.damaged += u64::from(!received.intact);
        let own = self.lines.get(received.place * LINES_EACH).copied();
        let Some(line) = self.lines.get_mut(stamp.line as usize) else {
            self.counts.unusable += 1;
            return;
        };
        let reordered = !received.repaired && stamp.number < line.highest;
        line.highest = line.highest.max(stamp.number);
        let line = *line;
        if own.is_none_or(|own| own.consultation != line.consultation) {
            self.counts.misdelivered += 1;
            return;
        }
        let Some(consultation) = self.consultation(line).filter(|found| found.counts) else {
            return;
        };
        let video = !(stamp.line as usize).is_multiple_of(LINES_EACH);
        let promised = Entry::Promised {
            consultation: line.consultation,
            packets: received.advanced,
        };
        let is_promised = consultation.chosen && video && !received.repaired;
        let entry = if received.repaired {
            Entry::Repaired {
                consultation: line.consultation,
            }
        } else {
            let delay_ns = received.arrival_ns.saturating_sub(stamp.sent_ns);
            Entry::Received {
                consultation: line.consultation,
                delay_ns: u32::try_from(delay_ns).unwrap_or(u32::MAX),
                video,
                // With several receivers a later packet may reach one before an earlier reaches another.
                reordered: reordered && consultation.receivers() == 1,
            }
        };
        self.record(stamp.sent_ns, entry);
        if is_promised {
            self.record(stamp.sent_ns, promised);
        }
    }

    /// Counts what the relay asked for and told.
    pub fn record_feedback(&mut self, feedback: Feedback) {
        self.counts.add(feedback);
    }

    /// Whether a place is in a consultation that goes through the relay.
    #[must_use]
    pub fn is_relayed(&self, place: usize) -> bool {
        let line = self.lines.get(place * LINES_EACH);
        let found = line.and_then(|line| self.consultations.get(line.consultation as usize));
        found.is_some_and(|found| found.way == Way::Relayed)
    }

    fn consultation(&mut self, line: LineAccount) -> Option<&mut Consultation> {
        self.consultations.get_mut(line.consultation as usize)
    }
}

/// Sending later than this shapes what is measured: half of the 2 ms that the relay may add.
pub const LATE_NS: u64 = 1_000_000;
