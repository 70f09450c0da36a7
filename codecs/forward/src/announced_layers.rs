//! What a publisher says of the layers it sends (video-layers-allocation), and when Python hears of it.
//!
//! Written by `ingress`, told by `reports`. Never forwarded: which layers leave is the relay's affair.

use wire::Malformed;
use wire::extensions::video_layers_allocation::{VideoLayersAllocation, parse_untrusted};
use wire::extensions::{ExtensionKind, ExtensionMap};

use crate::counters::Counter;
use crate::incoming::{Incoming, extension};
use crate::output::Output;

/// The latest word of one track's publisher on its layers.
#[derive(Default)]
pub struct AnnouncedLayers {
    latest: Option<Box<VideoLayersAllocation>>,
    /// The encoding whose packet said so, and that packet's extended sequence number.
    said_by: Option<(u8, u64)>,
    is_news: bool,
    told_ns: Option<u64>,
}

impl AnnouncedLayers {
    /// Keeps what a packet says, if anything; one that was overtaken says nothing.
    ///
    /// `is_late` where a later packet of its encoding came before it, as before a retransmission.
    pub fn hear(
        &mut self,
        packet: &Incoming<'_>,
        is_late: bool,
        map: &ExtensionMap,
        output: &mut Output,
    ) {
        let kind = ExtensionKind::VideoLayersAllocation;
        let Some(value) = extension(&packet.header, packet.packet, map, kind) else {
            return;
        };
        match parse_untrusted(value) {
            Ok(mut said) => self.keep(packet.encoding, packet.sequence, is_late, &mut said),
            Err(reason) => output.counters.one(counter_of(reason)),
        }
    }

    fn keep(
        &mut self,
        encoding: u8,
        sequence: u64,
        is_late: bool,
        said: &mut VideoLayersAllocation,
    ) {
        // Numbers of two encodings cannot be compared: there, whatever is late may be older.
        let overtaken = |(by, at): (u8, u64)| {
            if by == encoding {
                sequence < at
            } else {
                is_late
            }
        };
        if self.said_by.is_some_and(overtaken) {
            return;
        }
        self.said_by = Some((encoding, sequence));
        // Every encoding carries the same words, each under its own index.
        said.stream_index = 0;
        let latest = self.latest.get_or_insert_with(|| {
            self.is_news = true;
            Box::new(*said)
        });
        keep_sizes(latest, said);
        self.is_news |= **latest != *said;
        **latest = *said;
    }

    /// What has changed since it was last told, at most once in [`TOLD_EVERY_NS`].
    pub fn take_news(&mut self, now_ns: u64) -> Option<Box<VideoLayersAllocation>> {
        let lately = |told_ns| now_ns.saturating_sub(told_ns) < TOLD_EVERY_NS;
        if !self.is_news || self.told_ns.is_some_and(lately) {
            return None;
        }
        self.is_news = false;
        self.told_ns = Some(now_ns);
        self.latest.clone()
    }
}

/// What is counted when an allocation lies; its packet goes on.
const fn counter_of(reason: Malformed) -> Counter {
    match reason {
        Malformed::Truncated => Counter::LayersAllocationTruncated,
        Malformed::Length => Counter::LayersAllocationLength,
        _ => Counter::LayersAllocationValue,
    }
}

/// Sizes are left out where nothing but bitrates changed: the layers' earlier ones still hold.
fn keep_sizes(known: &VideoLayersAllocation, said: &mut VideoLayersAllocation) {
    let places = known.layers.iter().flatten();
    for (known, said) in places.zip(said.layers.iter_mut().flatten()) {
        if let (Some(known), Some(said)) = (known, said) {
            said.resolution = said.resolution.or(known.resolution);
        }
    }
}

/// Bitrates move with every estimate of the publisher; whoever acts on them does so once a second.
const TOLD_EVERY_NS: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use wire::extensions::video_layers_allocation::{Resolution, SpatialLayer};

    use super::*;

    const MS: u64 = 1_000_000;

    fn said(kbps: u32, resolution: Option<Resolution>) -> VideoLayersAllocation {
        let layer = SpatialLayer {
            temporal_layer_count: 1,
            target_kbps: [kbps, 0, 0, 0],
            resolution,
        };
        let mut said = VideoLayersAllocation {
            stream_count: 1,
            ..VideoLayersAllocation::default()
        };
        said.layers[0][0] = Some(layer);
        said
    }

    const SIZE: Option<Resolution> = Some(Resolution {
        width: 1280,
        height: 720,
        max_fps: 30,
    });

    #[test]
    fn what_changes_is_told_once_a_second_and_nothing_is_forgotten() {
        let mut layers = AnnouncedLayers::default();
        assert_eq!(layers.take_news(0), None);
        let mut told = Vec::new();
        for at in 0..30_u64 {
            let kbps = if at < 12 { 500 + at as u32 } else { 900 };
            layers.keep(0, at, false, &mut said(kbps, SIZE));
            told.extend(layers.take_news(at * 100 * MS).map(|said| {
                (
                    at,
                    said.layers[0][0].map_or(0, |layer| layer.target_kbps[0]),
                )
            }));
        }
        assert_eq!(told, [(0, 500), (10, 510), (20, 900)]);
    }

    #[test]
    fn a_size_holds_until_another_is_said() {
        let mut layers = AnnouncedLayers::default();
        layers.keep(0, 1, false, &mut said(500, SIZE));
        layers.keep(0, 2, false, &mut said(600, None));
        assert_eq!(layers.take_news(0).as_deref(), Some(&said(600, SIZE)));
    }

    #[test]
    fn a_late_packet_counts_only_beside_its_own_encodings_word() {
        let mut layers = AnnouncedLayers::default();
        layers.keep(0, 7, false, &mut said(500, SIZE));
        layers.keep(0, 9, true, &mut said(600, SIZE));
        assert_eq!(layers.take_news(0).as_deref(), Some(&said(600, SIZE)));
        layers.keep(1, 90, true, &mut said(400, SIZE));
        assert_eq!(layers.take_news(u64::MAX), None, "it may be older");
    }

    #[test]
    fn a_packet_that_was_overtaken_says_nothing() {
        let mut layers = AnnouncedLayers::default();
        layers.keep(0, 7, false, &mut said(600, SIZE));
        layers.keep(0, 6, true, &mut said(500, SIZE));
        assert_eq!(layers.take_news(0).as_deref(), Some(&said(600, SIZE)));
        layers.keep(
            1,
            3,
            false,
            &mut VideoLayersAllocation {
                stream_index: 1,
                ..said(600, SIZE)
            },
        );
        assert_eq!(
            layers.take_news(u64::MAX),
            None,
            "another encoding says the same"
        );
    }
}
