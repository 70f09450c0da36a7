//! From a stream's bytes to its packets, in place; a frame that is not all there waits with its connection.

use std::io::{self, Read};

use wire::Malformed;
use wire::framing::{MAX_FRAME_BYTES, first_packet_untrusted};

/// Where a worker reads its TCP connections, one after the other; allocates once.
pub struct Frames {
    bytes: Box<[u8]>,
    filled: usize,
    /// Where the next frame begins.
    next: usize,
}

impl Frames {
    /// Reads a stream once, behind what had come of a frame; returns how much came, 0 at the stream's end.
    ///
    /// # Errors
    /// What the stream says; `begun` is then all there is.
    pub fn read(&mut self, stream: &mut impl Read, begun: &[u8]) -> io::Result<usize> {
        (self.filled, self.next) = (0, 0);
        // A frame that has begun is shorter than the room for a whole one.
        if let Some(head) = self.bytes.get_mut(..begun.len()) {
            head.copy_from_slice(begun);
            self.filled = begun.len();
        }
        let room = self.bytes.get_mut(self.filled..).unwrap_or_default();
        let count = stream.read(room)?;
        self.filled += count;
        Ok(count)
    }

    /// The next packet, which may be empty; `None` when no other is all there.
    ///
    /// # Errors
    /// A length lies: nothing more can be read of this stream.
    pub fn next_packet(&mut self) -> Result<Option<&mut [u8]>, Malformed> {
        let Some(packet) = first_packet_untrusted(self.begun())? else {
            return Ok(None);
        };
        let (start, end) = (self.next + packet.start, self.next + packet.end);
        self.next = end;
        Ok(self.bytes.get_mut(start..end))
    }

    /// What has come of a frame that is not all there, once there are no more packets.
    #[must_use]
    pub fn begun(&self) -> &[u8] {
        self.bytes.get(self.next..self.filled).unwrap_or_default()
    }
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            bytes: vec![0; ROOM_BYTES].into_boxed_slice(),
            filled: 0,
            next: 0,
        }
    }
}

/// Read of one connection before the others have their turn: a dozen packets of pictures, and a frame that has begun.
const ROOM_BYTES: usize = 16 * 1_024 + MAX_FRAME_BYTES;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::framing::length_before;

    use super::*;

    /// Gives its bytes in pieces of these lengths, again and again.
    struct Pieces<'a> {
        rest: &'a [u8],
        lengths: std::iter::Cycle<std::slice::Iter<'a, usize>>,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let most = self.lengths.next().copied().unwrap_or(1);
            let len = most.min(self.rest.len()).min(room.len());
            let (came, rest) = self.rest.split_at(len);
            room.get_mut(..len)
                .expect("it is no longer")
                .copy_from_slice(came);
            self.rest = rest;
            Ok(len)
        }
    }

    /// Everything of a stream: its packets, what was left, and whether a length lied.
    fn read_all(stream: &[u8], lengths: &[usize]) -> (Vec<Vec<u8>>, Vec<u8>, bool) {
        let mut source = Pieces {
            rest: stream,
            lengths: lengths.iter().cycle(),
        };
        let (mut frames, mut begun, mut packets) = (Frames::default(), Vec::new(), Vec::new());
        loop {
            let count = frames.read(&mut source, &begun).expect("it never fails");
            if count == 0 {
                return (packets, begun, false);
            }
            loop {
                match frames.next_packet() {
                    Ok(Some(packet)) => packets.push(packet.to_vec()),
                    Ok(None) => break,
                    Err(_) => return (packets, begun, true),
                }
            }
            begun = frames.begun().to_vec();
            assert!(begun.len() < MAX_FRAME_BYTES);
        }
    }

    fn framed(packets: &[Vec<u8>]) -> Vec<u8> {
        let mut stream: Vec<u8> = Vec::new();
        for packet in packets {
            stream.extend(length_before(packet).expect("a packet of the tests fits"));
            stream.extend(packet);
        }
        stream
    }

    #[test]
    fn a_lie_ends_a_stream_after_the_packets_before_it() {
        let mut stream = framed(&[vec![1; 10], vec![2; 20]]);
        stream.extend([0xff, 0xff, 9, 9, 9]);
        let (packets, _, lied) = read_all(&stream, &[7]);
        assert_eq!(packets, [vec![1; 10], vec![2; 20]]);
        assert!(lied);
    }

    #[test]
    fn a_packet_may_be_changed_in_its_place() {
        let stream = framed(&[vec![1; 10], vec![2; 20]]);
        let mut frames = Frames::default();
        frames
            .read(&mut stream.as_slice(), &[])
            .expect("it never fails");
        let first = frames.next_packet().expect("no lie").expect("it is there");
        first.fill(9);
        let second = frames.next_packet().expect("no lie").expect("it is there");
        assert_eq!(second, [2; 20]);
    }

    proptest! {
        #[test]
        fn packets_come_out_as_they_went_in_however_the_network_cuts_them(
            packets in proptest::collection::vec(
                (any::<u8>(), 0_usize..=1_500).prop_map(|(byte, len)| vec![byte; len]), 0..60,
            ),
            lengths in proptest::collection::vec(1_usize..20_000, 1..30),
        ) {
            let (found, begun, lied) = read_all(&framed(&packets), &lengths);
            prop_assert_eq!(found, packets);
            prop_assert!(begun.is_empty() && !lied);
        }

        #[test]
        fn any_bytes_are_taken_in_without_harm(
            stream in proptest::collection::vec(any::<u8>(), 0..3_000),
            lengths in proptest::collection::vec(1_usize..700, 1..10),
        ) {
            let (packets, begun, lied) = read_all(&stream, &lengths);
            let read = framed(&packets);
            prop_assert!(stream.starts_with(&read));
            let rest = stream.get(read.len()..).unwrap_or_default();
            prop_assert!(lied || rest == begun);
        }
    }
}
