//! What a publisher says of the layers it sends (video-layers-allocation), and when Python hears of it.
//!
//! Written by `ingress`, told by `reports`. Never forwarded: which layers leave is the relay's affair.

use wire::Malformed;
use wire::extensions::video_layers_allocation::{VideoLayersAllocation, parse_untrusted};
use wire::extensions::{ExtensionKind, ExtensionMap};

use crate::control::counters::Counter;
use crate::ingress::incoming::{Incoming, extension};
use crate::tracks::track::MAX_ENCODINGS;
use crate::worker::output::Output;

/// The latest word of one track's publisher on its layers.
#[derive(Default)]
pub struct AnnouncedLayers {
    latest: Option<Box<VideoLayersAllocation>>,
    /// When that was said, NTP on the relay's clock, where it is known.
    said_ntp: Option<u64>,
    /// For each encoding, the extended sequence number of its last packet that was listened to.
    numbers: [Option<u64>; MAX_ENCODINGS],
    is_news: bool,
    told_ns: Option<u64>,
}

/// Which packet says something.
#[derive(Clone, Copy)]
struct Word {
    encoding: u8,
    sequence: u64,
    is_late: bool,
    ntp: Option<u64>,
}

impl AnnouncedLayers {
    /// Keeps what a packet says, if anything; one that was overtaken says nothing.
    ///
    /// `is_late` where a later packet of its encoding came before it, as before a retransmission; `ntp` is when its
    /// picture was captured, where a sender report says so: observed times of two encodings do not compare.
    pub fn hear(
        &mut self,
        packet: &Incoming<'_>,
        is_late: bool,
        ntp: Option<u64>,
        map: &ExtensionMap,
        output: &mut Output,
    ) {
        let kind = ExtensionKind::VideoLayersAllocation;
        let Some(value) = extension(&packet.header, packet.packet, map, kind) else {
            return;
        };
        match parse_untrusted(value) {
            Ok(mut said) => {
                let word = Word {
                    encoding: packet.encoding,
                    sequence: packet.sequence,
                    is_late,
                    ntp,
                };
                self.keep(word, &mut said);
            }
            Err(reason) => output.counters.one(counter_of(reason)),
        }
    }

    fn keep(&mut self, word: Word, said: &mut VideoLayersAllocation) {
        let Some(number) = self.numbers.get_mut(usize::from(word.encoding)) else {
            return;
        };
        // Numbers of two encodings cannot be compared. A retransmission may be the only one to bring a word,
        // or be older than what another encoding said since: there, the times of their pictures tell.
        let is_overtaken = number.is_some_and(|last| word.sequence < last)
            || (word.is_late
                && word
                    .ntp
                    .zip(self.said_ntp)
                    .is_some_and(|(ntp, last)| ntp < last));
        if is_overtaken {
            return;
        }
        *number = Some(word.sequence);
        self.said_ntp = word.ntp;
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

    /// A packet on time whose capture is not known.
    const fn on_time(encoding: u8, sequence: u64) -> Word {
        Word {
            encoding,
            sequence,
            is_late: false,
            ntp: None,
        }
    }

    /// One captured then, and sent again.
    const fn late(encoding: u8, sequence: u64, ntp: u64) -> Word {
        Word {
            is_late: true,
            ntp: Some(ntp),
            ..on_time(encoding, sequence)
        }
    }

    #[test]
    fn what_changes_is_told_once_a_second_and_nothing_is_forgotten() {
        let mut layers = AnnouncedLayers::default();
        assert_eq!(layers.take_news(0), None);
        let mut told = Vec::new();
        for at in 0..30_u64 {
            let kbps = if at < 12 { 500 + at as u32 } else { 900 };
            layers.keep(on_time(0, at), &mut said(kbps, SIZE));
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
        layers.keep(on_time(0, 1), &mut said(500, SIZE));
        layers.keep(on_time(0, 2), &mut said(600, None));
        assert_eq!(layers.take_news(0).as_deref(), Some(&said(600, SIZE)));
    }

    #[test]
    fn a_word_that_only_a_retransmission_brings_counts_whoever_spoke_last() {
        let mut layers = AnnouncedLayers::default();
        let spoken = |word, ntp| Word {
            ntp: Some(ntp),
            ..word
        };
        layers.keep(spoken(on_time(0, 7), 100), &mut said(500, SIZE));
        layers.keep(spoken(on_time(1, 90), 100), &mut said(500, SIZE));
        layers.keep(late(0, 9, 200), &mut said(600, SIZE));
        assert_eq!(layers.take_news(0).as_deref(), Some(&said(600, SIZE)));
        layers.keep(late(1, 91, 150), &mut said(400, SIZE));
        assert_eq!(layers.take_news(u64::MAX), None, "it is older");
        layers.keep(late(2, 3, 300), &mut said(700, SIZE));
        assert_eq!(
            layers.take_news(u64::MAX).as_deref(),
            Some(&said(700, SIZE))
        );
    }

    #[test]
    fn an_encoding_that_there_is_not_says_nothing() {
        let mut layers = AnnouncedLayers::default();
        layers.keep(on_time(MAX_ENCODINGS as u8, 1), &mut said(500, SIZE));
        assert_eq!(layers.take_news(0), None);
    }

    #[test]
    fn a_packet_that_was_overtaken_says_nothing() {
        let mut layers = AnnouncedLayers::default();
        layers.keep(on_time(0, 7), &mut said(600, SIZE));
        layers.keep(late(0, 6, 900), &mut said(500, SIZE));
        assert_eq!(layers.take_news(0).as_deref(), Some(&said(600, SIZE)));
        layers.keep(
            on_time(1, 3),
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
