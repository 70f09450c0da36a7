//! VP8 as RTP carries it: what stands before the picture data (RFC 7741 §4.2, RFC 6386 §9.1).

use super::frames;
use super::lead::Lead;

/// Bytes of the descriptor: X and S or not, I, and a 15-bit picture id.
pub const DESCRIPTOR_BYTES: usize = 4;
/// Bytes of a key frame's own header: tag, start code and size.
const KEY_FRAME_HEADER_BYTES: usize = 10;
/// Bytes of another frame's own header: the tag.
const FRAME_HEADER_BYTES: usize = 3;
const WIDTH: u16 = 640;
const HEIGHT: u16 = 480;

/// The packets of a frame of so many bytes, each with the length of its payload.
pub fn packets(
    frame_bytes: usize,
    picture_id: u16,
    key_frame: bool,
) -> impl Iterator<Item = (Lead, usize)> {
    frames::split(frame_bytes)
        .enumerate()
        .map(move |(index, bytes)| {
            let lead = Lead::Vp8 {
                picture_id,
                first: index == 0,
                key_frame,
            };
            (lead, DESCRIPTOR_BYTES + bytes)
        })
}

/// Writes what precedes a fragment's picture data and returns its length; `None` if it does not fit.
pub fn write_lead(out: &mut [u8], picture_id: u16, first: bool, key_frame: bool) -> Option<usize> {
    let [high, low] = picture_id.to_be_bytes();
    let start_of_partition = if first { S_BIT } else { 0 };
    *out.first_chunk_mut()? = [X_BIT | start_of_partition, I_BIT, M_BIT | high, low];
    if !first {
        return Some(DESCRIPTOR_BYTES);
    }
    let frame = out.get_mut(DESCRIPTOR_BYTES..)?;
    // A shown frame of version 0 whose first partition has 100 bytes.
    let tag = u32::from(!key_frame) | 1 << 4 | 100 << 5;
    let [t0, t1, t2, _] = tag.to_le_bytes();
    if key_frame {
        let ([w0, w1], [h0, h1]) = (WIDTH.to_le_bytes(), HEIGHT.to_le_bytes());
        *frame.first_chunk_mut()? = [t0, t1, t2, 0x9d, 0x01, 0x2a, w0, w1, h0, h1];
        Some(DESCRIPTOR_BYTES + KEY_FRAME_HEADER_BYTES)
    } else {
        *frame.first_chunk_mut()? = [t0, t1, t2];
        Some(DESCRIPTOR_BYTES + FRAME_HEADER_BYTES)
    }
}

/// Bytes before the picture data of a fragment that was read.
#[must_use]
pub fn lead_bytes(payload: &[u8]) -> Option<usize> {
    let descriptor = wire::payload::vp8::Vp8Descriptor::parse_untrusted(payload).ok()?;
    Some(match (descriptor.starts_frame(), descriptor.key_frame) {
        (true, true) => descriptor.descriptor_len + KEY_FRAME_HEADER_BYTES,
        (true, false) => descriptor.descriptor_len + FRAME_HEADER_BYTES,
        (false, _) => descriptor.descriptor_len,
    })
}

const X_BIT: u8 = 0x80;
const S_BIT: u8 = 0x10;
const I_BIT: u8 = 0x80;
const M_BIT: u8 = 0x80;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::setup::VideoCodec;
    use crate::traffic::lead::{begins_key_frame_untrusted, stamped_untrusted};
    use crate::traffic::stamp::Stamp;

    proptest! {
        #[test]
        fn every_packet_of_a_frame_is_read_with_its_stamp(
            frame_bytes in 64_usize..60_000, picture_id in 0_u16..0x8000, key_frame: bool
        ) {
            let mut carried = 0;
            for (index, (lead, bytes)) in packets(frame_bytes, picture_id, key_frame).enumerate() {
                let stamp = Stamp { line: 1, number: index as u32, sent_ns: 7 };
                let mut payload = vec![0; bytes];
                let room = lead.write(&mut payload).expect("there is room");
                stamp.write(payload.get_mut(room).expect("within the payload")).expect("room");
                let stamped = stamped_untrusted(VideoCodec::Vp8, &payload).expect("there is one");
                prop_assert_eq!(Stamp::read(stamped), Some(stamp));
                prop_assert!(stamp.is_intact(stamped));
                let begins = begins_key_frame_untrusted(VideoCodec::Vp8, &payload);
                prop_assert_eq!(begins, key_frame && index == 0);
                carried += bytes - DESCRIPTOR_BYTES;
            }
            prop_assert_eq!(carried, frame_bytes);
        }
    }

    #[test]
    fn the_relay_reads_what_is_written() {
        for (first, key_frame) in [(true, true), (true, false), (false, false)] {
            let mut payload = [0; 32];
            let lead =
                write_lead(&mut payload, 0x1234, first, key_frame).expect("32 bytes are enough");
            let read =
                wire::payload::vp8::Vp8Descriptor::parse_untrusted(&payload).expect("it is valid");
            assert_eq!(read.picture_id, Some(0x1234));
            assert!(read.picture_id_is_15_bit);
            assert_eq!(read.starts_frame(), first);
            assert_eq!(read.key_frame, key_frame);
            assert_eq!(lead_bytes(&payload), Some(lead));
        }
    }
}
