//! H.264 as RTP carries it in packetization mode 1, as libwebrtc does (RFC 6184): units that fit alone, larger
//! ones in fragments (FU-A), parameter sets together (STAP-A).

use std::ops::Range;

use super::frames;
use super::stamp::STAMP_BYTES;

/// What one packet carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unit {
    /// Parameter sets of so many bytes, and a message (SEI) that has room for a stamp.
    Parameters {
        /// Length of the sequence parameters.
        sequence_bytes: u8,
        /// Length of the picture parameters.
        picture_bytes: u8,
    },
    /// A slice that fits.
    Whole {
        /// Whether it belongs to a key frame.
        key_frame: bool,
    },
    /// A part of a slice that does not.
    Fragment {
        /// Whether it belongs to a key frame.
        key_frame: bool,
        /// Whether it is the first.
        first: bool,
        /// Whether it is the last.
        last: bool,
    },
}

/// The packets of a frame of so many bytes, start codes included, each with the length of its payload.
pub fn packets(
    frame_bytes: usize,
    key_frame: bool,
    (sequence_bytes, picture_bytes): (usize, usize),
) -> impl Iterator<Item = (Unit, usize)> {
    let parameters = Unit::Parameters {
        sequence_bytes: sequence_bytes as u8,
        picture_bytes: picture_bytes as u8,
    };
    let head = key_frame.then(|| {
        (
            parameters,
            parameters.leading_bytes() + STAMP_BYTES + TRAILER_BYTES,
        )
    });
    let before = if key_frame {
        sequence_bytes + picture_bytes + 2 * START_CODE_BYTES
    } else {
        0
    };
    let slice_bytes = frame_bytes
        .saturating_sub(before + START_CODE_BYTES)
        .max(LEAST_SLICE_BYTES);
    let fits = slice_bytes <= frames::MAX_FRAGMENT_BYTES;
    let whole = fits.then_some((Unit::Whole { key_frame }, slice_bytes));
    // The slice's own header byte is told by each fragment's two.
    let parts = frames::split_within(
        slice_bytes - 1,
        frames::MAX_FRAGMENT_BYTES - FRAGMENT_HEADER_BYTES,
    );
    let count = parts.len();
    let fragments = parts.enumerate().map(move |(index, bytes)| {
        let unit = Unit::Fragment {
            key_frame,
            first: index == 0,
            last: index + 1 == count,
        };
        (unit, FRAGMENT_HEADER_BYTES + bytes)
    });
    head.into_iter()
        .chain(whole)
        .chain(fragments.filter(move |_| !fits))
}

impl Unit {
    /// Writes what is around a stamp and says where the stamp and its pattern go; `None` if it does not fit.
    pub fn write(self, payload: &mut [u8]) -> Option<Range<usize>> {
        let end = payload.len();
        match self {
            Self::Parameters {
                sequence_bytes,
                picture_bytes,
            } => {
                let (sequence, picture) = (u16::from(sequence_bytes), u16::from(picture_bytes));
                let mut at = Writer(&mut *payload, 0);
                at.bytes(&[STAP_A])?;
                at.unit(sequence, SEQUENCE_PARAMETERS)?;
                at.unit(picture, PICTURE_PARAMETERS)?;
                let message = MESSAGE_HEADER_BYTES + STAMP_BYTES + TRAILER_BYTES;
                at.bytes(&(message as u16).to_be_bytes())?;
                at.bytes(&[MESSAGE, UNREGISTERED, (UUID.len() + STAMP_BYTES) as u8])?;
                at.bytes(UUID)?;
                let start = at.1;
                *payload.get_mut(end - TRAILER_BYTES)? = STOP_BIT;
                Some(start..end - TRAILER_BYTES)
            }
            Self::Whole { key_frame } => {
                *payload.first_chunk_mut()? = [slice(key_frame), first_macroblock(key_frame)];
                Some(2..end)
            }
            Self::Fragment {
                key_frame,
                first,
                last,
            } => {
                let kind = slice(key_frame);
                let header = kind & 0x1f | u8::from(first) << 7 | u8::from(last) << 6;
                *payload.first_chunk_mut()? = [kind & 0xe0 | FU_A, header];
                if !first {
                    return Some(FRAGMENT_HEADER_BYTES..end);
                }
                *payload.get_mut(FRAGMENT_HEADER_BYTES)? = first_macroblock(key_frame);
                Some(FRAGMENT_HEADER_BYTES + 1..end)
            }
        }
    }

    fn leading_bytes(self) -> usize {
        match self {
            Self::Parameters {
                sequence_bytes,
                picture_bytes,
            } => {
                let parameters = usize::from(sequence_bytes) + usize::from(picture_bytes);
                1 + 3 * 2 + parameters + MESSAGE_HEADER_BYTES
            }
            Self::Whole { .. } => 2,
            Self::Fragment { first, .. } => FRAGMENT_HEADER_BYTES + usize::from(first),
        }
    }
}

/// Where stamp and pattern are in a payload from the network.
#[must_use]
pub fn stamped_untrusted(payload: &[u8]) -> Option<&[u8]> {
    let (header, rest) = payload.split_first()?;
    match header & 0x1f {
        AGGREGATE => {
            let start = rest.len().checked_sub(STAMP_BYTES + TRAILER_BYTES)?;
            rest.get(start..start + STAMP_BYTES)
        }
        FU_A => {
            let first = rest.first()? & 0x80 != 0;
            rest.get(1 + usize::from(first)..)
        }
        _ => rest.get(1..),
    }
}

struct Writer<'a>(&'a mut [u8], usize);

