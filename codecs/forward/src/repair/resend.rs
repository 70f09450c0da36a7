//! Sound once more for who asks for it (RFC 4585 §6.2.1), and padding between pictures: the very datagram that left before.
//!
//! Browsers have no retransmission payload type for sound: a packet comes again under its own number. Two different
//! packets under one (key, SSRC, index) would give GCM's authentication key away (RFC 7714 §8.4), and a header
//! written anew is different; so nothing is sealed again, and what was sealed is kept. Nobody is kept
//! anything for who has not asked: `retransmit` begins it with a first request, `sealing` goes on. Padding between
//! pictures (`padding`) is kept from its first packet on, since a picture waits for what is missing before it.

use wire::extensions::{ExtensionKind, ExtensionMap, TransportSequence};
use wire::rtp::RtpHeader;

use crate::control::counters::Counter;
use crate::egress::outbox::Open;
use crate::ingress::incoming::extension;
use crate::legs::leg::Leg;
use crate::legs::paths::below_rtp_bytes;
use crate::worker::now::Now;
use crate::worker::output::Output;

/// The last packets of one line, as they left: of sound all, of pictures the padding between them.
pub struct SentPackets {
    ssrc: u32,
    padding_only: bool,
    packets: Box<[Packet]>,
}

#[derive(Clone)]
struct Packet {
    index: u64,
    again_ns: u64,
    times_again: u8,
    /// 0 marks one that was never written, or was too long.
    len: u16,
    bytes: [u8; MAX_PACKET_BYTES],
}

impl SentPackets {
    /// A line of sound of which nothing is kept yet.
    #[must_use]
    pub fn of_sound(ssrc: u32) -> Self {
        Self::new(ssrc, false, PACKETS)
    }

    /// The padding of a line of pictures, of which nothing is kept yet.
    #[must_use]
    pub fn of_padding(ssrc: u32) -> Self {
        Self::new(ssrc, true, PADDING_PACKETS)
    }

    fn new(ssrc: u32, padding_only: bool, packets: usize) -> Self {
        let empty = Packet {
            index: 0,
            again_ns: 0,
            times_again: 0,
            len: 0,
            bytes: [0; MAX_PACKET_BYTES],
        };
        Self {
            ssrc,
            padding_only,
            packets: vec![empty; packets].into_boxed_slice(),
        }
    }

    /// Whose packets they are.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Whether a packet is to be kept.
    #[must_use]
    pub const fn keeps(&self, open: &Open) -> bool {
        open.ssrc == self.ssrc && (open.is_padding || !self.padding_only)
    }

    /// Keeps a packet that was sealed under `index`, in the place of the one that is the oldest.
    pub fn keep(&mut self, index: u64, datagram: &[u8]) {
        let place = self.place_of(index as u16);
        let Some(packet) = self.packets.get_mut(place) else {
            return;
        };
        (packet.index, packet.times_again, packet.len) = (index, 0, 0);
        if let Some(bytes) = packet.bytes.get_mut(..datagram.len()) {
            bytes.copy_from_slice(datagram);
            packet.len = datagram.len() as u16;
        }
    }

    fn find(&mut self, sequence: u16) -> Option<&mut Packet> {
        let place = self.place_of(sequence);
        let packet = self.packets.get_mut(place)?;
        (packet.len > 0 && packet.index as u16 == sequence).then_some(packet)
    }

    fn place_of(&self, sequence: u16) -> usize {
        sequence as usize % self.packets.len()
    }
}

/// Sends a packet of sound again, if its subscriber is near enough to use it.
///
/// # Errors
///
/// The name under which the unanswered request is counted.
pub fn resend_sound(
    sequence: u16,
    ssrc: u32,
    leg: &mut Leg,
    now: Now,
    output: &mut Output,
) -> Result<(), Counter> {
    let round_trip_ns = short(leg.round_trip_ns).ok_or(Counter::DropRtxThrottled)?;
    if !leg.sent_packets.iter().any(|line| line.ssrc() == ssrc) {
        leg.sent_packets.push(SentPackets::of_sound(ssrc));
        return Err(Counter::DropRtxNotCached);
    }
    resend_same(sequence, ssrc, round_trip_ns, leg, now, output)?;
    output.counters.one(Counter::EgressResentPackets);
    Ok(())
}

