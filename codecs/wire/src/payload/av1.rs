//! The AV1 aggregation header and its elements (AV1 RTP specification §4.3, §4.4).

use crate::Malformed;
use crate::reader::Reader;

/// What the first byte of a payload says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Av1Descriptor {
    /// Z: the first element continues one of the previous packet.
    pub continues_previous: bool,
    /// Y: the last element goes on in the next packet.
    pub continues_next: bool,
    /// W: how many elements there are, 1 to 3; zero leaves it open.
    pub element_count: u8,
    /// N: the packet begins a coded video sequence, which begins with a key frame.
    pub key_frame: bool,
}

impl Av1Descriptor {
    /// Reads the header and walks the elements' lengths. Fuzz target `av1`.
    ///
    /// # Errors
    ///
    /// There is no element, an element's length runs past the payload, or a sequence both begins here
    /// and continues an earlier packet.
    pub fn parse_untrusted(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let header = reader.u8()?;
        let descriptor = Self {
            continues_previous: header & 0x80 != 0,
            continues_next: header & 0x40 != 0,
            element_count: header >> 4 & 0x03,
            key_frame: header & 0x08 != 0,
        };
        // §4.4: with N the first element cannot be a continuation.
        if descriptor.key_frame && descriptor.continues_previous {
            return Err(Malformed::Conflict);
        }
        walk(reader, descriptor.element_count)?;
        Ok(descriptor)
    }
}

/// §4.3: every element has a length, but the last where their count is known.
fn walk(mut reader: Reader<'_>, element_count: u8) -> Result<(), Malformed> {
    if reader.is_empty() {
        return Err(Malformed::Truncated);
    }
    let mut with_length = 0;
    while !reader.is_empty() && (element_count == 0 || with_length + 1 < element_count) {
        let len = reader.leb128()?;
        let len = usize::try_from(len).map_err(|_| Malformed::Length)?;
        reader.bytes(len).map_err(|_| Malformed::Length)?;
        with_length = with_length.saturating_add(1);
    }
    // With a count, the last element takes what is left, which must not be nothing.
    if element_count > 0 && reader.is_empty() {
        Err(Malformed::Length)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_aggregation_header_is_read() {
        let first = Av1Descriptor {
            continues_previous: false,
            continues_next: true,
            element_count: 2,
            key_frame: true,
        };
        assert_eq!(
            Av1Descriptor::parse_untrusted(&[0x68, 2, 0x0a, 0x0b, 0x32]),
            Ok(first)
        );
        let last = Av1Descriptor {
            continues_previous: true,
            continues_next: false,
            element_count: 1,
            key_frame: false,
        };
        assert_eq!(Av1Descriptor::parse_untrusted(&[0x90, 0x32]), Ok(last));
    }

    #[test]
    fn element_lengths_that_lie_are_refused() {
        assert_eq!(
            Av1Descriptor::parse_untrusted(&[]),
            Err(Malformed::Truncated)
        );
        assert_eq!(
            Av1Descriptor::parse_untrusted(&[0x10]),
            Err(Malformed::Truncated)
        );
        assert_eq!(
            Av1Descriptor::parse_untrusted(&[0x00, 3, 1, 2]),
            Err(Malformed::Length)
        );
        assert!(Av1Descriptor::parse_untrusted(&[0x00, 2, 1, 2]).is_ok());
        assert_eq!(
            Av1Descriptor::parse_untrusted(&[0x20, 2, 1, 2]),
            Err(Malformed::Length)
        );
        assert_eq!(
            Av1Descriptor::parse_untrusted(&[0x30, 1, 1, 9, 1]),
            Err(Malformed::Length)
        );
        assert_eq!(
            Av1Descriptor::parse_untrusted(&[0x00, 0x80]),
            Err(Malformed::Truncated)
        );
        assert_eq!(
            Av1Descriptor::parse_untrusted(&[0x00, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Err(Malformed::Truncated)
        );
    }

    #[test]
    fn a_sequence_cannot_begin_with_a_continuation() {
        assert_eq!(
            Av1Descriptor::parse_untrusted(&[0x98, 0x32]),
            Err(Malformed::Conflict)
        );
    }

    proptest! {
        #[test]
        fn well_formed_elements_are_walked_with_and_without_a_count(
            elements in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..100), 1..=3)
        ) {
            let mut open = vec![0x00];
            let mut counted = vec![(elements.len() as u8) << 4];
            for (place, element) in elements.iter().enumerate() {
                open.push(element.len() as u8);
                open.extend(element);
                if place + 1 < elements.len() {
                    counted.push(element.len() as u8);
                }
                counted.extend(element);
            }
            prop_assert!(Av1Descriptor::parse_untrusted(&open).is_ok());
            prop_assert!(Av1Descriptor::parse_untrusted(&counted).is_ok());
            prop_assert!(Av1Descriptor::parse_untrusted(&open[..open.len() - 1]).is_err());
        }
    }
}
