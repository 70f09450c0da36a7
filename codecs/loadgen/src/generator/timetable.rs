//! When who does what next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::traffic::random::Random;
use crate::traffic::{frames, opus};

/// What a participant does from time to time.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Event {
    /// 20 ms of sound.
    Speak,
    /// A frame.
    Show,
    /// A STUN check.
    Check,
    /// Sender and receiver reports.
    Report,
    /// Transport-wide feedback.
    TellArrivals,
}

/// Every participant's next events, each with a phase of its own.
pub struct Timetable {
    due: BinaryHeap<Reverse<(u64, usize, Event)>>,
    random: Random,
    pace: f64,
    start_ns: u64,
}

impl Timetable {
    /// Nothing to do; `pace` stretches the intervals of media.
    #[must_use]
    pub fn new(seed: u64, pace: f64, start_ns: u64) -> Self {
        Self {
            due: BinaryHeap::new(),
            random: Random::new(seed),
            pace,
            start_ns,
        }
    }

    /// Adds something that happens again and again.
    pub fn add(&mut self, place: usize, event: Event) {
        let phase_ns = self.random.between(0, self.interval_ns(event));
        self.due
            .push(Reverse((self.start_ns + phase_ns, place, event)));
    }

    /// What is added from here on begins then; for participants that come later than others.
    pub fn begin_at(&mut self, start_ns: u64) {
        self.start_ns = start_ns;
    }

    /// Forgets all events of a participant that left.
    pub fn remove(&mut self, place: usize) {
        self.due.retain(|Reverse((_, other, _))| *other != place);
    }

    /// Takes what is due, and plans its next time by the plan, not by when it was taken.
    pub fn next_due(&mut self, now_ns: u64) -> Option<(u64, usize, Event)> {
        let Reverse((due_ns, place, event)) = *self.due.peek().filter(|next| next.0.0 <= now_ns)?;
        self.due.pop();
        self.due
            .push(Reverse((due_ns + self.interval_ns(event), place, event)));
        Some((due_ns, place, event))
    }

    /// When something will be due.
    #[must_use]
    pub fn next_ns(&self) -> u64 {
        self.due.peek().map_or(self.start_ns, |next| next.0.0)
    }

    fn interval_ns(&self, event: Event) -> u64 {
        let media = |per_second: u64| (1e9 / (per_second as f64 * self.pace)) as u64;
        match event {
            Event::Speak => media(opus::PACKETS_PER_SECOND),
            Event::Show => media(frames::FRAMES_PER_SECOND),
            Event::Check => CHECK_NS,
            Event::Report => REPORT_NS,
            Event::TellArrivals => TELL_ARRIVALS_NS,
        }
    }
}

/// Chromium checks the pair in use about so often (RFC 7675 §5.1 allows up to 5 s on average).
const CHECK_NS: u64 = 2_500_000_000;
/// libwebrtc reports on video every second.
const REPORT_NS: u64 = 1_000_000_000;
/// libwebrtc sends transport-wide feedback every 50 to 250 ms, by default every 100.
const TELL_ARRIVALS_NS: u64 = 100_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_event_does_not_delay_the_next_one() {
        let mut timetable = Timetable::new(1, 1.0, 0);
        timetable.add(7, Event::Speak);
        let first_ns = timetable.next_ns();
        assert_eq!(
            timetable.next_due(first_ns + 15_000_000),
            Some((first_ns, 7, Event::Speak))
        );
        assert_eq!(timetable.next_ns(), first_ns + 20_000_000);
        assert_eq!(timetable.next_due(first_ns + 15_000_000), None);
    }

    #[test]
    fn who_comes_later_begins_later_and_who_left_does_nothing() {
        let mut timetable = Timetable::new(1, 1.0, 0);
        timetable.add(7, Event::Speak);
        timetable.begin_at(1_000_000_000);
        timetable.add(8, Event::Speak);
        timetable.remove(7);
        assert!((1_000_000_000..1_020_000_000).contains(&timetable.next_ns()));
        let next = timetable.next_due(2_000_000_000).map(|(_, place, _)| place);
        assert_eq!(next, Some(8));
    }

    #[test]
    fn pace_stretches_media_and_nothing_else() {
        let timetable = Timetable::new(1, 0.5, 0);
        assert_eq!(timetable.interval_ns(Event::Speak), 40_000_000);
        assert_eq!(timetable.interval_ns(Event::Report), REPORT_NS);
    }
}