/// Sends the same datagram once more, if it is kept.
///
/// # Errors
///
/// The name under which the unanswered request is counted.
pub fn resend_same(
    sequence: u16,
    ssrc: u32,
    round_trip_ns: u64,
    leg: &mut Leg,
    now: Now,
    output: &mut Output,
) -> Result<(), Counter> {
    let mut lines = leg.sent_packets.iter_mut();
    let line = lines.find(|line| line.ssrc() == ssrc);
    let packet = line
        .and_then(|line| line.find(sequence))
        .ok_or(Counter::DropRtxNotCached)?;
    let is_too_soon =
        packet.times_again > 0 && now.ns.saturating_sub(packet.again_ns) < round_trip_ns;
    if is_too_soon || packet.times_again >= MAX_TIMES_AGAIN {
        return Err(Counter::DropRtxThrottled);
    }
    let len = usize::from(packet.len);
    let datagram = packet.bytes.get(..len).ok_or(Counter::DropRtxNotCached)?;
    let tuple = leg
        .ice
        .route(len, now.ns)
        .ok_or(Counter::DropSubscriberNotReady)?;
    let sent = output.outbox.push_with(tuple, 0, |out| {
        out.get_mut(..len)?.copy_from_slice(datagram);
        Some(len)
    });
    if !sent {
        return Err(Counter::DropOutboxFull);
    }
    let number = transport_number(datagram, &leg.extensions);
    if let (Some(number), Some(bandwidth)) = (number, &mut leg.bandwidth) {
        bandwidth.sent_again(len + below_rtp_bytes(tuple), number);
    }
    packet.times_again += 1;
    packet.again_ns = now.ns;
    Ok(())
}

/// The transport-wide number under which a packet left; extensions are not encrypted (RFC 3711 §3.1).
fn transport_number(datagram: &[u8], extensions: &ExtensionMap) -> Option<u16> {
    let header = RtpHeader::parse_untrusted(datagram).ok()?;
    let kind = ExtensionKind::TransportSequence;
    let value = extension(&header, datagram, extensions, kind)?;
    let TransportSequence(number) = TransportSequence::parse_untrusted(value).ok()?;
    Some(number)
}

/// A round trip within which sound that is asked for again comes in time to be heard, if it is known to be one.
#[must_use]
pub fn short(round_trip_ns: Option<u64>) -> Option<u64> {
    round_trip_ns.filter(|ns| *ns <= SHORT_ROUND_TRIP_NS)
}

/// A jitter buffer that holds 120 ms bridges that and a tick; conversation suffers where it holds more (ITU-T G.114).
const SHORT_ROUND_TRIP_NS: u64 = 100_000_000;
/// 320 ms of Opus: three round trips that are short. A power of two, so that the numbers wrap evenly.
const PACKETS: usize = 16;
/// A burst of 2 Mbit/s (`probing`); 34 KiB for a line of pictures, of a subscriber without a line for retransmissions.
const PADDING_PACKETS: usize = 64;
/// Opus at 64 kbit/s with two earlier frames; 8.5 KiB for a line.
const MAX_PACKET_BYTES: usize = 512;
/// One that is lost three times in a row comes too late.
const MAX_TIMES_AGAIN: u8 = 2;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn kept(sound: &mut SentPackets, sequence: u16) -> Option<Vec<u8>> {
        let packet = sound.find(sequence)?;
        packet
            .bytes
            .get(..usize::from(packet.len))
            .map(<[u8]>::to_vec)
    }

    #[test]
    fn the_last_packets_are_kept_across_the_wrap_and_older_ones_are_not() {
        let mut sound = SentPackets::of_sound(7);
        let first = (1_u64 << 16) - 8;
        for index in first..first + 20 {
            sound.keep(index, &index.to_be_bytes());
        }
        for index in first..first + 4 {
            assert_eq!(kept(&mut sound, index as u16), None);
        }
        for index in first + 4..first + 20 {
            let bytes = kept(&mut sound, index as u16).unwrap();
            assert_eq!(bytes, index.to_be_bytes());
        }
    }

    #[test]
    fn what_is_too_long_takes_the_place_and_is_not_kept() {
        let mut sound = SentPackets::of_sound(7);
        sound.keep(3, &[1; 100]);
        sound.keep(3 + PACKETS as u64, &[1; MAX_PACKET_BYTES + 1]);
        assert_eq!(kept(&mut sound, 3), None);
        assert_eq!(kept(&mut sound, 3 + PACKETS as u16), None);
    }

    #[test]
    fn a_round_trip_is_short_if_it_is_known_to_be() {
        assert_eq!(short(None), None);
        assert_eq!(short(Some(100_000_000)), Some(100_000_000));
        assert_eq!(short(Some(100_000_001)), None);
    }
}
