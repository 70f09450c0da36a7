//! What came for all participants since the last turn.

use std::io;
use std::time::Duration;

use super::{FirstMedia, Generator};
use crate::kernel::clock;
use crate::participant::Arrival;

impl Generator {
    /// Reads what came, until something is due to be sent; the rest is read in the next turns.
    ///
    /// A relay that stalled releases all at once: who read all of it first would send late because of that.
    pub(super) fn receive(&mut self, timeout: Duration) -> io::Result<()> {
        if self.unread.is_empty() {
            self.unread.extend(self.epoll.wait(timeout)?);
        }
        // Both clocks once for all that is ready: stamps are wall-clock, delays are not.
        let unix_minus_monotonic_ns = clock::unix_ns().wrapping_sub(clock::monotonic_ns());
        let mut batches = 0;
        while let Some(place) = self.unread.front().copied() {
            if batches >= BATCHES_AT_LEAST && self.is_something_due() {
                return Ok(());
            }
            // It is told once of what waits: what did not fit is read next.
            if self.read_batch(place, unix_minus_monotonic_ns)? {
                self.unread.pop_front();
            }
            batches += 1;
        }
        self.read_at_ns = clock::monotonic_ns();
        Ok(())
    }

    /// Reads one batch from one socket; says whether nothing is left there.
    fn read_batch(&mut self, place: usize, unix_minus_monotonic_ns: u64) -> io::Result<bool> {
        let Some(participant) = self
            .participants
            .get_mut(place)
            .and_then(Option::as_deref_mut)
        else {
            return Ok(true);
        };
        let is_relayed = self.ledger.is_relayed(place);
        let count = self.receiver.receive(&participant.socket)?;
        for index in 0..count {
            let stamp_ns = self.receiver.arrival_unix_ns(index).unwrap_or_default();
            let arrival_ns = stamp_ns.wrapping_sub(unix_minus_monotonic_ns);
            let segment_bytes = self.receiver.segment_bytes(index);
            for bytes in self.receiver.bytes(index).chunks_mut(segment_bytes) {
                let wanted = is_relayed
                    && self.samples.want(false, bytes)
                    && self.ledger.windows().contain(arrival_ns);
                // As it was on the wire: opening it changes it.
                let copy = wanted.then(|| bytes.to_vec());
                let arrival = participant.receive(arrival_ns, bytes, &mut self.burst);
                if let Some(copy) = copy.filter(|_| matches!(arrival, Arrival::Media { .. })) {
                    self.samples.keep(place, false, &copy);
                }
                if matches!(arrival, Arrival::Media { .. }) && participant.hears_first() {
                    self.first_media.push(FirstMedia {
                        place: participant.of_place,
                        at_ns: arrival_ns,
                    });
                }
                self.ledger.record_arrival(place, arrival, arrival_ns);
            }
        }
        if participant.asks() {
            let asked = participant.ask(clock::monotonic_ns(), &mut self.burst);
            self.ledger.record_feedback(asked);
        }
        self.ledger.counts.refused += self.burst.send(&participant.socket) as u64;
        Ok(count < self.receiver.capacity())
    }

    fn is_something_due(&self) -> bool {
        let next_ns = self.timetable.next_ns();
        next_ns.is_some_and(|next_ns| next_ns <= clock::monotonic_ns())
    }
}

/// So that a generator behind its plan goes on to read.
const BATCHES_AT_LEAST: usize = 4;
