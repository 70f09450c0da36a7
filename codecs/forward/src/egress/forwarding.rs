//! A media packet on its way out: filter, renumber, rewrite, into the outbox, which protects it.
//!
//! Called by `worker` once for each slot that carries the packet's track.

use wire::extensions::ExtensionKind;
use wire::payload::Kind;

use crate::control::command::CodecBinding;
use crate::control::counters::Counter;
use crate::egress::rewrite::{Part, Stamp, open, write, write_empty};
use crate::ingress::incoming::{FrameInfo, Incoming};
use crate::legs::leg::Leg;
use crate::repair::history::Record;
use crate::repair::last_frames::Redundancy;
use crate::repair::retransmit::cached;
use crate::slots::feeding::{Progress, select};
use crate::slots::layers::Layers;
use crate::slots::line::Mapped;
use crate::slots::slot::Slot;
use crate::tracks::track::Track;
use crate::worker::ids::TrackKey;
use crate::worker::now::Now;
use crate::worker::output::Output;

/// Forwards one packet to one slot.
///
/// # Errors
///
/// The name under which the dropped packet is counted.
pub fn forward(
    packet: &Incoming<'_>,
    track: &Track,
    track_key: TrackKey,
    slot: &mut Slot,
    leg: &mut Leg,
    now: Now,
    output: &mut Output,
) -> Result<Progress, Counter> {
    let binding = slot
        .binding_of(packet.codec)
        .ok_or(Counter::DropCodecNotNegotiated)?;
    if !leg.can_be_sent(slot.kind) {
        return Err(Counter::DropSubscriberNotReady);
    }
    let progress = select(packet, track, slot, now, output)?;
    if progress == Progress::Switched {
        slot.layers.begin();
    }
    let is_late = slot.line.has_gone_beyond(packet.sequence);
    let descriptor = leg.extensions.id(ExtensionKind::DependencyDescriptor);
    let feeds = slot.feeds();
    slot.layers
        .follow(packet, feeds, is_late, descriptor.is_some());
    let withheld = packet.payload.is_empty() || slot.layers.leave_out(&packet.frame);
    let mapped = if withheld {
        slot.line.withhold(
            packet.sequence,
            packet.header.timestamp,
            packet.frame.starts_frame && packet.frame.numbers_close(),
        )
    } else {
        slot.line.map(
            packet.sequence,
            packet.header.timestamp,
            packet.frame.picture,
            packet.arrival_ns,
        )
    };
    let mapped = match mapped {
        Some(mapped) => mapped,
        None if packet.payload.is_empty() => return Ok(progress),
        None if withheld => return Err(left_out_reason(&packet.frame, &slot.layers)),
        None => return Err(Counter::DropTooLate),
    };
    let again = carried_again(packet, track, slot, binding);
    let (more_bytes, payload_type) = match &again {
        Some((payload_type, frames)) => (frames.bytes(), *payload_type),
        None => (0, binding.payload_type),
    };
    let tuple = leg
        .ice
        .route(packet.packet.len() + more_bytes, now.ns)
        .ok_or(Counter::DropSubscriberNotReady)?;
    let line = Stamp {
        kind: slot.kind,
        ssrc: slot.ssrc,
        payload_type,
        index: mapped.sequence,
        original: None,
    };
    let part = Part {
        ends_picture: slot.layers.end_picture(&packet.frame),
        layers: slot.layers.carried(),
    };
    let mut len = 0;
    let timed_from_ns = if packet.has_waited {
        0
    } else {
        packet.arrival_ns
    };
    let sent = output.outbox.push_open(tuple, timed_from_ns, |out| {
        let mut written = if withheld {
            write_empty(packet, &line, mapped, slot, leg, now, out)
        } else {
            write(
                packet,
                &track.extensions,
                &line,
                mapped,
                part,
                slot,
                leg,
                now,
                out,
            )
        }?;
        if let Some((_, frames)) = &again {
            written = frames.wrap(binding.payload_type, written, out)?;
        }
        len = written.len;
        open(leg, slot.leg, tuple, &line, written, now)
    });
    if !sent {
        return Err(Counter::DropOutboxFull);
    }
    output.riders.note(slot.leg, leg, now);
    if let Some((_, frames)) = &again {
        slot.sent.payload_bytes += frames.bytes() as u64;
        let blocks = frames.blocks().len() as u64;
        output.counters.add(Counter::EgressRedundantBlocks, blocks);
    }
    account(
        packet, binding, track_key, mapped, part, withheld, len, slot, now, output,
    );
    Ok(progress)
}

