//! A packet as the subscriber shall see it: header, extensions and payload written anew, to be protected when it leaves.
//!
//! Used by `egress` for forwarded packets and by `retransmit` for those sent again.

use std::ops::Range;

use wire::extensions::{AbsSendTime, ExtensionKind, ExtensionMap, TransportSequence};
use wire::payload::Kind;
use wire::rtp::HeaderWriter;

use crate::egress::outbox::Open;
use crate::ingress::incoming::{CARRIED, Incoming, extension};
use crate::ingress::structures::{Described, descriptor};
use crate::legs::leg::Leg;
use crate::legs::paths::{IPV4_UDP_BYTES, below_rtp_bytes};
use crate::slots::line::Mapped;
use crate::slots::slot::Slot;
use crate::worker::ids::{LegKey, Tuple};
use crate::worker::now::Now;

/// The RTP line that a packet leaves on.
pub struct Stamp {
    /// What the line carries.
    pub kind: Kind,
    /// Whose line.
    pub ssrc: u32,
    /// On this leg.
    pub payload_type: u8,
    /// Rollover counter and sequence number.
    pub index: u64,
    /// Retransmissions carry the number of what was lost (RFC 4588 §4).
    pub original: Option<u16>,
}

impl Stamp {
    /// The next packet on a slot's retransmission line; `None` where it has none.
    #[must_use]
    pub fn again(slot: &Slot, payload_type: u8, original: Option<u16>) -> Option<Self> {
        let again = slot.retransmission.as_ref()?;
        Some(Self {
            kind: slot.kind,
            ssrc: again.ssrc,
            payload_type,
            index: again.next,
            original,
        })
    }
}

/// The part of a picture that a receiver is sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Part {
    /// Whether the packet is the last of it, though others of the picture follow.
    pub ends_picture: bool,
    /// The highest spatial and temporal layer.
    pub layers: (u8, u8),
}

/// How a packet was written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// Header and extensions.
    pub header_len: usize,
    /// With the payload.
    pub len: usize,
    /// Whether the payload ends in padding.
    pub has_padding: bool,
}

/// Writes header, extensions and payload as the subscriber shall see them.
#[expect(
    clippy::too_many_arguments,
    reason = "one packet, one line, one leg: all that a header is made of"
)]
pub fn write(
    packet: &Incoming<'_>,
    publisher: &ExtensionMap,
    line: &Stamp,
    mapped: Mapped,
    part: Part,
    slot: &Slot,
    leg: &Leg,
    now: Now,
    out: &mut [u8],
) -> Option<Written> {
    let marker = packet.header.marker || part.ends_picture;
    let mut header = HeaderWriter::new(
        out,
        marker,
        line.payload_type,
        line.index as u16,
        mapped.timestamp,
        line.ssrc,
    )?;
    let mut room = [0; MAX_DESCRIPTOR_BYTES];
    let descriptor = described(packet, publisher, mapped, part, leg, &mut room);
    if descriptor.is_some_and(|(_, value)| value.len() > MAX_ONE_BYTE_VALUE) {
        header = header.with_two_byte_elements();
    }
    write_own_extensions(&mut header, slot, leg, now);
    if let Some((id, value)) = descriptor {
        header.extension(id, value);
    }
    for kind in CARRIED {
        let value = extension(&packet.header, packet.packet, publisher, kind)
            .filter(|value| kind_allows(kind, value.len()));
        if let (Some(id), Some(value)) = (leg.extensions.id(kind), value) {
            header.extension(id, value);
        }
    }
    let header_len = header.finish();
    let number_len = write_original(line.original, out.get_mut(header_len..)?)?;
    let payload = payload_range(header_len + number_len, packet.payload.len());
    let place = out.get_mut(payload.clone())?;
    place.copy_from_slice(packet.payload);
    packet.frame.patch(place, mapped.picture_shift);
    Some(Written {
        header_len,
        len: payload.end,
        has_padding: false,
    })
}

/// The dependency descriptor for a subscriber that takes it, of a stream of several sizes; others are decoded in the
/// order of their packets, which is never broken.
fn described<'a>(
    packet: &Incoming<'_>,
    publisher: &ExtensionMap,
    mapped: Mapped,
    part: Part,
    leg: &Leg,
    room: &'a mut [u8],
) -> Option<(u8, &'a [u8])> {
    let described = packet.frame.described.filter(Described::has_sizes)?;
    let id = leg.extensions.id(ExtensionKind::DependencyDescriptor)?;
    let value = descriptor(packet.codec, &packet.header, packet.packet, publisher)?;
    let number = packet
        .frame
        .picture?
        .shifted(mapped.picture_shift)
        .frame_number;
    let (spatial, temporal) = part.layers;
    let len = described.rewrite(value, number, spatial, temporal, room)?;
    Some((id, room.get(..len)?))
}

