//! What a simulated participant sends: checks, media, reports.

use wire::rtcp::{SenderInfo, write_sender_report};
use wire::rtp::HeaderWriter;
use wire::stun::{BindingRequest, write_binding_request};

use super::participant::{ANNOUNCEMENT, AUDIO_PT, DESCRIPTOR, Line, Participant, RTX_PT};

impl Participant {
    /// An authenticated binding request.
    pub fn check(&mut self, use_candidate: bool) -> Vec<u8> {
        self.transactions += 1;
        let mut transaction_id = [0; 12];
        transaction_id[4..].copy_from_slice(&self.transactions.to_be_bytes());
        let username = [self.ufrag(), b":peer".to_vec()].concat();
        let request = BindingRequest {
            transaction_id,
            username: &username,
            priority: 1,
            tie_breaker: 7,
            controlling: true,
            use_candidate,
        };
        let mut out = vec![0; 256];
        let len = write_binding_request(&mut out, &request, &self.password()).unwrap();
        out.truncate(len);
        out
    }

    /// One protected RTP packet on a new number of its line; remembers it for retransmission.
    pub fn rtp(
        &mut self,
        ssrc: u32,
        payload_type: u8,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
        rid: Option<&str>,
    ) -> Vec<u8> {
        let line = self.sent.entry(ssrc).or_insert_with(|| Line {
            next: 65_000,
            rtx_next: 100,
            ..Line::default()
        });
        let index = line.next;
        line.next += 1;
        line.packets.insert(
            index as u16,
            (payload_type, timestamp, marker, payload.to_vec()),
        );
        self.protected(ssrc, payload_type, index, timestamp, marker, payload, rid)
    }

    /// Skips a number, as if the packet had been lost before it was sent.
    pub fn skip(&mut self, ssrc: u32) {
        self.sent
            .entry(ssrc)
            .or_insert_with(|| Line {
                next: 65_000,
                rtx_next: 100,
                ..Line::default()
            })
            .next += 1;
    }

    pub fn protected(
        &mut self,
        ssrc: u32,
        payload_type: u8,
        index: u64,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
        rid: Option<&str>,
    ) -> Vec<u8> {
        let mut out = vec![0; 2_048];
        let mut header = HeaderWriter::new(
            &mut out,
            marker,
            payload_type,
            index as u16,
            timestamp,
            ssrc,
        )
        .unwrap();
        let described = self.describes.take();
        if described.as_ref().is_some_and(|value| value.len() > 16) {
            header = header.with_two_byte_elements();
        }
        if let Some(value) = described {
            header.extension(DESCRIPTOR, &value).unwrap();
        }
        header
            .extension(3, &self.transport_sequence.to_be_bytes())
            .unwrap();
        self.transport_sequence = self.transport_sequence.wrapping_add(1);
        if payload_type == AUDIO_PT {
            header.extension(1, &[0x80 | self.level]).unwrap();
        }
        if let Some(said) = self.announces.take() {
            header.extension(ANNOUNCEMENT, &said).unwrap();
        }
        if let Some(rid) = rid {
            header.extension(4, b"1").unwrap();
            header
                .extension(if payload_type == RTX_PT { 11 } else { 10 }, rid.as_bytes())
                .unwrap();
        }
        let header_len = header.finish();
        out[header_len..header_len + payload.len()].copy_from_slice(payload);
        let len = self
            .outbound
            .protect_rtp(
                &mut out,
                header_len + payload.len(),
                header_len,
                ssrc,
                index,
            )
            .unwrap();
        out.truncate(len);
        out
    }

    pub fn sender_report(&mut self, ssrc: u32, ntp: u64, rtp_timestamp: u32) -> Vec<u8> {
        let info = SenderInfo {
            ssrc,
            ntp,
            rtp_timestamp,
            packet_count: 1,
            octet_count: 1,
        };
        self.rtcp(|out| write_sender_report(out, &info, &[]))
    }

    pub fn rtcp(&mut self, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> Vec<u8> {
        let mut out = vec![0; 1_500];
        let len = write(&mut out).unwrap();
        let len = self.outbound.protect_rtcp(&mut out, len).unwrap();
        out.truncate(len);
        out
    }
}
