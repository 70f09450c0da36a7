//! What left on a leg, by transport-wide sequence number, and what its participant says became of it.
//!
//! The counterpart of `arrivals` (draft-holmer-rmcat-transport-wide-cc-extensions-01): every packet is entered as it is
//! written, and found again when the participant's feedback speaks of it.

use congestion::Sample;
use wire::rtcp::TransportFeedback;
use wire::sequence::extend;

/// The last packets of one leg that carried a transport-wide number.
pub struct Departures {
    /// By number, modulo [`WINDOW`]; made with the first packet.
    packets: Box<[Departure]>,
    /// The number of the next packet, extended: its low 16 bits go on the wire.
    next: u64,
    /// The receiver's clock at its last feedback, in steps of 64 ms, extended from 24 bits.
    reference_64ms: Option<i64>,
}

#[derive(Clone, Copy, Default)]
struct Departure {
    /// Monotonic; its low 32 bits, which come round after 71 minutes.
    sent_us: u32,
    /// Of which probe it is part; 0 of none.
    cluster: u32,
    /// With IP and UDP headers; 0 marks a place that was never used.
    size_bytes: u16,
}

impl Departures {
    /// Nothing has left yet. Numbers begin one circle up, so that there is room below the first.
    #[must_use]
    pub fn new() -> Self {
        Self {
            packets: Box::default(),
            next: 1 << 16,
            reference_64ms: None,
        }
    }

    /// The number that the next packet carries on the wire.
    #[must_use]
    pub const fn next_number(&self) -> u16 {
        self.next as u16
    }

    /// Enters the packet that leaves under the next number.
    pub fn enter(&mut self, now_us: u64, size_bytes: usize, cluster: u32) {
        if self.packets.is_empty() {
            self.packets = vec![Departure::default(); WINDOW].into_boxed_slice();
        }
        if let Some(place) = self.packets.get_mut(place_of(self.next)) {
            *place = Departure {
                sent_us: now_us as u32,
                cluster,
                size_bytes: u16::try_from(size_bytes).unwrap_or(u16::MAX),
            };
        }
        self.next += 1;
    }

    /// Adds a sample for each packet a feedback speaks of that really left and is remembered.
    ///
    /// Whatever it claims, it costs no more steps than twice what is remembered. Returns whether it spoke of
    /// anything of ours.
    pub fn look_up_untrusted(
        &mut self,
        feedback: &TransportFeedback<'_>,
        now_us: u64,
        samples: &mut Vec<Sample>,
    ) -> bool {
        let first = extend(self.next - 1, feedback.base_sequence);
        if first >= self.next || self.next - first > 2 * WINDOW as u64 {
            return false;
        }
        let reference_us = self.extend_reference(feedback.reference_time_64ms) * REFERENCE_US;
        let before = samples.len();
        for ((_, arrival), number) in feedback.statuses().zip(first..self.next) {
            let Some(departure) = self.remembered(number) else {
                continue;
            };
            let age_us = (now_us as u32).wrapping_sub(departure.sent_us);
            samples.push(Sample {
                sequence: number,
                sent_us: now_us.saturating_sub(u64::from(age_us)),
                arrival_us: arrival.map(|quarters| reference_us + quarters * DELTA_US),
                size_bytes: departure.size_bytes.into(),
                cluster: departure.cluster,
            });
        }
        samples.len() > before
    }

    fn remembered(&self, number: u64) -> Option<Departure> {
        if self.next - number > WINDOW as u64 {
            return None;
        }
        let departure = self.packets.get(place_of(number)).copied();
        departure.filter(|departure| departure.size_bytes > 0)
    }

    /// The reference time nearest to the last one that has these low 24 bits.
    fn extend_reference(&mut self, told: u32) -> i64 {
        let last = self.reference_64ms.unwrap_or(i64::from(told));
        let step = told.wrapping_sub(last.cast_unsigned() as u32) << 8;
        let reference = last + i64::from(step.cast_signed() >> 8);
        self.reference_64ms = Some(reference);
        reference
    }
}

const fn place_of(number: u64) -> usize {
    (number % WINDOW as u64) as usize
}

