//! What came for all participants since the last turn.

use std::io;
use std::time::Duration;

use super::ledger::Received;
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
            let count = self.receiver.receive(&participant.socket)?;
            for index in 0..count {
                let stamp_ns = self.receiver.arrival_unix_ns(index).unwrap_or_default();
                let arrival_ns = stamp_ns.wrapping_sub(unix_minus_monotonic_ns);
                let bytes = self.receiver.bytes(index);
                let wanted = wants_sample(&self.samples, self.settings.samples, false)
                    && self.ledger.windows().contain(arrival_ns);
                let kept = (wanted && bytes.first() == Some(&RTP_WITH_EXTENSION))
                    .then(|| sample(place, false, bytes));
                match participant.receive(arrival_ns, bytes, &mut self.burst) {
                    Arrival::Media {
                        stamp,
                        intact,
                        frozen_ns,
                    } => {
                        self.samples.extend(kept);
                        if participant.hears_first() {
                            self.first_media.push(FirstMedia {
                                place: participant.of_place,
                                at_ns: arrival_ns,
                            });
                        }
                        if let Some(lasted_ns) = frozen_ns {
                            self.ledger.record_freeze(place, arrival_ns, lasted_ns);
                        }
                        self.ledger.record_received(Received {
                            place,
                            stamp,
                            intact,
                            repaired: false,
                            arrival_ns,
                        });
                    }
                    Arrival::Control(feedback) => self.ledger.record_feedback(feedback),
                    Arrival::Unusable => self.ledger.counts.unusable += 1,
                }
            }
            if !self.burst.is_empty() {
                self.ledger.counts.refused += self.burst.send(&participant.socket) as u64;
            }
        }
        Ok(())
    }
}

/// Version 2, X set, no CSRC.
const RTP_WITH_EXTENSION: u8 = 0x90;
