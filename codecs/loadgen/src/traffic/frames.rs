//! How large video frames are, and how libwebrtc cuts them into packets.

use super::random::Random;

/// Frames a second.
pub const FRAMES_PER_SECOND: u64 = 30;
/// Longest payload behind a VP8 descriptor: libwebrtc's packets have 1,200 bytes, of which the header with
/// our three extensions, the descriptor and the tag take 28 + 4 + 16, and it keeps some room to spare.
pub const MAX_FRAGMENT_BYTES: usize = 1_150;
/// A key frame of a 640 x 480 camera.
const KEY_FRAME_BYTES: usize = 20_000;
/// 30 frames a second of 4,850 bytes on average are 1.16 Mbit/s, with headers about 1.25.
const FRAME_BYTES: std::ops::Range<u64> = 4_000..5_700;

/// The size of the next frame.
pub fn frame_bytes(random: &mut Random, key_frame: bool) -> usize {
    if key_frame {
        KEY_FRAME_BYTES
    } else {
        random.between(FRAME_BYTES.start, FRAME_BYTES.end) as usize
    }
}

/// The sizes of a frame's packets: as few as possible, equal but for one byte, the smaller ones first.
///
/// Source: libwebrtc's `RtpPacketizer::SplitAboutEqually`, as seen in Chromium's traffic.
#[must_use]
pub fn split(frame_bytes: usize) -> impl ExactSizeIterator<Item = usize> {
    split_within(frame_bytes, MAX_FRAGMENT_BYTES)
}

/// The same, with room for `most` bytes in a packet.
#[must_use]
pub fn split_within(frame_bytes: usize, most: usize) -> impl ExactSizeIterator<Item = usize> {
    let count = frame_bytes.div_ceil(most).max(1);
    let (small, larger_ones) = (frame_bytes / count, frame_bytes % count);
    (0..count).map(move |index| small + usize::from(index >= count - larger_ones))
}

/// Packets in a frame on average, key frames aside.
#[must_use]
pub fn mean_packets() -> f64 {
    let sizes = FRAME_BYTES.end - FRAME_BYTES.start;
    let packets: usize = FRAME_BYTES.map(|bytes| split(bytes as usize).count()).sum();
    packets as f64 / sizes as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_frame_is_cut_like_libwebrtc_cuts_it() {
        assert_eq!(split(4_602).collect::<Vec<_>>(), [920, 920, 920, 921, 921]);
        assert_eq!(split(1_150).collect::<Vec<_>>(), [1_150]);
        assert_eq!(split(2_301).collect::<Vec<_>>(), [767, 767, 767]);
    }

    #[test]
    fn video_is_three_quarters_of_the_packets_as_on_the_reference_floor() {
        let video = mean_packets() * FRAMES_PER_SECOND as f64;
        let share = video / (video + super::super::opus::PACKETS_PER_SECOND as f64);
        assert!((0.72..0.75).contains(&share), "{share}");
    }

    proptest! {
        #[test]
        fn nothing_of_a_frame_is_lost(bytes in 1_usize..100_000) {
            let sizes: Vec<_> = split(bytes).collect();
            prop_assert_eq!(sizes.iter().sum::<usize>(), bytes);
            prop_assert!(sizes.is_sorted());
            prop_assert!(sizes.iter().all(|size| *size <= MAX_FRAGMENT_BYTES));
            prop_assert!(sizes.last().zip(sizes.first()).is_some_and(|(last, first)| last - first <= 1));
        }
    }
}
