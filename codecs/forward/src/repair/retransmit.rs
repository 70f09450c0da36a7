//! Answers a subscriber's NACK: pictures from the publisher's cache, on the slot's retransmission line (RFC 4588), sound
//! as `resend` has it, and so the padding between pictures. On a path that is full pictures wait for room (`pacer`). Of what
//! will not be sent again a key frame is asked for (`past_repair`).

use slotmap::SlotMap;
use wire::payload::Kind;
use wire::rtcp::Nack;
use wire::rtp::RtpHeader;

use crate::congestion_control::pacer::Repair;
use crate::control::counters::Counter;
use crate::egress::rewrite::{Stamp, Written, open, write};
use crate::ingress::incoming::{FrameInfo, Incoming};
use crate::legs::leg::Leg;
use crate::repair::history::Record;
use crate::repair::past_repair::Unanswered;
use crate::repair::resend::{resend_same, resend_sound};
use crate::slots::line::Mapped;
use crate::slots::slot::Slot;
use crate::tracks::track::Track;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey, TrackKey};
use crate::worker::now::Now;
use crate::worker::output::Output;

impl Worker {
    /// Answers what a subscriber misses.
    pub(crate) fn handle_nack(
        &mut self,
        now: Now,
        key: LegKey,
        nack: &Nack<'_>,
    ) -> Result<(), Counter> {
        let slot_key = self.own_slot(key, nack.media_ssrc)?;
        self.limit_repair(key, slot_key);
        let (mut is_refused, mut is_flood) = (false, false);
        let mut lost: Option<u64> = None;
        for sequence in nack.sequences() {
            let (Some(slot), Some(leg)) = (self.slots.get_mut(slot_key), self.legs.get_mut(key))
            else {
                return Err(Counter::DropRtcpForeignSsrc);
            };
            if !leg.nack_allowance.take(now.ns) {
                // What was granted before waits by the clock all the same.
                is_flood = true;
                break;
            }
            self.output.counters.one(Counter::NacksReceived);
            slot.heard.nacks += 1;
            let sent = retransmit(
                sequence,
                slot_key,
                slot,
                leg,
                &self.tracks,
                now,
                &mut self.output,
            );
            if let Err(missed) = sent {
                self.output.counters.one(missed.reason);
                is_refused |= missed.reason == Counter::DropRtxThrottled;
                lost = lost.max(missed.lost);
            }
        }
        let bandwidth = self.legs.get(key).and_then(|leg| leg.bandwidth.as_ref());
        if bandwidth.is_some_and(|bandwidth| !bandwidth.pacer.is_idle()) {
            self.clocked.note(key);
        }
        if is_refused {
            self.begin_anew_if_hopeless(key, slot_key, now);
        }
        if let Some(lost) = lost {
            self.begin_behind(key, slot_key, lost, now);
        }
        if is_flood {
            return Err(Counter::DropRtxThrottled);
        }
        Ok(())
    }
}

/// Sends one packet again because its subscriber asks for it, or has it wait for its path.
///
/// # Errors
///
/// Why it is not sent again, and whether it will be.
fn retransmit(
    sequence: u16,
    slot_key: SlotKey,
    slot: &mut Slot,
    leg: &mut Leg,
    tracks: &SlotMap<TrackKey, Track>,
    now: Now,
    output: &mut Output,
) -> Result<(), Unanswered> {
    if slot.kind == Kind::Audio {
        return resend_sound(sequence, slot.ssrc, leg, now, output).map_err(Unanswered::from);
    }
    let round_trip_ns = leg.round_trip_or_usual_ns();
    let Some(again) = slot.retransmission.as_mut() else {
        resend_same(sequence, slot.ssrc, round_trip_ns, leg, now, output)?;
        output.counters.one(Counter::EgressRtxPackets);
        return Ok(());
    };
    let record = again.history.find(sequence, now.ns, round_trip_ns)?;
    let most_bytes = usize::try_from(again.allowance_bytes).unwrap_or(usize::MAX);
    let unanswered = |reason| Unanswered::of(&record, reason);
    let bytes = match leg.bandwidth.as_deref_mut().and_then(|it| it.full(now.ns)) {
        Some(pacer) if pacer.has_repair(slot_key, record.sequence) => {
            return Err(Counter::DropRtxThrottled.into());
        }
        Some(pacer) => {
            let (_, packet) = kept(&record, most_bytes, tracks, now).map_err(unanswered)?;
            let bytes = packet.packet.len();
            pacer.add_repair(Repair {
                slot: slot_key,
                record,
                bytes,
                asked_ns: now.ns,
            });
            bytes
        }
        None => {
            send_repair(&record, most_bytes, slot, leg, tracks, now, output).map_err(unanswered)?
        }
    };
    // Only what left, or will, counts against the slot's allowance; of what waits in vain it has that back.
    if let Some(again) = &mut slot.retransmission {
        again.allowance_bytes = again.allowance_bytes.saturating_sub(bytes as u64);
    }
    Ok(())
}

