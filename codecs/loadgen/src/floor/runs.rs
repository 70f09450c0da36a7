//! Which packets of a batch leave together, and how long each becomes: pure.
//!
//! A trip through the UDP stack costs the same with one packet or with a run of equal ones (reference:
//! relaying floor, lesson 1). libwebrtc cuts a frame into packets that differ by a byte, so that runs would
//! end within every frame: up to [`MAX_PADDING_BYTES`] of RTP padding make them equal.

use std::ops::Range;

/// One opened packet of a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Opened {
    /// Towards whom.
    pub receiver: u32,
    /// Its place in the batch.
    pub place: u32,
    /// Its header's length.
    pub header_bytes: u16,
    /// Length of header and payload.
    pub plain_bytes: u16,
    /// Length it is padded to.
    pub padded_bytes: u16,
}

/// Groups packets by receiver in the order they came, pads within reach, and cuts groups into runs.
///
/// `runs` are positions in `packets`: all packets of a run but the last have the same length, the last is
/// not longer.
pub fn arrange(packets: &mut [Opened], runs: &mut Vec<Range<usize>>) {
    runs.clear();
    packets.sort_unstable_by_key(|packet| (packet.receiver, packet.place));
    let mut start = 0;
    while start < packets.len() {
        let rest = packets.get_mut(start..).unwrap_or_default();
        let count = cut_run(rest);
        runs.push(start..start + count);
        start += count;
    }
}

/// Pads the packets of the first run and returns how many it has: at least one of at least one.
fn cut_run(packets: &mut [Opened]) -> usize {
    let Some(first) = packets.first().copied() else {
        return 0;
    };
    let (mut shortest, mut longest, mut count) = (first.plain_bytes, first.plain_bytes, 1);
    for packet in packets.iter().skip(1) {
        let plain = packet.plain_bytes;
        let (shorter, longer) = (shortest.min(plain), longest.max(plain));
        let full = count >= MAX_SEGMENTS || (count + 1) * usize::from(longer) > MAX_RUN_BYTES;
        if packet.receiver != first.receiver || full {
            break;
        }
        if longer - shorter > MAX_PADDING_BYTES {
            // A shorter one may still end the run as it is.
            count += usize::from(plain < longest);
            break;
        }
        (shortest, longest, count) = (shorter, longer, count + 1);
    }
    for packet in packets.iter_mut().take(count) {
        let in_reach = longest.saturating_sub(packet.plain_bytes) <= MAX_PADDING_BYTES;
        packet.padded_bytes = if in_reach {
            longest
        } else {
            packet.plain_bytes
        };
    }
    count
}

/// What equalising a frame's packets may add (each differs by one byte from the next but one at most).
pub const MAX_PADDING_BYTES: u16 = 4;
/// What every kernel that knows `UDP_SEGMENT` takes.
const MAX_SEGMENTS: usize = 64;
/// One IP datagram, with room for tags.
const MAX_RUN_BYTES: usize = 60_000;

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use proptest::prelude::*;

    use super::*;

    fn packets(of: &[(u32, u16)]) -> Vec<Opened> {
        let opened = of
            .iter()
            .enumerate()
            .map(|(place, (receiver, plain_bytes))| Opened {
                receiver: *receiver,
                place: place as u32,
                header_bytes: 28,
                plain_bytes: *plain_bytes,
                padded_bytes: 0,
            });
        opened.collect()
    }

    fn arranged(of: &[(u32, u16)]) -> Vec<Vec<u16>> {
        let (mut packets, mut runs) = (packets(of), Vec::new());
        arrange(&mut packets, &mut runs);
        let lengths = |run: &Range<usize>| {
            packets[run.clone()]
                .iter()
                .map(|packet| packet.padded_bytes)
                .collect()
        };
        runs.iter().map(lengths).collect()
    }

    #[test]
    fn a_frames_packets_become_equal_and_sound_ends_the_run() {
        let mixed = [(1, 920), (2, 500), (1, 920), (1, 921), (1, 130), (1, 140)];
        assert_eq!(
            arranged(&mixed),
            [vec![921, 921, 921, 130], vec![140], vec![500]]
        );
    }

    #[test]
    fn a_longer_packet_starts_anew() {
        assert_eq!(
            arranged(&[(1, 130), (1, 920), (1, 920)]),
            [vec![130], vec![920, 920]]
        );
    }

    proptest! {
        #[test]
        fn every_run_is_one_the_kernel_takes(of in proptest::collection::vec((0_u32..4, 40_u16..1_200), 0..200)) {
            let (mut packets, mut runs) = (packets(&of), Vec::new());
            arrange(&mut packets, &mut runs);
            prop_assert_eq!(runs.iter().map(Range::len).sum::<usize>(), of.len());
            for run in &runs {
                let run = &packets[run.clone()];
                let (last, others) = run.split_last().expect("no run is empty");
                let common = run[0].padded_bytes;
                prop_assert!(others.iter().all(|packet| packet.padded_bytes == common));
                prop_assert!(last.padded_bytes <= common && run.len() <= MAX_SEGMENTS);
                prop_assert!(run.iter().all(|packet| packet.receiver == run[0].receiver));
                prop_assert!(run.is_sorted_by_key(|packet| packet.place));
                let padding = |packet: &Opened| packet.padded_bytes - packet.plain_bytes;
                prop_assert!(run.iter().all(|packet| padding(packet) <= MAX_PADDING_BYTES));
            }
        }
    }
}
