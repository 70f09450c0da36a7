//! The end of every packet's journey through the relay: grouped, made equal, protected.

use crate::counters::Counter;
use crate::outbox::Outbox;
use crate::output::Output;
use crate::worker::Worker;

impl Worker {
    /// Whether the outbox should be sent before more is handed in.
    #[must_use]
    pub fn must_send(&self) -> bool {
        self.output.outbox.is_nearly_full()
    }

    /// What should be sent: protected, and in runs.
    pub fn outbox(&mut self) -> &mut Outbox {
        self.send_riding_feedback();
        let Output {
            outbox, counters, ..
        } = &mut self.output;
        let padding = outbox.close(|open, packet| {
            let srtp = self.legs.get(open.leg).and_then(|leg| leg.srtp.as_ref());
            let Some(srtp) = srtp else {
                // A leg that was removed since is sent nothing more.
                counters.one(Counter::DropSubscriberNotReady);
                return false;
            };
            let (header_len, plain_len) = (
                open.header_len.into(),
                packet.len().saturating_sub(open.overhead.into()),
            );
            let sealed = srtp
                .outbound
                .protect_rtp(packet, plain_len, header_len, open.ssrc, open.index);
            if sealed.is_err() {
                counters.one(Counter::DropSealRefused);
            }
            sealed.is_ok()
        });
        counters.add(Counter::EgressPaddingBytes, padding as u64);
        outbox
    }
}