impl Writer<'_> {
    fn bytes(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.1 + bytes.len();
        self.0.get_mut(self.1..end)?.copy_from_slice(bytes);
        self.1 = end;
        Some(())
    }

    /// A unit of an aggregate (RFC 6184 §5.7.1), whose contents nobody here reads.
    fn unit(&mut self, len: u16, kind: u8) -> Option<()> {
        self.bytes(&len.to_be_bytes())?;
        let unit = self.0.get_mut(self.1..self.1 + usize::from(len))?;
        unit.fill(CONTENTS);
        *unit.first_mut()? = kind;
        self.1 += usize::from(len);
        Some(())
    }
}

const fn slice(key_frame: bool) -> u8 {
    if key_frame { IDR_SLICE } else { OTHER_SLICE }
}

/// First macroblock 0 and the slice's type in Exp-Golomb code: I (7) or P (5) (ITU-T H.264 §7.3.3, §9.1).
const fn first_macroblock(key_frame: bool) -> u8 {
    if key_frame { 0x88 } else { 0x9a }
}

// Unit headers (ITU-T H.264 §7.3.1): importance 3, or 2 for a slice that is no key frame's, and the type.
const SEQUENCE_PARAMETERS: u8 = 0x67;
const PICTURE_PARAMETERS: u8 = 0x68;
const IDR_SLICE: u8 = 0x65;
const OTHER_SLICE: u8 = 0x41;
/// Supplemental information, of nobody's importance.
const MESSAGE: u8 = 0x06;
/// RFC 6184 §5.7.1, with the importance of the parameter sets.
const STAP_A: u8 = 0x78;
const AGGREGATE: u8 = STAP_A & 0x1f;
/// RFC 6184 §5.8.
const FU_A: u8 = 28;
const FRAGMENT_HEADER_BYTES: usize = 2;
/// ITU-T H.264 annex B.
const START_CODE_BYTES: usize = 4;
/// ITU-T H.264 §D.1.7, user data unregistered.
const UNREGISTERED: u8 = 5;
const UUID: &[u8; 16] = b"visavis loadgen.";
/// Its own header, type, size and name.
const MESSAGE_HEADER_BYTES: usize = 3 + UUID.len();
/// The stop bit (ITU-T H.264 §7.3.2.11).
const TRAILER_BYTES: usize = 1;
const STOP_BIT: u8 = 0x80;
/// Neither a start code nor its escape.
const CONTENTS: u8 = 0x42;
/// Room for a stamp.
const LEAST_SLICE_BYTES: usize = 2 + STAMP_BYTES;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::payload::h264::H264Descriptor;

    use super::*;
    use crate::traffic::stamp::Stamp;

    fn written(unit: Unit, bytes: usize, stamp: Stamp) -> Vec<u8> {
        let mut payload = vec![0; bytes];
        let range = unit.write(&mut payload).expect("there is room");
        let room = payload.get_mut(range).expect("within the payload");
        stamp.write(room).expect("room for a stamp");
        payload
    }

    proptest! {
        #[test]
        fn the_relay_reads_a_frame_and_the_receiver_its_stamps(
            frame_bytes in 1_usize..60_000, key_frame: bool, sets in (4_usize..40, 4_usize..10)
        ) {
            let all: Vec<_> = packets(frame_bytes, key_frame, sets).collect();
            for (index, (unit, bytes)) in all.iter().enumerate() {
                let stamp = Stamp { line: 3, number: index as u32, sent_ns: 7 };
                let payload = written(*unit, *bytes, stamp);
                prop_assert!(payload.len() <= frames::MAX_FRAGMENT_BYTES);
                let read = H264Descriptor::parse_untrusted(&payload).expect("it is valid");
                prop_assert_eq!(read.key_frame, key_frame && index == 0);
                let starts_slice = index == usize::from(key_frame);
                prop_assert_eq!(read.starts_frame, index == 0 || starts_slice);
                let stamped = stamped_untrusted(&payload).expect("there is one");
                prop_assert_eq!(Stamp::read(stamped), Some(stamp));
                prop_assert!(stamp.is_intact(stamped));
            }
            let slice = all.iter().skip(usize::from(key_frame));
            let carried: usize = slice.map(|(unit, bytes)| match unit {
                Unit::Fragment { .. } => bytes - FRAGMENT_HEADER_BYTES,
                _ => bytes - 1,
            }).sum();
            let before = if key_frame { sets.0 + sets.1 + 8 } else { 0 };
            let wanted = frame_bytes.saturating_sub(before + 4).max(LEAST_SLICE_BYTES) - 1;
            prop_assert_eq!(carried, wanted);
        }

        #[test]
        fn any_payload_is_looked_through(payload in proptest::collection::vec(any::<u8>(), 0..40)) {
            let stamped = stamped_untrusted(&payload);
            prop_assert!(stamped.is_none_or(|found| found.len() < payload.len()));
        }
    }

    #[test]
    fn fragments_are_marked_at_both_ends() {
        let units: Vec<_> = packets(3_000, false, (0, 0))
            .map(|(unit, _)| unit)
            .collect();
        let ends: Vec<_> = units
            .iter()
            .map(|unit| match unit {
                Unit::Fragment { first, last, .. } => (*first, *last),
                _ => (true, true),
            })
            .collect();
        assert_eq!(ends, [(true, false), (false, false), (false, true)]);
        let small: Vec<_> = packets(1_000, false, (0, 0)).collect();
        assert_eq!(small, [(Unit::Whole { key_frame: false }, 996)]);
    }
}
