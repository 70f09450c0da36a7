//! What the relay tells participants by RTCP, and Python by event, when time asks for it.

use wire::payload::Kind;
use wire::rtcp::{
    ReportBlock, SenderInfo, write_nack, write_receiver_report, write_sdes_cname,
    write_sender_report,
};

use crate::control::counters::Counter;
use crate::control::event::Event;
use crate::control::figures::PARTS;
use crate::legs::leg::Leg;
use crate::repair::missing::Persistence;
use crate::repair::resend::short;
use crate::rtcp::publisher_limit::send_due_limit;
use crate::rtcp::transport_feedback::send_transport_feedback;
use crate::slots::slot::Slot;
use crate::tracks::encoding::Encoding;
use crate::tracks::key_frames::Need;
use crate::tracks::track::Track;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey, TrackKey};
use crate::worker::now::Now;
use crate::worker::output::Output;

impl Worker {
    /// Asks publishers again: for packets that are missing and key frames that have not come.
    pub(crate) fn repair(&mut self, now: Now) {
        let Self {
            agenda,
            tracks,
            legs,
            output,
            ..
        } = self;
        agenda.repair(tracks, |track| {
            let Some(leg) = legs.get_mut(track.leg) else {
                return;
            };
            let (kind, watched) = (track.kind, !track.subscribers.is_empty());
            for encoding in &mut track.encodings {
                if let Some(ssrc) = encoding.ssrc {
                    repair_encoding(encoding, ssrc, kind, watched, leg, now, output);
                }
            }
        });
    }

    /// Writes what is due: transport-wide feedback, limits, and a sender or receiver report a second.
    pub(crate) fn report(&mut self, now: Now) {
        for key in self.agenda.due(now.ns) {
            let Some(leg) = self.legs.get_mut(key) else {
                continue;
            };
            if leg.srtp.is_none() || leg.silent {
                continue;
            }
            // What does not fit waits for the next tick: it is due all the same.
            if self.output.outbox.is_nearly_full() {
                break;
            }
            send_transport_feedback(leg, now, now.ns, &mut self.output);
            send_due_limit(leg, &self.tracks, now, &mut self.output);
            if now.ns >= leg.report_due_ns {
                // RFC 3550 §6.2: spread over 0.5 to 1.5 of the interval, so that legs do not report in step.
                leg.report_due_ns =
                    now.ns + REPORT_INTERVAL_NS / 2 + self.random.next() % REPORT_INTERVAL_NS;
                self.send_report(key, now);
            }
            self.settle(key, now);
            if let Some(leg) = self.legs.get(key) {
                self.agenda.plan(key, leg);
            }
        }
        self.tell_estimates(now);
        if now.ns >= self.report_due_ns {
            self.report_due_ns = now.ns + EVENT_INTERVAL_NS / PARTS;
            let report = self.figures(self.report_part, now);
            self.report_part = (self.report_part + 1) % PARTS;
            self.output.events.push(report);
            let cached = self.cached_bytes();
            self.output.counters.set(Counter::CacheBytes, cached);
        }
    }

    /// Notices what fell silent, encodings after 2 s and legs whose consent ran out after 30, and tells what
    /// publishers say of their layers.
    pub(crate) fn watch(&mut self, now: Now) {
        for track in self.tracks.values_mut() {
            if let Some(layers) = track.layers.take_news(now.ns) {
                let track = track.id;
                self.output
                    .events
                    .push(Event::LayersChanged { track, layers });
            }
            for (index, encoding) in track.encodings.iter_mut().enumerate() {
                encoding.release_old(now.ns, &mut self.pages);
                if encoding.silent_ns(now.ns) > SILENT_AFTER_NS && encoding.codec.take().is_some() {
                    self.output.events.push(Event::EncodingStopped {
                        track: track.id,
                        encoding: index as u8,
                    });
                }
            }
        }
        let expired = self
            .legs
            .values_mut()
            .filter(|leg| !leg.silent && leg.ice.consent_expired(now.ns));
        for leg in expired {
            leg.silent = true;
            leg.ice.deselect();
            self.output.counters.one(Counter::ConsentsLost);
            self.output.events.push(Event::ConsentLost { leg: leg.id });
            // Numbers stand still meanwhile: a jump of half their circle could not be followed
            // (RFC 3711 §3.3.1). The slots begin again at a key frame.
            for slot in &leg.slots {
                if let Some(slot) = self.slots.get_mut(*slot) {
                    slot.cease();
                }
            }
        }
    }