/// Sends what a record speaks of for the sake of who asked for it, which is one of its packet's chances; otherwise as
/// [`resend`].
///
/// # Errors
///
/// The name under which what did not leave is counted.
pub fn send_repair(
    record: &Record,
    most_bytes: usize,
    slot: &mut Slot,
    leg: &mut Leg,
    tracks: &SlotMap<TrackKey, Track>,
    now: Now,
    output: &mut Output,
) -> Result<usize, Counter> {
    let bytes = resend(record, most_bytes, slot, leg, tracks, now, output)?;
    if let Some(again) = &mut slot.retransmission {
        again.history.count_again(record.sequence as u16, now.ns);
    }
    output.counters.one(Counter::EgressRtxPackets);
    Ok(bytes)
}

/// The packet that a record speaks of, and its track, if it is kept and not longer than `most_bytes`.
fn kept<'a>(
    record: &Record,
    most_bytes: usize,
    tracks: &'a SlotMap<TrackKey, Track>,
    now: Now,
) -> Result<(&'a Track, Incoming<'a>), Counter> {
    let track = tracks.get(record.track).ok_or(Counter::DropRtxNotCached)?;
    let packet = cached(track, record.encoding, record.source_sequence, now.ns)
        .ok_or(Counter::DropRtxNotCached)?;
    (packet.packet.len() <= most_bytes)
        .then_some((track, packet))
        .ok_or(Counter::DropRtxThrottled)
}

/// Sends what a record speaks of on the slot's retransmission line, if its packet is kept and not longer than
/// `most_bytes`. Returns its length as it had arrived.
///
/// # Errors
///
/// The name under which what did not leave is counted.
pub fn resend(
    record: &Record,
    most_bytes: usize,
    slot: &mut Slot,
    leg: &mut Leg,
    tracks: &SlotMap<TrackKey, Track>,
    now: Now,
    output: &mut Output,
) -> Result<usize, Counter> {
    let (track, cached) = kept(record, most_bytes, tracks, now)?;
    let payload_type = slot
        .binding_of(cached.codec)
        .and_then(|binding| binding.rtx_payload_type)
        .ok_or(Counter::DropRtxUnknown)?;
    let bytes = cached.packet.len();
    let line = Stamp::again(slot, payload_type, Some(record.sequence as u16))
        .ok_or(Counter::DropRtxUnknown)?;
    let mapped = Mapped {
        sequence: record.sequence,
        timestamp: record.timestamp,
        picture_shift: record.picture_shift,
    };
    let (publisher, part) = (&track.extensions, record.part);
    send_again(&line, bytes, slot, leg, now, output, |slot, leg, out| {
        write(&cached, publisher, &line, mapped, part, slot, leg, now, out)
    })?;
    Ok(bytes)
}

/// Sends what `write` writes, of about this many bytes, as the next packet of a slot's retransmission line.
///
/// # Errors
///
/// The name under which what did not leave is counted.
pub fn send_again(
    line: &Stamp,
    size_bytes: usize,
    slot: &mut Slot,
    leg: &mut Leg,
    now: Now,
    output: &mut Output,
    write: impl FnOnce(&Slot, &Leg, &mut [u8]) -> Option<Written>,
) -> Result<Written, Counter> {
    let tuple = leg
        .ice
        .route(size_bytes, now.ns)
        .ok_or(Counter::DropSubscriberNotReady)?;
    let mut left = None;
    let sent = output.outbox.push_open(tuple, 0, |out| {
        let written = write(slot, leg, out)?;
        let open = open(leg, slot.leg, tuple, line, written, now)?;
        left = Some(written);
        Some(open)
    });
    let written = left.filter(|_| sent).ok_or(Counter::DropOutboxFull)?;
    if let Some(again) = &mut slot.retransmission {
        again.next += 1;
    }
    Ok(written)
}

/// A packet as it arrived, read again from its publisher's cache.
pub fn cached(track: &Track, encoding: u8, sequence: u64, now_ns: u64) -> Option<Incoming<'_>> {
    let cache = track.encodings.get(usize::from(encoding))?.cache.as_ref()?;
    let packet = cache.get(sequence, now_ns)?;
    let header = RtpHeader::parse_untrusted(packet).ok()?;
    let (binding, _) = track.codec_of(header.payload_type)?;
    let payload = header.payload_untrusted(packet).ok()?;
    let mut frame = FrameInfo::parse_untrusted(binding.codec, payload).ok()?;
    let structures = &track.encodings.get(usize::from(encoding))?.structures;
    // What lies was counted when it came.
    let _ = structures.describe_untrusted(
        binding.codec,
        &header,
        packet,
        &track.extensions,
        &mut frame,
    );
    Some(Incoming {
        header,
        packet,
        payload,
        sequence,
        encoding,
        alive: track.alive(),
        restarted: false,
        codec: binding.codec,
        frame,
        arrival_ns: 0,
        has_waited: false,
        captured_ntp: None,
        brought_back: None,
    })
}
