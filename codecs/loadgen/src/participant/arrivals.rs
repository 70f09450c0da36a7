//! When each packet from the relay arrived, to be told by transport-wide feedback.

use wire::rtcp::write_transport_feedback;

/// Arrivals since the last feedback.
#[derive(Default)]
pub struct Arrivals {
    /// The next number to be told of; none before the first packet.
    base: Option<u16>,
    times_ns: Vec<Option<u64>>,
    feedback_count: u8,
}

impl Arrivals {
    /// Takes note of a packet. One that is older than the last feedback was told as lost, and stays so.
    pub fn record(&mut self, sequence: u16, arrival_ns: u64) {
        let mut offset = sequence.wrapping_sub(*self.base.get_or_insert(sequence));
        if offset > u16::MAX / 2 {
            return;
        }
        if offset >= LARGEST_GAP {
            // Too many are missing to be told one by one: what is known begins again here.
            self.times_ns.clear();
            self.base = Some(sequence);
            offset = 0;
        }
        let needed = usize::from(offset) + 1;
        if self.times_ns.len() < needed {
            self.times_ns.resize(needed, None);
        }
        if let Some(time) = self.times_ns.get_mut(usize::from(offset)) {
            *time = Some(arrival_ns);
        }
    }

    /// Writes one feedback over what fits and forgets that; `None` when there is nothing to tell.
    pub fn write_feedback(
        &mut self,
        out: &mut [u8],
        sender_ssrc: u32,
        media_ssrc: u32,
    ) -> Option<usize> {
        let base = self.base?;
        let first_ns = self.times_ns.iter().flatten().next()?;
        let reference_64ms = first_ns / REFERENCE_STEP_NS;
        let since_reference = |time: &Option<u64>| {
            time.map(|ns| {
                (ns.cast_signed() - (reference_64ms * REFERENCE_STEP_NS).cast_signed())
                    / ARRIVAL_STEP_NS
            })
        };
        let arrivals: Vec<_> = self.times_ns.iter().map(since_reference).collect();
        let count = self.feedback_count;
        let (len, covered) = write_transport_feedback(
            out,
            sender_ssrc,
            media_ssrc,
            base,
            count,
            reference_64ms as u32,
            &arrivals,
        )?;
        self.feedback_count = self.feedback_count.wrapping_add(1);
        self.base = Some(base.wrapping_add(covered as u16));
        self.times_ns.drain(..covered);
        Some(len)
    }
}

const REFERENCE_STEP_NS: u64 = 64_000_000;
const ARRIVAL_STEP_NS: i64 = 250_000;
/// More than a second of one participant's packets.
const LARGEST_GAP: u16 = 1_000;

#[cfg(test)]
mod tests {
    use wire::rtcp::{Rtcp, RtcpPacket};

    use super::*;

    const MS: u64 = 1_000_000;

    fn told(arrivals: &mut Arrivals) -> Vec<(u16, bool)> {
        let mut out = [0; 1_200];
        let len = arrivals
            .write_feedback(&mut out, 1, 2)
            .expect("there is something to tell");
        let packet = Rtcp::packets_untrusted(out.get(..len).expect("it fits")).next();
        match packet {
            Some(Ok(RtcpPacket::TransportFeedback(feedback))) => feedback
                .statuses()
                .map(|(sequence, arrived)| (sequence, arrived.is_some()))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_arrived_and_what_did_not_is_told_once() {
        let mut arrivals = Arrivals::default();
        for (sequence, ms) in [(65_535, 500), (0, 501), (2, 520)] {
            arrivals.record(sequence, ms * MS);
        }
        assert_eq!(
            told(&mut arrivals),
            [(65_535, true), (0, true), (1, false), (2, true)]
        );
        arrivals.record(1, 521 * MS);
        arrivals.record(3, 600 * MS);
        assert_eq!(told(&mut arrivals), [(3, true)]);
        arrivals.record(2_000, 700 * MS);
        assert_eq!(told(&mut arrivals), [(2_000, true)]);
        assert_eq!(arrivals.write_feedback(&mut [0; 1_200], 1, 2), None);
    }
}