/// Gives a written packet to the outbox, which protects it when it is known what leaves with it, and enters its
/// departure.
pub fn open(
    leg: &mut Leg,
    leg_key: LegKey,
    tuple: Tuple,
    line: &Stamp,
    written: Written,
    now: Now,
) -> Option<Open> {
    let overhead = leg.srtp.as_ref()?.outbound.rtp_overhead();
    if leg.has_transport_sequence()
        && let Some(bandwidth) = &mut leg.bandwidth
    {
        let size_bytes = written.len + overhead + below_rtp_bytes(tuple);
        bandwidth.sent(now.ns, size_bytes, line.kind, line.ssrc);
    }
    Some(Open {
        leg: leg_key,
        ssrc: line.ssrc,
        index: line.index,
        header_len: written.header_len as u16,
        plain_len: written.len as u16,
        overhead: overhead as u16,
        is_padding: written.has_padding,
        is_video: line.kind == Kind::Video,
    })
}

/// An empty packet in the place of one that is withheld, so that nobody asks for it (RFC 3550 §5.1 padding).
pub fn write_empty(
    packet: &Incoming<'_>,
    line: &Stamp,
    mapped: Mapped,
    slot: &Slot,
    leg: &Leg,
    now: Now,
    out: &mut [u8],
) -> Option<Written> {
    let mut header = HeaderWriter::new(
        out,
        packet.header.marker,
        line.payload_type,
        line.index as u16,
        mapped.timestamp,
        line.ssrc,
    )?;
    write_own_extensions(&mut header, slot, leg, now);
    let header_len = header.finish();
    pad(header_len, 1, out)
}

/// A packet of padding alone that takes about `size_bytes` on the wire, for a retransmission line: there it belongs to
/// no frame.
pub fn write_padding(
    line: &Stamp,
    timestamp: u32,
    size_bytes: usize,
    slot: &Slot,
    leg: &Leg,
    now: Now,
    out: &mut [u8],
) -> Option<Written> {
    let mut header = HeaderWriter::new(
        out,
        false,
        line.payload_type,
        line.index as u16,
        timestamp,
        line.ssrc,
    )?;
    write_own_extensions(&mut header, slot, leg, now);
    let header_len = header.finish();
    let count = size_bytes
        .saturating_sub(header_len + USUAL_BELOW_RTP_BYTES)
        .clamp(1, u8::MAX.into());
    pad(header_len, count as u8, out)
}

/// Ends a packet without payload in so many bytes of padding (RFC 3550 §5.1).
fn pad(header_len: usize, count: u8, out: &mut [u8]) -> Option<Written> {
    let padding = out.get_mut(header_len..header_len + usize::from(count))?;
    padding.fill(0);
    *padding.last_mut()? = count;
    *out.first_mut()? |= PADDING_BIT;
    Some(Written {
        header_len,
        len: header_len + usize::from(count),
        has_padding: true,
    })
}

fn write_own_extensions(header: &mut HeaderWriter<'_>, slot: &Slot, leg: &Leg, now: Now) {
    let map = &leg.extensions;
    if let (Some(id), Some(bandwidth)) = (
        map.id(ExtensionKind::TransportSequence),
        leg.bandwidth.as_ref(),
    ) {
        let number = bandwidth.departures.next_number();
        header.extension(id, &TransportSequence(number).to_bytes());
    }
    if let Some(id) = map.id(ExtensionKind::AbsSendTime) {
        header.extension(id, &AbsSendTime::from_ns(now.ns).to_bytes());
    }
    if let Some(id) = map.id(ExtensionKind::Mid) {
        header.extension(id, slot.mid.as_bytes());
    }
}

fn write_original(original: Option<u16>, out: &mut [u8]) -> Option<usize> {
    let Some(original) = original else {
        return Some(0);
    };
    *out.first_chunk_mut::<2>()? = original.to_be_bytes();
    Some(2)
}

const fn payload_range(start: usize, len: usize) -> Range<usize> {
    start..start + len
}

/// A value of the wrong length would close an aiortc subscriber: it must not travel.
const fn kind_allows(kind: ExtensionKind, len: usize) -> bool {
    match kind {
        ExtensionKind::AudioLevel | ExtensionKind::VideoOrientation => len == 1,
        ExtensionKind::PlayoutDelay => len == 3,
        ExtensionKind::AbsCaptureTime => len == 8 || len == 16,
        _ => false,
    }
}

/// What an element of the two-byte form can be (RFC 8285 §4.3).
const MAX_DESCRIPTOR_BYTES: usize = 255;
/// What an element of the one-byte form can be (RFC 8285 §4.2).
const MAX_ONE_BYTE_VALUE: usize = 16;
/// The P bit (RFC 3550 §5.1).
const PADDING_BIT: u8 = 0x20;
/// With the tag of protection.
const USUAL_BELOW_RTP_BYTES: usize = IPV4_UDP_BYTES + 16;
