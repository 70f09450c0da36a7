//! What waits for one TCP connection's reader: bounded in bytes and in time, whole packets, pictures first to go.

use std::collections::VecDeque;

use wire::framing::{LENGTH_BYTES, length_before};

use crate::counters::DriverCounter;

/// Frames in the order in which they leave.
#[derive(Default)]
pub struct SendQueue {
    /// What of them has not left.
    bytes: VecDeque<u8>,
    frames: VecDeque<Waiting>,
    /// How much of the first frame has left: the rest must follow, whatever happens.
    begun_bytes: usize,
}

#[derive(Clone, Copy)]
struct Waiting {
    /// With the length before the packet.
    bytes: usize,
    is_video: bool,
    since_ns: u64,
}

impl SendQueue {
    /// Puts a packet at the end.
    ///
    /// # Errors
    /// There is no room for it, by the name under which it is counted.
    pub fn push(
        &mut self,
        packet: &[u8],
        is_video: bool,
        now_ns: u64,
    ) -> Result<(), DriverCounter> {
        let (most_bytes, reason) = if is_video {
            (MOST_WITH_VIDEO_BYTES, DriverCounter::DropTcpVideo)
        } else {
            (MOST_BYTES, DriverCounter::DropTcpFull)
        };
        let length = length_before(packet).ok_or(reason)?;
        let bytes = LENGTH_BYTES + packet.len();
        if self.bytes.len() + bytes > most_bytes {
            return Err(reason);
        }
        self.bytes.extend(&length);
        self.bytes.extend(packet);
        self.frames.push_back(Waiting {
            bytes,
            is_video,
            since_ns: now_ns,
        });
        Ok(())
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What leaves next, as far as it lies together.
    #[must_use]
    pub fn next_bytes(&self) -> &[u8] {
        self.bytes.as_slices().0
    }

    /// Takes note that so much has left.
    pub fn take(&mut self, count: usize) {
        self.bytes.drain(..count.min(self.bytes.len()));
        self.begun_bytes += count;
        while let Some(first) = self.frames.front() {
            if first.bytes > self.begun_bytes {
                break;
            }
            self.begun_bytes -= first.bytes;
            self.frames.pop_front();
        }
        if self.bytes.is_empty() {
            // From the start again: then what comes next lies together.
            self.bytes.clear();
        }
    }

    /// Drops what has waited for so long that nobody has a use for it; returns how many packets that were.
    ///
    /// What is of use is copied, so that this is for now and then.
    pub fn drop_old(&mut self, now_ns: u64) -> usize {
        let begun = usize::from(self.begun_bytes > 0);
        let is_old = |frame: &Waiting| now_ns.saturating_sub(frame.since_ns) > frame.patience_ns();
        if !self.frames.iter().skip(begun).any(is_old) {
            return 0;
        }
        let (mut kept, mut dropped) = (Self::default(), 0);
        kept.begun_bytes = self.begun_bytes;
        let mut begun_bytes = self.begun_bytes;
        for (place, frame) in std::mem::take(&mut self.frames).into_iter().enumerate() {
            let left = self.bytes.drain(..frame.bytes - begun_bytes);
            begun_bytes = 0;
            if place >= begun && is_old(&frame) {
                dropped += 1;
                continue;
            }
            kept.bytes.extend(left);
            kept.frames.push_back(frame);
        }
        *self = kept;
        dropped
    }
}

impl Waiting {
    const fn patience_ns(&self) -> u64 {
        if self.is_video {
            VIDEO_WAITS_NS
        } else {
            WAITS_NS
        }
    }
}

/// Most of a second of a good picture (1.5 Mbit/s and more): what comes on top of that would be old before it leaves.
const MOST_WITH_VIDEO_BYTES: usize = 192 * 1_024;
/// Ten seconds of sound beside it, or a handshake, or answers to checks: these hardly ever find it full.
const MOST_BYTES: usize = 256 * 1_024;
/// A little more than pictures wait for a path elsewhere in the relay (0.8 s, `forward::pacer`).
const VIDEO_WAITS_NS: u64 = 1_000_000_000;
/// Sound that is older is played by nobody; what must arrive is repeated by whoever sent it.
const WAITS_NS: u64 = 3_000_000_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::framing::first_packet_untrusted;

    use super::*;

    const MS: u64 = 1_000_000;

    /// Everything that waits, as whoever reads it takes it apart.
    fn drained(queue: &mut SendQueue) -> Vec<Vec<u8>> {
        let mut stream = Vec::new();
        while !queue.is_empty() {
            let next = queue.next_bytes().to_vec();
            queue.take(next.len());
            stream.extend(next);
        }
        packets_of(&stream)
    }

