//! How well a participant receives each source, as its reports say (RFC 3550 §6.4.1).

use wire::rtcp::ReportBlock;
use wire::sequence::extend;

/// All sources of one participant: so few that they are looked through one by one.
#[derive(Default)]
pub struct Reception {
    sources: Vec<(u32, Source)>,
}

#[derive(Clone, Copy)]
struct Source {
    first: u64,
    highest: u64,
    received: u64,
    expected_before: u64,
    received_before: u64,
    last_report_ntp_middle: u32,
    last_report_ns: u64,
}

impl Reception {
    /// Counts a packet; says by how many the highest number of its source rose.
    pub fn record(&mut self, ssrc: u32, sequence: u16) -> u32 {
        let known = self.sources.iter().position(|(known, _)| *known == ssrc);
        let place = known.unwrap_or_else(|| {
            self.sources.push((ssrc, Source::starting_at(sequence)));
            self.sources.len() - 1
        });
        let Some((_, source)) = self.sources.get_mut(place) else {
            return 0;
        };
        let before = source.highest;
        source.highest = before.max(extend(before, sequence));
        source.received += 1;
        (source.highest - before) as u32 + u32::from(known.is_none())
    }

    /// Takes note of a sender's report, for the round trip (RFC 3550 §6.4.1, LSR and DLSR).
    pub fn record_report(&mut self, ssrc: u32, ntp: u64, now_ns: u64) {
        let found = self.sources.iter_mut().find(|(known, _)| *known == ssrc);
        if let Some((_, source)) = found {
            source.last_report_ntp_middle = (ntp >> 16) as u32;
            source.last_report_ns = now_ns;
        }
    }

    /// One block for each source.
    pub fn blocks(&mut self, now_ns: u64) -> Vec<ReportBlock> {
        let sources = self.sources.iter_mut();
        sources
            .map(|(ssrc, source)| source.block(*ssrc, now_ns))
            .collect()
    }
}

impl Source {
    fn starting_at(sequence: u16) -> Self {
        // One cycle up, so that reordering across the first packet has room below it.
        let first = u64::from(sequence) + (1 << 16);
        Self {
            first,
            highest: first,
            received: 0,
            expected_before: 0,
            received_before: 0,
            last_report_ntp_middle: 0,
            last_report_ns: 0,
        }
    }

    fn block(&mut self, ssrc: u32, now_ns: u64) -> ReportBlock {
        let expected = self.highest - self.first + 1;
        let newly_expected = expected - self.expected_before;
        let newly_lost = newly_expected.saturating_sub(self.received - self.received_before);
        self.expected_before = expected;
        self.received_before = self.received;
        let delay_ns = match self.last_report_ntp_middle {
            0 => 0,
            _ => now_ns.saturating_sub(self.last_report_ns),
        };
        ReportBlock {
            ssrc,
            fraction_lost: (newly_lost * 256 / newly_expected.max(1)).min(255) as u8,
            cumulative_lost: (expected.cast_signed() - self.received.cast_signed()) as i32,
            highest_sequence: self.highest as u32,
            // Loopback has none worth telling.
            jitter: 0,
            last_sr: self.last_report_ntp_middle,
            delay_since_last_sr: (u128::from(delay_ns) * 65_536 / 1_000_000_000) as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_reported_since_the_last_report_and_since_the_beginning() {
        let mut reception = Reception::default();
        for sequence in [65_534, 65_535, 1, 2] {
            reception.record(9, sequence);
        }
        let block = reception.blocks(0).pop().expect("one source");
        assert_eq!(
            (block.ssrc, block.cumulative_lost, block.fraction_lost),
            (9, 1, 51)
        );
        assert_eq!(block.highest_sequence & 0xffff, 2);
        reception.record(9, 3);
        let block = reception.blocks(0).pop().expect("one source");
        assert_eq!((block.cumulative_lost, block.fraction_lost), (1, 0));
    }

    #[test]
    fn a_report_is_answered_with_its_own_time() {
        let mut reception = Reception::default();
        reception.record(9, 1);
        reception.record_report(9, 0x1234_5678_9abc_def0, 1_000_000_000);
        let block = reception.blocks(1_500_000_000).pop().expect("one source");
        assert_eq!(
            (block.last_sr, block.delay_since_last_sr),
            (0x5678_9abc, 32_768)
        );
    }
}
