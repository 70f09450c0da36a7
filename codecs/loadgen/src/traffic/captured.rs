//! Lengths of frames as a browser encoded them, captured by `benchmarks/capture_frames.py`, and their replay.

use std::str::SplitWhitespace;
use std::sync::LazyLock;

use super::frames::FRAMES_PER_SECOND;
use super::random::Random;
use crate::setup::VideoCodec;

/// Frames of one scene and codec.
#[derive(Debug)]
pub struct Series {
    /// Lengths of key frames.
    keys: Vec<u32>,
    /// Lengths of the others, in their order.
    frames: Vec<u32>,
    /// Lengths of the parameter sets at the head of a key frame: sequence, picture; 0 for VP8.
    pub parameters: (usize, usize),
    /// What the others take on average.
    mean_bps: f64,
}

/// Where one camera is in a series.
#[derive(Clone, Debug)]
pub struct Replay {
    series: &'static Series,
    next: usize,
    next_key: usize,
}

impl Series {
    /// Somebody who speaks to a camera, 640 x 480, 30 frames a second, 1.2 Mbit/s.
    #[must_use]
    pub fn consultation(codec: VideoCodec) -> &'static Self {
        match codec {
            VideoCodec::Vp8 => &CONSULTATION_VP8,
            VideoCodec::H264 => &CONSULTATION_H264,
        }
    }

    fn read(document: &str) -> Self {
        let mut series = Self {
            keys: Vec::new(),
            frames: Vec::new(),
            parameters: (0, 0),
            mean_bps: 0.0,
        };
        let lengths =
            |words: SplitWhitespace<'_>| words.filter_map(|word| word.parse().ok()).collect();
        for line in document.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            match words.clone().next() {
                Some("keys") => series.keys = lengths(words),
                Some("parameters") => {
                    let mut sizes = words.filter_map(|word| word.parse().ok());
                    series.parameters = (
                        sizes.next().unwrap_or_default(),
                        sizes.next().unwrap_or_default(),
                    );
                }
                _ => series
                    .frames
                    .extend(words.by_ref().filter_map(|word| word.parse::<u32>().ok())),
            }
        }
        let total_bytes: u64 = series.frames.iter().copied().map(u64::from).sum();
        let mean_bytes = total_bytes as f64 / series.frames.len().max(1) as f64;
        series.mean_bps = 8.0 * mean_bytes * FRAMES_PER_SECOND as f64;
        series
    }
}

impl Replay {
    /// Begins anywhere in the series.
    #[must_use]
    pub fn anywhere(series: &'static Series, random: &mut Random) -> Self {
        let place = |count: usize, random: &mut Random| random.between(0, count as u64) as usize;
        Self {
            series,
            next: place(series.frames.len(), random),
            next_key: place(series.keys.len(), random),
        }
    }

    /// The length of the next frame; a key frame takes the place of none.
    pub fn frame_bytes(&mut self, key_frame: bool) -> usize {
        let (lengths, next) = if key_frame {
            (&self.series.keys, &mut self.next_key)
        } else {
            (&self.series.frames, &mut self.next)
        };
        let bytes = lengths.get(*next).copied().unwrap_or(1);
        *next = (*next + 1) % lengths.len().max(1);
        bytes as usize
    }

    /// What frames take on average, key frames aside, at the pace of a camera.
    #[must_use]
    pub fn mean_bps(&self) -> f64 {
        self.series.mean_bps
    }

    /// Lengths of the parameter sets at the head of a key frame.
    #[must_use]
    pub fn parameters(&self) -> (usize, usize) {
        self.series.parameters
    }
}

static CONSULTATION_VP8: LazyLock<Series> =
    LazyLock::new(|| Series::read(include_str!("captured/consultation_vp8.txt")));
static CONSULTATION_H264: LazyLock<Series> =
    LazyLock::new(|| Series::read(include_str!("captured/consultation_h264.txt")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_of_a_consultation_was_captured_at_its_bitrate() {
        for codec in [VideoCodec::Vp8, VideoCodec::H264] {
            let series = Series::consultation(codec);
            assert!(series.frames.len() >= 60 * 28 && series.keys.len() >= 4);
            let mbit_s = series.mean_bps / 1e6;
            assert!((0.9..1.35).contains(&mbit_s), "{codec:?}: {mbit_s}");
            let smallest_key = series.keys.iter().min().copied().unwrap_or_default();
            assert!(
                8.0 * 30.0 * f64::from(smallest_key) > series.mean_bps,
                "{codec:?}"
            );
            let has_parameters = series.parameters.0 > 0 && series.parameters.1 > 0;
            assert_eq!(has_parameters, codec == VideoCodec::H264);
        }
    }

    #[test]
    fn everybody_begins_elsewhere_and_goes_round() {
        let series = Series::consultation(VideoCodec::Vp8);
        let mut replay = Replay::anywhere(series, &mut Random::new(1));
        let other = Replay::anywhere(series, &mut Random::new(2));
        assert_ne!(replay.next, other.next);
        let count = series.frames.len();
        let once: Vec<_> = (0..count).map(|_| replay.frame_bytes(false)).collect();
        replay.frame_bytes(true);
        let again: Vec<_> = (0..count).map(|_| replay.frame_bytes(false)).collect();
        assert_eq!(once, again);
    }

    #[test]
    fn comments_and_line_ends_mean_nothing() {
        let series = Series::read("# 7 8\nparameters 20 4\nkeys 900 901\n1 2\n3\n");
        assert_eq!(
            (series.keys.len(), series.frames.as_slice()),
            (2, &[1, 2, 3][..])
        );
        assert_eq!(series.parameters, (20, 4));
    }
}
