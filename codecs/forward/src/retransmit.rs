//! Answers a subscriber's NACK from the publisher's cache, on the slot's retransmission line (RFC 4588).

use slotmap::SlotMap;
use wire::rtp::RtpHeader;

use crate::counters::Counter;
use crate::history::Refusal;
use crate::ids::TrackKey;
use crate::incoming::{FrameInfo, Incoming};
use crate::leg::Leg;
use crate::line::Mapped;
use crate::now::Now;
use crate::output::Output;
use crate::rewrite::{Stamp, open, write};
use crate::slot::Slot;
use crate::track::Track;

/// Sends one packet again.
///
/// # Errors
///
/// The name under which the unanswered request is counted.
pub fn retransmit(
    sequence: u16,
    slot: &mut Slot,
    leg: &mut Leg,
    tracks: &SlotMap<TrackKey, Track>,
    now: Now,
    output: &mut Output,
) -> Result<(), Counter> {
    let round_trip_ns = leg.round_trip_or_usual_ns();
    let again = slot
        .retransmission
        .as_ref()
        .ok_or(Counter::DropRtxUnknown)?;
    let record = again
        .history
        .find(sequence, now.ns, round_trip_ns)
        .map_err(|refusal| match refusal {
            Refusal::NotKept => Counter::DropRtxNotCached,
            Refusal::TooOften => Counter::DropRtxThrottled,
        })?;
    let track = tracks.get(record.track).ok_or(Counter::DropRtxNotCached)?;
    let cached = cached(track, record.encoding, record.source_sequence, now.ns)
        .ok_or(Counter::DropRtxNotCached)?;
    let binding = slot
        .codecs
        .iter()
        .find(|binding| binding.codec == cached.codec);
    let payload_type = binding
        .and_then(|binding| binding.rtx_payload_type)
        .ok_or(Counter::DropRtxUnknown)?;
    if again.allowance_bytes < cached.packet.len() as u64 {
        return Err(Counter::DropRtxThrottled);
    }
    let line = Stamp {
        ssrc: again.ssrc,
        payload_type,
        index: again.next,
        original: Some(sequence),
    };
    let mapped = Mapped {
        sequence: record.sequence,
        timestamp: record.timestamp,
        picture_shift: record.picture_shift,
    };
    let tuple = leg
        .ice
        .route(cached.packet.len(), now.ns)
        .ok_or(Counter::DropSubscriberNotReady)?;
    let sent = output.outbox.push_open(tuple, 0, |out| {
        let written = write(
            &cached,
            &track.extensions,
            &line,
            mapped,
            slot,
            leg,
            now,
            out,
        )?;
        open(leg, slot.leg, &line, written)
    });
    if !sent {
        return Err(Counter::DropOutboxFull);
    }
    // Only what left counts against the packet's three chances and the slot's allowance.
    if let Some(again) = &mut slot.retransmission {
        again.next += 1;
        again.allowance_bytes -= cached.packet.len() as u64;
        again.history.count_again(sequence, now.ns);
    }
    output.counters.one(Counter::EgressRtxPackets);
    Ok(())
}

/// A packet as it arrived, read again from its publisher's cache.
pub fn cached(track: &Track, encoding: u8, sequence: u64, now_ns: u64) -> Option<Incoming<'_>> {
    let cache = track.encodings.get(usize::from(encoding))?.cache.as_ref()?;
    let packet = cache.get(sequence, now_ns)?;
    let header = RtpHeader::parse_untrusted(packet).ok()?;
    let (binding, _) = track.codec_of(header.payload_type)?;
    let payload = header.payload_untrusted(packet).ok()?;
    Some(Incoming {
        header,
        packet,
        payload,
        sequence,
        encoding,
        alive: track.alive(),
        restarted: false,
        codec: binding.codec,
        frame: FrameInfo::parse_untrusted(binding.codec, payload).ok()?,
        arrival_ns: 0,
        captured_ntp: None,
    })
}
