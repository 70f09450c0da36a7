//! A stream gives the same packets however it is cut, and none of them lies outside it.

use wire::datagram::MAX_DATAGRAM_BYTES;
use wire::framing::{LENGTH_BYTES, first_packet_untrusted, length_before};

/// Takes a stream apart at once and byte by byte.
pub fn check(input: &[u8]) {
    let (packets, rest) = taken_apart(input);
    let mut again: Vec<u8> = Vec::new();
    for packet in &packets {
        assert!(packet.len() <= MAX_DATAGRAM_BYTES);
        again.extend(length_before(packet).expect("it was in a frame"));
        again.extend_from_slice(packet);
    }
    again.extend_from_slice(rest);
    assert_eq!(again, input);

    let (mut waiting, mut came): (Vec<u8>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
    for byte in input {
        waiting.push(*byte);
        match first_packet_untrusted(&waiting) {
            Ok(None) => {}
            Ok(Some(packet)) => {
                // It is there with its last byte and not before.
                assert_eq!(packet, LENGTH_BYTES..waiting.len());
                came.push(waiting.split_off(LENGTH_BYTES));
                waiting.clear();
            }
            Err(_) => break,
        }
    }
    assert_eq!(came, packets);
}

/// Gives the packets of a stream up to the first that is not all there, or lies; then what is left.
fn taken_apart(input: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let (mut packets, mut rest) = (Vec::new(), input);
    while let Ok(Some(packet)) = first_packet_untrusted(rest) {
        packets.push(&rest[packet.clone()]);
        rest = &rest[packet.end..];
    }
    (packets, rest)
}
