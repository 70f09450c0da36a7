//! The end of every packet's journey through the relay: grouped, made equal, protected.

use crate::control::counters::Counter;
use crate::egress::outbox::Outbox;
use crate::worker::Worker;
use crate::worker::output::Output;

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
            let leg = self.legs.get_mut(open.leg);
            let keyed = leg.and_then(|leg| Some((leg.srtp.as_ref()?, &mut leg.sent_packets)));
            let Some((srtp, sent_packets)) = keyed else {
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
                return false;
            }
            // Hardly anybody asks for what is kept here: the list is empty.
            let line = sent_packets.iter_mut().find(|line| line.keeps(open));
            if let Some(line) = line {
                line.keep(open.index, packet);
            }
            true
        });
        counters.add(Counter::EgressPaddingBytes, padding as u64);
        outbox
    }
}

#[cfg(test)]
mod tests {
    use wire::rtp::HeaderWriter;

    use super::*;
    use crate::control::command::{Command, Keys};
    use crate::egress::rewrite::{Stamp, Written, open};
    use crate::legs::ice_lite::Credentials;
    use crate::srtp::Profile;
    use crate::worker::WorkerConfig;
    use crate::worker::ids::{LegId, Tuple};
    use crate::worker::now::Now;

    const LEG: LegId = LegId(1);
    const NOW: Now = Now {
        ns: 0,
        unix_minus_monotonic_ns: 0,
    };
    /// The last index that SRTP has: 32 bits of rollover counter, 16 of sequence number (RFC 3711 §3.3.1).
    const LAST: u64 = (1 << 48) - 1;

    fn worker() -> Worker {
        let mut worker = Worker::new(WorkerConfig {
            unix_minus_monotonic_ns: 0,
            seed: 1,
            outbox_bytes: 1 << 20,
        });
        let keys = Keys {
            profile: Profile::AeadAes128Gcm,
            inbound_key: vec![1; 16],
            inbound_salt: vec![2; 12],
            outbound_key: vec![3; 16],
            outbound_salt: vec![4; 12],
        };
        let add = Command::AddLeg {
            leg: LEG,
            credentials: Credentials {
                ufrag: b"frag".to_vec(),
                password: b"a-password-of-twenty-two".to_vec(),
            },
            reduced_size_rtcp: true,
        };
        let set = Command::SetKeys {
            leg: LEG,
            keys: Box::new(keys),
        };
        worker.handle_command(0, add);
        worker.handle_command(0, set);
        worker
    }

    fn push(worker: &mut Worker, index: u64) {
        let key = worker.names.legs.get(&LEG).copied().expect("it was added");
        let leg = worker.legs.get_mut(key).expect("it was added");
        let tuple = Tuple {
            socket: 0,
            remote: ([127, 0, 0, 1], 9).into(),
        };
        let stamp = Stamp {
            kind: wire::payload::Kind::Video,
            ssrc: 7,
            payload_type: 96,
            index,
            original: None,
        };
        let pushed = worker.output.outbox.push_open(tuple, 0, |out| {
            let header_len = HeaderWriter::new(out, false, 96, index as u16, 0, 7)?.finish();
            let written = Written {
                header_len,
                len: header_len + 100,
                has_padding: false,
            };
            open(leg, key, tuple, &stamp, written, NOW)
        });
        assert!(pushed);
    }

    /// A line comes to its last number after 2^48 packets: here it is put there, and the cipher is the real one.
    #[test]
    fn a_packet_that_the_cipher_refuses_is_counted_and_does_not_leave() {
        let mut worker = worker();
        for index in [LAST, LAST + 1] {
            push(&mut worker, index);
        }
        let outbox = worker.outbox();
        let left: Vec<_> = outbox.runs().iter().map(|run| run.count).collect();
        assert_eq!(left, [1]);
        outbox.clear();
        assert_eq!(worker.counters().get(Counter::DropSealRefused), 1);
        assert_eq!(worker.counters().get(Counter::DropSubscriberNotReady), 0);
    }
}