    fn packets_of(stream: &[u8]) -> Vec<Vec<u8>> {
        let (mut packets, mut rest) = (Vec::new(), stream);
        while let Some(packet) = first_packet_untrusted(rest).expect("no length lies") {
            packets.push(rest.get(packet.clone()).expect("it is there").to_vec());
            rest = rest.get(packet.end..).expect("it is there");
        }
        assert!(rest.is_empty(), "{} bytes are left", rest.len());
        packets
    }

    #[test]
    fn pictures_are_refused_first_and_sound_later() {
        let mut queue = SendQueue::default();
        let video = std::iter::repeat_with(|| queue.push(&[1; 1_200], true, 0))
            .take_while(Result::is_ok)
            .count();
        assert_eq!(video, MOST_WITH_VIDEO_BYTES / 1_202);
        assert_eq!(
            queue.push(&[1; 1_200], true, 0),
            Err(DriverCounter::DropTcpVideo)
        );
        let sound = std::iter::repeat_with(|| queue.push(&[2; 120], false, 0))
            .take_while(Result::is_ok)
            .count();
        assert!(sound > 500, "{sound}");
        assert_eq!(
            queue.push(&[2; 120], false, 0),
            Err(DriverCounter::DropTcpFull)
        );
        assert_eq!(drained(&mut queue).len(), video + sound);
        assert_eq!(queue.push(&[1; 1_200], true, 0), Ok(()));
    }

    #[test]
    fn a_packet_that_no_frame_holds_is_refused() {
        let packet = vec![0; 65_536];
        let refused = SendQueue::default().push(&packet, false, 0);
        assert_eq!(refused, Err(DriverCounter::DropTcpFull));
    }

    #[test]
    fn old_pictures_go_before_old_sound_and_what_has_begun_is_ended() {
        let mut queue = SendQueue::default();
        for (packet, is_video) in [([1; 4], true), ([2; 4], true), ([3; 4], false)] {
            assert_eq!(queue.push(&packet, is_video, 0), Ok(()));
        }
        assert_eq!(queue.push(&[4; 4], true, 900 * MS), Ok(()));
        let begun = queue.next_bytes().get(..3).expect("it waits").to_vec();
        queue.take(3);
        assert_eq!(queue.drop_old(1_000 * MS), 0);
        assert_eq!(queue.drop_old(1_001 * MS), 1);
        let rest: Vec<u8> = queue.bytes.iter().copied().collect();
        let stream = [begun.as_slice(), rest.as_slice()].concat();
        let expected: [&[u8]; 3] = [&[1; 4], &[3; 4], &[4; 4]];
        assert_eq!(packets_of(&stream), expected);
        assert_eq!(queue.drop_old(3_001 * MS), 2);
        queue.take(3);
        assert!(queue.is_empty());
        assert_eq!(queue.begun_bytes, 0);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push { len: usize, is_video: bool },
        Take(usize),
        Wait { ms: u64 },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let push = (0_usize..1_600, any::<bool>())
            .prop_map(|(len, is_video)| Step::Push { len, is_video });
        let take = (0_usize..5_000).prop_map(Step::Take);
        let wait = (0_u64..1_500).prop_map(|ms| Step::Wait { ms });
        proptest::collection::vec(prop_oneof![6 => push, 2 => take, 1 => wait], 0..400)
    }

    proptest! {
        #[test]
        fn whatever_is_dropped_the_reader_finds_whole_packets_in_order(walk in steps()) {
            let (mut queue, mut stream) = (SendQueue::default(), Vec::new());
            let (mut now_ns, mut number) = (0, 0_u32);
            let (mut accepted, mut dropped) = (0, 0);
            for step in walk {
                match step {
                    Step::Push { len, is_video } => {
                        number += 1;
                        let mut packet = number.to_be_bytes().to_vec();
                        // Longer than any that a reader takes is none.
                        packet.resize((4 + len).min(1_500), 0);
                        accepted += usize::from(queue.push(&packet, is_video, now_ns).is_ok());
                    }
                    Step::Take(most) => {
                        let next = queue.next_bytes();
                        let taken = next.get(..most.min(next.len())).unwrap_or_default().to_vec();
                        queue.take(taken.len());
                        stream.extend(taken);
                    }
                    Step::Wait { ms } => {
                        now_ns += ms * MS;
                        dropped += queue.drop_old(now_ns);
                    }
                }
                prop_assert!(queue.bytes.len() <= MOST_BYTES);
                let waiting: usize = queue.frames.iter().map(|frame| frame.bytes).sum();
                prop_assert_eq!(waiting, queue.bytes.len() + queue.begun_bytes);
            }
            while !queue.is_empty() {
                let next = queue.next_bytes().to_vec();
                queue.take(next.len());
                stream.extend(next);
            }
            let packets = packets_of(&stream);
            prop_assert_eq!(packets.len(), accepted - dropped);
            prop_assert!(packets.is_sorted());
        }
    }
}
