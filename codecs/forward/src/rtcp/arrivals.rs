//! When each packet of a leg arrived, and the feedback that tells its publisher.
//!
//! Transport-wide congestion control, draft-holmer-rmcat-transport-wide-cc-extensions-01: `ingress`
//! records, `transport_feedback` asks for feedback when `feedback_pace` has it due.

use wire::rtcp::write_transport_feedback;
use wire::sequence::extend;

use crate::rtcp::feedback_pace::FeedbackPace;

/// Arrival times of one leg's packets by transport-wide sequence number.
pub struct Arrivals {
    times_ns: Box<[u64]>,
    first_unreported: u64,
    highest: Option<u64>,
    feedback_count: u8,
    media_ssrc: u32,
    pace: FeedbackPace,
    /// Whether feedback has become due sooner than it was.
    is_sooner: bool,
}

/// A feedback that was written: what is told once it has left.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Of the feedback, in clear.
    pub len: usize,
    next_unreported: u64,
}

impl Arrivals {
    /// Nothing arrived yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            times_ns: vec![0; WINDOW].into_boxed_slice(),
            first_unreported: 0,
            highest: None,
            feedback_count: 0,
            media_ssrc: 0,
            pace: FeedbackPace::default(),
            is_sooner: false,
        }
    }

    /// Counts a packet of media of this many bytes, with all headers: a share of it goes back as feedback.
    pub fn receive(&mut self, bytes: usize) {
        self.is_sooner |= self.pace.receive(bytes);
    }

    /// Whether feedback has become due sooner since that was last asked.
    pub const fn take_sooner(&mut self) -> bool {
        std::mem::replace(&mut self.is_sooner, false)
    }

    /// Records a packet; `arrival_ns` is monotonic and never 0.
    pub fn record(&mut self, transport_sequence: u16, ssrc: u32, arrival_ns: u64) {
        let sequence = match self.highest {
            Some(highest) => extend(highest, transport_sequence),
            // One cycle up, so that reordering across the first packet has room below it.
            None => u64::from(transport_sequence) + (1 << 16),
        };
        let highest = match self.highest {
            None => {
                self.first_unreported = sequence;
                sequence
            }
            Some(highest) => highest.max(sequence),
        };
        if sequence + WINDOW as u64 <= highest {
            return;
        }
        // A packet before what was reported is still told: the sender took it for lost.
        self.first_unreported = self
            .first_unreported
            .min(sequence)
            .max((highest + 1).saturating_sub(WINDOW as u64));
        if let Some(previous) = self.highest {
            for skipped in (previous + 1..highest).rev().take(WINDOW) {
                self.set(skipped, 0);
            }
        }
        self.highest = Some(highest);
        self.media_ssrc = ssrc;
        self.set(sequence, arrival_ns);
    }

    /// When feedback may be written again, by what has arrived until now, if there is something to tell.
    #[must_use]
    pub fn due_ns(&self) -> u64 {
        self.pace.due_ns()
    }

    /// Whether feedback should be written now.
    #[must_use]
    pub fn is_due(&self, now_ns: u64) -> bool {
        now_ns >= self.due_ns() && self.has_unreported()
    }

    fn has_unreported(&self) -> bool {
        self.highest
            .is_some_and(|highest| highest >= self.first_unreported)
    }

    /// Writes one feedback packet; `None` when there is nothing to tell or no room.
    ///
    /// It has told nothing before [`Arrivals::tell`] says that it left: what the outbox has no room for is told by the
    /// next one.
    pub fn write_feedback(&self, out: &mut [u8], sender_ssrc: u32) -> Option<Told> {
        let highest = self.highest?;
        let first = (self.first_unreported..=highest).find(|sequence| self.time(*sequence) > 0)?;
        // What was expected before the first arrival is told as lost, as far as it fits.
        let base = self
            .first_unreported
            .max((first + 1).saturating_sub(MAX_STATUSES as u64));
        let reference_64ms = self.time(first) / REFERENCE_NS;
        let mut deltas = [None; MAX_STATUSES];
        let mut count = 0;
        for (place, sequence) in deltas.iter_mut().zip(base..=highest) {
            let time_ns = self.time(sequence);
            *place = (time_ns > 0).then(|| {
                (time_ns.cast_signed() - (reference_64ms * REFERENCE_NS).cast_signed())
                    .div_euclid(DELTA_NS)
            });
            count += 1;
        }
        let (len, told) = write_transport_feedback(
            out,
            sender_ssrc,
            self.media_ssrc,
            base as u16,
            self.feedback_count,
            (reference_64ms & 0xff_ffff) as u32,
            deltas.get(..count)?,
        )?;
        Some(Told {
            len,
            next_unreported: base + told as u64,
        })
    }

    /// Moves on: a feedback has left, of so many bytes on the wire.
    pub fn tell(&mut self, told: Told, wire_bytes: usize, now_ns: u64) {
        self.feedback_count = self.feedback_count.wrapping_add(1);
        self.first_unreported = told.next_unreported;
        let is_whole = !self.has_unreported();
        self.pace.tell(wire_bytes, is_whole, now_ns);
    }

    fn time(&self, sequence: u64) -> u64 {
        self.times_ns.get(place_of(sequence)).copied().unwrap_or(0)
    }

    fn set(&mut self, sequence: u64, time_ns: u64) {
        if let Some(place) = self.times_ns.get_mut(place_of(sequence)) {
            *place = time_ns;
        }
    }
}

