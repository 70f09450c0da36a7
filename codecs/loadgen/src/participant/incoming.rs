//! What arrives for a participant: media, checks, reports.

use forward::srtp::SrtpError;
use wire::datagram::Protocol;
use wire::extensions::{ExtensionKind, TransportSequence};
use wire::payload::red::RedPayload;
use wire::rtp::RtpHeader;

use super::burst::Burst;
use super::freezes::Freezes;
use super::line::ORIGINAL_SEQUENCE_BYTES;
use super::missing::{Part, Picture};
use super::{Arrival, Feedback, LOOKED_AT_ONE_IN, Participant};
use crate::traffic::lead;
use crate::traffic::stamp::Stamp;

/// Another's picture.
pub struct Watched {
    /// What came of it.
    pub picture: Picture,
    freezes: Freezes,
}

impl Participant {
    /// Takes in a datagram that arrived then; what it has to say to that goes into the burst.
    pub fn receive(&mut self, arrival_ns: u64, datagram: &mut [u8], burst: &mut Burst) -> Arrival {
        match Protocol::of_untrusted(datagram) {
            Some(Protocol::Rtp) => self
                .receive_rtp(arrival_ns, datagram)
                .unwrap_or(Arrival::Unusable),
            Some(Protocol::Rtcp) => self
                .receive_rtcp(arrival_ns, datagram, burst)
                .map_or(Arrival::Unusable, Arrival::Control),
            Some(Protocol::Stun) => {
                if let Some(checks) = &mut self.checks {
                    checks.handle_answer(datagram);
                    let remote = self.remote;
                    burst.push(remote, |out| checks.write_answer(datagram, remote, out));
                }
                Arrival::Control(Feedback::default())
            }
            // The end of a handshake may be repeated.
            Some(Protocol::Dtls) => Arrival::Control(Feedback::default()),
            None => Arrival::Unusable,
        }
    }

    fn receive_rtp(&mut self, arrival_ns: u64, datagram: &mut [u8]) -> Option<Arrival> {
        let header = RtpHeader::parse_untrusted(datagram).ok()?;
        let (ssrc, sequence) = (header.ssrc, header.sequence);
        let opened = self
            .inbound
            .unprotect_rtp(datagram, header.header_len, ssrc, sequence);
        let len = match opened {
            // A datagram that the network brought twice is no mistake of anybody's.
            Err(SrtpError::Replayed) => return Some(Arrival::Control(Feedback::default())),
            opened => opened.ok()?,
        };
        let packet = datagram.get(..len)?;
        let payload = header.payload_untrusted(packet).ok()?;
        let advanced = self.reception.record(ssrc, sequence);
        if let Some(transport_sequence) = self.transport_sequence(&header, packet) {
            self.arrivals.record(transport_sequence, arrival_ns);
        }
        // Padding to measure bandwidth with.
        if payload.is_empty() {
            return Some(Arrival::Control(Feedback::default()));
        }
        let repaired = self.received.rtx == Some(header.payload_type);
        let redundant = self.received.red == Some(header.payload_type);
        let sound = redundant || self.received.audio == header.payload_type;
        let (payload, original) = if repaired {
            let (original, payload) = payload.split_first_chunk::<ORIGINAL_SEQUENCE_BYTES>()?;
            (payload, u16::from_be_bytes(*original))
        } else {
            (payload, sequence)
        };
        // Of a packet that carries earlier frames once more, its own counts.
        let payload = if redundant {
            RedPayload::parse_untrusted(payload).ok()?.primary
        } else {
            payload
        };
        let stamped = if sound {
            payload.get(1..)?
        } else {
            lead::stamped_untrusted(self.codec, payload)?
        };
        let stamp = Stamp::read(stamped)?;
        let intact = !stamp.number.is_multiple_of(LOOKED_AT_ONE_IN) || stamp.is_intact(stamped);
        let part = (!sound).then(|| Part {
            sequence: original,
            ends_frame: header.marker,
            begins_key_frame: lead::begins_key_frame_untrusted(self.codec, payload),
        });
        Some(Arrival::Media {
            stamp,
            intact,
            repaired,
            advanced,
            frozen_ns: part.and_then(|part| self.watch(ssrc, part, repaired, arrival_ns)),
        })
    }

    /// Takes in a part of a picture; says how long it stood still, if it moves again with this part.
    fn watch(&mut self, ssrc: u32, part: Part, repaired: bool, arrival_ns: u64) -> Option<u64> {
        let misses = |one: &Watched| one.picture.misses(part.sequence);
        let known = self.watched.iter().position(|one| {
            // Which line a retransmission belongs to is known by what is missing: no two lines of a
            // participant that receives a few pictures miss the same number but by chance.
            if repaired {
                misses(one)
            } else {
                one.picture.ssrc == ssrc
            }
        });
        let place = match known {
            Some(place) => place,
            None if repaired => return None,
            None => {
                self.watched.push(Watched {
                    picture: Picture::beginning(ssrc, part.sequence, arrival_ns),
                    freezes: Freezes::default(),
                });
                self.watched.len() - 1
            }
        };
        let repairs = self.received.rtx.is_some() && self.has_manners();
        let watched = self.watched.get_mut(place)?;
        let shown = watched.picture.handle(part, arrival_ns);
        // Who cannot ask for anything shows what there is.
        let shown = if repairs {
            shown
        } else {
            usize::from(part.ends_frame)
        };
        self.asks |= repairs && watched.picture.has_news();
        let frozen = (0..shown).filter_map(|_| watched.freezes.show(arrival_ns));
        frozen.max()
    }

    fn transport_sequence(&self, header: &RtpHeader, packet: &[u8]) -> Option<u16> {
        let id = self.extensions.id(ExtensionKind::TransportSequence)?;
        let (_, value) = header
            .extensions(packet)
            .flatten()
            .find(|(found, _)| *found == id)?;
        TransportSequence::parse_untrusted(value)
            .ok()
            .map(|TransportSequence(number)| number)
    }
}
