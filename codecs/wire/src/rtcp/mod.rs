//! RTCP: compound packets read one by one, and each packet written (RFC 3550 §6, RFC 4585).
//!
//! A parsed packet borrows the datagram and was checked as a whole, so its iterators cannot fail.

mod bye;
mod fir;
mod nack;
mod packet;
mod pli;
mod receiver_report;
mod remb;
mod report_block;
mod sdes;
mod sender_report;
mod transport_feedback;

pub use bye::{Bye, write_bye};
pub use fir::{Fir, FirEntry, write_fir};
pub use nack::{Nack, write_nack};
pub use pli::{Pli, write_pli};
pub use receiver_report::{ReceiverReport, write_receiver_report};
pub use remb::{Remb, write_remb};
pub use report_block::ReportBlock;
pub use sdes::{SdesChunk, SourceDescription, write_sdes_cname};
pub use sender_report::{SenderInfo, SenderReport, write_sender_report};
pub use transport_feedback::{Statuses, TransportFeedback, write_transport_feedback};

use crate::Malformed;
use crate::reader::Reader;
use packet::Header;

/// Entry point to a decrypted RTCP datagram.
#[derive(Clone, Copy, Debug)]
pub struct Rtcp;

impl Rtcp {
    /// The packets of a compound, in order.
    ///
    /// Any packet may come first (reduced size, RFC 5506). Fuzz target `rtcp`.
    #[must_use]
    pub const fn packets_untrusted(compound: &[u8]) -> RtcpPackets<'_> {
        RtcpPackets {
            rest: Reader::new(compound),
        }
    }
}

/// Iterates over a compound; total, and over after its first `Err`.
#[derive(Clone, Debug)]
pub struct RtcpPackets<'a> {
    rest: Reader<'a>,
}

impl<'a> Iterator for RtcpPackets<'a> {
    type Item = Result<RtcpPacket<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let packet = RtcpPacket::parse_untrusted(&mut self.rest);
        if packet.is_err() {
            self.rest = Reader::new(&[]);
        }
        Some(packet)
    }
}

impl std::iter::FusedIterator for RtcpPackets<'_> {}

/// One packet of a compound.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "each variant is described at its type")]
pub enum RtcpPacket<'a> {
    SenderReport(SenderReport<'a>),
    ReceiverReport(ReceiverReport<'a>),
    SourceDescription(SourceDescription<'a>),
    Bye(Bye<'a>),
    Nack(Nack<'a>),
    Pli(Pli),
    Fir(Fir<'a>),
    TransportFeedback(TransportFeedback<'a>),
    Remb(Remb<'a>),
    /// Well framed, and nothing the relay acts on.
    Other {
        /// RFC 3550 §12.1.
        packet_type: u8,
        /// Feedback message type, subtype or count, whichever the type has.
        format: u8,
    },
}

impl<'a> RtcpPacket<'a> {
    fn parse_untrusted(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let Header {
            packet_type,
            format,
            body,
        } = Header::parse_untrusted(reader)?;
        Ok(match (packet_type, format) {
            (packet::SENDER_REPORT, count) => {
                Self::SenderReport(SenderReport::parse_untrusted(count, body)?)
            }
            (packet::RECEIVER_REPORT, count) => {
                Self::ReceiverReport(ReceiverReport::parse_untrusted(count, body)?)
            }
            (packet::SOURCE_DESCRIPTION, count) => {
                Self::SourceDescription(SourceDescription::parse_untrusted(count, body)?)
            }
            (packet::BYE, count) => Self::Bye(Bye::parse_untrusted(count, body)?),
            (packet::TRANSPORT_LAYER_FEEDBACK, nack::FORMAT) => {
                Self::Nack(Nack::parse_untrusted(body)?)
            }
            (packet::TRANSPORT_LAYER_FEEDBACK, transport_feedback::FORMAT) => {
                Self::TransportFeedback(TransportFeedback::parse_untrusted(body)?)
            }
            (packet::PAYLOAD_SPECIFIC_FEEDBACK, pli::FORMAT) => {
                Self::Pli(Pli::parse_untrusted(body)?)
            }
            (packet::PAYLOAD_SPECIFIC_FEEDBACK, fir::FORMAT) => {
                Self::Fir(Fir::parse_untrusted(body)?)
            }
            (packet::PAYLOAD_SPECIFIC_FEEDBACK, remb::FORMAT) if remb::is_named(body) => {
                Self::Remb(Remb::parse_untrusted(body)?)
            }
            _ => Self::Other {
                packet_type,
                format,
            },
        })
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
