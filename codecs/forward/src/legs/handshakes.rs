//! DTLS records, between a participant and Python: the handshake, and what data channels carry.

use crate::control::counters::Counter;
use crate::control::event::Event;
use crate::worker::Worker;
use crate::worker::ids::{LegId, LegKey, Tuple};
use crate::worker::now::Now;

impl Worker {
    /// Hands a record to Python.
    pub(crate) fn handle_dtls(
        &mut self,
        now: Now,
        tuple: Tuple,
        key: LegKey,
        datagram: &[u8],
    ) -> Result<(), Counter> {
        let leg = self.legs.get_mut(key).ok_or(Counter::DropUnknownSource)?;
        leg.ice.credit(tuple, datagram.len());
        if !leg.handshake_allowance.take(now.ns) {
            return Err(Counter::DropDtlsFlood);
        }
        self.output.counters.one(Counter::DtlsRecords);
        self.output.events.push(Event::Dtls {
            leg: leg.id,
            datagram: datagram.to_vec(),
        });
        Ok(())
    }

    /// Sends a record of Python's where the leg is reached.
    pub(crate) fn send_dtls(&mut self, leg: LegId, datagram: &[u8]) -> Result<(), Counter> {
        let leg = self
            .names
            .legs
            .get(&leg)
            .and_then(|key| self.legs.get(*key))
            .ok_or(Counter::CommandsUnknownTarget)?;
        let tuple = leg
            .ice
            .handshake_route()
            .filter(|_| !leg.silent)
            .ok_or(Counter::DropSubscriberNotReady)?;
        self.output.outbox.push_with(tuple, 0, |out| {
            out.get_mut(..datagram.len())?.copy_from_slice(datagram);
            Some(datagram.len())
        });
        Ok(())
    }
}
