//! What came for all participants since the last turn.

use std::io;
use std::time::Duration;

use super::{FirstMedia, Generator, sample, wants_sample};
use crate::kernel::clock;
use crate::participant::Arrival;

impl Generator {
    pub(super) fn receive(&mut self, timeout: Duration) -> io::Result<()> {
        let ready = self.epoll.wait(timeout)?;
        // Both clocks once for all that is ready: stamps are wall-clock, delays are not.
        let unix_minus_monotonic_ns = clock::unix_ns().wrapping_sub(clock::monotonic_ns());
        for place in ready {
            let Some(participant) = self
                .participants
                .get_mut(place)
                .and_then(Option::as_deref_mut)
            else {
                continue;
            };
            loop {
                let count = self.receiver.receive(&participant.socket)?;
                for index in 0..count {
                    let stamp_ns = self.receiver.arrival_unix_ns(index).unwrap_or_default();
                    let arrival_ns = stamp_ns.wrapping_sub(unix_minus_monotonic_ns);
                    let segment_bytes = self.receiver.segment_bytes(index);
                    for bytes in self.receiver.bytes(index).chunks_mut(segment_bytes) {
                        let wanted = wants_sample(&self.samples, self.settings.samples, false)
                            && self.ledger.windows().contain(arrival_ns)
                            && bytes.first() == Some(&RTP_WITH_EXTENSION);
                        let kept = wanted.then(|| sample(place, false, bytes));
                        let arrival = participant.receive(arrival_ns, bytes, &mut self.burst);
                        if matches!(arrival, Arrival::Media { .. }) {
                            self.samples.extend(kept);
                            if participant.hears_first() {
                                self.first_media.push(FirstMedia {
                                    place: participant.of_place,
                                    at_ns: arrival_ns,
                                });
                            }
                        }
                        self.ledger.record_arrival(place, arrival, arrival_ns);
                    }
                }
                // It is told once of what waits: what did not fit is read now.
                if count < self.receiver.capacity() {
                    break;
                }
            }
            if participant.asks() {
                let asked = participant.ask(clock::monotonic_ns(), &mut self.burst);
                self.ledger.record_feedback(asked);
            }
            self.ledger.counts.refused += self.burst.send(&participant.socket) as u64;
        }
        Ok(())
    }
}

/// Version 2, X set, no CSRC.
const RTP_WITH_EXTENSION: u8 = 0x90;
