//! A media packet on its way in: authenticate, place, register, read. Nothing here leaves the relay.
//!
//! Called by `worker` for each RTP datagram of a known source; what it returns goes to `egress`.

use slotmap::SlotMap;
use wire::extensions::{ExtensionKind, TransportSequence};
use wire::payload::Kind;
use wire::rtp::RtpHeader;

use crate::control::command::CodecBinding;
use crate::control::counters::Counter;
use crate::control::event::Event;
use crate::ingress::identify::learn_source;
use crate::ingress::incoming::{FrameInfo, Incoming, extension};
use crate::ingress::sources::SourceOf;
use crate::legs::leg::Leg;
use crate::legs::paths::below_rtp_bytes;
use crate::repair::recovery::unpack_untrusted;
use crate::rtcp::sender_clock::ClockReference;
use crate::srtp::SrtpError;
use crate::tracks::track::{Carriage, Track};
use crate::worker::ids::{LegKey, TrackKey, Tuple};
use crate::worker::now::Now;
use crate::worker::output::Output;

/// An authenticated packet of a published track, not registered yet.
#[derive(Clone, Copy, Debug)]
pub struct Admitted {
    source: SourceOf,
    header: RtpHeader,
    binding: CodecBinding,
    /// Where the packet begins and ends in the datagram; a retransmission is shifted over its own number.
    start: usize,
    end: usize,
    carriage: Carriage,
}

/// Authenticates a packet and finds its track.
///
/// # Errors
///
/// The name under which the dropped packet is counted.
pub fn admit(
    leg: &mut Leg,
    leg_key: LegKey,
    tracks: &SlotMap<TrackKey, Track>,
    tuple: Tuple,
    arrival_ns: u64,
    datagram: &mut [u8],
    output: &mut Output,
) -> Result<Admitted, Counter> {
    let header = RtpHeader::parse_untrusted(datagram).map_err(|_| Counter::DropRtpMalformed)?;
    let srtp = leg.srtp.as_mut().ok_or(Counter::DropNoKeys)?;
    let end = srtp
        .inbound
        .unprotect_rtp(datagram, header.header_len, header.ssrc, header.sequence)
        .map_err(drop_reason)?;
    handle_authentic(leg, tuple, output);
    leg.arrivals
        .receive(datagram.len() + below_rtp_bytes(tuple));
    let packet = datagram.get(..end).ok_or(Counter::DropRtpMalformed)?;
    let payload_len = header
        .payload_untrusted(packet)
        .map_err(|_| Counter::DropRtpMalformed)?
        .len();
    // Before anything else is known: a packet that is not told counts as lost at its sender.
    let transport_sequence = extension(
        &header,
        packet,
        &leg.extensions,
        ExtensionKind::TransportSequence,
    )
    .and_then(|value| TransportSequence::parse_untrusted(value).ok());
    if let Some(TransportSequence(sequence)) = transport_sequence {
        leg.arrivals.record(sequence, header.ssrc, arrival_ns);
    }
    let source = match leg.sources.get(header.ssrc) {
        Some(source) => source,
        None => learn_source(leg, leg_key, tracks, &header, packet)?,
    };
    let track = tracks.get(source.track).ok_or(Counter::DropUnknownSsrc)?;
    let (binding, carriage) = track
        .codec_of(header.payload_type)
        .ok_or(Counter::DropUnknownPayloadType)?;
    let admitted = Admitted {
        source,
        header,
        binding,
        start: 0,
        end,
        carriage,
    };
    if carriage != Carriage::Retransmission {
        return Ok(admitted);
    }
    output.counters.one(Counter::IngressRtxPackets);
    let ssrc = track
        .encodings
        .get(usize::from(source.encoding))
        .and_then(|encoding| encoding.ssrc);
    let original = ssrc
        .filter(|_| payload_len >= RTX_HEADER_BYTES)
        .ok_or(Counter::DropRtxUnknown)?;
    admitted.unwrapped(original, datagram)
}

impl Admitted {
    /// Turns a retransmission back into the packet that was lost (RFC 4588 §4).
    fn unwrapped(mut self, ssrc: u32, datagram: &mut [u8]) -> Result<Self, Counter> {
        let header_end = self.header.header_len;
        let number = datagram
            .get(header_end..header_end + RTX_HEADER_BYTES)
            .ok_or(Counter::DropRtxUnknown)?;
        let sequence = u16::from_be_bytes(number.try_into().map_err(|_| Counter::DropRtxUnknown)?);
        datagram.copy_within(..header_end, RTX_HEADER_BYTES);
        self.start = RTX_HEADER_BYTES;
        let fixed = datagram
            .get_mut(RTX_HEADER_BYTES..)
            .and_then(|packet| packet.first_chunk_mut::<12>());
        let fixed = fixed.ok_or(Counter::DropRtxUnknown)?;
        fixed[1] = (fixed[1] & 0x80) | self.binding.payload_type;
        fixed[2..4].copy_from_slice(&sequence.to_be_bytes());
        fixed[8..12].copy_from_slice(&ssrc.to_be_bytes());
        let packet = datagram
            .get(self.start..self.end)
            .ok_or(Counter::DropRtxUnknown)?;
        self.header = RtpHeader::parse_untrusted(packet).map_err(|_| Counter::DropRtpMalformed)?;
        Ok(self)
    }

    /// The track it belongs to.
    #[must_use]
    pub const fn track(&self) -> TrackKey {
        self.source.track
    }
}

