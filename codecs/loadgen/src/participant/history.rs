//! What a line sent last, in so few words that each packet can be made again (for RFC 4588).

use super::line::Packet;

/// One packet as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Its sequence number.
    pub sequence: u16,
    /// Its count on its line.
    pub number: u32,
    /// Its RTP timestamp.
    pub timestamp: u32,
    /// What it carried.
    pub packet: Packet,
}

/// The last packets of a line.
#[derive(Default)]
pub struct History {
    packets: Vec<Sent>,
    next: usize,
}

impl History {
    /// Remembers a packet, and forgets one when there are too many.
    pub fn remember(&mut self, sent: Sent) {
        if let Some(oldest) = self.packets.get_mut(self.next) {
            *oldest = sent;
        } else {
            self.packets.push(sent);
        }
        self.next = (self.next + 1) % CAPACITY;
    }

    /// The packet of that number, if it is not forgotten.
    #[must_use]
    pub fn find(&self, sequence: u16) -> Option<Sent> {
        let newest = self.next.checked_sub(1).unwrap_or(CAPACITY - 1);
        let steps = self.packets.get(newest)?.sequence.wrapping_sub(sequence);
        // Sequence numbers of a line have no gaps.
        let place = (newest + CAPACITY).checked_sub(usize::from(steps))? % CAPACITY;
        let found = self.packets.get(place)?;
        (found.sequence == sequence && usize::from(steps) < CAPACITY).then_some(*found)
    }
}

/// More than a second of a camera's packets (libwebrtc keeps about as many).
const CAPACITY: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::lead::Lead;

    fn sent(sequence: u16) -> Sent {
        Sent {
            sequence,
            number: u32::from(sequence) + 7,
            timestamp: 0,
            packet: Packet {
                marker: false,
                payload_bytes: 100,
                lead: Lead::Opus,
                now_ns: 0,
            },
        }
    }

    #[test]
    fn the_last_packets_are_found_by_their_numbers_and_no_others() {
        let mut history = History::default();
        assert!(history.find(0).is_none());
        let first = u16::MAX - 299;
        for step in 0..400 {
            history.remember(sent(first.wrapping_add(step)));
            assert!(history.find(first.wrapping_add(step)).is_some());
        }
        for step in 0..500 {
            let sequence = first.wrapping_add(step);
            let found = history.find(sequence).map(|found| found.sequence);
            let kept = (400 - CAPACITY as u16..400).contains(&step);
            assert_eq!(found, kept.then_some(sequence), "{step}");
        }
    }
}
