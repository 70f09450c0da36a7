//! What a simulated participant makes of what comes: decrypts, counts, asks again, answers.

use std::collections::BTreeMap;

use wire::datagram::Protocol;
use wire::rtcp::{Rtcp, RtcpPacket, write_nack};
use wire::rtp::RtpHeader;
use wire::stun::{StunClass, StunMessage, write_binding_success};

use super::participant::{OWN_PASSWORD, OWN_UFRAG, Participant, RTX_OFFSET, RTX_PT, Received};

impl Participant {
    /// Takes in a datagram from the relay; returns what it answers.
    pub fn receive(&mut self, at_ns: u64, mut datagram: Vec<u8>) -> Vec<Vec<u8>> {
        match Protocol::of_untrusted(&datagram) {
            Some(Protocol::Rtp) => self.receive_rtp(at_ns, &mut datagram),
            Some(Protocol::Rtcp) => self.receive_rtcp(at_ns, &mut datagram),
            Some(Protocol::Stun) => self.receive_stun(&datagram).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Media packets received on a line, retransmissions unwrapped into their places, by sequence number.
    pub fn line(&self, ssrc: u32) -> BTreeMap<u16, Vec<u8>> {
        let original = self
            .received
            .iter()
            .filter(|got| got.header.ssrc == ssrc)
            .map(|got| (got.header.sequence, got.payload.clone()));
        let again = self
            .received
            .iter()
            .filter(|got| got.header.ssrc == ssrc + RTX_OFFSET && got.payload.len() > 2);
        let again = again.map(|got| {
            (
                u16::from_be_bytes([got.payload[0], got.payload[1]]),
                got.payload[2..].to_vec(),
            )
        });
        original.chain(again).collect()
    }

    /// Answers a question as a browser does: only one that names both sides and is signed.
    fn receive_stun(&mut self, datagram: &[u8]) -> Option<Vec<u8>> {
        let message = StunMessage::parse_untrusted(datagram).unwrap();
        if message.class != StunClass::Request {
            return None;
        }
        let names = [OWN_UFRAG, b":", &self.ufrag()].concat();
        assert_eq!(message.username, Some(names.as_slice()));
        assert!(message.verify_integrity(OWN_PASSWORD) && message.has_valid_fingerprint());
        assert!(message.ice_controlled.is_some(), "the relay never controls");
        self.questions += 1;
        let mut answer = vec![0; 256];
        let (id, from) = (&message.transaction_id, self.tuple.remote);
        let len = write_binding_success(&mut answer, id, from, OWN_PASSWORD).unwrap();
        answer.truncate(len);
        Some(answer)
    }

    fn receive_rtp(&mut self, at_ns: u64, datagram: &mut [u8]) -> Vec<Vec<u8>> {
        let header = RtpHeader::parse_untrusted(datagram).unwrap();
        let Ok(len) =
            self.inbound
                .unprotect_rtp(datagram, header.header_len, header.ssrc, header.sequence)
        else {
            self.undecryptable += 1;
            return Vec::new();
        };
        let packet = datagram[..len].to_vec();
        let payload = header.payload_untrusted(&packet).unwrap().to_vec();
        self.received.push(Received {
            at_ns,
            header,
            packet,
            payload,
        });
        let rtx = self
            .received
            .iter()
            .any(|got| got.header.ssrc == header.ssrc.wrapping_sub(RTX_OFFSET));
        let expected = self
            .expected
            .insert(header.ssrc, header.sequence.wrapping_add(1));
        let missing: Vec<u16> = match expected {
            Some(expected) if self.repairs && !rtx && header.payload_type == 100 => {
                let gap = header.sequence.wrapping_sub(expected);
                if gap > 1_000 {
                    self.expected.insert(header.ssrc, expected);
                    return Vec::new();
                }
                (0..gap).map(|step| expected.wrapping_add(step)).collect()
            }
            _ => Vec::new(),
        };
        if missing.is_empty() {
            return Vec::new();
        }
        let ssrc = header.ssrc;
        vec![self.rtcp(|out| write_nack(out, 1, ssrc, &missing))]
    }

    fn receive_rtcp(&mut self, at_ns: u64, datagram: &mut [u8]) -> Vec<Vec<u8>> {
        let Ok(len) = self.inbound.unprotect_rtcp(datagram) else {
            self.undecryptable += 1;
            return Vec::new();
        };
        let mut asked = Vec::new();
        for packet in Rtcp::packets_untrusted(&datagram[..len]) {
            match packet.expect("the relay writes well-formed RTCP") {
                RtcpPacket::SenderReport(report) => {
                    self.sender_reports.push(report.info);
                    let blocks = report.report_blocks().map(|block| (at_ns, block));
                    self.report_blocks.extend(blocks);
                }
                RtcpPacket::ReceiverReport(report) => {
                    let blocks = report.report_blocks().map(|block| (at_ns, block));
                    self.report_blocks.extend(blocks);
                }
                RtcpPacket::Nack(nack) => {
                    asked.extend(nack.sequences().map(|sequence| (nack.media_ssrc, sequence)));
                }
                RtcpPacket::Pli(_) => self.plis += 1,
                RtcpPacket::Remb(remb) => {
                    let sources = remb.ssrcs().collect();
                    self.limits.push((at_ns, remb.bitrate_bps, sources));
                }
                RtcpPacket::TransportFeedback(feedback) => {
                    self.transport_feedbacks += 1;
                    for (sequence, arrived) in feedback.statuses() {
                        *self.told_arrivals.entry(sequence).or_default() |= arrived.is_some();
                    }
                }
                _ => {}
            }
        }
        self.nacked
            .extend(asked.iter().map(|(_, sequence)| *sequence));
        if !self.repairs {
            return Vec::new();
        }
        asked
            .into_iter()
            .filter_map(|(ssrc, sequence)| self.again(ssrc, sequence, None))
            .collect()
    }

    /// A packet once more (RFC 4588).
    pub fn again(&mut self, ssrc: u32, sequence: u16, rid: Option<&str>) -> Option<Vec<u8>> {
        let line = self.sent.get_mut(&ssrc)?;
        let (_, timestamp, marker, payload) = line.packets.get(&sequence)?.clone();
        let index = line.rtx_next;
        line.rtx_next += 1;
        let payload = [&sequence.to_be_bytes()[..], &payload].concat();
        Some(self.protected(
            ssrc + RTX_OFFSET,
            RTX_PT,
            index,
            timestamp,
            marker,
            &payload,
            rid,
        ))
    }
}
