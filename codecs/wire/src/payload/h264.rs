//! H.264 payloads: single units, STAP-A and FU-A (RFC 6184 §5).

use crate::Malformed;
use crate::reader::Reader;

/// What a packet tells of its frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct H264Descriptor {
    /// The packet begins a key frame: it holds a sequence parameter set. An IDR slice alone is none:
    /// it may be any of its frame's, and without the parameters nothing can be decoded.
    pub key_frame: bool,
    /// The packet begins a frame: parameters, or a slice with the first macroblock.
    pub starts_frame: bool,
}

impl H264Descriptor {
    /// Reads the unit headers; packetization modes 0 and 1. Fuzz target `h264`.
    ///
    /// # Errors
    ///
    /// The payload is empty or ends within a unit, a unit of an aggregate has no bytes, the forbidden
    /// bit is set, a fragment is first and last at once, or the type is of interleaved mode.
    pub fn parse_untrusted(payload: &[u8]) -> Result<Self, Malformed> {
        let (&header, rest) = payload.split_first().ok_or(Malformed::Truncated)?;
        match unit_type(header)? {
            SINGLE_MIN..=SINGLE_MAX => Ok(of_unit(header, rest)),
            STAP_A => aggregate(rest),
            FU_A => fragment(rest),
            _ => Err(Malformed::Reserved),
        }
    }
}

/// RFC 6184 §5.3: the forbidden bit, two bits of importance, five of type.
const fn unit_type(header: u8) -> Result<u8, Malformed> {
    if header & 0x80 != 0 {
        Err(Malformed::Value)
    } else {
        Ok(header & 0x1f)
    }
}

fn of_unit(header: u8, rest: &[u8]) -> H264Descriptor {
    let kind = header & 0x1f;
    let starts_frame = match kind {
        // A slice opens with the number of its first macroblock in Exp-Golomb code, and zero is
        // the single bit 1 (ITU-T H.264 §7.3.3, §9.1).
        SLICE | IDR => rest.first().is_some_and(|byte| byte & 0x80 != 0),
        // ITU-T H.264 §7.4.1.2.3: these begin an access unit.
        SEI..=DELIMITER | 14..=18 => true,
        _ => false,
    };
    H264Descriptor {
        key_frame: kind == SPS && !rest.is_empty(),
        starts_frame,
    }
}

/// RFC 6184 §5.7.1: the first unit tells where the frame begins, any may be the key.
fn aggregate(units: &[u8]) -> Result<H264Descriptor, Malformed> {
    let mut reader = Reader::new(units);
    let mut whole: Option<H264Descriptor> = None;
    while !reader.is_empty() {
        let len = usize::from(reader.u16()?);
        let unit = reader.bytes(len).map_err(|_| Malformed::Length)?;
        let (&header, rest) = unit.split_first().ok_or(Malformed::Length)?;
        if !matches!(unit_type(header)?, SINGLE_MIN..=SINGLE_MAX) {
            return Err(Malformed::Reserved);
        }
        let part = of_unit(header, rest);
        let sum = whole.get_or_insert(part);
        sum.key_frame |= part.key_frame;
    }
    whole.ok_or(Malformed::Truncated)
}

/// RFC 6184 §5.8: only the first fragment says something.
fn fragment(rest: &[u8]) -> Result<H264Descriptor, Malformed> {
    let (&header, rest) = rest.split_first().ok_or(Malformed::Truncated)?;
    let (first, last) = (header & 0x80 != 0, header & 0x40 != 0);
    if first && last {
        return Err(Malformed::Conflict);
    }
    if !matches!(header & 0x1f, SINGLE_MIN..=SINGLE_MAX) {
        return Err(Malformed::Reserved);
    }
    let nothing = H264Descriptor {
        key_frame: false,
        starts_frame: false,
    };
    Ok(if first {
        of_unit(header, rest)
    } else {
        nothing
    })
}