const fn place_of(sequence: u64) -> usize {
    (sequence % WINDOW as u64) as usize
}

/// Packets remembered: 1 s of 10 Mbit/s.
const WINDOW: usize = 1_024;
/// A feedback of 400 statuses stays under 1,200 bytes however they are spread.
const MAX_STATUSES: usize = 400;
/// Unit of the reference time, draft §3.1.
const REFERENCE_NS: u64 = 64_000_000;
/// Unit of the receive deltas, draft §3.1.
const DELTA_NS: i64 = 250_000;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use wire::rtcp::{Rtcp, RtcpPacket};

    const MS: u64 = 1_000_000;

    /// Writes a feedback that leaves, and reads it.
    fn told(arrivals: &mut Arrivals, now_ns: u64) -> Vec<(u16, Option<i64>)> {
        let mut out = [0; 1_200];
        let told = arrivals.write_feedback(&mut out, 1).unwrap();
        arrivals.tell(told, told.len + 48, now_ns);
        read(&out[..told.len])
    }

    /// Sequence numbers and arrival times (µs, rounded to 250) as a sender would read them.
    fn read(feedback: &[u8]) -> Vec<(u16, Option<i64>)> {
        let packet = Rtcp::packets_untrusted(feedback).next().unwrap().unwrap();
        let RtcpPacket::TransportFeedback(feedback) = packet else {
            panic!("{packet:?}")
        };
        feedback.statuses().collect()
    }

    #[test]
    fn losses_and_times_are_told_as_they_were() {
        let mut arrivals = Arrivals::new();
        for (sequence, at_ms) in [(65_534_u16, 640), (65_535, 645), (1, 650), (2, 900)] {
            arrivals.record(sequence, 7, at_ms * MS);
        }
        assert!(arrivals.is_due(1_000 * MS));
        let told = told(&mut arrivals, 1_000 * MS);
        assert_eq!(
            told.iter()
                .map(|(sequence, _)| *sequence)
                .collect::<Vec<_>>(),
            [65_534, 65_535, 0, 1, 2]
        );
        let first = told[0].1.unwrap();
        assert_eq!(
            told.iter()
                .map(|(_, at)| at.map(|at| (at - first) / 4))
                .collect::<Vec<_>>(),
            [Some(0), Some(5), None, Some(10), Some(260)]
        );
        assert!(!arrivals.is_due(1_000 * MS));
    }

    #[test]
    fn each_packet_is_told_once_and_a_late_one_corrects_the_record() {
        let mut arrivals = Arrivals::new();
        arrivals.record(10, 7, 100 * MS);
        arrivals.record(12, 7, 102 * MS);
        told(&mut arrivals, 110 * MS);
        assert!(!arrivals.is_due(500 * MS));
        arrivals.record(11, 7, 300 * MS);
        let told = told(&mut arrivals, 310 * MS);
        assert_eq!(told[0].0, 11);
        assert!(told[0].1.is_some());
    }

    #[test]
    fn more_than_fits_is_told_in_several_packets() {
        let mut arrivals = Arrivals::new();
        for index in 0..900_u16 {
            arrivals.record(index, 7, (1_000 + u64::from(index)) * MS);
        }
        let mut all = 0;
        while arrivals.is_due(2_000 * MS) {
            all += told(&mut arrivals, 2_000 * MS).len();
        }
        assert_eq!(all, 900);
    }

    #[test]
    fn a_feedback_in_several_packets_does_not_delay_the_next_one() {
        let mut arrivals = Arrivals::new();
        let arrive = |arrivals: &mut Arrivals, numbers: std::ops::Range<u16>| {
            for number in numbers {
                arrivals.record(number, 7, (1_000 + u64::from(number)) * MS);
                arrivals.receive(1_200);
            }
        };
        arrive(&mut arrivals, 0..900);
        while arrivals.is_due(2_000 * MS) {
            told(&mut arrivals, 2_000 * MS);
        }
        arrive(&mut arrivals, 900..990);
        assert!(arrivals.is_due(2_090 * MS));
    }

    #[test]
    fn a_jump_far_ahead_forgets_rather_than_tells_nonsense() {
        let mut arrivals = Arrivals::new();
        arrivals.record(0, 7, 1_000 * MS);
        arrivals.record(30_000, 7, 1_001 * MS);
        let told = told(&mut arrivals, 1_100 * MS);
        assert_eq!(told.iter().filter(|(_, at)| at.is_some()).count(), 1);
        assert_eq!(told.last().unwrap().0, 30_000);
    }

    #[test]
    fn what_was_written_and_did_not_leave_is_told_by_the_next() {
        let mut arrivals = Arrivals::new();
        arrivals.record(10, 7, 100 * MS);
        assert!(arrivals.write_feedback(&mut [0; 1_200], 1).is_some());
        assert!(arrivals.is_due(100 * MS));
        arrivals.record(11, 7, 110 * MS);
        let told = told(&mut arrivals, 120 * MS);
        let numbers: Vec<u16> = told.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [10, 11]);
    }
}
