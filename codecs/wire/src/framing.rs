//! Packets in a stream of bytes, each behind its length: RTP over TCP (RFC 4571 §2), and with it ICE (RFC 6544 §3).

use std::ops::Range;

use crate::Malformed;
use crate::datagram::MAX_DATAGRAM_BYTES;

/// What stands before each packet: its length, big-endian.
pub const LENGTH_BYTES: usize = 2;
/// The longest frame that is read: a packet is as long as the longest datagram at most, over TCP too.
pub const MAX_FRAME_BYTES: usize = LENGTH_BYTES + MAX_DATAGRAM_BYTES;

/// Where the packet of the first frame lies in what has come of a stream; the next frame begins where it ends.
///
/// `None` while it is not all there. A packet may be empty; it then says nothing.
/// Total over all inputs: fuzz target `framing`.
///
/// # Errors
///
/// [`Malformed::Length`]: the packet is to be longer than any the relay looks into. Where the next frame begins
/// is then a stranger's word: the stream is of no use any more.
pub fn first_packet_untrusted(stream: &[u8]) -> Result<Option<Range<usize>>, Malformed> {
    let Some(length) = stream.first_chunk::<LENGTH_BYTES>() else {
        return Ok(None);
    };
    let len = usize::from(u16::from_be_bytes(*length));
    if len > MAX_DATAGRAM_BYTES {
        return Err(Malformed::Length);
    }
    let packet = LENGTH_BYTES..LENGTH_BYTES + len;
    Ok((stream.len() >= packet.end).then_some(packet))
}

/// What stands before a packet; `None` for one that is too long for any frame.
#[must_use]
pub fn length_before(packet: &[u8]) -> Option<[u8; LENGTH_BYTES]> {
    u16::try_from(packet.len()).ok().map(u16::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(packets: &[Vec<u8>]) -> Vec<u8> {
        let mut stream: Vec<u8> = Vec::new();
        for packet in packets {
            stream.extend(length_before(packet).expect("a packet of the tests fits"));
            stream.extend(packet);
        }
        stream
    }

    /// Takes a stream apart that comes in pieces of these lengths, again and again.
    fn taken_apart(stream: &[u8], pieces: &[usize]) -> Vec<Vec<u8>> {
        let (mut packets, mut waiting, mut rest) = (Vec::new(), Vec::new(), stream);
        for piece in pieces.iter().cycle() {
            let (came, later) = rest.split_at((*piece).min(rest.len()));
            waiting.extend_from_slice(came);
            rest = later;
            while let Some(packet) = first_packet_untrusted(&waiting).expect("no length lies") {
                packets.push(waiting.get(packet.clone()).expect("it is there").to_vec());
                waiting.drain(..packet.end);
            }
            if rest.is_empty() {
                break;
            }
        }
        assert!(waiting.is_empty(), "{waiting:?}");
        packets
    }

    #[test]
    fn a_packet_is_there_with_its_last_byte() {
        let stream = framed(&[vec![7; 3], vec![8]]);
        for len in 0..5 {
            let come = stream.get(..len).expect("it is longer");
            assert_eq!(first_packet_untrusted(come), Ok(None));
        }
        assert_eq!(first_packet_untrusted(&stream), Ok(Some(2..5)));
    }

    #[test]
    fn an_empty_packet_is_one() {
        assert_eq!(first_packet_untrusted(&[0, 0, 9]), Ok(Some(2..2)));
    }

    #[test]
    fn a_length_beyond_every_packet_is_refused_before_the_packet_comes() {
        let head = |len: u16| len.to_be_bytes();
        assert_eq!(first_packet_untrusted(&head(1_500)), Ok(None));
        for len in [1_501, 2_048, 0x1603, u16::MAX] {
            assert_eq!(first_packet_untrusted(&head(len)), Err(Malformed::Length));
        }
    }

    #[test]
    fn what_no_frame_holds_has_no_length() {
        assert_eq!(length_before(&vec![0; 65_535]), Some([0xff, 0xff]));
        assert_eq!(length_before(&vec![0; 65_536]), None);
    }

    proptest! {
        #[test]
        fn packets_come_out_as_they_went_in_however_the_stream_is_cut(
            packets in proptest::collection::vec(
                proptest::collection::vec(any::<u8>(), 0..200), 0..20,
            ),
            pieces in proptest::collection::vec(1_usize..300, 1..40),
        ) {
            prop_assert_eq!(taken_apart(&framed(&packets), &pieces), packets);
        }

        #[test]
        fn no_bytes_lead_beyond_themselves(
            stream in proptest::collection::vec(any::<u8>(), 0..2_000),
        ) {
            if let Ok(Some(packet)) = first_packet_untrusted(&stream) {
                prop_assert_eq!(packet.start, LENGTH_BYTES);
                prop_assert!(packet.end <= stream.len().min(MAX_FRAME_BYTES));
            }
        }
    }
}
