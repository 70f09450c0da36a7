//! Events as Python matches them.

use congestion::Sample;
use forward::event::{Event, LegEstimate, SlotReport, StillSlot, StillTrack, TrackReport};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wire::extensions::video_layers_allocation::VideoLayersAllocation;

use crate::event_queue::{News, Notice};

/// Something that happened in the packet path.
#[pyclass(frozen, name = "Event", module = "relay._engine")]
#[expect(
    missing_docs,
    reason = "the fields are documented in relay/_engine.pyi, beside the types Python sees"
)]
pub enum PyEvent {
    Connected {
        leg: u32,
    },
    AddressChanged {
        leg: u32,
    },
    ConsentLost {
        leg: u32,
    },
    Dtls {
        leg: u32,
        datagram: Py<PyBytes>,
    },
    MediaStarted {
        leg: u32,
    },
    EncodingStarted {
        track: u32,
        encoding: u8,
        codec: String,
    },
    EncodingStopped {
        track: u32,
        encoding: u8,
    },
    SlotStarted {
        slot: u32,
    },
    LayersChanged {
        track: u32,
        layers: Vec<LayerRow>,
    },
    SpeakerLevel {
        track: u32,
        level_dbov: i16,
        voice: bool,
    },
    Estimates {
        estimates: Vec<EstimateRow>,
    },
    Feedback {
        leg: u32,
        at_ns: u64,
        samples: Vec<SampleRow>,
    },
    Report {
        worker: u32,
        tracks: Vec<TrackRow>,
        slots: Vec<SlotRow>,
    },
    Stillness {
        worker: u32,
        tracks: Vec<StillTrackRow>,
        slots: Vec<StillSlotRow>,
    },
    WorkerFailed {
        worker: u32,
    },
}

/// `encoding, spatial, width, height, max_fps, kbps by temporal layer`
type LayerRow = (u8, u8, u32, u32, u8, Vec<u32>);
/// `leg, rate_bps, estimate_bps, owed_bps, sound_told, sound_lost`
type EstimateRow = (u32, u64, u64, u64, u64, u64);
/// `sequence, sent_us, arrival_us (none: lost), size_bytes, cluster`
type SampleRow = (u64, u64, Option<i64>, u32, u32);
/// `track, encoding, packets, bytes, lost, jitter_us, key_frames, silent_ms, bytes by layer`
type TrackRow = (u32, u8, u64, u64, i64, u32, u64, u32, Vec<LayerBytesRow>);
/// `spatial, temporal, bytes`
type LayerBytesRow = (u8, u8, u64);
/// `slot, packets, bytes, fraction_lost_q8, cumulative_lost, jitter_us, rtt_us (-1 unknown), rr_age_ms (-1 none), nacks, plis,
/// fed_by (-1 none)`
type SlotRow = (u32, u64, u64, u8, i32, u32, i64, i64, u64, u64, i64);
/// `track, silent_ms (-1 before any packet), zero_ms (-1 unknown), ended`
type StillTrackRow = (u32, i64, i64, bool);
/// `slot, sent_ms (-1 before any packet), unheard_ms`
type StillSlotRow = (u32, i64, u32);

