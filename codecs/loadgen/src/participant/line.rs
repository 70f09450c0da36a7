//! A microphone's or a camera's RTP, packet by packet, before protection.

use forward::srtp::Outbound;
use wire::extensions::{AbsSendTime, AudioLevel, TransportSequence};
use wire::rtcp::SenderInfo;
use wire::rtp::HeaderWriter;

use crate::setup::{Extensions, LineSetup};
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
#[derive(Clone, Copy)]
pub struct Packet {
    /// Last of its frame.
    pub marker: bool,
    /// Length of its payload.
    pub payload_bytes: usize,
    /// Whether it is sound.
    pub audio: bool,
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
        }
    }

    /// The source of its packets.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.setup.ssrc
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

    /// Writes and protects the next packet; `lead` writes what precedes the stamp. Returns its length.
    pub fn write(
        &mut self,
        transport: &mut Transport,
        packet: Packet,
        out: &mut [u8],
        lead: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<usize> {
        let LineSetup {
            ssrc,
            payload_type,
            ref mid,
            ..
        } = self.setup;
        let ids = transport.extensions;
        let sequence = self.index as u16;
        let mut header = HeaderWriter::new(
            out,
            packet.marker,
            payload_type,
            sequence,
            self.timestamp,
            ssrc,
        )?;
        header.extension(
            ids.transport_sequence,
            &TransportSequence(transport.sequence).to_bytes(),
        )?;
        header.extension(
            ids.abs_send_time,
            &AbsSendTime::from_ns(packet.now_ns).to_bytes(),
        )?;
        header.extension(ids.mid, mid.as_bytes())?;
        if packet.audio {
            header.extension(ids.audio_level, &SPEECH.to_bytes())?;
        }
        let header_len = header.finish();
        let len = header_len + packet.payload_bytes;
        let payload = out.get_mut(header_len..len)?;
        let lead_bytes = lead(payload)?;
        let stamp = Stamp {
            line: self.number,
            number: self.packets,
            sent_ns: packet.now_ns,
        };
        stamp.write(payload.get_mut(lead_bytes..)?)?;
        let len = transport
            .outbound
            .protect_rtp(out, len, header_len, ssrc, self.index)
            .ok()?;
        self.index += 1;
        self.packets += 1;
        self.octets = self.octets.wrapping_add(packet.payload_bytes as u32);
        transport.sequence = transport.sequence.wrapping_add(1);
        Some(len)
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
