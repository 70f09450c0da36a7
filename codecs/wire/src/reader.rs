//! A cursor over network bytes that cannot run past their end.

use crate::Malformed;

/// Takes big-endian fields from the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been taken yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) const fn len(&self) -> usize {
        self.rest.len()
    }

    /// The next `N` bytes.
    pub(crate) const fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        match self.rest.split_first_chunk() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(Malformed::Truncated),
        }
    }

    /// The next `len` bytes, without a copy.
    pub(crate) const fn bytes(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(Malformed::Truncated),
        }
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u24(&mut self) -> Result<u32, Malformed> {
        self.array()
            .map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_be_bytes)
    }

    /// An unsigned LEB128 number that fits 32 bits (AV1 specification §4.10.5).
    pub(crate) fn leb128(&mut self) -> Result<u32, Malformed> {
        let mut value = 0_u64;
        for place in 0..LEB128_MAX_BYTES {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| Malformed::Value);
            }
        }
        Err(Malformed::Value)
    }
}

/// AV1 specification §4.10.5: at most eight bytes.
const LEB128_MAX_BYTES: u32 = 8;

#[cfg(test)]
mod tests {
    use super::Reader;
    use crate::Malformed;

    #[test]
    fn a_failed_read_takes_nothing() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u32(), Err(Malformed::Truncated));
        assert_eq!(reader.u24(), Ok(0x01_0203));
        assert!(reader.is_empty());
        assert_eq!(reader.u8(), Err(Malformed::Truncated));
    }

    #[test]
    fn leb128_is_bounded_in_bytes_and_in_value() {
        assert_eq!(Reader::new(&[0xe5, 0x8e, 0x26]).leb128(), Ok(624_485));
        assert_eq!(
            Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x0f]).leb128(),
            Ok(u32::MAX)
        );
        assert_eq!(
            Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x1f]).leb128(),
            Err(Malformed::Value)
        );
        assert_eq!(Reader::new(&[0x80; 9]).leb128(), Err(Malformed::Value));
        assert_eq!(Reader::new(&[0x80; 7]).leb128(), Err(Malformed::Truncated));
    }
}