impl PyEvent {
    /// The Python value of a notice.
    #[must_use]
    pub fn of(py: Python<'_>, Notice { worker, news }: Notice) -> Self {
        let event = match news {
            News::Failed => return Self::WorkerFailed { worker },
            News::Event(event) => event,
        };
        match event {
            Event::Connected { leg } => Self::Connected { leg: leg.0 },
            Event::AddressChanged { leg } => Self::AddressChanged { leg: leg.0 },
            Event::ConsentLost { leg } => Self::ConsentLost { leg: leg.0 },
            Event::Dtls { leg, datagram } => Self::Dtls {
                leg: leg.0,
                datagram: PyBytes::new(py, &datagram).unbind(),
            },
            Event::MediaStarted { leg } => Self::MediaStarted { leg: leg.0 },
            Event::EncodingStarted {
                track,
                encoding,
                codec,
            } => Self::EncodingStarted {
                track: track.0,
                encoding,
                codec: codec.name().to_ascii_lowercase(),
            },
            Event::EncodingStopped { track, encoding } => Self::EncodingStopped {
                track: track.0,
                encoding,
            },
            Event::SlotStarted { slot } => Self::SlotStarted { slot: slot.0 },
            Event::LayersChanged { track, layers } => Self::LayersChanged {
                track: track.0,
                layers: layer_rows(&layers),
            },
            Event::SpeakerLevel {
                track,
                level_dbov_negative,
                voice,
            } => Self::SpeakerLevel {
                track: track.0,
                level_dbov: -i16::from(level_dbov_negative),
                voice,
            },
            Event::Estimates { estimates } => Self::Estimates {
                estimates: estimates.iter().map(estimate_row).collect(),
            },
            Event::Feedback {
                leg,
                at_ns,
                samples,
            } => Self::Feedback {
                leg: leg.0,
                at_ns,
                samples: samples.iter().map(sample_row).collect(),
            },
            Event::Report { tracks, slots } => Self::Report {
                worker,
                tracks: tracks.into_iter().map(track_row).collect(),
                slots: slots.into_iter().map(slot_row).collect(),
            },
            Event::Stillness { tracks, slots } => Self::Stillness {
                worker,
                tracks: tracks.iter().map(still_track_row).collect(),
                slots: slots.iter().map(still_slot_row).collect(),
            },
        }
    }
}

fn layer_rows(said: &VideoLayersAllocation) -> Vec<LayerRow> {
    let mut rows = Vec::new();
    for (encoding, layers) in (0..).zip(&said.layers) {
        for (spatial, layer) in (0..).zip(layers) {
            let Some(layer) = layer else { continue };
            let (width, height, max_fps) = layer
                .resolution
                .map_or((0, 0, 0), |size| (size.width, size.height, size.max_fps));
            let temporal = usize::from(layer.temporal_layer_count);
            let kbps = layer.target_kbps.iter().copied().take(temporal).collect();
            rows.push((encoding, spatial, width, height, max_fps, kbps));
        }
    }
    rows
}

fn estimate_row(estimate: &LegEstimate) -> EstimateRow {
    let LegEstimate {
        leg,
        standing,
        owed_bps,
        sound,
    } = estimate;
    (
        leg.0,
        standing.rate_bps,
        standing.estimate_bps,
        *owed_bps,
        sound.packets,
        sound.lost,
    )
}

fn sample_row(sample: &Sample) -> SampleRow {
    (
        sample.sequence,
        sample.sent_us,
        sample.arrival_us,
        sample.size_bytes,
        sample.cluster,
    )
}

fn track_row(report: TrackReport) -> TrackRow {
    let TrackReport {
        track,
        encoding,
        packets,
        bytes,
        lost,
        jitter_us,
        key_frames,
        silent_ms,
        layer_bytes,
    } = report;
    let layers = (0..).zip(layer_bytes).flat_map(|(spatial, layers)| {
        let rows = (0..).zip(layers);
        rows.map(move |(temporal, bytes)| (spatial, temporal, bytes))
    });
    let layers: Vec<LayerBytesRow> = layers.filter(|(_, _, bytes)| *bytes > 0).collect();
    (
        track.0, encoding, packets, bytes, lost, jitter_us, key_frames, silent_ms, layers,
    )
}

fn still_track_row(still: &StillTrack) -> StillTrackRow {
    let (silent_ms, zero_ms) = (or_unknown(still.silent_ms), or_unknown(still.zero_ms));
    (still.track.0, silent_ms, zero_ms, still.ended)
}

fn still_slot_row(still: &StillSlot) -> StillSlotRow {
    (still.slot.0, or_unknown(still.sent_ms), still.unheard_ms)
}

fn or_unknown(value: Option<u32>) -> i64 {
    value.map_or(-1, i64::from)
}

fn slot_row(report: SlotReport) -> SlotRow {
    (
        report.slot.0,
        report.packets,
        report.bytes,
        report.fraction_lost_q8,
        report.cumulative_lost,
        report.jitter_us,
        or_unknown(report.rtt_us),
        or_unknown(report.report_age_ms),
        report.nacks,
        report.key_frame_requests,
        or_unknown(report.fed_by.map(u32::from)),
    )
}
