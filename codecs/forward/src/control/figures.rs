//! The figures of every encoding and slot, as they are told to Python once a second, a part at a time.

use crate::control::event::{Event, SlotReport, TrackReport};
use crate::repair::cache::PacketCache;
use crate::slots::slot::Slot;
use crate::tracks::encoding::Encoding;
use crate::tracks::track::Track;
use crate::worker::Worker;
use crate::worker::now::Now;

/// Parts in which all is told within a second: thousands of rows at once would hold up Python's event
/// loop for as long as two packets of sound.
pub(crate) const PARTS: u64 = 8;

impl Worker {
    /// Everything there is to tell just now of one part of the tracks and slots.
    ///
    /// Of a slot through which nothing goes, or ever went, there is nothing to tell: of those that a
    /// leg has most are spare.
    pub(crate) fn figures(&self, part: u64, now: Now) -> Event {
        let tracks = self
            .tracks
            .values()
            .filter(|track| u64::from(track.id.0) % PARTS == part);
        let tracks = tracks.flat_map(|track| {
            track
                .encodings
                .iter()
                .enumerate()
                .filter(|(_, encoding)| encoding.ssrc.is_some())
                .map(move |(index, encoding)| track_figures(track, index as u8, encoding, now))
        });
        Event::Report {
            tracks: tracks.collect(),
            slots: self
                .slots
                .values()
                .filter(|slot| u64::from(slot.id.0) % PARTS == part)
                .filter(|slot| slot.track.is_some() && slot.sent.packets > 0)
                .map(|slot| slot_figures(slot, now))
                .collect(),
        }
    }

    /// What the retransmission caches of all publishers take, and the pages that go round between them.
    pub(crate) fn cached_bytes(&self) -> u64 {
        let encodings = self.tracks.values().flat_map(|track| &track.encodings);
        let caches = encodings.filter_map(|encoding| encoding.cache.as_ref());
        (caches.map(PacketCache::bytes).sum::<usize>() + self.pages.bytes()) as u64
    }
}

fn track_figures(track: &Track, index: u8, encoding: &Encoding, now: Now) -> TrackReport {
    let (packets, bytes) = encoding.reception.received();
    let rate_hz = track
        .codecs
        .first()
        .map_or(1, |binding| binding.codec.clock_rate_hz());
    TrackReport {
        track: track.id,
        encoding: index,
        packets,
        bytes,
        lost: encoding.reception.lost(),
        jitter_us: encoding.reception.jitter_us(rate_hz),
        key_frames: encoding.key_frames,
        silent_ms: u32::try_from(now.ns.saturating_sub(encoding.last_packet_ns) / 1_000_000)
            .unwrap_or(u32::MAX),
        layer_bytes: encoding.layer_bytes,
    }
}

fn slot_figures(slot: &Slot, now: Now) -> SlotReport {
    let heard = &slot.heard;
    let micros = |ns: u64| u32::try_from(ns / 1_000).unwrap_or(u32::MAX);
    SlotReport {
        slot: slot.id,
        packets: slot.sent.packets,
        bytes: slot.sent.bytes,
        fraction_lost_q8: heard.fraction_lost_q8,
        cumulative_lost: heard.cumulative_lost,
        jitter_us: u32::try_from(
            u64::from(heard.jitter) * 1_000_000 / u64::from(slot.sent.clock_rate_hz.max(1)),
        )
        .unwrap_or(u32::MAX),
        rtt_us: heard.round_trip_ns.map(micros),
        report_age_ms: heard
            .report_ns
            .map(|at| micros(now.ns.saturating_sub(at)) / 1_000),
        nacks: heard.nacks,
        key_frame_requests: heard.key_frame_requests,
        fed_by: slot.current,
    }
}
