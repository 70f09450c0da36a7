//! What a simulated participant tells of when packets came to it: transport-wide feedback.

use wire::rtcp::write_transport_feedback;

use super::MS;
use super::participant::{Participant, Received};

/// Its clock began long before the relay's.
const CLOCK_AHEAD_NS: u64 = 3_600_000 * MS;
const STEP_NS: u64 = 250_000;
const REFERENCE_NS: u64 = 64 * MS;

/// What was told so far.
#[derive(Default)]
pub struct Telling {
    received: usize,
    next: Option<u16>,
    count: u8,
}

impl Telling {
    /// Feedback on all that came since the last; `None` if that is nothing.
    pub fn tell(&mut self, participant: &mut Participant) -> Option<Vec<u8>> {
        let came: Vec<(u16, u64)> = participant.received[self.received..]
            .iter()
            .map(|got| (transport_sequence(got), got.at_ns + CLOCK_AHEAD_NS))
            .collect();
        self.received = participant.received.len();
        let (first, last) = (came.first()?, came.last()?);
        let base = self.next.unwrap_or(first.0);
        self.next = Some(last.0.wrapping_add(1));
        let reference = first.1 / REFERENCE_NS;
        let mut arrivals = vec![None; usize::from(last.0.wrapping_sub(base)) + 1];
        for (sequence, at_ns) in &came {
            let since_ns = at_ns - reference * REFERENCE_NS;
            let place = usize::from(sequence.wrapping_sub(base));
            if let Some(arrival) = arrivals.get_mut(place) {
                *arrival = Some((since_ns / STEP_NS).cast_signed());
            }
        }
        self.count = self.count.wrapping_add(1);
        let count = self.count;
        Some(participant.rtcp(|out| {
            let reference = (reference & 0xff_ffff) as u32;
            let written = write_transport_feedback(out, 1, 2, base, count, reference, &arrivals);
            written.map(|(len, told)| {
                assert_eq!(told, arrivals.len(), "it fits");
                len
            })
        }))
    }
}

/// The transport-wide number of a packet (extension 3 of `extension_map`).
pub fn transport_sequence(got: &Received) -> u16 {
    let value = got
        .header
        .extensions(&got.packet)
        .find_map(|element| element.ok().filter(|(id, _)| *id == 3))
        .expect("the extension was negotiated")
        .1;
    u16::from_be_bytes([value[0], value[1]])
}