/// Sends what followed a packet that itself came late (a retransmission): the slot began with it, and
/// its subscriber could ask for what it never was sent only in vain.
pub fn catch_up(
    first: &Incoming<'_>,
    track: &Track,
    track_key: TrackKey,
    slot: &mut Slot,
    leg: &mut Leg,
    now: Now,
    output: &mut Output,
) {
    let encoding = track.encodings.get(usize::from(first.encoding));
    let newest = encoding.and_then(|encoding| encoding.reception.highest());
    for sequence in first.sequence + 1..=newest.unwrap_or(0) {
        let Some(packet) = cached(track, first.encoding, sequence, now.ns) else {
            continue;
        };
        if let Err(reason) = forward(&packet, track, track_key, slot, leg, now, output) {
            output.counters.one(reason);
        }
    }
}

/// Why a packet above the layers that its slot carries is dropped.
const fn left_out_reason(frame: &FrameInfo, layers: &Layers) -> Counter {
    if layers.lack(frame) {
        Counter::DropAwaitingKeyFrame
    } else if frame.spatial_layer > layers.carried().0 {
        Counter::DropSpatialLayer
    } else {
        Counter::DropTemporalLayer
    }
}

/// The earlier frames that a packet carries once more to one subscriber, and the payload type that says so.
fn carried_again<'a>(
    packet: &Incoming<'_>,
    track: &'a Track,
    slot: &Slot,
    binding: CodecBinding,
) -> Option<(u8, Redundancy<'a>)> {
    // Most are sent none, and pay for no more than this.
    if slot.redundancy == 0 {
        return None;
    }
    let payload_type = binding.red_payload_type?;
    let frames = track.last_frames.as_ref()?;
    let first = slot.line.first_of_source()?;
    let found = frames.before(packet, first, slot.redundancy, binding.payload_type);
    (!found.blocks().is_empty()).then_some((payload_type, found))
}

#[expect(
    clippy::too_many_arguments,
    reason = "the end of one packet's journey: totals, history, counters"
)]
fn account(
    packet: &Incoming<'_>,
    binding: CodecBinding,
    track: TrackKey,
    mapped: Mapped,
    part: Part,
    withheld: bool,
    len: usize,
    slot: &mut Slot,
    now: Now,
    output: &mut Output,
) {
    slot.leaves(now.ns);
    slot.sent.packets += 1;
    slot.sent.bytes += len as u64;
    if !withheld {
        slot.sent.payload_bytes += packet.payload.len() as u64;
    }
    slot.sent.clock_rate_hz = binding.codec.clock_rate_hz();
    if slot.line.is_newest(mapped.sequence) {
        slot.sent.payload_type = Some(binding.payload_type);
        slot.sent.is_within_picture = !packet.header.marker && !part.ends_picture;
    }
    if packet.frame.key_frame && !withheld {
        slot.sent
            .key_frame_leaves(mapped.sequence, mapped.timestamp);
    }
    if let Some(captured_ntp) = packet.captured_ntp {
        slot.sent.capture = Some((captured_ntp, mapped.timestamp));
    }
    if let Some(retransmission) = &mut slot.retransmission {
        retransmission.earn(len);
        if binding.rtx_payload_type.is_some() && slot.kind == Kind::Video && !withheld {
            retransmission.history.insert(Record {
                sequence: mapped.sequence,
                track,
                encoding: packet.encoding,
                source_sequence: packet.sequence,
                timestamp: mapped.timestamp,
                picture_shift: mapped.picture_shift,
                part,
                sent_ns: now.ns,
                resent: 0,
                asked: 0,
            });
        }
    }
    let (packets, bytes) = match slot.kind {
        Kind::Audio => (Counter::EgressAudioPackets, Counter::EgressAudioBytes),
        Kind::Video => (Counter::EgressVideoPackets, Counter::EgressVideoBytes),
    };
    output.counters.one(packets);
    output.counters.add(bytes, len as u64);
}
