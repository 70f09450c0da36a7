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
}

impl Timetable {
    /// Nothing to do; `pace` stretches the intervals of media.
    #[must_use]
    pub fn new(seed: u64, pace: f64) -> Self {
        Self {
            due: BinaryHeap::new(),
            random: Random::new(seed),
            pace,
        }
    }

    /// Adds something that happens again and again from now on.
    pub fn add(&mut self, now_ns: u64, place: usize, event: Event) {
        let phase_ns = self.random.between(0, self.interval_ns(event));
        self.due.push(Reverse((now_ns + phase_ns, place, event)));
    }

    /// Forgets what somebody does.
    pub fn remove(&mut self, place: usize) {
        self.due.retain(|Reverse((_, whose, _))| *whose != place);
    }

    /// Takes what is due, and plans its next time by the plan, not by when it was taken.
    pub fn next_due(&mut self, now_ns: u64) -> Option<(u64, usize, Event)> {
        let interval_ns = self.interval_ns(self.due.peek()?.0.2);
        let mut next = self.due.peek_mut().filter(|next| next.0.0 <= now_ns)?;
        let (due_ns, place, event) = next.0;
        // One way down the heap instead of two.
        next.0.0 = due_ns + interval_ns;
        Some((due_ns, place, event))
    }

    /// When something will be due; `None` while nobody has anything to do.
    #[must_use]
    pub fn next_ns(&self) -> Option<u64> {
        self.due.peek().map(|next| next.0.0)
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
        let mut timetable = Timetable::new(1, 1.0);
        timetable.add(0, 7, Event::Speak);
        let first_ns = timetable.next_ns().expect("one event");
        assert_eq!(
            timetable.next_due(first_ns + 15_000_000),
            Some((first_ns, 7, Event::Speak))
        );
        assert_eq!(timetable.next_ns(), Some(first_ns + 20_000_000));
        assert_eq!(timetable.next_due(first_ns + 15_000_000), None);
    }

    #[test]
    fn who_is_gone_has_nothing_to_do() {
        let mut timetable = Timetable::new(1, 1.0);
        timetable.add(0, 7, Event::Show);
        timetable.add(0, 8, Event::Show);
        timetable.remove(7);
        let later = (0..2).filter_map(|_| timetable.next_due(u64::MAX / 2));
        assert!(later.map(|(_, place, _)| place).eq([8, 8]));
    }

    #[test]
    fn pace_stretches_media_and_nothing_else() {
        let timetable = Timetable::new(1, 0.5);
        assert_eq!(timetable.interval_ns(Event::Speak), 40_000_000);
        assert_eq!(timetable.interval_ns(Event::Report), REPORT_NS);
    }
}
