//! A microphone's or a camera's RTP, packet by packet, before protection.

use forward::srtp::Outbound;
use wire::extensions::{AbsSendTime, AudioLevel, TransportSequence};
use wire::rtcp::SenderInfo;
use wire::rtp::HeaderWriter;

use super::history::{History, Sent};
use crate::setup::{Extensions, LineSetup, RtxSetup};
use crate::traffic::lead::Lead;
use crate::traffic::stamp::Stamp;

/// One outgoing line and where it stands.
pub struct Line {
    setup: LineSetup,
    /// Its number among all lines of the run, for the stamps.
    number: u32,
    index: u64,
    timestamp: u32,
    octets: u32,
    packets: u32,
    history: History,
    repair_index: u64,
}

/// What all lines of a participant share.
pub struct Transport {
    /// Protects what leaves.
    pub outbound: Outbound,
    /// The header extensions.
    pub extensions: Extensions,
    /// The next transport-wide number.
    pub sequence: u16,
}

/// One packet to be made.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    /// Last of its frame.
    pub marker: bool,
    /// Length of its payload.
    pub payload_bytes: usize,
    /// What the payload begins with.
    pub lead: Lead,
    /// When it leaves.
    pub now_ns: u64,
}

impl Line {
    /// A line that starts at `first_sequence`.
    #[must_use]
    pub fn new(setup: LineSetup, number: u32, first_sequence: u16, first_timestamp: u32) -> Self {
        Self {
            setup,
            number,
            index: first_sequence.into(),
            timestamp: first_timestamp,
            octets: 0,
            packets: 0,
            history: History::default(),
            // As low as the others', and no secret.
            repair_index: u64::from(first_sequence),
        }
    }

    /// The source of its packets.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.setup.ssrc
    }

    /// Which encoding it is; empty for the only one.
    #[must_use]
    pub fn rid(&self) -> &str {
        self.setup.rid.as_deref().unwrap_or_default()
    }

    /// How many packets were made.
    #[must_use]
    pub fn packets(&self) -> u32 {
        self.packets
    }

    /// Moves on to the next frame or sound packet.
    pub fn advance(&mut self, ticks: u32) {
        self.timestamp = self.timestamp.wrapping_add(ticks);
    }

    /// Writes and protects the next packet; returns its length.
    pub fn write(
        &mut self,
        transport: &mut Transport,
        packet: Packet,
        out: &mut [u8],
    ) -> Option<usize> {
        let sent = Sent {
            sequence: self.index as u16,
            number: self.packets,
            timestamp: self.timestamp,
            packet,
        };
        let own = (self.setup.ssrc, self.setup.payload_type, sent.sequence);
        let header_len = self.write_header(transport, sent, own, packet.now_ns, out)?;
        let len = header_len + packet.payload_bytes;
        self.write_payload(sent, out.get_mut(header_len..len)?)?;
        let len = transport
            .outbound
            .protect_rtp(out, len, header_len, self.setup.ssrc, self.index)
            .ok()?;
        self.index += 1;
        self.packets += 1;
        self.octets = self.octets.wrapping_add(packet.payload_bytes as u32);
        if self.setup.rtx.is_some() {
            self.history.remember(sent);
        }
        Some(len)
    }

    /// Writes and protects a packet again, as a retransmission (RFC 4588 §4); `None` if it is forgotten.
    pub fn write_again(
        &mut self,
        transport: &mut Transport,
        sequence: u16,
        now_ns: u64,
        out: &mut [u8],
    ) -> Option<usize> {
        let RtxSetup { ssrc, payload_type } = self.setup.rtx?;
        let sent = self.history.find(sequence)?;
        let line = (ssrc, payload_type, self.repair_index as u16);
        let header_len = self.write_header(transport, sent, line, now_ns, out)?;
        let start = header_len + ORIGINAL_SEQUENCE_BYTES;
        let len = start + sent.packet.payload_bytes;
        out.get_mut(header_len..start)?
            .copy_from_slice(&sequence.to_be_bytes());
        self.write_payload(sent, out.get_mut(start..len)?)?;
        let len = transport
            .outbound
            .protect_rtp(out, len, header_len, ssrc, self.repair_index)
            .ok()?;
        self.repair_index += 1;
        Some(len)
    }

    fn write_header(
        &self,
        transport: &mut Transport,
        sent: Sent,
        (ssrc, payload_type, sequence): (u32, u8, u16),
        now_ns: u64,
        out: &mut [u8],
    ) -> Option<usize> {
        let ids = transport.extensions;
        let marker = sent.packet.marker;
        let mut header =
            HeaderWriter::new(out, marker, payload_type, sequence, sent.timestamp, ssrc)?;
        let mut extension = |id: u8, value: &[u8]| match id {
            0 => Some(()),
            _ => header.extension(id, value).map(drop),
        };
        let number = TransportSequence(transport.sequence);
        extension(ids.transport_sequence, &number.to_bytes())?;
        extension(ids.abs_send_time, &AbsSendTime::from_ns(now_ns).to_bytes())?;
        extension(ids.mid, self.setup.mid.as_bytes())?;
        if sent.packet.lead == Lead::Opus {
            extension(ids.audio_level, &SPEECH.to_bytes())?;
        }
        if let Some(rid) = &self.setup.rid {
            let repairs = ssrc != self.setup.ssrc;
            let id = if repairs { ids.repaired_rid } else { ids.rid };
            extension(id, rid.as_bytes())?;
        }
        transport.sequence = transport.sequence.wrapping_add(1);
        Some(header.finish())
    }

    fn write_payload(&self, sent: Sent, payload: &mut [u8]) -> Option<()> {
        let stamp = Stamp {
            line: self.number,
            number: sent.number,
            sent_ns: sent.packet.now_ns,
        };
        let room = sent.packet.lead.write(payload)?;
        stamp.write(payload.get_mut(room)?)
    }

    /// What a sender report says of it.
    #[must_use]
    pub fn sender_info(&self, ntp: u64) -> SenderInfo {
        SenderInfo {
            ssrc: self.setup.ssrc,
            ntp,
            rtp_timestamp: self.timestamp,
            packet_count: self.packets,
            octet_count: self.octets,
        }
    }
}

/// Somebody speaks at a usual level.
const SPEECH: AudioLevel = AudioLevel {
    voice: true,
    level_dbov_negative: 30,
};
/// RFC 4588 §4.
pub const ORIGINAL_SEQUENCE_BYTES: usize = 2;