// ITU-T H.264 table 7-1.
const SLICE: u8 = 1;
const IDR: u8 = 5;
const SEI: u8 = 6;
const SPS: u8 = 7;
const DELIMITER: u8 = 9;
// RFC 6184 table 1.
const SINGLE_MIN: u8 = 1;
const SINGLE_MAX: u8 = 23;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use proptest::prelude::*;

    fn flags(payload: &[u8]) -> Result<(bool, bool), Malformed> {
        H264Descriptor::parse_untrusted(payload).map(|found| (found.key_frame, found.starts_frame))
    }

    #[test]
    fn single_units_tell_key_and_start() {
        assert_eq!(flags(&[0x65]), Ok((false, false)), "a header and no slice");
        assert_eq!(flags(&[0x65, 0x88]), Ok((false, true)), "first IDR slice");
        assert_eq!(flags(&[0x65, 0x40]), Ok((false, false)), "later IDR slice");
        assert_eq!(
            flags(&[0x67, 0x42]),
            Ok((true, true)),
            "sequence parameters"
        );
        assert_eq!(
            flags(&[0x68, 0xce]),
            Ok((false, true)),
            "picture parameters"
        );
        assert_eq!(flags(&[0x41, 0x9a]), Ok((false, true)), "first slice");
        assert_eq!(flags(&[0x41, 0x1a]), Ok((false, false)), "later slice");
        assert_eq!(flags(&[0x09, 0xf0]), Ok((false, true)), "delimiter");
        assert_eq!(flags(&[0x0c, 0xff]), Ok((false, false)), "filler");
    }

    #[test]
    fn an_aggregate_is_a_key_if_any_unit_is() {
        let stap = [0x78, 0, 2, 0x68, 0xce, 0, 2, 0x67, 0x42];
        assert_eq!(flags(&stap), Ok((true, true)));
        assert_eq!(flags(&stap[..5]), Ok((false, true)));
        assert_eq!(flags(&stap[..6]), Err(Malformed::Truncated));
        assert_eq!(flags(&stap[..8]), Err(Malformed::Length));
        assert_eq!(flags(&[0x78]), Err(Malformed::Truncated));
        assert_eq!(flags(&[0x78, 0, 0]), Err(Malformed::Length));
        assert_eq!(
            flags(&[0x78, 0, 1, 0x78]),
            Err(Malformed::Reserved),
            "nested"
        );
    }

    #[test]
    fn only_the_first_fragment_tells() {
        assert_eq!(flags(&[0x7c, 0x85, 0x88]), Ok((false, true)));
        assert_eq!(flags(&[0x7c, 0x87, 0x42]), Ok((true, true)));
        assert_eq!(flags(&[0x7c, 0x05, 0x88]), Ok((false, false)));
        assert_eq!(flags(&[0x7c, 0x45, 0x88]), Ok((false, false)));
        assert_eq!(flags(&[0x5c, 0x81, 0x9a]), Ok((false, true)));
        assert_eq!(flags(&[0x7c, 0xc5, 0x88]), Err(Malformed::Conflict));
        assert_eq!(flags(&[0x7c, 0x9c, 0x88]), Err(Malformed::Reserved));
        assert_eq!(flags(&[0x7c]), Err(Malformed::Truncated));
    }

    #[test]
    fn other_types_and_the_forbidden_bit_are_refused() {
        assert_eq!(flags(&[]), Err(Malformed::Truncated));
        for kind in [0, 25, 26, 27, 29, 30, 31] {
            assert_eq!(flags(&[0x60 | kind, 0, 0, 0, 0]), Err(Malformed::Reserved));
        }
        assert_eq!(flags(&[0xe5, 0x88]), Err(Malformed::Value));
    }

    proptest! {
        #[test]
        fn an_aggregate_of_one_unit_says_what_the_unit_says(
            header in 0..0x80_u8, rest in proptest::collection::vec(any::<u8>(), 0..20)
        ) {
            let unit: Vec<u8> = std::iter::once(header).chain(rest).collect();
            prop_assume!((1..=23).contains(&(header & 0x1f)));
            let len = (unit.len() as u16).to_be_bytes();
            let stap: Vec<u8> = [0x78].into_iter().chain(len).chain(unit.iter().copied()).collect();
            prop_assert_eq!(H264Descriptor::parse_untrusted(&stap), H264Descriptor::parse_untrusted(&unit));
        }
    }
}