    /// Brings the next report forward for all who receive a track: sound and picture can only now be matched.
    pub(crate) fn hurry_reports(&mut self, track: TrackKey, now: Now) {
        let Some(track) = self.tracks.get(track) else {
            return;
        };
        for slot in &track.subscribers {
            let Some(key) = self.slots.get(*slot).map(|slot| slot.leg) else {
                continue;
            };
            if let Some(leg) = self.legs.get_mut(key) {
                leg.report_due_ns = leg.report_due_ns.min(now.ns);
                self.agenda.plan(key, leg);
            }
        }
    }

    fn send_report(&mut self, key: LegKey, now: Now) {
        let Some(leg) = self.legs.get_mut(key) else {
            return;
        };
        let blocks = report_blocks(leg, &mut self.tracks, now);
        let slots: smallvec::SmallVec<[SlotKey; 8]> = leg.slots.iter().copied().collect();
        let speaking: smallvec::SmallVec<[SenderInfo; 8]> = slots
            .iter()
            .filter_map(|slot| sender_info(self.slots.get(*slot)?, now))
            .collect();
        let report_ssrc = leg.report_ssrc;
        let compounds = speaking
            .len()
            .div_ceil(MAX_SPEAKING)
            .max(blocks.len().div_ceil(MAX_BLOCKS))
            .max(1);
        for compound in 0..compounds {
            let speaking = part(&speaking, compound, MAX_SPEAKING);
            let blocks = part(&blocks, compound, MAX_BLOCKS);
            self.output.send_rtcp(leg, now, |out| {
                write_report(out, report_ssrc, speaking, blocks)
            });
        }
    }
}

fn repair_encoding(
    encoding: &mut Encoding,
    ssrc: u32,
    kind: Kind,
    watched: bool,
    leg: &mut Leg,
    now: Now,
    output: &mut Output,
) {
    if std::mem::take(&mut encoding.gap_too_long) {
        encoding.key_frame_requests.want(Need::Repair, now.ns);
    }
    if watched && encoding.key_frame_requests.is_due(now.ns) && output.send_pli(leg, ssrc, now) {
        encoding.key_frame_requests.asked(now.ns);
    }
    if encoding.missing.is_empty() {
        return;
    }
    let (persistence, most) = match kind {
        Kind::Video => (Persistence::PICTURE, MAX_ASKED),
        // Sound that comes too late to be heard is not asked for.
        Kind::Audio if short(leg.round_trip_ns).is_some() => (Persistence::SOUND, MAX_ASKED),
        Kind::Audio => (Persistence::SOUND, 0),
    };
    let mut ask = [0; MAX_ASKED];
    let (due, given_up) = encoding.missing.poll(
        now.ns,
        leg.round_trip_or_usual_ns(),
        persistence,
        ask.get_mut(..most).unwrap_or_default(),
    );
    output
        .counters
        .add(Counter::IngressPacketsLost, given_up as u64);
    let Some(ask) = ask.get(..due).filter(|ask| !ask.is_empty()) else {
        return;
    };
    let sent = output.send_feedback(leg, now, |out, sender| write_nack(out, sender, ssrc, ask));
    if sent.is_some() {
        output.counters.add(Counter::NacksSent, due as u64);
    }
}