/// Packets remembered: 3.5 s of 2.5 Mbit/s, half a second of 20; 12 KiB a leg.
const WINDOW: usize = 1_024;
/// Units of the feedback's clock (draft §3.1).
const REFERENCE_US: i64 = 64_000;
const DELTA_US: i64 = 250;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use wire::rtcp::{Rtcp, RtcpPacket, write_transport_feedback};

    use super::*;

    const START_US: u64 = 10_000_000;

    /// Feedback on consecutive numbers; arrivals in steps of 250 µs since the reference.
    fn hear(
        departures: &mut Departures,
        now_us: u64,
        base: u16,
        reference_64ms: u32,
        arrivals: &[Option<i64>],
    ) -> Option<Vec<Sample>> {
        let mut bytes = [0; 1_200];
        let (len, told) =
            write_transport_feedback(&mut bytes, 1, 2, base, 0, reference_64ms, arrivals).unwrap();
        assert_eq!(told, arrivals.len());
        let Some(Ok(RtcpPacket::TransportFeedback(feedback))) =
            Rtcp::packets_untrusted(&bytes[..len]).next()
        else {
            panic!("what was written is feedback");
        };
        let mut samples = Vec::new();
        let ours = departures.look_up_untrusted(&feedback, now_us, &mut samples);
        assert_eq!(ours, !samples.is_empty());
        ours.then_some(samples)
    }

    fn sent(packets: u64) -> Departures {
        let mut departures = Departures::new();
        for packet in 0..packets {
            departures.enter(START_US + packet * 1_000, 500 + packet as usize % 7, 0);
        }
        departures
    }

    #[test]
    fn what_left_is_found_with_the_time_it_left_and_came() {
        let mut departures = sent(3);
        departures.enter(START_US + 5_000, 900, 4);
        let arrivals = [Some(4), None, Some(9), Some(30)];
        let samples = hear(&mut departures, START_US + 80_000, 0, 100, &arrivals).unwrap();
        let found: Vec<_> = samples
            .iter()
            .map(|sample| (sample.sent_us - START_US, sample.arrival_us, sample.cluster))
            .collect();
        let reference_us = 100 * 64_000;
        assert_eq!(
            found,
            [
                (0, Some(reference_us + 1_000), 0),
                (1_000, None, 0),
                (2_000, Some(reference_us + 2_250), 0),
                (5_000, Some(reference_us + 7_500), 4),
            ]
        );
        assert_eq!(samples[3].size_bytes, 900);
        assert_eq!(samples[0].sequence, 1 << 16);
    }

    #[test]
    fn what_never_left_is_not_believed() {
        let mut departures = sent(3);
        let arrivals = [Some(1); 10];
        let samples = hear(&mut departures, START_US, 1, 0, &arrivals).unwrap();
        assert_eq!(samples.len(), 2, "two of the ten left");
        assert_eq!(hear(&mut departures, START_US, 3, 0, &arrivals), None);
        assert_eq!(hear(&mut departures, START_US, 20_000, 0, &arrivals), None);
        assert_eq!(
            hear(&mut Departures::new(), START_US, 0, 0, &[Some(1)]),
            None
        );
    }

    #[test]
    fn what_is_forgotten_is_passed_over() {
        let mut departures = sent(WINDOW as u64 + 10);
        let samples = hear(&mut departures, START_US, 5, 0, &[Some(1); 8]).unwrap();
        let numbers: Vec<_> = samples
            .iter()
            .map(|sample| sample.sequence - (1 << 16))
            .collect();
        assert_eq!(numbers, [10, 11, 12]);
    }

    #[test]
    fn numbers_and_clocks_go_round() {
        let mut departures = sent(65_540);
        let base = 65_530_u16;
        let samples = hear(&mut departures, START_US, base, 0xff_ffff, &[Some(0); 10]).unwrap();
        assert_eq!(samples.len(), 10);
        assert_eq!(samples[9].sequence, (1 << 16) + 65_539);
        let before_us = samples[9].arrival_us.unwrap();
        let samples = hear(&mut departures, START_US, base, 0, &[Some(0)]).unwrap();
        assert_eq!(
            samples[0].arrival_us,
            Some(before_us + REFERENCE_US),
            "the clock's next step after its last"
        );
    }

    #[test]
    fn a_departure_is_dated_across_the_circle_of_microseconds() {
        let mut departures = Departures::new();
        let late_us = u64::from(u32::MAX) - 10;
        departures.enter(late_us, 100, 0);
        let samples = hear(&mut departures, late_us + 50_000, 0, 0, &[Some(0)]).unwrap();
        assert_eq!(samples[0].sent_us, late_us);
    }
}