/// Registers an admitted packet with its track and reads it for forwarding.
///
/// # Errors
///
/// The name under which the dropped packet is counted.
pub fn register<'a>(
    admitted: &Admitted,
    leg: &Leg,
    track: &mut Track,
    now: Now,
    arrival_ns: u64,
    datagram: &'a [u8],
    output: &mut Output,
) -> Result<Incoming<'a>, Counter> {
    let Admitted {
        header,
        binding,
        carriage,
        ..
    } = *admitted;
    let packet = datagram
        .get(admitted.start..admitted.end)
        .ok_or(Counter::DropRtpMalformed)?;
    let payload = header
        .payload_untrusted(packet)
        .map_err(|_| Counter::DropRtpMalformed)?;
    let (payload, red) = unpack_untrusted(payload, carriage, binding.payload_type)?;
    let mut frame = FrameInfo::parse_untrusted(binding.codec, payload)
        .map_err(|_| Counter::DropPayloadMalformed)?;
    let index = admitted.source.encoding;
    let (kind, nack, id) = (track.kind, track.nack, track.id);
    let encoding = track
        .encodings
        .get_mut(usize::from(index))
        .ok_or(Counter::DropUnknownSsrc)?;
    let is_retransmission = carriage == Carriage::Retransmission;
    let restarted = !is_retransmission && encoding.begins_again(&header);
    let other_codec = encoding.codec.is_some_and(|codec| codec != binding.codec);
    if (restarted || other_codec) && encoding.changed_lately(now.ns) {
        return Err(Counter::DropChangedTooSoon);
    }
    if restarted {
        encoding.restart(now.ns);
    } else if other_codec {
        encoding.changed_ns = Some(now.ns);
    }
    encoding.ssrc.get_or_insert(header.ssrc);
    let sequence = if is_retransmission {
        encoding.recover(header.sequence)?
    } else {
        count_ingress(kind, packet.len(), output);
        encoding.place(&header, packet.len(), nack, now.ns, arrival_ns, binding)
    };
    if encoding.codec.replace(binding.codec) != Some(binding.codec) {
        output.events.push(Event::EncodingStarted {
            track: id,
            encoding: index,
            codec: binding.codec,
        });
    }
    let is_late = encoding.hear_layers(
        binding.codec,
        &header,
        packet,
        &leg.extensions,
        sequence,
        &mut frame,
        output,
    );
    encoding.last_packet_ns = now.ns;
    let brought_back = encoding.bring_back(red, binding, sequence, header.timestamp)?;
    let recovered = brought_back.map_or(0, |packets| packets.count as u64);
    output
        .counters
        .add(Counter::IngressPacketsRecovered, recovered);
    if frame.key_frame && kind == Kind::Video {
        encoding.handle_key_frame(header.timestamp, sequence);
    }
    let clock = *encoding.clock.get_or_insert_with(|| ClockReference {
        ntp: now.ntp_of(arrival_ns),
        timestamp: header.timestamp,
        reported: false,
    });
    let ntp = clock.ntp_of(header.timestamp, binding.codec.clock_rate_hz());
    let captured_ntp = if clock.reported {
        leg.clock.to_relay(ntp)
    } else {
        Some(ntp)
    };
    if kind == Kind::Audio {
        track.hear(&header, packet, now.ns, output);
    }
    let incoming = Incoming {
        header,
        packet,
        payload,
        sequence,
        encoding: index,
        alive: track.alive(),
        restarted,
        codec: binding.codec,
        frame,
        arrival_ns,
        has_waited: false,
        captured_ntp,
        brought_back,
    };
    if kind == Kind::Video {
        let reported_ntp = captured_ntp.filter(|_| clock.reported);
        track
            .layers
            .hear(&incoming, is_late, reported_ntp, &leg.extensions, output);
    }
    Ok(incoming)
}

/// What anything that authenticated proves of the path it came by.
pub fn handle_authentic(leg: &mut Leg, tuple: Tuple, output: &mut Output) {
    if leg.ice.handle_authentic(tuple) {
        output.counters.one(Counter::AddressChanges);
        output.events.push(Event::AddressChanged { leg: leg.id });
    }
    if let Some(srtp) = leg.srtp.as_mut().filter(|srtp| !srtp.started) {
        srtp.started = true;
        output.events.push(Event::MediaStarted { leg: leg.id });
    }
}

/// The name under which a packet that SRTP refused is counted.
#[must_use]
pub const fn drop_reason(error: SrtpError) -> Counter {
    match error {
        SrtpError::TooShort | SrtpError::NoRoom => Counter::DropSrtpTooShort,
        SrtpError::Replayed => Counter::DropSrtpReplayed,
        SrtpError::TooOld => Counter::DropSrtpTooOld,
        SrtpError::TooManySsrcs => Counter::DropSsrcLimit,
        SrtpError::NotEncrypted => Counter::DropSrtcpNotEncrypted,
        SrtpError::AuthenticationFailed
        | SrtpError::IndexExhausted
        | SrtpError::BadKeyLength
        | SrtpError::CipherFailed => Counter::DropSrtpAuthentication,
    }
}

fn count_ingress(kind: Kind, len: usize, output: &mut Output) {
    let (packets, bytes) = match kind {
        Kind::Audio => (Counter::IngressAudioPackets, Counter::IngressAudioBytes),
        Kind::Video => (Counter::IngressVideoPackets, Counter::IngressVideoBytes),
    };
    output.counters.one(packets);
    output.counters.add(bytes, len as u64);
}

/// The original sequence number before the payload (RFC 4588 §4).
const RTX_HEADER_BYTES: usize = 2;