fn write_report(
    out: &mut [u8],
    report_ssrc: u32,
    speaking: &[SenderInfo],
    blocks: &[ReportBlock],
) -> Option<usize> {
    let mut len = 0;
    // Blocks ride on the first sender report, or on a receiver report of our own (RFC 3550 §6.1).
    if speaking.is_empty() {
        len += write_receiver_report(out, report_ssrc, blocks)?;
        len += write_sdes_cname(out.get_mut(len..)?, report_ssrc, CNAME)?;
    }
    for (index, info) in speaking.iter().enumerate() {
        let blocks = if index == 0 { blocks } else { &[] };
        len += write_sender_report(out.get_mut(len..)?, info, blocks)?;
    }
    for info in speaking {
        len += write_sdes_cname(out.get_mut(len..)?, info.ssrc, CNAME)?;
    }
    Some(len)
}

/// The part of a list that the compound of this number carries.
fn part<T>(all: &[T], compound: usize, most: usize) -> &[T] {
    all.chunks(most).nth(compound).unwrap_or_default()
}

fn report_blocks(
    leg: &Leg,
    tracks: &mut slotmap::SlotMap<TrackKey, Track>,
    now: Now,
) -> smallvec::SmallVec<[ReportBlock; 8]> {
    let mut blocks = smallvec::SmallVec::new();
    for key in &leg.tracks {
        let Some(track) = tracks.get_mut(*key) else {
            continue;
        };
        for encoding in &mut track.encodings {
            let (Some(ssrc), Some(report)) = (encoding.ssrc, encoding.reception.report()) else {
                continue;
            };
            let (last, since_ns) = encoding.last_sender_report.unwrap_or((0, now.ns));
            let delay = (u128::from(now.ns.saturating_sub(since_ns)) << 16) / 1_000_000_000;
            blocks.push(ReportBlock {
                ssrc,
                fraction_lost: report.fraction_lost_q8,
                cumulative_lost: report.cumulative_lost,
                highest_sequence: report.highest_sequence,
                jitter: report.jitter,
                last_sr: last,
                delay_since_last_sr: if last == 0 { 0 } else { delay as u32 },
            });
        }
    }
    blocks
}

/// The wall-clock time and RTP timestamp of this instant on a slot's line (RFC 3550 §6.4.1).
fn sender_info(slot: &Slot, now: Now) -> Option<SenderInfo> {
    let (captured_ntp, timestamp) = slot.sent.capture?;
    slot.track?;
    let ntp = now.ntp();
    let elapsed = i128::from(ntp.wrapping_sub(captured_ntp).cast_signed());
    let ticks = (elapsed * i128::from(slot.sent.clock_rate_hz)) >> 32;
    Some(SenderInfo {
        ssrc: slot.ssrc,
        ntp,
        rtp_timestamp: timestamp.wrapping_add_signed(ticks as i32),
        packet_count: slot.sent.packets as u32,
        octet_count: slot.sent.payload_bytes as u32,
    })
}

/// Names nobody: one canonical name a process would link the lines of different people, so it is a constant.
const CNAME: &[u8] = b"visavis";
/// libwebrtc's interval for video; audio alone would bear 5 s, but repair needs the round trip.
const REPORT_INTERVAL_NS: u64 = 1_000_000_000;
/// Between two words on the same track: what quality verdicts and metrics are made from.
const EVENT_INTERVAL_NS: u64 = 1_000_000_000;
/// Longer than the 400 ms between two Opus comfort packets and any stall worth riding out.
const SILENT_AFTER_NS: u64 = 2_000_000_000;
/// In one NACK: 17 numbers an entry of 4 bytes.
const MAX_ASKED: usize = 256;
/// Of one compound, so that it stays below 1,200 bytes: 8 x 48 and 16 x 24, and what SRTCP adds.
const MAX_SPEAKING: usize = 8;
const MAX_BLOCKS: usize = 16;
